"""What an answer comes to, with its reason in words and something to do."""

from typing import Any

import pytest

from include.claims.errors import BadFile
from include.claims.states import Event
from include.delivery.apply import READERS
from include.delivery.records import Reading, Response, ResponseStatus
from include.officeally.names import classify
from tests.officeally.edi_status_report import with_row
from tests.outcomes import NAMES, SAMPLES, TAKEN_AT, OneBatch
from tests.x12.status_scenarios import CLEARINGHOUSE, acknowledgement, of_a_claim

pytestmark = pytest.mark.pure

CODE_999 = "1100000002_CC000042.837P_999.999"


def reading(name: str, text: str) -> Reading:
    """Return what a file of that name says."""
    response = Response(
        id=1, mailbox_key="harbor", name=name, sha256="0", taken_at=TAKEN_AT, status=ResponseStatus.STORED
    )
    ledger: Any = OneBatch()
    return READERS[classify(name).kind](response, classify(name), text, ledger)


def a_failed_file(*errors: str, file_id: str = "443130028") -> str:
    """Return the report of our file that failed for these reasons."""
    return "\n".join(
        [
            f"     File Name:{file_id}_CC000042.837P.txt",
            "\t0 # of Claims Initially Accepted",
            "\t0 # of Claims Rejected",
            *(f"\t+---> 1 # errors {error}" for error in errors),
        ]
    )


@pytest.mark.parametrize(
    ("words", "event", "said"),
    [
        ("A7:562:85 NOT TESTINA", Event.REJECTED_BY_PAYER, "NPI of the billing provider; Check the NPI"),
        ("A3:54 TESTINA", Event.CALLED_DUPLICATE, "Do not send again"),
        ("A7:9999 TESTINA", Event.REJECTED_BY_PAYER, "status 9999; Look the code up"),
        ("CALL TESTINA", Event.REJECTED_BY_PAYER, "read its words at the clearinghouse"),
    ],
)
def test_a_payers_codes_are_told_in_our_words(words, event, said):
    """A rejection in an EDI Status report has a reason and a remedy; the payer's free text is not in it."""
    report = "\n".join(with_row(answers=(("", "REJECTED", words),)))

    answer = reading(NAMES["edi_status"], report).answers[0]

    assert event is answer.event
    assert said in answer.words
    assert "TESTINA" not in answer.words


def test_a_failed_file_is_told_with_its_cure():
    """Code, words and what to do."""
    answer = reading("FS_HCFA_443130028_ErrorReport.txt", a_failed_file("XX1 - THE FILE ENDS BEFORE ITS IEA")).answers[
        0
    ]

    assert (Event.FILE_FAILED, ("XX1",)) == (answer.event, answer.codes)
    assert "THE FILE ENDS BEFORE ITS IEA. Damaged on its way" in answer.words


def test_a_file_that_failed_as_a_duplicate_is_no_failure():
    """What came before is alive: the word never opens a claim for sending."""
    [first, _] = reading("FS_HCFA_443130028_ErrorReport.txt", a_failed_file("XX2 - DUPLICATE FILE")).answers

    assert Event.CALLED_DUPLICATE is first.event


def test_a_failed_file_needs_two_keys():
    """The report's name and its text must speak of the same upload before a failure is believed."""
    with pytest.raises(BadFile, match="two keys"):
        reading("FS_HCFA_443130029_ErrorReport.txt", a_failed_file("XX1 - ANYTHING"))


def test_a_set_number_used_twice_is_called_duplicate():
    """IK502 23 links to an earlier copy, whatever else is wrong."""
    text = (SAMPLES / "acknowledgements" / CODE_999).read_text().replace("IK5*R*5", "IK5*R*23*5")

    assert Event.CALLED_DUPLICATE is reading(CODE_999, text).answers[1].event


def test_totals_that_disagree_are_remarked_and_the_statuses_stand():
    """A 277CA that counts two claims and lists one: the claim moves, and the file is remarked."""
    name, claim = NAMES["status"], ("TRN*2*CN0001", "STC*A1:20*20260306*WQ*240")

    sound = reading(name, of_a_claim(*claim, source=CLEARINGHOUSE))
    odd = reading(name, of_a_claim(*claim, source=CLEARINGHOUSE).replace("QTY*90*1", "QTY*90*2"))

    assert ((), sound.answers) == (sound.remarks, odd.answers)
    assert ["2 accepted claims, 1 are listed"] == [remark.split("have ")[1] for remark in odd.remarks]


@pytest.mark.parametrize(("totals", "faults"), [(("QTY*AA*2", "AMT*YY*600"), 0), (("QTY*AA*3", "AMT*YY*600"), 1),
                                                (("QTY*AA*2", "AMT*YY*600.01"), 1)])  # fmt: skip
def test_an_answer_never_counts_more_than_our_file_held(totals, faults):
    """A batch refused as a whole is compared with the batch itself, in claims and dollars."""
    refused = acknowledgement(
        "HL*2*1*21*0", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567", "TRN*2*000000042",
        "STC*A3:24:41*20260307*U*600", *totals,
    )  # fmt: skip

    said = reading(NAMES["status"], refused)

    assert (2, faults) == (len(said.answers), len(said.remarks))
