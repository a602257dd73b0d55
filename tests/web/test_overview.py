"""The overview: where every clinic's claims stand, and what needs a person."""

import csv
import io
import re

import pytest

from include.claims.states import Event
from include.delivery.records import Table
from tests import builders
from tests.contract.night import BLOCKED, CLINIC_ROW, MAILBOX_ROW, Night, an_answer, changed, claims
from tests.web.queries import counted

EACH = f"${builders.a_claim().total_charge:,.2f}"


def cell(text: str, name: str, row: int = 0) -> str:
    """Return what a cell of the clinics' table says, without its tags."""
    found = re.findall(rf'data-label="{name}">(.*?)</td>', text, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[row]).strip()


def more_clinics(night: Night, count: int) -> None:
    """Add clinics that look like the first."""
    keys = [f"clinic_{number}" for number in range(count)]
    night.ledger.clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": key} for key in keys])
    night.ledger.clinics.put(
        Table.CLINIC, [{**CLINIC_ROW, "key": key, "name": key, "mailbox_key": key} for key in keys]
    )


def test_a_clinic_is_a_row_with_its_stages(browser, night):
    """What is held and what waits for its answer is counted in claims and dollars."""
    night.sent(*claims(2))
    night.stage(claims(3)[2], faults=[BLOCKED])

    text = browser.get("/").text

    assert "Example Harbor ABA" in text
    assert cell(text, "held").split() == ["1", EACH]
    assert cell(text, "awaiting").split() == ["2", "$480.00"]
    assert "2026-03-06 03:00" in cell(text, "last run")
    assert "2026-03-06 20:00" not in cell(text, "next run")
    assert "2026-03-05 20:00" in cell(text, "next run")


def test_an_empty_ledger_says_so(browser):
    """A page without claims is no error, and shows the clinics all the same."""
    text = browser.get("/").text

    assert "No claim has been collected yet" in text
    assert "Example Harbor ABA" in text


def test_a_claim_that_went_again_is_counted_once(browser, night):
    """Its earlier submission is no rejected claim any more."""
    [claim] = claims(1)
    batch = night.sent(claim)
    night.respond(batch, [an_answer(night.numbers(batch)[0], Event.REJECTED_BY_CLEARINGHOUSE)])
    assert cell(browser.get("/").text, "rejected").split() == ["1", EACH]
    night.stage(changed(claim))

    text = browser.get("/").text

    assert cell(text, "held").split() == ["1", EACH]
    assert 'data-label="rejected"' not in text


def test_what_needs_a_person_is_first_with_most_money_first(browser, night):
    """Each kind with its dollars, and a link to its queue."""
    first, *others = claims(3)
    night.stage(first, faults=[BLOCKED])
    batch = night.sent(*others)
    night.respond(batch, [an_answer(one, Event.DENIED) for one in night.numbers(batch)])

    text = browser.get("/").text

    assert ["denied", "held"] == re.findall(r'<li><a href="/queues/([a-z]+)">', text)
    assert 'href="/queues/held?clinic=harbor"' in text


def test_the_picture_of_dollars_says_the_same_in_words(browser, night):
    """Who does not see it hears it, and finds it as a table."""
    night.sent(*claims(2))

    text = browser.get("/").text

    assert "<title" in text
    assert ">Dollars by stage</title>" in text
    assert "awaiting: 2 claims, $480.00." in text
    assert "The same as a table" in text


def test_a_night_that_does_not_add_up_is_told(browser, night):
    """With the file, and what is wrong with it."""
    batch = night.sent(*claims(2))
    assert "reconciles</span>" in browser.get("/").text
    night.respond(batch, [an_answer(night.numbers(batch)[0], Event.SET_ACCEPTED)])

    text = browser.get("/").text

    assert "does not reconcile</span>" in text
    assert f'<a href="/batch/{batch}">' in text
    assert "its 999 says nothing of 1 of 2 claims" in text


def test_a_name_with_markup_in_it_stays_text(browser, night):
    """A clinic's name is what somebody typed."""
    night.set_clinic(name="<script>alert(1)</script>")

    text = browser.get("/").text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_clinic_whose_row_cannot_be_read_is_still_shown(browser, night):
    """Its claims are still somebody's."""
    night.sent(*claims(1))
    night.set_clinic(delivery_cron="when it rains")

    text = browser.get("/").text

    assert "its row cannot be read" in text
    assert cell(text, "awaiting").split() == ["1", EACH]


def test_another_clinics_claims_are_in_no_sum(browser, night, somebody):
    """Whoever may look at one clinic sees the dollars of that one, whoever looked before."""
    night.sent(*claims(2))
    more_clinics(night, 1)
    assert "$480.00" in browser.get("/").text
    somebody.only = {"clinic_0"}

    for page in ("/", "/overview.csv", "/metrics"):
        assert not re.search(r"harbor|480\.00", browser.get(page).text, flags=re.IGNORECASE), page


def test_the_same_queries_serve_one_clinic_and_thirty(browser, night):
    """What a page asks the database for does not grow with the clinics."""
    night.sent(*claims(2))
    browser.get("/")
    with counted(night.ledger) as few:
        browser.get("/")
    more_clinics(night, 30)
    browser.get("/")

    with counted(night.ledger) as many:
        browser.get("/")

    assert len(few) == len(many) <= 10


def test_nothing_is_counted_twice_while_nothing_changes(browser, night):
    """The groups are asked for once; a claim that moves is seen at once."""
    night.sent(*claims(1))
    browser.get("/")
    with counted(night.ledger) as quiet:
        browser.get("/")
    night.stage(claims(2)[1])

    text = browser.get("/").text

    assert not [one for one in quiet if "GROUP BY submission.clinic_key, submission.delivery" in one]
    assert cell(text, "ready").split() == ["1", EACH]


def test_the_table_comes_as_csv(browser, night):
    """A row a clinic, plain numbers, and no name that a spreadsheet would run."""
    night.set_clinic(name="=1+1")
    night.sent(*claims(2))

    answer = browser.get("/overview.csv")
    [row] = csv.DictReader(io.StringIO(answer.text))

    assert "text/csv" in answer.headers["content-type"]
    assert ("harbor", "'=1+1", "2", "480.00", "0") == (
        row["clinic"], row["name"], row["awaiting_claims"], row["awaiting_dollars"], row["held_claims"],
    )  # fmt: skip


def test_prometheus_gets_counts_and_ages(browser, night):
    """By clinic and stage; nothing in them names a claim."""
    night.sent(*claims(2))

    answer = browser.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'courier_claims{clinic="harbor",stage="awaiting"} 2\n' in answer.text
    assert 'courier_claims_dollars{clinic="harbor",stage="awaiting"} 480.00\n' in answer.text
    assert 'courier_last_run_seconds{clinic="harbor"} 0\n' in answer.text
    assert "C-00" not in answer.text
    sample = re.compile(r'[a-z_]+\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\} -?[0-9.]+')
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in answer.text.splitlines())


@pytest.mark.parametrize("place", ["/overview.csv", "/metrics", "/clinic/harbor", "/run?dag_id=deliver_claims__harbor"])
def test_who_may_not_look_is_refused_and_a_stranger_too(browser, somebody, place):
    """Counts are nobody's who is not let in."""
    assert 401 == browser.get(place, headers={"stranger": "yes"}).status_code
    somebody.allowed.clear()
    assert 403 == browser.get(place).status_code
