"""Payments are posted once, at the smallest scope that adds up, whatever order and however often they are told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import PAYMENT, PROVIDER_ADJUSTMENT
from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.errors import NotAllowed
from include.claims.remittance import (
    ClaimPayment,
    PayerDecision,
    Payment,
    PaymentEnd,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Work
from include.delivery.records import Posted, Remittance, RemoteFile, ResponseStatus, Table
from include.delivery.remittances import closed, notice_of, posting_of
from tests.builders import BILLING_NPI
from tests.contract.night import NOW, Night, an_answer, claims

PAID_ON = date(2026, 3, 20)
HEAD = Payment(
    version="005010X221A1", interchange_number=7, set_number="0001", handling="I", amount=Decimal(0),
    credit_or_debit="C", method="ACH", paid_on=PAID_ON, trace="EFT1", originator="1512345678", originator_division="",
    produced_on=None, payer_name="EXAMPLE HEALTH PLAN", payer_ids=(), payee_npi=BILLING_NPI, payee_tax_id="",
    payee_ids=(), segment=3,
)  # fmt: skip


def a_payment_of(number: str, paid: int = 200, *, status: str = "1", icn: str = "ICN1", off: int = 0) -> ClaimPayment:
    """Return a claim of 240 dollars of which so much is paid; `off` dollars are lost on the way."""
    charge = Decimal(240)
    sign = -1 if status == PayerDecision.REVERSAL else 1
    rest = Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=sign * (charge - paid - off))
    line = ServicePayment(
        procedure=Procedure("HC", "97153", ()), charge=sign * charge, paid=sign * Decimal(paid), segment=9,
        adjustments=(rest,),
    )  # fmt: skip
    return ClaimPayment(
        control_number=number, status=status, charge=sign * charge, paid=sign * Decimal(paid), segment=8,
        payer_claim_number=icn, lines=(line,),
    )  # fmt: skip


def remitted(
    *found: ClaimPayment, taken: int = 0, reason: str = "WO", about: str = "ICN0", short: int = 0, **head: Any
) -> Remittance:
    """Yield a payment of these claims, less what is taken from the provider; `short` dollars are not accounted for."""
    paid = sum((one.paid for one in found), Decimal(0))
    payment = replace(HEAD, **{"amount": paid - taken - short} | head)
    notice = notice_of(payment)
    yield notice
    for claim in found:
        yield posting_of(claim, notice.identity, 1)
    adjustment = ProviderAdjustment(
        provider_id=BILLING_NPI, fiscal_year_ends_on=date(2026, 12, 31), reason=reason, reference=about,
        amount=Decimal(taken), segment=20,
    )  # fmt: skip
    end = PaymentEnd(
        set_number="0001", claims=len(found), lines=len(found), charged=Decimal(0), paid=paid, broken_claims=0,
        fault="", provider_adjustments=(adjustment,) if taken else (), segment=21,
    )  # fmt: skip
    yield closed(payment, end)


class Books:
    """A night whose claims were sent, and the remittances that come for them."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.money = night.ledger.money
        night.ledger.clinics.put(
            Table.BILLING_IDENTITY, [{"key": "harbor", "clinic_key": "harbor", "npi": BILLING_NPI}]
        )
        self.numbers = night.numbers(night.sent(*claims(3)))
        self.files = 0

    def post(self, remittance: Remittance) -> ResponseStatus:
        """Post a remittance that came in a file of its own."""
        self.files += 1
        file = RemoteFile(name=f"{self.files:010d}_ERA_STATUS_5010_20260320.zip", size=100, modified=1_770_000_000)
        response_id = self.night.ledger.responses.store("harbor", file, f"{self.files:064d}", NOW)
        return self.night.ledger.responses.post(response_id, remittance, NOW)

    def fed(self) -> list[tuple[int, str, Decimal]]:
        """Return the feed as (posting id, control number, paid)."""
        return [(row.posting_id, row.control_number, row.paid) for row in self.money.feed(0, 100)]

    def waiting(self) -> list[tuple[Posted, str]]:
        """Return what waits for a person as (status, control number)."""
        return [(one.status, one.control_number) for one in self.money.open()]

    def decided(self) -> list[Adjudication]:
        """Return what the payer decided of the three claims."""
        return [self.night.line(f"C-{n:03d}").adjudication for n in (1, 2, 3)]


@pytest.fixture(name="books")
def _books(night: Night) -> Books:
    return Books(night)


def test_a_payment_is_posted_and_decides_its_claims(books: Books):
    """What adds up goes to the feed by rising id, and the claims stand paid, without waiting for any other answer."""
    first, second, _ = books.numbers

    status = books.post(remitted(a_payment_of(first), a_payment_of(second, 150, icn="ICN2"), taken=20))

    assert ResponseStatus.APPLIED is status
    assert [(1, first, Decimal(200)), (2, second, Decimal(150))] == books.fed()
    assert [Adjudication.PAID, Adjudication.PAID, Adjudication.NONE] == books.decided()
    assert [] == books.waiting()
    assert [Decimal(200), Decimal(150), Decimal(0)] == [line.paid for line in books.night.lines()]
    (deposit,) = books.money.deposits()
    assert (Decimal(330), None) == (deposit.amount, deposit.seen_on)
    assert "ICN2" in repr(books.money.feed(1, 1))


def test_a_payment_told_again_changes_nothing(books: Books):
    """A regenerated remittance, in another file, is the same payment."""
    books.post(remitted(a_payment_of(books.numbers[0]), taken=20))
    before = books.fed()

    again = books.post(remitted(a_payment_of(books.numbers[0]), taken=20))

    assert (ResponseStatus.APPLIED, before, []) == (again, books.fed(), books.waiting())
    assert 1 == len(books.money.deposits())


def test_a_payment_told_anew_under_another_day_is_held(books: Books):
    """The same trace with the same claims on another day may be the same money: a person decides."""
    first = books.numbers[0]
    books.post(remitted(a_payment_of(first)))

    books.post(remitted(a_payment_of(first), paid_on=date(2026, 3, 23)))

    assert [(1, first, Decimal(200))] == books.fed()
    (whole, _) = books.money.open()
    assert (None, "trace EFT1 said the same of 1 of its claims before, as another payment") == (
        whole.posting_id, whole.reason,
    )  # fmt: skip


def test_what_is_carried_from_payment_to_payment_comes_to_nothing(books: Books):
    """A balance is open until the payer has taken it; interest is for good; what is quarantined does not count."""
    first, second = books.numbers[:2]
    balances = books.money.provider_balances

    books.post(remitted(a_payment_of(first, icn="ICN7"), taken=-50, about="ICN7", trace="EFT1"))
    books.post(remitted(taken=-3, reason="L6", about="", trace="EFT2"))
    books.post(remitted(taken=-9, about="ICN9", trace="EFT3", short=1))
    carried, interest = balances()
    books.post(remitted(a_payment_of(second, icn="ICN8"), taken=50, about="ICN7", trace="EFT4"))

    assert ("ICN7", Decimal(50), "the payer will take it") == (carried.reference, carried.amount, carried.state)
    assert "C-001" == carried.claim_key
    assert (Decimal(3), "for good") == (interest.amount, interest.state)
    assert [("ICN7", Decimal(0), 2, "settled")] == [
        (one.reference, one.amount, one.times, one.state) for one in balances() if one.reason == "WO"
    ]


def test_what_is_taken_and_was_never_carried_is_open(books: Books):
    """Somebody must ask the payer what it was for."""
    books.post(remitted(a_payment_of(books.numbers[0]), taken=20, about="ICN0"))

    (one,) = books.money.provider_balances()

    assert (Decimal(-20), True, "") == (one.amount, one.state.startswith("taken"), one.claim_key)


def test_what_is_taken_from_the_provider_is_told_once(books: Books):
    """A corrected remittance repeats its provider adjustments: the balance counts them once."""
    first, second, _ = books.numbers
    total = Decimal(380)
    books.post(remitted(a_payment_of(first), a_payment_of(second, icn="ICN2"), taken=20, amount=total))

    books.post(remitted(a_payment_of(first), a_payment_of(second, 200, icn="ICN3"), taken=20, amount=total))

    with books.night.ledger.database.read() as connection:
        assert [2000] == list(connection.execute(select(PROVIDER_ADJUSTMENT.c.cents)).scalars())


def test_other_content_for_what_was_posted_is_never_posted_by_itself(books: Books):
    """The same claim in the same payment with another amount is a conflict until a person takes it."""
    first = books.numbers[0]
    books.post(remitted(a_payment_of(first), amount=Decimal(200)))

    books.post(remitted(a_payment_of(first, 180), amount=Decimal(200)))

    assert [(1, first, Decimal(200))] == books.fed()
    assert (Posted.CONFLICT, first) in books.waiting()


def test_only_the_claim_that_does_not_add_up_waits(books: Books):
    """A claim's broken sum holds that claim's money; its decision applies, and a person may accept it."""
    first, second, _ = books.numbers

    books.post(remitted(a_payment_of(first, off=5), a_payment_of(second, icn="ICN2")))

    assert [(1, second, Decimal(200))] == books.fed()
    assert [(Posted.QUARANTINED, first)] == books.waiting()
    assert Adjudication.PAID is books.decided()[0]
    (waiting,) = books.money.open()
    assert "segment 9: a line's charge" in waiting.reason

    books.money.accept(waiting.payment_id, waiting.posting_id, "pat", "the payer confirmed it")

    assert (2, first, Decimal(200)) == books.fed()[1]
    assert [] == books.waiting()


def test_a_payment_that_does_not_add_up_holds_its_money_alone(books: Books):
    """Nothing of it is posted until a person accepts the difference; decisions apply at once."""
    first, second, _ = books.numbers
    books.post(remitted(a_payment_of(first), short=7))
    books.post(remitted(a_payment_of(second, icn="ICN2"), trace="EFT2"))

    assert [(1, second, Decimal(200))] == books.fed()
    assert Adjudication.PAID is books.decided()[0]
    whole = next(one for one in books.money.open() if one.posting_id is None)

    books.money.accept(whole.payment_id, None, "pat", "bank fee")

    assert (2, first, Decimal(200)) == books.fed()[1]
    with pytest.raises(NotAllowed, match="only a quarantined one"):
        books.money.accept(whole.payment_id, None, "pat", "again")


def test_a_persons_word_on_a_payment_stays(books: Books):
    """Another set of the payment, which adds up by itself, does not wipe out who accepted the first and why."""
    first, second, _ = books.numbers
    books.post(remitted(a_payment_of(first), short=7))
    whole = next(one for one in books.money.open() if one.posting_id is None)
    books.money.accept(whole.payment_id, None, "pat", "bank fee")

    books.post(remitted(a_payment_of(second, 193, icn="ICN2")))

    with books.night.ledger.database.read() as connection:
        assert ["pat: bank fee", ""] == list(connection.scalars(select(PAYMENT.c.decided_by).order_by(PAYMENT.c.id)))


def test_one_payment_over_two_files_adds_up_together(books: Books):
    """Neither file is the whole of the transfer; with the second both are posted."""
    first, second, _ = books.numbers

    books.post(remitted(a_payment_of(first), amount=Decimal(400)))
    before = books.fed()
    books.post(remitted(a_payment_of(second, icn="ICN2"), amount=Decimal(400)))

    assert [] == before
    assert {first, second} == {number for _, number, _ in books.fed()}
    assert [Decimal(400)] == [one.amount for one in books.money.deposits()]
    assert [] == books.waiting()


def test_a_reversal_and_its_correction_are_both_posted(books: Books):
    """The payer takes a decision back and decides anew in one payment: the books see both, the claim the last."""
    first = books.numbers[0]
    books.post(remitted(a_payment_of(first)))

    books.post(remitted(a_payment_of(first, status="22"), a_payment_of(first, 120)._replace(segment=30), trace="EFT2"))

    assert [Decimal(200), Decimal(-200), Decimal(120)] == [paid for _, _, paid in books.fed()]
    assert Adjudication.PAID is books.decided()[0]
    assert not books.night.line("C-001").contradicted


def test_a_denial_is_somebodys_work(books: Books):
    """What was denied is for a person, with the payer's reasons."""
    first = books.numbers[0]
    denied = a_payment_of(first, 0)
    line = denied.lines[0]._replace(
        adjustments=(Adjustment(group=AdjustmentGroup.CONTRACT, reason="197", amount=Decimal(240)),), remarks=("M62",)
    )

    books.post(remitted(denied._replace(lines=(line,))))

    claim = books.night.line("C-001")
    assert (Adjudication.DENIED, Work.PERSON_MUST_DECIDE) == (claim.adjudication, claim.work)
    [reason] = claim.reasons
    assert reason.startswith(
        "CO-197,M62: no authorization was asked for; the authorization's number is missing or wrong."
    )
    assert "Look up the authorization" in reason


def test_money_for_nobody_we_know_is_shown(books: Books):
    """A claim nobody sent, paid to a payee of ours, waits as unmatched until somebody says whose it is."""
    first = books.numbers[0]

    status = books.post(remitted(a_payment_of("STRANGER1")))

    assert ResponseStatus.APPLIED is status
    assert [(Posted.UNMATCHED, "STRANGER1")] == books.waiting()
    (waiting,) = books.money.open()
    assert waiting.posting_id is not None
    with pytest.raises(NotAllowed, match="must have been sent"):
        books.money.match(waiting.posting_id, "NOBODY", "pat", NOW)

    books.money.match(waiting.posting_id, first, "pat", NOW)

    assert [(1, "STRANGER1", Decimal(200))] == books.fed()
    assert Adjudication.PAID is books.decided()[0]


def test_money_of_another_payee_is_foreign(books: Books):
    """Who shares the account has remittances of their own: they are kept, and nobody has to look."""
    assert ResponseStatus.FOREIGN is books.post(remitted(a_payment_of("STRANGER1"), payee_npi="1999999992"))
    assert [] == books.waiting()
    assert [] == books.money.deposits()


def test_money_that_came_before_its_claim_finds_it(books: Books):
    """A claim that becomes known later (an imported history, a restored ledger) gets what was paid for it."""
    books.post(remitted(a_payment_of("STRANGER1")))

    assert 0 == books.money.match_again(NOW)
    with books.night.ledger.database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE submission SET control_number = 'STRANGER1' WHERE control_number = '{books.numbers[2]}'"
        )
    assert 1 == books.money.match_again(NOW)
    assert Adjudication.PAID is books.decided()[2]


def test_money_for_a_rejected_claim_is_a_contradiction(books: Books):
    """Paid although the clearinghouse had refused it: the money is posted, and a person looks."""
    first = books.numbers[0]
    books.night.respond(books.night.ledger.report.batches()[0].id, [an_answer(first, Event.REJECTED_BY_CLEARINGHOUSE)])

    books.post(remitted(a_payment_of(first)))

    claim = books.night.line("C-001")
    assert (Adjudication.PAID, True, Delivery.SENT) == (claim.adjudication, claim.contradicted, claim.delivery)
    assert FrontEnd.REJECTED_BY_CLEARINGHOUSE is claim.front_end
    assert [(1, first, Decimal(200))] == books.fed()


def test_a_reader_goes_forward_only(books: Books):
    """The feed remembers how far each reader has come, and refuses what it never gave out."""
    books.post(remitted(a_payment_of(books.numbers[0])))

    assert 0 == books.money.acknowledged("practice")
    books.money.acknowledge("practice", 1, NOW)

    assert 1 == books.money.acknowledged("practice")
    for wrong in (0, 2):
        with pytest.raises(NotAllowed, match="is not between 1"):
            books.money.acknowledge("practice", wrong, NOW)


def test_a_deposit_is_seen_at_the_bank(books: Books):
    """The bank's own list says that a payment came."""
    books.post(remitted(a_payment_of(books.numbers[0])))

    assert books.money.seen_at_bank("EFT1", Decimal(200), date(2026, 3, 21))
    assert not books.money.seen_at_bank("EFT9", Decimal(200), date(2026, 3, 21))
    (deposit,) = books.money.deposits()
    assert (date(2026, 3, 21), Decimal(200)) == (deposit.seen_on, deposit.seen_amount)
