"""The 277CA and the 277 say what became of each claim, and never leak whose it is."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.x12.claim_status import (
    Action,
    AnswerHead,
    BatchAnswer,
    ClaimAnswer,
    ClaimVerdict,
    ProviderAnswer,
    Purpose,
    SourceKind,
    StatusCode,
    Totals,
)
from include.x12.read_277 import read_277
from tests.builders import BILLING_NPI
from tests.strategies import EXAMPLES
from tests.x12.answers import a_set, group, interchange
from tests.x12.status_scenarios import (
    FOLDER,
    FREE_TEXT,
    MEMBER_ID,
    PAYER,
    SCENARIOS,
    acknowledgement,
    of_a_claim,
    shapes,
    status_response,
)

pytestmark = pytest.mark.pure

HEAD = ("BHT*0085*08*CH000042*20260307*0930*TH", "HL*1**20*1", PAYER)
ONE_CLAIM = (
    "HL*2*1*21*1", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567", "HL*3*2*19*1",
    "NM1*85*2*EXAMPLE ABA CLINIC*****XX*1222333449", "HL*4*3*PT", "NM1*QC*1*EXAMPLE*TESTINA****MI*XYZ100200300",
    "TRN*2*CN0001", "STC*A2:20*20260307*WQ*240",
)  # fmt: skip


def a_277(*segments: str) -> str:
    """Return a file of one set that holds these segments only."""
    return interchange(group(a_set(*segments, kind="277", guide="005010X214"), kind="HN", guide="005010X214"))


def the_claim(text: str) -> ClaimAnswer:
    """Return the one claim an answer speaks of."""
    (claim,) = [one for one in read_277([text]) if isinstance(one, ClaimAnswer)]
    return claim


def verdict_of(*statuses: str) -> ClaimVerdict:
    """Return what a claim with these STC comes to."""
    return the_claim(of_a_claim("TRN*2*CN0001", *(f"STC*{one}" for one in statuses))).verdict


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_means_what_it_meant(name):
    """A change of any sample or of its meaning shows as a difference; `make samples` writes it to be read."""
    expected = {path.name: path.read_bytes().decode() for path in sorted(FOLDER.glob(f"{name}.*"))}

    assert expected == shapes(name)


def test_no_sample_is_left_over():
    """Every sample has its scenario."""
    assert {file for name in SCENARIOS for file in shapes(name)} == {path.name for path in FOLDER.iterdir()}


def test_an_answer_says_who_gives_it():
    """The payer and the clearinghouse each give a 277CA; the head tells which of them it is, and when."""
    head, *_ = read_277([SCENARIOS["accepted_by_payer"]()])

    assert (
        AnswerHead(
            answer_number=42, answer_group=184911116, set_number="0001", guide="005010X214", reference="CH000042",
            purpose=Purpose.ACKNOWLEDGEMENT, answered_on="202603070930", source=SourceKind.PAYER,
            source_name="EXAMPLE HEALTH PLAN", source_id="99999", source_reference="CH0001",
            received_on=date(2026, 3, 6), processed_on=date(2026, 3, 7),
        )
        == head
    )  # fmt: skip


def test_the_levels_above_the_claims_carry_their_own_words_and_totals():
    """The batch is named by our BHT03 and counted; so are a provider's claims."""
    _, batch, provider, _ = read_277([SCENARIOS["rejected_as_duplicate"]()])

    assert isinstance(batch, BatchAnswer)
    assert ("000000042", "731234567") == (batch.batch_reference, batch.receiver_id)
    assert Totals(rejected=1, rejected_amount=Decimal(240)) == batch.totals
    assert isinstance(provider, ProviderAnswer)
    assert (BILLING_NPI, ClaimVerdict.RECEIVED) == (provider.provider_npi, provider.verdict)
    assert Totals(rejected=1, rejected_amount=Decimal(240)) == provider.totals


def test_every_reason_of_a_claim_is_read():
    """Several STC, and in each up to three codes, come out in their order with action, day and amount."""
    claim = the_claim(SCENARIOS["rejected_for_several_reasons"]())

    first, second = claim.statuses
    assert ["A7:562:85", "A7:128:85", "A6:145:82"] == [code.text for code in first.codes]
    assert (date(2026, 3, 7), Action.REJECT, Decimal(240)) == (first.effective_on, first.action, first.amount)
    assert (StatusCode(category="A3", status="33", entity="IL"),) == second.codes
    assert ("CN0001", "ICN0001", "3100000001") == (
        claim.control_number, claim.payer_claim_number, claim.clearinghouse_claim_id
    )  # fmt: skip
    assert (date(2026, 3, 2), date(2026, 3, 4)) == (claim.service_from, claim.service_to)
    assert BILLING_NPI == claim.provider_npi


def test_a_refusal_without_claims_comes_out_as_such():
    """A batch or a provider refused as a whole lists no claim, and the refusal is said at its level."""
    provider = list(read_277([SCENARIOS["rejected_with_the_provider"]()]))
    batch = list(read_277([SCENARIOS["rejected_with_the_batch"]()]))

    assert [AnswerHead, BatchAnswer, ProviderAnswer] == [type(one) for one in provider]
    assert isinstance(provider[2], ProviderAnswer)
    assert (ClaimVerdict.REJECTED, "PROVIDER7", 2) == (
        provider[2].verdict, provider[2].reference, provider[2].totals.rejected
    )  # fmt: skip
    assert [AnswerHead, BatchAnswer] == [type(one) for one in batch]
    assert isinstance(batch[1], BatchAnswer)
    assert ClaimVerdict.DUPLICATE is batch[1].verdict


def test_what_pyx12_demands_may_be_missing():
    """A provider without TRN or STC, as real payers send it, and one with an STC but no TRN are read."""
    plain = list(read_277([a_277(*HEAD, *ONE_CLAIM)]))
    spoken = list(read_277([a_277(*HEAD, *ONE_CLAIM[:4], "STC*A3:24:85**U*600")]))

    assert [AnswerHead, ClaimAnswer] == [type(one) for one in plain]
    assert isinstance(spoken[1], ProviderAnswer)
    assert ("", ClaimVerdict.REJECTED) == (spoken[1].reference, spoken[1].verdict)


def test_lines_are_named_by_our_own_number():
    """A line's REF*FJ is our 6R; its procedure, modifiers, charge and reasons come along."""
    first, second = the_claim(SCENARIOS["rejected_for_a_line"]()).lines

    assert ("CN0001L01", "97153", ("HM", "95"), Decimal(120)) == (
        first.control_number, first.procedure, first.modifiers, first.charge
    )  # fmt: skip
    assert (date(2026, 3, 4), None) == (second.service_from, second.service_to)
    assert [ClaimVerdict.REJECTED] * 2 == [first.verdict, second.verdict]


def test_a_277_names_the_claim_in_ref_ej():
    """TRN02 of a status response is the question's number; CLM01 stands in REF*EJ, or in TRN02 where it is missing."""
    with_both = the_claim(SCENARIOS["pended"]())
    alone = the_claim(status_response("TRN*2*CN0001", "STC*P1:20*20260312"))

    assert ("CN0001", "TRACE1") == (with_both.control_number, with_both.trace)
    assert "CN0001" == alone.control_number


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        (["A0:16:PR*20260307*WQ*240"], ClaimVerdict.FORWARDED),
        (["A1:19*20260307*WQ*240", "A2:20*20260307*WQ*240"], ClaimVerdict.RECEIVED),
        (["A2:20*20260307*WQ*240", "A5:717*20260307*WQ*240"], ClaimVerdict.SPLIT),
        (["A2:20*20260307*WQ*240", "A7:562*20260307*U*240"], ClaimVerdict.REJECTED),
        (["A7:562*20260307*U*240", "A3:54*20260307*U*240"], ClaimVerdict.DUPLICATE),
        (["A7:562*20260307*U*240******A3:78"], ClaimVerdict.DUPLICATE),
        (["A4:35*20260307"], ClaimVerdict.NOT_FOUND),
        (["F1:65*20260307", "F2:84*20260307"], ClaimVerdict.DENIED),
        (["P1:20*20260307", "R4:297*20260307"], ClaimVerdict.INFORMATION_REQUESTED),
        (["F3F:16:SEP*20260307"], ClaimVerdict.DECIDED),
        (["DR05:21*20260307*U*240"], ClaimVerdict.REJECTED),
        (["E1:484*20260307"], ClaimVerdict.UNANSWERED),
        (["E1:484*20260307", "P1:20*20260307"], ClaimVerdict.PENDED),
        (["Z9:20*20260307*WQ*240"], ClaimVerdict.UNCLEAR),
        (["Z9:20*20260307*U*240", "A3:21*20260307*U*240"], ClaimVerdict.REJECTED),
        ([], ClaimVerdict.UNCLEAR),
        (["*20260307*WQ*240"], ClaimVerdict.UNCLEAR),
    ],
)
def test_the_worst_status_counts(statuses, verdict):
    """Whatever else an answer says, the verdict is the worst of it; what nobody knows is unclear."""
    assert verdict is verdict_of(*statuses)


@pytest.mark.parametrize("status", ["A2:20*20260307*U*240", "A1:19*20260307*U*240", "A7:562*20260307*WQ*240"])
def test_an_action_that_contradicts_its_category_is_unclear(status):
    """Accepted, says the category, refused, says STC03: a person looks, nothing is sent again."""
    assert ClaimVerdict.UNCLEAR is verdict_of(status)


def test_a_refused_line_refuses_the_claim_and_a_denied_one_does_not():
    """In a 277CA a line stands for a refusal; in a 277 the payer decides line by line and sums up itself."""
    line = ("SVC*HC:97153*120", "STC*A7:476*20260307*U")
    refused = the_claim(of_a_claim("TRN*2*CN0001", "STC*A2:20*20260307*WQ*240", *line))
    paid = the_claim(SCENARIOS["paid_with_a_denied_line"]())
    silent = the_claim(of_a_claim("TRN*2*CN0001", "SVC*HC:97153*120", "STC*F2:84*20260307"))

    assert ClaimVerdict.REJECTED is refused.verdict
    assert (ClaimVerdict.DECIDED, ClaimVerdict.DENIED) == (paid.verdict, paid.lines[1].verdict)
    assert ClaimVerdict.DENIED is silent.verdict


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_answer_holds_a_patient(name):
    """Name, member id, prescription number and a payer's free text are in no answer's repr."""
    kept = repr(list(read_277([SCENARIOS[name]()])))

    assert [] == [word for word in ("TESTINA", "TESTO", MEMBER_ID, "RX77", FREE_TEXT) if word in kept]


def test_a_payers_own_words_are_kept_where_asked_for():
    """STC12 is there for the page that shows it to a person who may see it."""
    claim = the_claim(SCENARIOS["rejected_for_several_reasons"]())

    assert FREE_TEXT == claim.statuses[0].payer_words


def test_a_tax_id_in_the_providers_place_is_not_kept():
    """NM109 with qualifier FI may be a person's number."""
    text = a_277(*HEAD, *ONE_CLAIM).replace("XX*1222333449", "FI*731234567")

    assert "" == the_claim(text).provider_npi


def test_several_sets_groups_and_interchanges_are_all_read():
    """One file may hold many answers, each with its head."""
    sets = [a_set(*HEAD, *ONE_CLAIM, number=f"000{n}", kind="277", guide="005010X214") for n in (1, 2)]
    one = group(*sets, kind="HN", guide="005010X214")
    text = interchange(one, one, number=7) + "\r\n" + interchange(one, number=8)

    heads = [answer for answer in read_277([text]) if isinstance(answer, AnswerHead)]

    assert [(7, "0001"), (7, "0002")] * 2 + [(8, "0001"), (8, "0002")] == [
        (head.answer_number, head.set_number) for head in heads
    ]


def test_several_sources_patients_and_claims_of_one_set_are_told_apart():
    """Two claims of one patient, and a second source with its own levels, keep their own numbers."""
    text = a_277(
        *HEAD, *ONE_CLAIM, "TRN*2*CN0002", "STC*A3:21*20260307*U*90",
        "HL*5**20*1", "NM1*PR*2*INVENTED MUTUAL*****PI*88888", "HL*6*5*21*1", "HL*7*6*19*1", "HL*8*7*PT",
        "TRN*2*CN0003", "STC*A2:20*20260307*WQ*10",
    )  # fmt: skip

    answers = list(read_277([text]))

    told = [
        (one.control_number, one.provider_npi, one.verdict.name) if isinstance(one, ClaimAnswer) else one.source_id
        for one in answers
        if isinstance(one, ClaimAnswer | AnswerHead)
    ]
    assert [
        "99999", ("CN0001", "1222333449", "ACCEPTED"), ("CN0002", "1222333449", "REJECTED"),
        "88888", ("CN0003", "", "ACCEPTED"),
    ] == told  # fmt: skip


def test_any_separators_will_do():
    """The ISA says what separates."""
    text = SCENARIOS["rejected_for_several_reasons"]()
    other = text.translate(str.maketrans("*^:~", "|!>\x1d"))

    assert list(read_277([text])) == list(read_277([other]))


def test_an_answer_comes_out_before_the_file_is_at_its_end():
    """A file of any length is read claim by claim."""
    reading = read_277(iter([SCENARIOS["accepted_by_payer"]()[:700]]))

    assert [AnswerHead, BatchAnswer, ProviderAnswer] == [type(next(reading)) for _ in range(3)]


@pytest.mark.parametrize("name", ["rejected_for_a_line", "rejected_with_the_batch", "paid_with_a_denied_line"])
def test_a_cut_file_is_refused_with_the_place(name):
    """Wherever a file is cut, it ends in BadFile that names the segment."""
    text = SCENARIOS[name]()

    for length in range(1, len(text) - 1):
        with pytest.raises(BadFile, match="segment"):
            list(read_277([text[:length]]))


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ((), "segment 4: the set ends and nobody answered"),
        (HEAD[1:], "segment 4: HL before the BHT"),
        ((HEAD[0], "HL*2*1*21*1"), "segment 5: HL03 names another level before the one of who answers"),
        ((HEAD[0], "HL*1**99*1"), "segment 5: HL03 is none of 20, 21, 19, PT, 22, 23"),
        ((*HEAD[:2], "HL*2*1*21*1"), "segment 6: HL before the NM1 that says who answers"),
        ((*HEAD[:2], "TRN*1*7"), "segment 6: TRN before the NM1"),
        ((*HEAD[:2], "NM1*QC*1*EXAMPLE"), "segment 6: NM101 is none of PR, AY"),
        (("BHT*0085*08*1*20260307*0930*ZZ", *HEAD[1:]), "segment 4: BHT06 is none of TH, DG"),
        ((*HEAD, "HL*4*3*PT", "STC*A2:20"), "segment 8: STC before the TRN"),
        ((*HEAD, "HL*4*3*PT", "SVC*HC:97153*120"), "segment 8: SVC before the TRN"),
        ((*HEAD, "HL*4*3*PT", "REF*1K*ICN1"), "segment 8: REF before the TRN"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "STC*A2:20*20260307*NO"), "segment 9: STC03 is none of WQ, U"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "STC*A2:20*20261307"), "segment 9: STC02 is not a date"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "STC*A2:20*20260307**1E5"), "segment 9: STC04 is not an amount"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "DTP*472*D8*X"), "segment 9: DTP03 is not a date"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "DTP*472*TM*20260307"), "segment 9: DTP03 is not a date"),
        ((*HEAD, "HL*4*3*PT", "TRN*2*CN1", "SVC*HC:97153*NaN"), "segment 9: SVC02 is not an amount"),
        ((*HEAD, "HL*2*1*21*1", "TRN*2*1", "QTY*90*two"), "segment 9: QTY02 is not a whole number"),
    ],
)
def test_what_does_not_fit_is_named(segments, message):
    """A file that departs from its guide is refused with place and rule."""
    with pytest.raises(BadFile, match=message):
        list(read_277([a_277(*segments)]))


def test_a_set_of_another_kind_is_refused():
    """A file that is no 277 is not read as one."""
    with pytest.raises(BadFile, match="segment 3: ST01 is not 277"):
        list(read_277([interchange(group(a_set("AK1*HC*42")))]))


@pytest.mark.parametrize("name", ["rejected_for_a_line", "rejected_with_the_provider", "denied_for_a_dependent"])
@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, 1200), noise=st.text(alphabet="*~:HLSTC0PT\n\x00é", min_size=1, max_size=5))
def test_no_damage_makes_it_crash(name, at, noise):
    """A damaged file is read or refused with BadFile; nothing else comes out, and no patient."""
    text = SCENARIOS[name]()

    said = ""
    try:
        list(read_277([text[:at] + noise + text[at + len(noise) :]]))
    except BadFile as refused:
        said = str(refused)

    assert [] == [word for word in ("TESTINA", MEMBER_ID) if word in said]


def test_an_acknowledgement_without_receiver_level_is_read():
    """A source that says nothing below itself has a head and no more."""
    assert [AnswerHead] == [type(one) for one in read_277([acknowledgement()])]
