"""An 835 says of every dollar where it went; nothing is guessed, and one bad claim does not hide the next."""

import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.balances import of_claim, of_payment
from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.errors import BadFile
from include.claims.parties import OtherId
from include.claims.remittance import PayerDecision, Procedure, StatedAmount
from include.x12.interchange import BrokenSet
from include.x12.read_835 import Broken, BrokenFile, read_835
from include.x12.read_835_claim import _MOST_REMEMBERED, _Remembered
from include.x12.read_837p import BrokenClaim
from tests.strategies import EXAMPLES
from tests.x12.remits import (
    CLAIM,
    HEAD,
    NAMES,
    a_remittance,
    a_set,
    an_interchange,
    by_payment,
    claims_of,
    only_claim,
    payments,
    sample,
)

pytestmark = pytest.mark.pure

D = Decimal
MEMBER_ID = "XYZ100200300"


def co(reason: str, amount: str) -> Adjustment:
    return Adjustment(group=AdjustmentGroup.CONTRACT, reason=reason, amount=D(amount))


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_add_up(name):
    """By line, by claim and by payment, without a warning."""
    for payment, claims, end in payments(sample(name)):
        assert [] == [finding for claim in claims for finding in of_claim(claim)]
        assert () == of_payment(payment, end)


def test_a_payment_says_who_pays_whom_what_and_how():
    """The head of a set is what a bank statement is compared with."""
    ((payment, _, end),) = payments(sample("paid_with_adjustments"))

    assert ("I", D("252"), "C", "ACH") == (payment.handling, payment.amount, payment.credit_or_debit, payment.method)
    assert (date(2026, 3, 20), date(2026, 3, 19)) == (payment.paid_on, payment.produced_on)
    assert ("EFT20260320001", "1512345678", "") == (payment.trace, payment.originator, payment.originator_division)
    assert ("EXAMPLE HEALTH PLAN", "1003000126", "731234567") == (
        payment.payer_name,
        payment.payee_npi,
        payment.payee_tax_id,
    )
    assert (OtherId(kind="XV", value="12345"), OtherId(kind="2U", value="12345")) == payment.payer_ids
    assert ("005010X221A1", 501, "0001", 3) == (
        payment.version,
        payment.interchange_number,
        payment.set_number,
        payment.segment,
    )
    assert (1, 2, D(360), D(252), 0, "") == (
        end.claims, end.lines, end.charged, end.paid, end.broken_claims, end.fault,
    )  # fmt: skip


def test_a_claim_says_what_became_of_it():
    """Amounts, the payer's number, remarks and dates of a claim."""
    (claim,) = claims_of(sample("paid_with_adjustments"))

    assert ("BH260306000017", PayerDecision.PRIMARY, "PAYERICN0001") == (
        claim.control_number,
        claim.status,
        claim.payer_claim_number,
    )
    assert (D(360), D(252), D(30)) == (claim.charge, claim.paid, claim.patient_responsibility)
    assert ("12", "11", "1") == (claim.filing_code, claim.place_of_service, claim.frequency)
    assert (("MA01",), (StatedAmount("AU", D(282)),)) == (claim.remarks, claim.amounts)
    assert (date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6)) == (
        claim.first_day,
        claim.last_day,
        claim.received_on,
    )
    assert OtherId(kind="XX", value="1881000018") == claim.rendering
    assert ((OtherId(kind="1L", value="GROUP7"),), MEMBER_ID) == (claim.ids, claim.member_id)
    assert 18 == claim.segment


def test_a_line_says_what_became_of_it():
    """Amounts, units, dates and our own number of a service line."""
    first, second = claims_of(sample("paid_with_adjustments"))[0].lines

    assert (Procedure("HC", "97153", ("HM",)), D(240), D(162), D(16)) == (
        first.procedure, first.charge, first.paid, first.units_paid,
    )  # fmt: skip
    assert (co("45", "48"), Adjustment(group=AdjustmentGroup.PATIENT, reason="3", amount=D(30))) == first.adjustments
    assert ("BH260306000017L01", D(192), date(2026, 3, 2), None) == (
        first.line_control_number, first.allowed, first.first_day, first.last_day,
    )  # fmt: skip
    assert (date(2026, 3, 4), date(2026, 3, 5)) == (second.first_day, second.last_day)
    assert (OtherId(kind="0B", value="LIC100"),) == second.ids


def test_every_adjustment_is_read():
    """Six triplets a CAS, several CAS of one group, quantities, and those of the claim itself."""
    (claim,) = claims_of(sample("many_adjustments"))
    line = claim.lines[0]

    assert ["23", "24"] == [one.reason for one in claim.adjustments]
    assert ["45", "253", "197", "151", "119", "222", "97", "1", "2", "3", "131"] == [
        one.reason for one in line.adjustments
    ]
    assert [None, D(1), D(2), D(3), None, D(4), None, None, None, None, None] == [
        one.quantity for one in line.adjustments
    ]
    assert D(500) == sum(one.amount for one in line.adjustments)


def test_services_of_every_kind_are_read():
    """A service is known by its qualifier and code; what was submitted stands beside it where it differs."""
    (claim,) = claims_of(sample("many_adjustments"))

    assert [("HC", "97153"), ("NU", "E0100"), ("N4", "00002751001"), ("AD", "D0140")] == [
        line.procedure[:2] for line in claim.lines
    ]
    assert (Procedure("HC", "97153", ("HM",)), D(20), D(24)) == (
        claim.lines[0].submitted,
        claim.lines[0].units_paid,
        claim.lines[0].units_submitted,
    )
    assert (D("0.5"), "0250", D(0)) == (
        claim.lines[1].units_paid,
        claim.lines[2].revenue_code,
        claim.lines[3].units_paid,
    )
    assert (("N362",), date(2026, 6, 30)) == (claim.lines[0].remarks, claim.coverage_ended_on)


def test_units_that_were_not_sent_are_one():
    """The guide says so of SVC05."""
    assert D(1) == only_claim("CLP*CN1*1*9*9", "SVC*ZZ:1*9*9").lines[0].units_paid


def test_denials_keep_their_reasons():
    """A payer may deny a line of a claim it paid, or all of it."""
    (partly,) = claims_of(sample("denied_lines"))
    (wholly,) = claims_of(sample("denied_claim"))

    assert (PayerDecision.PRIMARY, (co("197", "150"),), ("N54", "M62")) == (
        partly.status,
        partly.lines[0].adjustments,
        partly.lines[0].remarks,
    )
    assert (PayerDecision.DENIED, ("MA130", "N418"), D(0), None) == (
        wholly.status, wholly.remarks, wholly.paid, wholly.patient_responsibility,
    )  # fmt: skip


def test_a_payment_of_nothing_is_a_payment():
    """A notice without money has a trace and its claims."""
    ((payment, (claim,), _),) = payments(sample("patient_owes_all"))

    assert ("H", "NON", D(0), "NOPAY0002") == (payment.handling, payment.method, payment.amount, payment.trace)
    assert (D(0), D(192)) == (claim.paid, claim.patient_responsibility)


def test_a_reversal_keeps_its_signs():
    """What is taken back stands negative, its correction beside it under the same number."""
    reversal, correction = claims_of(sample("reversal_and_correction"))

    assert PayerDecision.REVERSAL == reversal.status
    assert (D(-240), D(-162), D(-30)) == (reversal.charge, reversal.paid, reversal.patient_responsibility)
    assert (D(-162), D(-16), D(-48)) == (
        reversal.lines[0].paid,
        reversal.lines[0].units_paid,
        reversal.lines[0].adjustments[0].amount,
    )
    assert (reversal.control_number, D(180)) == (correction.control_number, correction.paid)


def test_a_forwarded_claim_names_the_next_payer():
    """Where the claim went, who should have paid first, and that the payer knows the insured by another number."""
    forwarded, not_theirs, not_first = claims_of(sample("forwarded"))

    assert (PayerDecision.PRIMARY_FORWARDED, "EXAMPLE SECOND PLAN", "67890") == (
        forwarded.status,
        forwarded.forwarded_to,
        forwarded.forwarded_to_id,
    )
    assert (True, "XYZ100200399") == (forwarded.identity_corrected, forwarded.corrected_member_id)
    assert (PayerDecision.NOT_OURS_FORWARDED, "55555", False) == (
        not_theirs.status,
        not_theirs.forwarded_to_id,
        not_theirs.identity_corrected,
    )
    assert ("EXAMPLE FIRST PLAN", "44444") == (not_first.pays_first, not_first.pays_first_id)


@pytest.mark.parametrize(
    ("name", "adjustments"),
    [
        ("takeback", [("WO", "PAYERICN0005", "20")]),
        ("forwarding_balance", [("FB", "EFT20260327001", "-162")]),
        ("interest_and_refund", [("L6", "PAYERICN0010", "-3.25"), ("72", "PAYERICN0002", "-50")]),
    ],
)
def test_money_of_the_provider_as_a_whole_is_kept(name, adjustments):
    """PLB moves money that belongs to no claim."""
    ((_, _, end),) = payments(sample(name))

    found = end.provider_adjustments
    assert adjustments == [(one.reason, one.reference, str(one.amount)) for one in found]
    assert ("1003000126", date(2026, 12, 31)) == (found[0].provider_id, found[0].fiscal_year_ends_on)


def test_one_transfer_may_stand_over_two_sets():
    """Each set is a payment of its own, with the same trace."""
    first, second = payments(sample("one_transfer_over_two_sets"))

    assert ("0001", "0002") == (first[0].set_number, second[0].set_number)
    assert first[0].trace == second[0].trace
    assert (D(90), D(84)) == (first[2].paid, second[2].paid)


def test_claims_without_lines_are_read():
    """Reasons then stand with the claim; a provider's summary (TS3) in front of them says nothing of a claim."""
    paid, denied = claims_of(sample("claims_without_lines"))

    assert ((), (co("45", "48"), Adjustment(group=AdjustmentGroup.PATIENT, reason="3", amount=D(42)))) == (
        paid.lines,
        paid.adjustments,
    )
    assert (("N382",), "XYZ100200311") == (denied.remarks, denied.member_id)


def test_the_old_version_is_read():
    """Some payers still send 004010X091A1."""
    ((payment, (claim,), _),) = payments(sample("old_version"))

    assert ("004010X091A1", D(252), 2) == (payment.version, claim.paid, len(claim.lines))


def test_delimiters_make_no_difference():
    """Separators come of the ISA, line ends count for nothing."""
    (usual,), (other,) = claims_of(sample("paid_with_adjustments")), claims_of(sample("other_delimiters"))

    assert [(one.procedure, one.paid, one.adjustments) for one in usual.lines] == [
        (one.procedure, one.paid, one.adjustments) for one in other.lines
    ]


def test_several_interchanges_and_lx_are_all_read():
    """One file may hold several envelopes, a set several LX."""
    two = a_set(*HEAD, "LX*1", *CLAIM, "LX*2", *CLAIM)
    text = (
        an_interchange(two) + "\r\n" + an_interchange(a_set(*HEAD), a_set(*HEAD, "LX*1", *CLAIM, number="2"), number=43)
    )

    found = list(payments(text))

    assert [(42, "0001", 2), (43, "0001", 0), (43, "2", 1)] == [
        (payment.interchange_number, payment.set_number, len(claims)) for payment, claims, _ in found
    ]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("name", ["many_adjustments", "other_delimiters"])
def test_it_reads_alike_however_the_file_comes(name, size):
    """A file comes in pieces that end anywhere."""
    text = sample(name)

    assert list(read_835([text])) == list(read_835(text[at : at + size] for at in range(0, len(text), size)))


def test_a_claim_needs_no_lx():
    """The number in front of a group of claims says nothing."""
    ((_, (claim,), _),) = payments(an_interchange(a_set(*HEAD, *CLAIM)))

    assert "CN1" == claim.control_number


def test_a_status_nobody_knows_is_kept():
    """It is shown as it came; it does not stop the money."""
    assert "17" == only_claim("CLP*CN1*17*120*90").status


def test_inpatient_remarks_are_read_too():
    """MIA keeps them in the fifth and from the twentieth element on."""
    mia = "MIA*0****MA01" + "*" * 15 + "N1*N2"

    assert ("MA01", "N1", "N2") == only_claim("CLP*CN1*1*120*90", mia).remarks


@pytest.mark.parametrize(("text", "amount"), [(".75", "0.75"), ("-.75", "-0.75"), ("7.", "7"), ("0012.50", "12.5")])
def test_amounts_are_read_as_x12_writes_them(text, amount):
    """No zero is needed in front, and a sign only where it is minus."""
    assert D(amount) == only_claim(f"CLP*CN1*1*{text}*90").charge


@pytest.mark.parametrize(
    "text", ["1E2", "1,000", " 1", "NaN", "Infinity", "1-", "--1", ".", "-", "", "1_0", "+1", "٣", "9" * 21]
)
def test_other_amounts_are_refused(text):
    """What Python would read as a number but X12 does not write, is no amount."""
    with pytest.raises(BadFile, match="segment 10: CLP03 is not a number"):
        list(read_835([a_remittance(f"CLP*CN1*1*{text}*90")]))


FAULTS = [
    ("CLP*CN1*1*120*x", "segment 10: CLP04 is not a number"),
    ("CLP*CN1*1*120*90*x", "segment 10: CLP05 is not a number"),
    ("CLP*CN1", "segment 10: CLP01 or CLP02 is missing"),
    ("SVC*HC:97155*x*90", "segment 11: SVC02 is not a number"),
    ("SVC*HC:97155*120", "segment 11: SVC03 is not a number"),
    ("SVC*HC:97155*120*90**x", "segment 11: SVC05 is not a number"),
    ("SVC*HC:97155*120*90****x", "segment 11: SVC07 is not a number"),
    ("SVC*97155*120*90", "segment 11: SVC01 is not a qualifier and a code"),
    ("SVC*HC:1*120*90***HC", "segment 11: SVC06 is not a qualifier and a code"),
    ("CAS*XX*45*30", "segment 11: CAS01 is none of CO, CR, OA, PI, PR"),
    ("CAS*CO*45", "segment 11: CAS03 is not a number"),
    ("CAS*CO*45*1**97*x", "segment 11: CAS06 is not a number"),
    ("CAS*CO*45*1*x", "segment 11: CAS04 is not a number"),
    ("CAS*CO**1", "segment 11: CAS02 is missing"),
    ("DTM*232*20260230", "segment 11: DTM02 is not a date CCYYMMDD"),
    ("DTM*232*2026030", "segment 11: DTM02 is not a date CCYYMMDD"),
    ("AMT*AU", "segment 11: AMT02 is not a number"),
]


@pytest.mark.parametrize(("segment", "message"), FAULTS)
def test_a_fault_says_where_it_is(segment, message):
    """Place and rule, never what stood there."""
    before = () if segment.startswith("CLP") else CLAIM[:1]

    with pytest.raises(BadFile, match=message):
        list(read_835([a_remittance(*before, segment)]))


@pytest.mark.parametrize(("segment", "message"), FAULTS)
def test_one_bad_claim_does_not_hide_the_next(segment, message):
    """With a list given the others are read, and the payment is known not to be whole."""
    broken: list[Broken] = []
    before = () if segment.startswith("CLP") else CLAIM[:1]
    text = a_remittance(*before, segment, *CLAIM[1:], *CLAIM)

    ((payment, (claim,), end),) = payments(text, broken)

    place, _, rule = message.partition(": ")
    at = int(place.removeprefix("segment "))
    assert [BrokenClaim(control_number="CN1", set_number="0001", segment=at - 2, message=rule)] == broken
    assert (D(90), 1, 1) == (claim.paid, end.claims, end.broken_claims)
    assert ["WHOLE"] == [one.balance.name for one in of_payment(payment, end)]


def test_a_number_that_could_be_anything_is_not_repeated():
    """A broken claim is named only by a number that could have been ours."""
    broken: list[Broken] = []

    list(read_835([a_remittance("CLP*Testo, *1*x*90")], broken))

    assert [BrokenClaim(control_number="", set_number="0001", segment=8, message="CLP03 is not a number")] == broken


@pytest.mark.parametrize(
    ("text", "segment", "message"),
    [
        (a_remittance(*CLAIM, head=HEAD[1:]), 1, "BPR, TRN or TRN02 is missing: which payment this is cannot be told"),
        (a_remittance(*CLAIM, head=HEAD[:1]), 1, "BPR, TRN or TRN02 is missing: which payment this is cannot be told"),
        (a_remittance(*CLAIM, head=("BPR*I*x", *HEAD[1:])), 7, "BPR02 is not a number"),
        (a_remittance(*CLAIM, head=("BPR*I*9", *HEAD[1:])), 7, "BPR16 is not a date CCYYMMDD"),
        (a_remittance(*CLAIM, version="005010X222A1"), 1, "GS08 of the set begins with none of 005010X221, 004010X091"),
        (an_interchange(a_set(*HEAD, kind="837")), 1, "ST01 is not 835, the set is of another kind"),
        (an_interchange(a_set(*HEAD, *["PER*CX"] * 1000)), 1001, "no LX, CLP or PLB within 1000 segments"),
    ],
)
def test_a_set_whose_head_cannot_be_read_is_left_out(text, segment, message):
    """Nobody can post money whose payment is not known; the sets behind it are read."""
    broken: list[Broken] = []
    head, _, tail = text.partition("GE*1*")

    found = list(payments(f"{head}{a_set(*HEAD, 'LX*1', *CLAIM, number='2')}GE*2*{tail}", broken))

    assert "GS08" in message or ["2"] == [payment.set_number for payment, _, _ in found]
    assert BrokenSet(set_number="0001", segment=segment, message=message) == broken[0]
    with pytest.raises(BadFile, match=message):
        list(read_835([text]))


def test_a_provider_adjustment_that_cannot_be_read_marks_the_payment():
    """Its claims came out before; the end says that money is missing."""
    broken: list[Broken] = []

    ((_, (_claim,), end),) = payments(a_remittance(*CLAIM, "PLB*1003000126*20261231*WO:X*20*FB*x"), broken)

    assert ((), "PLB06 is not a number") == (end.provider_adjustments, end.fault)
    assert [BrokenSet(set_number="0001", segment=12, message="PLB06 is not a number")] == broken


def test_a_miscounted_set_is_named_at_its_end():
    """Its claims came out before; whoever posts waits for the end."""
    broken: list[Broken] = []
    text = a_remittance(*CLAIM).replace("SE*12*", "SE*11*")

    ((_, _, end),) = payments(text, broken)

    assert "SE01 does not say the 12 segments that were read" == end.fault
    assert [BrokenSet(set_number="0001", segment=12, message=end.fault)] == broken
    with pytest.raises(BadFile, match="segment 14: SE01"):
        list(read_835([text]))


def test_a_cut_file_never_looks_whole():
    """Wherever it is cut, the place is named, and every payment that came out has its end."""
    text = sample("reversal_and_correction").replace("\n", "")

    for length in range(106, len(text) - 1):
        with pytest.raises(BadFile, match="segment"):
            list(read_835([text[:length]]))
        broken: list[Broken] = []
        found = list(payments(text[:length], broken))
        assert BrokenFile in [type(one) for one in broken]
        assert all(end.fault or end.claims == 2 for _, _, end in found)


def test_a_claim_that_breaks_off_is_broken():
    """A claim may lack lines where the file breaks within it: its money does not come out."""
    broken: list[Broken] = []
    text = a_remittance(*CLAIM, *CLAIM)

    ((_, claims, end),) = payments(text[: text.rindex("CAS")], broken)

    assert (1, 1) == (len(claims), end.broken_claims)
    assert "the file ends here, SE and GE and IEA missing: it is cut" in end.fault
    assert [BrokenFile, BrokenClaim] == [type(one) for one in broken]


@pytest.mark.parametrize(
    "segments",
    [
        ["CLP*CN1*1*9*9", *["SVC*HC:1*9*9"] * 1000],
        ["CLP*CN1*1*9*9", *["REF*1L*GROUP7"] * 30_000],
        [*CLAIM, *["CAS*CO*45*0"] * 30_000],
    ],
)
def test_a_claim_without_end_is_refused(segments):
    """It must not fill the memory; the guide allows far less."""
    broken: list[Broken] = []

    found = list(payments(a_remittance(*segments, *CLAIM), broken))

    assert [(1, 1)] == [(end.claims, end.broken_claims) for _, _, end in found]
    assert "at most" in broken[0].message


def a_long_file(claims: int) -> Iterator[str]:
    """Yield a file of many claims bit by bit."""
    head, tail = a_remittance(*CLAIM).split("CLP*", 1)
    claim = "CLP*" + tail[: tail.index("SE*")]
    yield head
    for _ in range(claims):
        yield claim
    yield f"SE*{8 + 4 * claims}*0001~GE*1*42~IEA*1*000000042~"


def test_memory_does_not_grow_with_the_file():
    """A payment of many claims takes no more than one of few."""
    peaks = []
    for claims in (500, 5_000):
        tracemalloc.start()
        assert claims + 2 == sum(1 for _ in read_835(a_long_file(claims)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]


def test_names_and_numbers_of_people_are_not_shown():
    """Whatever prints a claim prints no patient."""
    for one in read_835([sample("forwarded")]):
        assert not [secret for secret in ("TESTINA", "XYZ100") if secret in repr(one)]


@settings(max_examples=EXAMPLES * 4)
@given(st.sampled_from(NAMES), st.floats(0, 1), st.text(alphabet="*~:CLPSVA|-.5\n", max_size=6), st.booleans())
def test_no_damage_makes_it_crash(name, where, noise, drop):
    """A damaged 835 is read or refused with BadFile; nothing else comes out, and no payment lacks its end."""
    text = sample(name)
    at = int(where * len(text))
    damaged = text[:at] + noise + text[at + (len(noise) if drop else 0) :]

    said = ""
    try:
        list(read_835([damaged]))
    except BadFile as refused:
        said = str(refused)
    broken: list[Broken] = []
    list(by_payment(read_835([damaged], broken)))

    assert bool(said) is bool(broken)
    assert "XYZ" not in said + repr(broken)
    assert "TESTINA" not in said + repr(broken)


def test_what_is_remembered_is_bounded():
    """Neither many texts nor one of a megabyte fill the memory."""
    remembered = _Remembered(len)

    read = [remembered[text] for text in ("x" * (1 << 20), *map(str, range(_MOST_REMEMBERED + 1)))]

    assert 1 << 20 == read[0]
    assert [str(_MOST_REMEMBERED)] == list(remembered)
