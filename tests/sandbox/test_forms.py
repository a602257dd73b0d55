"""What the sandbox makes of print images: read by row and column, answered by a File Summary alone."""

from decimal import Decimal

import pytest

from include.hcfa.layout import Grid, Layout, Totals
from include.hcfa.print_image import write_print_image
from include.officeally.file_summary import read_file_summary
from include.officeally.names import ResponseKind, classify
from include.sandbox.clearinghouse import Clearinghouse
from include.sandbox.forms import read_forms
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import UNNAMED, PayerList
from tests.builders import a_claim, a_dependent_claim, a_payer, lines, the_worked_example
from tests.sandbox.uploads import LIVE_NAME, NOW, an_upload, some_claims

pytestmark = pytest.mark.pure

FORMS_NAME = "CC000042.HCFA.txt"
PAYERS = PayerList(names={"99999": "Example Health Plan"})
LAYOUTS = [Layout(grid=grid, totals=totals) for grid in Grid for totals in Totals]


def forms(*claims, layout=Layout()):  # noqa: B008 - frozen
    """Return a print image of those claims, control numbers CN0001 and on."""
    numbered = [(number, f"CN{number:04d}", claim) for number, claim in enumerate(claims, 1)]
    return write_print_image(numbered, layout).content


@pytest.fixture
def house(tmp_path):
    """Return a clearinghouse with one account for X12 and one for print images."""
    return Clearinghouse(tmp_path, payers=PAYERS, print_images={"paper": "A"}, now=lambda: NOW)


def take(house, content, *, name=FORMS_NAME, account="paper", mood=None):
    """Hand the clearinghouse a file."""
    path = house.log.parent / "inbound" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return house.take(account, path, mood)


def summary(taken):
    """Return the one report, which is not a 999."""
    (report,) = taken.reports
    assert classify(report.name).kind in {ResponseKind.FILE_SUMMARY, ResponseKind.ERROR_REPORT}
    return read_file_summary(report.content.decode().splitlines())


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.grid} {layout.totals}")
def test_a_form_is_read_by_row_and_column(layout):
    """On both grids, whatever its pages total: the items the edits ask for, pages of one number one claim."""
    content = forms(the_worked_example(), a_claim(lines=lines(13)), layout=layout)

    upload = read_forms(content, layout.grid, PAYERS)

    child, many = upload.sets[0].claims
    assert ("CN0001", "360.00", "1", "731234567") == (child.control_number, child.charge, child.frequency, child.tax_id)
    assert ("1876543210", "1987654328", "99999") == (child.billing.id, child.rendering_npi, child.payer.id)
    assert ("DOE", "MORGAN", "XYZ100200300", "19880715", "45 SAMPLE LN", "BEAVERTON") == (
        child.subscriber.last,
        child.subscriber.first,
        child.subscriber.id,
        child.subscriber.birth_date,
        child.subscriber.street,
        child.subscriber.city,
    )
    assert child.patient is not None
    assert ("AVERY", "20190412", ["F840"]) == (child.patient.first, child.patient.birth_date, child.diagnoses)
    assert [("97153:HM", "240.00", "16", "A", "20260302"), ("97155:HO", "120.00", "4", "A", "20260304")] == [
        (line.procedure, line.charge, line.units, line.pointers, line.day) for line in child.lines
    ]
    assert (None, 13, Decimal(3120)) == (many.patient, len(many.lines), many.total)


def test_good_forms_are_accepted_and_no_999_comes(house):
    """The File Summary is the only answer, and names every claim by item 26."""
    taken = take(house, forms(a_claim(lines=lines(7)), a_dependent_claim()))

    read = summary(taken)
    assert (FORMS_NAME, 2, 0) == (read.file_name, read.accepted, read.rejected)
    assert ["CN0001", "CN0002"] == [row.account_number for row in read.rows]
    assert [True, True] == [claim.forwarded for claim in taken.file.claims]
    assert taken.file.complete


def test_a_payer_is_known_by_its_name(house):
    """The form has no payer id: a name the list does not have is refused, its neighbour is not."""
    taken = take(house, forms(a_claim(payer=a_payer(name="NOBODY'S PLAN")), a_dependent_claim()))

    assert [("CN0001", ("SB01",)), ("CN0002", ())] == [(row.account_number, row.codes) for row in summary(taken).rows]
    assert UNNAMED == taken.file.claims[0].payer_id


def test_without_a_list_every_payer_has_an_id():
    """An id is made of the name, so that the edits have one."""
    assert "EXAMP" == PayerList().id_of("Example Health Plan")


def test_a_form_sent_twice_is_a_duplicate(house):
    """The same bill in a second file is rejected, whatever it is called."""
    take(house, forms(a_claim()))

    again = take(house, forms(a_claim(key="C-9")), name="CC000043.HCFA.txt")

    assert [("rejected", ("SB08",))] == [(one.verdict, one.codes) for one in again.file.claims]


def test_a_test_file_of_forms_is_forwarded_nowhere(house):
    """OATEST makes it a test, as it does an 837P."""
    taken = take(house, forms(a_claim()), name="CC000042.OATEST.HCFA.txt")

    assert [("accepted", False)] == [(one.verdict, one.forwarded) for one in taken.file.claims]


@pytest.mark.parametrize(
    ("account", "name", "content", "code"),
    [
        ("paper", LIVE_NAME, an_upload(*some_claims(1)), "FF12"),
        ("paper", FORMS_NAME, an_upload(*some_claims(1)), "FF15"),
        ("x12", FORMS_NAME, forms(a_claim()), "FF12"),
        ("x12", LIVE_NAME, forms(a_claim()) + b"IEA*1*000000042~", "FF01"),
        ("paper", FORMS_NAME, forms(a_claim(), layout=Layout(grid=Grid.NUCC)), "FF16"),
        ("paper", FORMS_NAME, b"", "FF15"),
        ("paper", FORMS_NAME, forms(a_claim()).replace(b"\r\n", b"\n"), "FF15"),
        ("paper", FORMS_NAME, forms(a_claim(), a_dependent_claim())[:-40], "FF13"),
    ],
    ids=[
        "X12 by its name", "X12 by its content", "forms by their name", "forms by their content", "the other grid",
        "an empty file", "other line ends", "cut within a form",
    ],
)  # fmt: skip
def test_a_file_of_another_format_fails_whole(house, account, name, content, code):
    """An account takes one format; a file of another, or laid out otherwise, makes no claim."""
    taken = take(house, content, name=name, account=account)

    assert summary(taken).failed
    assert (True, ()) == (taken.file.failed.startswith(code), taken.file.claims)


def test_a_cut_file_may_be_read_as_far_as_it_goes(house):
    """A clearinghouse that reads cut files takes the whole forms and reports those only."""
    cut = forms(a_claim(), a_dependent_claim())[:-40]

    taken = take(house, cut, mood=Misbehaviour(reads_incomplete_files=True))

    assert (["CN0001"], False) == ([row.account_number for row in summary(taken).rows], taken.file.complete)
