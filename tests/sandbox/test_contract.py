"""Whatever is billed and whatever becomes of it, what the sandbox's payers pay adds up."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.sandbox.contract import CONTRACT, Forwarded
from include.sandbox.fates import LIFE_OF, Fate, Stage
from include.sandbox.payer_memory import PayerMemory, till_of
from include.sandbox.remittance import Remittance, remittance_835
from include.sandbox.upload import Line, Party, UploadedClaim
from tests.builders import BILLING_NPI
from tests.oracles import oxedi_complaints
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

PAYER = Party(id="99999", last="EXAMPLE HEALTH PLAN")
MONEY = (Stage.ADJUDICATE, Stage.SECOND_PAYER, Stage.TAKE_BACK)

charges = st.integers(0, 99_999).map(lambda cents: Decimal(cents) / 100)
lines = st.builds(
    Line,
    reference=st.sampled_from(["", "L01"]),
    procedure=st.sampled_from([*CONTRACT, "97154:HM:U5", "0362T"]),
    charge=charges.map(str),
    units=st.sampled_from(["1", "16", "2.5"]),
    day=st.sampled_from(["20260302", "20260302-20260304"]),
)
fates = st.sampled_from([fate for fate in Fate if any(stage in MONEY for _, stage in LIFE_OF[fate].days)])
bills = st.lists(
    st.tuples(fates, st.sampled_from("178"), st.lists(lines, min_size=1, max_size=9)), min_size=1, max_size=6
)


def forwarded(number: int, fate: Fate, frequency: str, billed: list[Line]) -> Forwarded:
    """Return a claim in the payer's hands; a replacement or void is of the claim before it."""
    claim = UploadedClaim(
        control_number=f"CN{number:04d}",
        charge=str(sum(Decimal(line.charge) for line in billed)),
        frequency=frequency,
        original_reference=f"99999{number - 1}",
        place_of_service="11",
        billing=Party(id=BILLING_NPI, last="EXAMPLE HARBOR ABA LLC"),
        tax_id="731234567",
        subscriber=Party(last="EXAMPLE", first="TESTINA", id=f"XYZ{number:09d}"),
        payer=PAYER,
        patient=None,
        lines=billed,
    )
    return Forwarded(
        claim=claim,
        fate=fate,
        account="demo",
        part_id="443000002",
        claim_id=str(number),
        received="20260306",
        reference="B1",
        submitter=Party(),
    )


def settled(billed: list[tuple[Fate, str, list[Line]]]) -> list[Remittance]:
    """Return the remittances of three days on which everything falls due."""
    memory = PayerMemory()
    claims = [forwarded(number, *bill) for number, bill in enumerate(billed, start=1)]
    found = []
    for day, stage in enumerate(MONEY, start=20):
        due = [one for one in claims if stage in [at for _, at in LIFE_OF[one.fate].days]]
        payments = [payment for one in due for payment in memory.decide(one, stage)]
        for till in dict.fromkeys(till_of(payment) for payment in payments):
            some = [payment for payment in payments if till_of(payment) == till]
            found.append(memory.settle(till, some, date(2026, 3, day)))
    return found


@given(bills)
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_remittance_balances(billed):
    """Line, claim and transfer agree by oxedi's reckoning, and nobody is paid less than nothing."""
    for number, remittance in enumerate(settled(billed)):
        text = remittance_835(f"44400000{number}", remittance).decode()

        assert remittance.amount >= 0
        assert [] == [one for one in oxedi_complaints(text) if "SNIP 3" in one]


@given(bills)
@settings(max_examples=EXAMPLES, deadline=None)
def test_money_is_neither_made_nor_lost(billed):
    """Over all remittances what is carried forward (FB) comes back, or is still carried at the end."""
    remittances = [one for one in settled(billed) if one.payer.id == PAYER.id]

    carried = sum(one.amount for every in remittances for one in every.adjustments if one.reason == "FB")
    last = (
        [one.amount for one in remittances[-1].adjustments if one.reason == "FB" and one.amount < 0]
        if remittances
        else []
    )

    assert carried == sum(last)
