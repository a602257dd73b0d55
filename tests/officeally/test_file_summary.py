"""The File Summary as Office Ally's are laid out, whole, shifted, wrapped and cut."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.claims.states import Usage
from include.officeally.file_summary import Part, SummaryRow, Verdict, read_file_summary
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

RULE = "=" * 162
DASHES = "-" * 162
HEADER = (
    "CLAIM# OA CLAIMID  PATIENT ID        LAST,FIRST          DOB          FROM DOS   TO DOS     CPT     DIAG     "
    "TAX ID      ACCNT#        PHYS.ID    PAYER  ERRORS"
)


def a_row(number: int, claim_id: str, account: str, payer: str = "99999", codes: str = "") -> str:
    """Return a claim's row with invented patient columns."""
    person = f"{'XYZ100200300':18}{'EXAMPLE TESTINA':20}{'07/15/1988':13}{'03/02/2026':11}{'03/04/2026':11}"
    service = f"{'97153':8}{'F840':9}{'731234567':12}"
    return f"{f'{number})':7}{claim_id:12}{person}{service}{account:14}{'1444555662':11}{payer:7}{codes}".rstrip()


def a_block(title: str, *rows: str, header: str = HEADER) -> list[str]:
    """Return the detail of one verdict between its rules."""
    return [RULE, f"-------{title} CLAIM DETAIL", DASHES, header, DASHES, *rows, RULE]


def a_report(
    *blocks: list[str], accepted: int, rejected: int, name: str = "CC000042.837P.txt", file_id: str = "443130028"
) -> list[str]:
    """Return a report with two error codes explained, one of them over two lines."""
    return [
        "Dear Example User,",
        "",
        "Some prose.",
        "More prose.",
        RULE,
        f"The file {file_id}_{name} was split into",
        "2 file(s), one for each payer.",
        "File ID\t\tPayer (PayerID)  Claims  Totals",
        DASHES,
        "443130029\t\tEXAMPLE HEALTH PLAN (EAST) (99999)  2  $1,360.00",
        "443130030\t\tINVENTED MUTUAL (SKUT0)  1  $120.00",
        "Total: $1,480.00",
        RULE,
        "                 Claims Upload File Summary",
        f"          File Name:{file_id}_{name}",
        "      Date Uploaded: 03/06/2026",
        "       Type of File: HCFA",
        "     Date Processed: 03/07/2026",
        "",
        f"\t{accepted} # of Claims Initially Accepted",
        f"\t{rejected} # of Claims Rejected",
        "\t+---> 1 # errors FE69 - SUBSCRIBER ADDRESS IS",
        "\t      MISSING",
        "\t+---> 1 # errors LC1762 - PAYER ID UNKNOWN",
        "",
        *[line for block in blocks for line in block],
        "",
        f"Please track {file_id} by its parts.",
    ]


ERRORS = a_block("ERROR", a_row(1, "3100000001", "CN0001", "SKUT0", "FE69,LC1762"))
ACCEPTED = a_block("ACCEPTED", a_row(1, "3100000002", "CN0002"), a_row(2, "3100000003", "CN0003ABCDEFGH"))


def test_a_whole_report_is_read():
    """Every claim comes out with its verdict, the clearinghouse's id, our number, its payer and its codes."""
    report = read_file_summary(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1))

    assert ("443130028", "CC000042.837P.txt", Usage.LIVE) == (report.file_id, report.file_name, report.usage)
    assert (date(2026, 3, 6), date(2026, 3, 7)) == (report.uploaded_on, report.processed_on)
    assert (2, 1, False) == (report.accepted, report.rejected, report.failed)
    assert (
        Part(file_id="443130029", payer_id="99999", claims=2, total=Decimal("1360.00")),
        Part(file_id="443130030", payer_id="SKUT0", claims=1, total=Decimal("120.00")),
    ) == report.parts
    assert (
        SummaryRow(
            verdict=Verdict.REJECTED,
            line=31,
            clearinghouse_claim_id="3100000001",
            account_number="CN0001",
            payer_id="SKUT0",
            codes=("FE69", "LC1762"),
        )
        == report.rows[0]
    )
    assert ["CN0001", "CN0002", "CN0003ABCDEFGH"] == [row.account_number for row in report.rows]
    assert "SUBSCRIBER ADDRESS IS MISSING; PAYER ID UNKNOWN" == report.words(report.rows[0])


def test_a_report_holds_no_patient():
    """Nothing that is read keeps the member id, the name or the birth date of a row."""
    report = read_file_summary(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1))

    kept = repr(report)

    assert [] == [word for word in ("XYZ100200300", "TESTINA", "07/15/1988") if word in kept]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_line_ends_and_a_byte_order_mark_do_not_matter(mark, end):
    """A byte order mark and either line end change nothing."""
    plain = a_report(ERRORS, ACCEPTED, accepted=2, rejected=1)
    report = read_file_summary([mark + plain[0] + end, *(line + end for line in plain[1:])])

    assert read_file_summary(plain) == report


def test_ten_digit_ids_and_a_test_file():
    """An id of ten digits splits from our name as well, and the name says that it was a test."""
    lines = a_report(ACCEPTED, accepted=2, rejected=0, name="CC000042.OATEST.837P.txt", file_id="1026347812")

    report = read_file_summary(lines)

    assert ("1026347812", "CC000042.OATEST.837P.txt") == (report.file_id, report.file_name)
    assert Usage.TEST is report.usage


def test_columns_stand_where_the_header_says():
    """A layout whose columns moved is read by its own header."""
    wide = HEADER.replace("OA CLAIMID  ", "OA CLAIMID      ")
    shifted = [
        row[:19] + "    " + row[19:] for row in (a_row(1, "3100000002", "CN0002"), a_row(2, "3100000003", "CN0003"))
    ]

    report = read_file_summary(a_report(a_block("ACCEPTED", *shifted, header=wide), accepted=2, rejected=0))

    assert ["CN0002", "CN0003"] == [row.account_number for row in report.rows]


def test_a_header_that_cannot_be_read_leaves_the_known_places():
    """With a column renamed the observed places are used."""
    renamed = HEADER.replace("PHYS.ID", "NPI    ")

    report = read_file_summary(
        a_report(a_block("ACCEPTED", a_row(1, "3100000002", "CN0002"), header=renamed), accepted=1, rejected=0)
    )

    assert ["CN0002"] == [row.account_number for row in report.rows]


def test_codes_that_wrap_belong_to_their_claim():
    """Codes that go on in the next line are the same claim's."""
    wrapped = a_block("ERROR", a_row(1, "3100000001", "CN0001", codes="FE69,"), " " * 153 + "LC1762")

    report = read_file_summary(a_report(wrapped, accepted=0, rejected=1))

    assert ("FE69", "LC1762") == report.rows[0].codes


def test_a_claim_may_be_named_twice():
    """The same claim in two rows is two rows: what that means is not the reader's to say."""
    twice = a_block("ACCEPTED", a_row(1, "3100000002", "CN0002"), a_row(2, "3100000003", "CN0002"))

    report = read_file_summary(a_report(twice, accepted=2, rejected=0))

    assert ["3100000002", "3100000003"] == [row.clearinghouse_claim_id for row in report.rows]


@pytest.mark.parametrize("accepted", [0, 1])
def test_a_pending_claim_may_count_as_accepted_or_not(accepted):
    """A pending block is read; whether its claims are in the accepted count is left open."""
    pending = a_block("PENDING", a_row(1, "3100000002", "CN0002"))

    report = read_file_summary(a_report(pending, accepted=accepted, rejected=0))

    assert [Verdict.PENDING] == [row.verdict for row in report.rows]


def test_a_failed_file_has_no_claims():
    """A report without any claim says that the file itself failed, and why."""
    report = read_file_summary(a_report(accepted=0, rejected=0))

    assert report.failed
    assert "PAYER ID UNKNOWN" == report.errors["LC1762"]


def test_every_cut_is_noticed():
    """Cut after any line before its last claim's closing rule, the report is refused with the place or the count."""
    whole = a_report(ERRORS, ACCEPTED, accepted=2, rejected=1)
    last_rule = max(number for number, line in enumerate(whole) if line == RULE)

    for length in range(last_rule):
        with pytest.raises(BadFile, match="File Summary"):
            read_file_summary(whole[:length])


def test_a_cut_inside_a_line_is_noticed():
    """Cut anywhere inside the detail, the report is refused."""
    whole = "\n".join(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1))
    first, last = whole.index("CN0001"), whole.rindex(RULE)

    for length in range(first, last, 7):
        with pytest.raises(BadFile):
            read_file_summary(whole[:length].splitlines())


@pytest.mark.parametrize(
    ("accepted", "rejected", "rule"),
    [(3, 1, "3 accepted claims are announced, 2 are listed"), (2, 0, "0 rejected claims are announced, 1 are listed")],
)
def test_counts_must_agree(accepted, rejected, rule):
    """A report whose counts and rows disagree is refused."""
    with pytest.raises(BadFile, match=rule):
        read_file_summary(a_report(ERRORS, ACCEPTED, accepted=accepted, rejected=rejected))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("443130028_CC000042.837P.txt", "CC000042", "no `File Name:`"),
        ("03/06/2026\n", "06.03.2026\n", "Date Uploaded is not a date"),
        ("3100000002", "EXAMPLE TE", "line 38: OA CLAIMID is not a number"),
        ("2)     3100000003", "       3100000003", "line 39: neither a claim"),
        ("2 file(s)", "3 file(s)", "3 parts are announced, 2 are listed"),
        ("# of Claims Rejected", "# of Claims Something", "counts of accepted and rejected claims are missing"),
    ],
)
def test_what_does_not_fit_is_named(old, new, rule):
    """A report that departs from its layout is refused with line and rule, and without a patient."""
    text = "\n".join(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1)).replace(old, new)

    with pytest.raises(BadFile, match=rule) as refused:
        read_file_summary(text.splitlines())

    assert "TESTINA" not in str(refused.value)


def test_something_else_is_not_a_summary():
    """A file of another kind under that name is refused."""
    with pytest.raises(BadFile, match="no `File Name:`"):
        read_file_summary(["<html>", "gateway timeout", "</html>"])


@pytest.mark.parametrize("said", [1, 2])
def test_pending_claims_must_agree_where_they_are_counted(said):
    """Where the report counts pending claims too, the pending block must hold so many."""
    lines = a_report(a_block("PENDING", a_row(1, "3100000002", "CN0002")), accepted=0, rejected=0)
    lines.insert(lines.index("\t0 # of Claims Rejected"), f"\t{said} # of Claims Pending")

    if said == 1:
        assert [Verdict.PENDING] == [row.verdict for row in read_file_summary(lines).rows]
    else:
        with pytest.raises(BadFile, match="2 pending claims are announced, 1 are listed"):
            read_file_summary(lines)


def test_three_blocks_and_ids_of_either_length():
    """Accepted, refused and pending claims of one upload, with claim ids of nine and ten digits, are told apart."""
    blocks = [
        a_block("ERROR", a_row(1, "310000001", "CN0001", "SKUT0", "FE69")),
        a_block("ACCEPTED", a_row(1, "3100000002", "CN0002")),
        a_block("PENDING", a_row(1, "310000003", "CN0003")),
    ]

    report = read_file_summary(a_report(*blocks, accepted=1, rejected=1))

    assert [
        ("310000001", Verdict.REJECTED), ("3100000002", Verdict.ACCEPTED), ("310000003", Verdict.PENDING)
    ] == [(row.clearinghouse_claim_id, row.verdict) for row in report.rows]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\t2 # of Claims Initially Accepted", "\t, # of Claims Initially Accepted"),
        ("\t2 # of Claims Initially Accepted", f"\t{'1' * 4900} # of Claims Initially Accepted"),
        ("2  $1,360.00", ",  $1,360.00"),
        ("2  $1,360.00", f"2  {'1' * 4900}x"),
        ("2 file(s)", f"{'9' * 4900} file(s)"),
    ],
)
def test_a_number_that_is_none_is_not_counted(old, new):
    """What is no number is missed where the report must add up, and costs no time."""
    text = "\n".join(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1))
    assert old in text

    with suppress(BadFile):
        read_file_summary(text.replace(old, new).splitlines())


@pytest.mark.parametrize("name", ["CC42\x1b[2J.txt", "CC42\x85.txt", "C" * 256])
def test_a_name_no_file_can_have_is_refused(name):
    """The name is said in messages and logs: marks that move a terminal's cursor must not get there."""
    with pytest.raises(BadFile, match="no `File Name:` of the form"):
        read_file_summary(a_report(ERRORS, accepted=0, rejected=1, name=name))


@pytest.mark.parametrize(
    ("below", "more", "message"),
    [
        ("# errors FE69", "WORDS " * 20, "its words go on for more than 20000 characters"),
        ("1)     3100000001", " " * 153 + "FE69,FE70", "a claim has 1000 codes at most"),
        ("Some prose.", "\t" * 4_000, "longer than 5000 characters"),
    ],
)
def test_what_goes_on_without_end_is_refused(below, more, message):
    """Words, codes and blanks are bounded, so that a report of megabytes does not take hours."""
    report = a_report(ERRORS, accepted=0, rejected=1)
    (at,) = [at for at, line in enumerate(report) if below in line]

    with pytest.raises(BadFile, match=message):
        read_file_summary([*report[: at + 1], *[more] * 50_000, *report[at + 1 :]])


def test_a_line_without_end_is_refused():
    """No report has a row so long."""
    with pytest.raises(BadFile, match="line 1: longer than 5000 characters"):
        read_file_summary(["x" * 6000])


@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, 4000), noise=st.text(alphabet=" =-)$0/AZ\n\t\x00é", min_size=1, max_size=5))
def test_no_damage_makes_it_crash(at, noise):
    """A damaged report is read or refused with BadFile; nothing else comes out."""
    text = "\n".join(a_report(ERRORS, ACCEPTED, accepted=2, rejected=1))

    with suppress(BadFile):
        read_file_summary((text[:at] + noise + text[at + len(noise) :]).splitlines())
