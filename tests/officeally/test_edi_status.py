"""The EDI Status report as Office Ally's are laid out: continued, repeated, shifted and cut."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.officeally.edi_status import PayerAnswer, PayerStatus, PayerTotals, read_edi_status
from include.officeally.text_report import lines_of
from tests.officeally.edi_status_report import (
    BOM,
    FILLER,
    FOLDER,
    HEADER,
    ROWS,
    SUMMARY,
    a_report,
    shapes,
    shifted,
    with_row,
)
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

A, P, R = PayerStatus.ACCEPTED, PayerStatus.PENDING, PayerStatus.REJECTED


def test_the_sample_means_what_it_meant():
    """A change of the layout or of its meaning shows as a difference; `make samples` writes it to be read."""
    assert {path.name: path.read_bytes().decode() for path in FOLDER.iterdir()} == shapes()


def test_a_claim_is_read_with_what_its_payer_says():
    """Both ids, our number, amount, payer, day, the payer's number, status and words come out."""
    first, *_ = read_edi_status(a_report()).answers

    assert (
        PayerAnswer(
            line=15, ordinal=1, file_id="443130029", clearinghouse_claim_id="3100000001", account_number="CN0001",
            amount=Decimal("240.00"), payer_id="99999", processed_on=date(2026, 3, 12), payer_reference="ICN0001",
            status=A, status_word="ACCEPTED", payer_words="CLAIM ACCEPTED",
        )
        == first
    )  # fmt: skip


def test_rows_that_continue_a_claim_are_further_answers():
    """They keep the claim's ids; a row that has words only goes on with the words above it."""
    first, second = [one for one in read_edi_status(a_report()).answers if one.account_number == "CN0002ABCDEFGH"]

    assert ("1026347812", 1, "ICN0002") == (first.file_id, first.ordinal, first.payer_reference)
    assert ("1026347812", 2, "", R) == (second.file_id, second.ordinal, second.payer_reference, second.status)
    assert "NPI NOT ON FILE CALL 5035550100" == second.payer_words
    assert (first.amount, first.processed_on) == (second.amount, second.processed_on)


def test_a_claim_may_come_again_in_one_report():
    """The same claim in two places is two answers, each with its day."""
    again = [one for one in read_edi_status(a_report()).answers if one.account_number == "CN0001"]

    assert [date(2026, 3, 12), date(2026, 3, 13)] == [one.processed_on for one in again]


def test_a_word_nobody_knows_is_kept():
    """A status that is none of the three does not stop the reading."""
    last = read_edi_status(a_report()).answers[-1]

    assert (PayerStatus.UNKNOWN, "FORWARD", None, Decimal("0.75")) == (
        last.status, last.status_word, last.processed_on, last.amount
    )  # fmt: skip


def test_the_summary_is_read_by_payer():
    """Counts and dollars of each payer come out beside the answers."""
    totals, _ = read_edi_status(a_report()).totals

    assert (
        PayerTotals(
            payer_id="99999",
            counts={A: 1, P: 0, R: 1},
            amounts={A: Decimal("240.00"), P: Decimal(0), R: Decimal("1234.56")},
        )
        == totals
    )


def test_a_report_holds_no_patient():
    """The patient's name is not read, and a payer's words are in no repr."""
    kept = repr(read_edi_status(a_report()))

    assert [] == [word for word in ("TESTINA", "5035550100") if word in kept]


@pytest.mark.parametrize("mark", ["", BOM])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_line_ends_and_a_byte_order_mark_do_not_matter(mark, end):
    """A byte order mark and either line end change nothing."""
    lines = [mark + a_report()[0].lstrip(BOM), *a_report()[1:]]

    assert read_edi_status(a_report()) == read_edi_status(line + end for line in lines)


def test_what_a_payer_writes_does_not_break_a_row():
    """A tab, and the marks that Python takes for line ends, are a payer's text like any other."""
    words = "NOT\tFOUND\x85 SEE\u2028LETTER"
    report = "\r\n".join(with_row(answers=[("ICN0001", "REJECTED", words)]))

    (answer,) = read_edi_status(lines_of(report)).answers

    assert words == answer.payer_words


def test_columns_stand_where_the_header_says():
    """A layout whose columns moved is read by its own header."""
    plain, moved = read_edi_status(a_report()), read_edi_status(shifted(3))

    assert [one.account_number for one in plain.answers] == [one.account_number for one in moved.answers]
    assert [one.amount for one in plain.answers] == [one.amount for one in moved.answers]
    assert [one.status for one in plain.answers] == [one.status for one in moved.answers]


def test_a_header_that_cannot_be_read_leaves_the_known_places():
    """With a column renamed the observed places are used."""
    renamed = a_report(header=HEADER.replace("PracticeID", "Practice  "))

    assert read_edi_status(a_report()) == read_edi_status(renamed)


def test_a_report_without_claims_is_empty():
    """A night on which no payer answered is a report too."""
    assert () == read_edi_status(a_report(rows=(), summary=())).answers


def test_prose_below_the_claims_is_read_over():
    """What stands left of the columns is for people."""
    report = read_edi_status([*a_report(), "", "Please call us with questions."])

    assert read_edi_status(a_report()) == report


def test_a_cut_leaves_whole_claims_only():
    """Cut after any line, the report is refused, or ends with a claim's closing row and all above it is as it was."""
    whole = a_report()
    answers = read_edi_status(whole).answers

    for length in range(len(whole)):
        try:
            left = read_edi_status(whole[:length]).answers
        except BadFile:
            continue
        assert FILLER == whole[length - 1]
        assert answers[: len(left)] == left


def test_a_cut_that_the_summary_knows_of_is_refused():
    """Where every claim is counted in the summary, no cut goes unnoticed, inside a row or between two."""
    whole = "\n".join(a_report(rows=ROWS[:3]))

    for length in range(whole.index("CN0001"), len(whole), 17):
        with pytest.raises(BadFile):
            read_edi_status(whole[:length].splitlines())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("     1      $240.00     0", "     3      $720.00     0", "payer 99999: 3 ACCEPTED claims are announced"),
        ("     1      $240.00     0", "     2      $999.00     0", "the ACCEPTED amount announced is not that"),
        ("     0        $0.00     1       $60.00", "     0        $0.00     0        $0.00", "0 PENDING claims"),
    ],
)
def test_a_summary_the_rows_cannot_explain_is_refused(old, new, message):
    """Fewer claims than stand alone under a status, or more than there are answers, cannot be."""
    summary = [line.replace(old, new) for line in SUMMARY]
    assert list(SUMMARY) != summary

    with pytest.raises(BadFile, match=message):
        read_edi_status(a_report(summary=summary))


@pytest.mark.parametrize("count", [1, 2])
def test_a_claim_of_several_answers_may_count_once_or_each_time(count):
    """CN0001 was accepted twice: nothing published says how it counts."""
    summary = [SUMMARY[0].replace("     1      $240.00", f"     {count}      ${240 * count}.00", 1), SUMMARY[1]]

    assert count == read_edi_status(a_report(summary=summary)).totals[0].counts[A]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["<html>", "gateway timeout"], "no header of the claims"),
        (with_row(file_id="EXAMPLE"), "line 13: File ID and Claim ID are not numbers"),
        (with_row(claim_id="EXAMPLE"), "line 13: File ID and Claim ID are not numbers"),
        (with_row(day="12.03.2026"), "line 13: Payer Process Dt is not a date"),
        (with_row(day="13/32/2026"), "line 13: Payer Process Dt is not a date"),
        (with_row(amount="TESTINA"), "line 13: Amount is not an amount"),
        ([*a_report(), " " * 122 + "ICN9".ljust(284) + " :"], "line 27: it continues a claim, and none stands"),
        (a_report(summary=[SUMMARY[0], SUMMARY[0]]), "names a payer twice"),
        (["x" * 6000], "line 1: longer than 5000 characters"),
    ],
)
def test_what_does_not_fit_is_named(lines, message):
    """A report that departs from its layout is refused with line and rule, and without a patient."""
    with pytest.raises(BadFile, match=message) as refused:
        read_edi_status(lines)

    assert "TESTINA" not in str(refused.value)


def test_words_without_end_are_refused():
    """A claim's words are put together row by row: hundreds of thousands of rows would never end."""
    report = a_report()
    at = next(at for at, line in enumerate(report) if "CN0001" in line)
    more = f"{'MORE WORDS':>170}".ljust(406) + " :"

    with pytest.raises(BadFile, match="its words go on for more than 20000 characters"):
        read_edi_status([*report[: at + 1], *[more] * 100_000, *report[at + 1 :]])


@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, 7000), noise=st.text(alphabet=" :$0/AZ\n\t\x00é", min_size=1, max_size=5))
def test_no_damage_makes_it_crash(at, noise):
    """A damaged report is read or refused with BadFile; nothing else comes out."""
    text = "\n".join(a_report(rows=ROWS))

    with suppress(BadFile):
        read_edi_status((text[:at] + noise + text[at + len(noise) :]).splitlines())
