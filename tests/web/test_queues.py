"""The work queues as a person sees them: what waits, filtered and paged, and nothing of another's clinic."""

import csv
import io
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from include.claims.model import Fault
from include.claims.states import Event
from include.delivery.queues import QUEUES
from include.delivery.records import RemoteFile, ResponseStatus, Table
from include.web.viewer import May
from tests import builders
from tests.contract.night import BLOCKED, CLINIC_ROW, OTHER_BLOCKED, an_answer, claims
from tests.contract.test_money import Books, a_payment_of, remitted

PLACES = ["/queues", *(f"/queues/{name}" for name in QUEUES), *(f"/queues/{name}.csv" for name in QUEUES)]


@contextmanager
def counted(night):
    """Count the statements of a page."""
    found = []
    note = lambda *said: found.append(said[2])  # noqa: E731
    event.listen(night.ledger.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(night.ledger.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("place", PLACES)
def test_an_empty_queue_says_so(browser, place):
    """A page without work is no error."""
    answer = browser.get(place)

    assert 200 == answer.status_code
    if place.count("/") == 2 and not place.endswith(".csv"):
        assert "Nothing waits here" in answer.text


def test_a_queue_that_is_none_is_not_found(browser):
    """Nor is its CSV."""
    assert [404, 404] == [browser.get(f"/queues/{name}").status_code for name in ("none", "none.csv")]


def test_the_most_money_stands_first(browser, night):
    """With how many wait, and their dollars."""
    night.stage(*claims(2), faults=[BLOCKED])

    text = browser.get("/queues").text

    assert text.index("Held") < text.index("Rejected")
    assert f"${2 * claims(1)[0].total_charge:,.2f}" in text


def test_a_row_says_what_and_why_and_leads_to_the_claim(browser, night):
    """And its code may be asked for."""
    first, second = claims(2)
    night.stage(first, faults=[BLOCKED])
    night.stage(second, faults=[OTHER_BLOCKED])

    text = browser.get("/queues/held?code=member_id_present").text

    number = night.line("C-001").control_number
    assert f'href="/claim?name={number}"' in text
    assert "it is blank" in text
    assert "C-002" not in text
    assert "as filtered" in text


def test_fifty_stand_on_a_page_and_the_rest_on_the_next(browser, night):
    """The filters stay."""
    night.stage(*claims(60), faults=[BLOCKED])

    first = browser.get("/queues/held?code=member_id_present").text
    following = first.partition('href="/queues/held?code=member_id_present&amp;after=')[2].partition('"')[0]
    second = browser.get(f"/queues/held?code=member_id_present&after={following}").text

    assert (50, 10) == (first.count('name="what"'), second.count('name="what"'))
    assert "Next page" not in second


def test_an_address_written_by_hand_is_refused_in_words(browser):
    """A place that is none, an order that is none, a clinic that is none of theirs."""
    for query in ("after=x", "after=1~2~3", "after=9999999999999999999", "sort=colour", "q=" + "x" * 81):
        assert 422 == browser.get(f"/queues/held?{query}").status_code, query


def test_another_s_clinic_is_not_shown_nor_counted(browser, night, somebody):
    """Not its claims, not what came to its mailbox, not by asking for it."""
    books = Books(night)
    books.post(remitted(a_payment_of("NOBODYS")))
    night.stage(builders.a_claim(key="C-HELD"), faults=[BLOCKED])
    somebody.only = {"another"}

    assert "C-HELD" not in browser.get("/queues/held").text
    assert "EFT1" not in browser.get("/queues/unmatched").text
    assert "C-HELD" not in browser.get("/queues/held.csv").text
    assert "$0" not in browser.get("/queues").text.replace("$0.00", "")
    assert 403 == browser.get("/queues/held?clinic=harbor").status_code


def test_a_shared_mailbox_shows_to_who_sees_all_its_clinics(browser, night, somebody):
    """What nobody could place may be of any of them."""
    night.ledger.clinics.put(Table.CLINIC, [CLINIC_ROW | {"key": "pier"}])
    file = RemoteFile(name="odd.txt", size=3, modified=1)
    response_id = night.ledger.responses.store("harbor", file, "1" * 64, night.now)
    night.ledger.responses.set_aside(response_id, ResponseStatus.QUARANTINED, "no layout", night.now)
    assert "odd.txt" in browser.get("/queues/quarantined").text

    somebody.only = {"pier"}

    assert "odd.txt" not in browser.get("/queues/quarantined").text


def test_who_may_only_look_is_offered_nothing_to_do(browser, night, somebody):
    """They see what waits, without boxes or buttons."""
    night.stage(*claims(1), faults=[BLOCKED])
    somebody.allowed = {May.LOOK}

    text = browser.get("/queues/held").text

    assert "C-001" in text
    assert 'name="what"' not in text
    assert "formaction" not in text


def test_markup_in_a_name_or_a_reason_is_shown_as_it_is(browser, night):
    """Nobody's words become the page's own."""
    odd = "<script>alert(1)</script>"
    night.stage(builders.a_claim(key=odd), faults=[Fault(rule="odd", place=odd, message=odd, remedy="")])

    text = browser.get("/queues/held").text + browser.get("/queues/held", params={"q": odd, "code": odd}).text

    assert odd not in text
    assert "&lt;script&gt;" in text


def test_the_csv_has_every_row_and_no_formula(browser, night):
    """As it is filtered, however many pages there are; a spreadsheet would run what begins so."""
    night.stage(builders.a_claim(key="=1+1"), *claims(120), faults=[BLOCKED])

    answer = browser.get("/queues/held.csv?code=member_id_present")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert 121 == len({row["id"] for row in rows})
    assert "'=1+1" in {row["name"] for row in rows}
    assert answer.headers["content-disposition"].endswith('"held.csv"')


@pytest.mark.parametrize(
    "place", ["/queues", "/queues/held", "/queues/rejected", "/queues/silent", "/queues/unmatched"]
)
def test_a_page_costs_the_same_however_much_waits(browser, night, place):
    """A bounded number of queries, whatever the number of clinics and claims."""
    with counted(night) as empty:
        browser.get(place)
    keys = [f"c{number}" for number in range(20)]
    night.ledger.clinics.put(Table.CLINIC, [CLINIC_ROW | {"key": key} for key in keys])
    numbers = night.numbers(night.sent(*claims(60)))
    night.respond(None, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE) for number in numbers])
    night.ledger.silence.remember({f"answer:{number}": 100 for number in numbers}, (), night.now)
    night.stage(*(builders.a_claim(key=f"H-{number}") for number in range(60)), faults=[BLOCKED])

    with counted(night) as full:
        browser.get(place)

    selects = [said for said in full if said.lstrip().startswith("SELECT")]
    assert len(selects) <= len([said for said in empty if said.lstrip().startswith("SELECT")]) + 1
    assert len(selects) <= 10
