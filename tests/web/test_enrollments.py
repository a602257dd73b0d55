"""Enrollments on the page: the board, its filters, one record changed."""

import csv
import io
import json
import re
from html import unescape

import pytest

from include.delivery.records import Step, Table
from include.web.viewer import May
from tests.builders import BILLING_NPI
from tests.contract.night import CLINIC_ROW
from tests.contract.test_clinics import IDENTITY_ROW
from tests.enrollment_rows import an_enrollment_row
from tests.web.queries import counted

REQUESTED = {"state": "requested", "requested_on": "2026-01-05", "requested_by": "casey"}


@pytest.fixture
def enrolled(night):
    """Return the night with a clinic that bills and its enrollments."""
    put = night.ledger.clinics.put
    put(Table.BILLING_IDENTITY, [IDENTITY_ROW])
    put(Table.PAYER, [{"key": "99999", "name": "EXAMPLE <b>PAYER</b>"}])
    rows = [
        an_enrollment_row(),
        an_enrollment_row(key="harbor_remits", what="remittances", note="<script>alert(1)</script>", **REQUESTED),
    ]
    put(Table.ENROLLMENT, rows)
    return night


def shown_in(text: str) -> dict[str, str]:
    """Return the row a form says it was shown."""
    found = re.search(r'name="shown" value="([^"]*)"', text)
    assert found
    row: dict[str, str] = json.loads(unescape(found.group(1)))
    return row


def sent(browser, place, **cells):
    """Open a form, change these cells and send it; return the answer."""
    row = shown_in(browser.get(place).text)
    return browser.post(place, data={**row, **cells, "shown": json.dumps(row)}, follow_redirects=False)


def test_the_board_says_how_each_stands(browser, enrolled):
    """A payer's row has its name, each state, since when it waits, and what is to be done."""
    text = browser.get("/enrollments").text

    assert "approved" in text
    assert "since 2026-01-05, by casey" in text
    assert "requested on 2026-01-05, and nothing has come of it; call the payer" in text
    assert "1 provider with a payer" in text


def test_markup_in_names_is_shown_as_text(browser, enrolled):
    """What a payer is called and what somebody noted is text, whatever it holds."""
    text = browser.get("/enrollments").text

    assert "<script>alert" not in text
    assert "<b>PAYER" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_nothing_written_down_says_so(browser):
    """An installation that keeps no enrollments sees no empty table."""
    assert "No enrollment is written down" in browser.get("/enrollments").text


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ("state=open", True),
        ("state=refused", False),
        ("clinic=harbor&payer=99999", True),
        ("payer=88888", False),
        ("clinic=another", False),
    ],
)
def test_the_board_is_filtered(browser, enrolled, asked, is_there):
    """By clinic, payer, and state; open means that something is to be done."""
    assert is_there == ("harbor_remits" in browser.get(f"/enrollments?{asked}").text)


@pytest.mark.parametrize("asked", ["state=purple", "after=nowhere", "payer=%00", "clinic=%0a"])
def test_an_address_that_means_nothing_is_refused(browser, enrolled, asked):
    """A wrong filter says so, instead of showing everything or failing."""
    assert 422 == browser.get(f"/enrollments?{asked}").status_code


def test_another_clinics_enrollments_are_not_shown(browser, enrolled, somebody):
    """The board has the clinics one may look at, and no other's."""
    somebody.only = {"another"}
    somebody.allowed = {May.LOOK}

    assert "harbor_claims" not in browser.get("/enrollments").text
    assert "99999" not in browser.get("/enrollments.csv").text


def test_a_payers_hold_is_shown(browser, enrolled):
    """Whom to wait with stands above the board while it is in force."""
    enrolled.ledger.clinics.put(
        Table.HOLD, [{"key": "wait", "payer_id": "99999", "ends_on": "2026-12-31", "reason": "system change"}]
    )

    assert "until 2026-12-31: system change" in browser.get("/enrollments").text


def test_an_approval_is_written_down(browser, enrolled):
    """The row is changed, who did it is kept, and the form goes back to the board."""
    answer = sent(browser, "/enrollments/harbor_remits", state="approved", effective_from="2026-03-01")

    assert (303, "/enrollments?clinic=harbor") == (answer.status_code, answer.headers["location"])
    rows = {row["key"]: row for row in enrolled.ledger.clinics.rows(Table.ENROLLMENT)}
    assert ("approved", "2026-03-01") == (rows["harbor_remits"]["state"], rows["harbor_remits"]["effective_from"])
    [note] = enrolled.ledger.onboarding.notes("harbor")
    assert (Step.CHANGED, "Billa Example") == (note.step, note.who)
    assert "state 'requested' → 'approved'" in note.note


def test_what_an_import_refuses_the_form_refuses(browser, enrolled):
    """Each fault stands beside the field that is wrong, and what was typed is still there."""
    answer = sent(browser, "/enrollments/harbor_remits", effective_from="2026-05-01", effective_to="soon", npi="1")

    assert 422 == answer.status_code
    assert "&#39;soon&#39; is not a date (YYYY-MM-DD)" in answer.text
    assert 'name="effective_to" type="text" value="soon"' in answer.text
    assert 2 == answer.text.count('aria-invalid="true"')


def test_who_comes_second_is_told(browser, enrolled):
    """Somebody else changed the row meanwhile: nothing is changed, and what they wrote is shown."""
    row = shown_in(browser.get("/enrollments/harbor_remits").text)
    enrolled.ledger.clinics.put(Table.ENROLLMENT, [{"key": "harbor_remits", "note": "called on Monday"}])

    mine = {**row, "state": "refused", "shown": json.dumps(row)}
    answer = browser.post("/enrollments/harbor_remits", data=mine)

    assert 409 == answer.status_code
    assert "called on Monday" in answer.text
    assert '<option value="refused" selected>' in answer.text
    assert "called on Monday" == shown_in(answer.text)["note"]
    assert "requested" == enrolled.ledger.clinics.rows(Table.ENROLLMENT)[1]["state"]


def test_an_enrollment_is_added_once(browser, enrolled):
    """A new record is checked as any other, and a key that is taken is not overwritten."""
    new = {**an_enrollment_row(key="harbor_eft", what="eft", state="needed"), "shown": "{}"}

    first = browser.post("/new-enrollment", data=new, follow_redirects=False)
    again = browser.post("/new-enrollment", data=new, follow_redirects=False)

    assert (303, 409) == (first.status_code, again.status_code)
    assert "harbor_eft" in browser.get("/enrollments").text


@pytest.mark.parametrize("place", ["/enrollments/harbor_claims", "/new-enrollment"])
def test_who_may_not_set_up_changes_nothing(browser, enrolled, somebody, place):
    """Without the permission neither the form nor its sending is answered, and no link leads there."""
    somebody.allowed = {May.LOOK, May.PATIENTS, May.ACT}
    row = an_enrollment_row(state="refused")

    answers = [browser.get(place), browser.post(place, data={**row, "shown": json.dumps(row)})]

    assert [403, 403] == [answer.status_code for answer in answers]
    assert "Change" not in browser.get("/enrollments").text


def test_an_enrollment_is_not_moved_to_a_clinic_one_may_not_set_up(browser, enrolled, somebody):
    """Who bills after the change counts as well as who billed before."""
    other = {**IDENTITY_ROW, "key": "aspen", "clinic_key": "aspen", "npi": "1999999984"}
    enrolled.ledger.clinics.put(Table.BILLING_IDENTITY, [other])
    enrolled.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "aspen"}])
    somebody.only = {"harbor"}

    answer = sent(browser, "/enrollments/harbor_claims", npi="1999999984")

    assert 403 == answer.status_code
    assert BILLING_NPI == enrolled.ledger.clinics.rows(Table.ENROLLMENT)[0]["npi"]


@pytest.mark.parametrize("shown", ["", "[]", "{", '{"colour": "red"}', "[" * 100_000])
def test_a_form_that_does_not_say_what_it_was_shown_is_refused(browser, enrolled, shown):
    """Nothing is changed on the word of a broken form."""
    answer = browser.post("/enrollments/harbor_claims", data={"state": "refused", "shown": shown})

    assert answer.status_code in {409, 422}
    assert "approved" == enrolled.ledger.clinics.rows(Table.ENROLLMENT)[0]["state"]


def test_a_character_that_cannot_be_seen_is_refused(browser, enrolled):
    """PostgreSQL would refuse it, and a person could never mend it."""
    answer = sent(browser, "/enrollments/harbor_claims", note="a\x00b")

    assert 422 == answer.status_code
    assert "cannot be seen" in answer.text


def test_an_unknown_enrollment_is_not_found(browser):
    """A mistyped key is told."""
    assert 404 == browser.get("/enrollments/nothing").status_code


def test_a_row_nobody_can_read_is_shown_with_its_fault(browser, enrolled):
    """What somebody typed into the database by hand can be found and mended here."""
    enrolled.ledger.clinics.put(Table.ENROLLMENT, [{"key": "harbor_claims", "effective_to": "soon"}])

    text = browser.get("/enrollments").text

    assert "cannot be read" in text
    assert 200 == browser.get("/enrollments/harbor_claims").status_code


def test_the_file_holds_all_pages(browser, enrolled):
    """A record a line, and no cell is a formula."""
    enrolled.ledger.clinics.put(Table.ENROLLMENT, [{"key": "harbor_claims", "note": "=1+1"}])

    answer = browser.get("/enrollments.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert ["harbor_claims", "harbor_remits"] == [row["enrollment"] for row in rows]
    assert "'=1+1" == rows[0]["note"]


def test_many_enrollments_cost_as_many_queries_as_few(browser, enrolled):
    """The board is counted and paged by the database."""
    with counted(enrolled.ledger) as few:
        browser.get("/enrollments")
    many = [an_enrollment_row(key=f"e_{number}", payer_id=f"P{number:04d}", what="claims") for number in range(200)]
    enrolled.ledger.clinics.put(Table.ENROLLMENT, many)

    with counted(enrolled.ledger) as more:
        text = browser.get("/enrollments").text

    assert few == more
    assert len(more) <= 8
    assert "Next page" in text
