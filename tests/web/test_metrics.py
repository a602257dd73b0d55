"""What Prometheus is told beside counts: who is late, whose login is refused, what nears its filing limit."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from include.claims.payer_profile import Filing, PayerBook, PayerProfile
from include.claims.scrub import RuleBook
from include.delivery.records import Table
from include.web.app import build_app
from tests.contract.night import BLOCKED, SERVER, Night, claims
from tests.web.world import world_of

LINE = re.compile(r"([a-z_]+)\{(.*)\} (-?[0-9.]+)")


def figures(client: TestClient, clinic: str = "harbor") -> dict[str, float]:
    """Return what is said of a clinic and of all, by name and the value of the label beside it."""
    found = {}
    for line in client.get("/metrics").text.splitlines():
        if match := LINE.fullmatch(line):
            labels = dict(re.findall(r'(\w+)="(.*?)"', match[2]))
            if labels.pop("clinic", clinic) == clinic:
                found[" ".join([match[1], *labels.values()])] = float(match[3])
    return found


@pytest.fixture
def sent(night) -> Night:
    """Return a night that sent a file just now, by the clock of the database: a visit is written down by it."""
    night.now = datetime.now(UTC)
    night.sent(*claims(2))
    return night  # type: ignore[no-any-return]  # a fixture


def test_a_clinic_that_ran_and_was_visited_is_not_late(browser, sent):
    """Its run and its visit are some seconds old, and nothing is missing."""
    found = figures(browser)

    assert 0 <= found["courier_last_run_seconds"] < 60
    assert 0 <= found["courier_last_visit_seconds"] < 60
    assert 0 == found["courier_late_seconds delivery"] == found["courier_late_seconds receiving"]


def test_a_night_that_did_not_come_is_late(browser, sent):
    """The age runs from the moment it was due, and so does a visit's."""
    sent.now += timedelta(days=3)

    found = figures(browser)

    assert timedelta(hours=2).total_seconds() <= found["courier_late_seconds delivery"] < 86_400 + 7_200
    assert 7_200 <= found["courier_late_seconds receiving"] < 3 * 7_200
    assert 3 * 86_400 <= found["courier_last_visit_seconds"] < 3 * 86_400 + 60


def test_a_paused_clinic_is_not_late(browser, sent):
    """Somebody paused it; what it waits for is no fault of the night."""
    sent.now += timedelta(days=3)
    sent.set_clinic(mode="paused")

    found = figures(browser)

    assert 0 == found["courier_late_seconds delivery"] == found["courier_late_seconds receiving"]


def test_a_mailbox_that_never_sent_is_not_waited_for(browser, night):
    """It owes no answer: only the run is missing."""
    found = figures(browser)

    assert {"courier_late_seconds delivery"} == {name for name in found if name.startswith("courier_late")}
    assert "courier_last_visit_seconds" not in found


def test_a_refused_login_is_told_of_its_clinics(browser, night):
    """The breaker is open until the login changes; a clinic with another mailbox is well."""
    account, now = SERVER.account, night.now
    night.ledger.accounts.release(night.ledger.accounts.acquire(account, "worker-1", 60.0, "wrong", "harbor"))
    night.ledger.accounts.trip(account, "wrong", "refused", now)

    assert 1 == figures(browser)["courier_login_refused"]

    night.ledger.accounts.reset(account, "Example", now)
    assert 0 == figures(browser)["courier_login_refused"]


def test_what_nears_its_filing_limit_is_counted(night, somebody):
    """By what is left; a claim whose payer has no known limit is not counted."""
    [claim] = claims(1)
    night.stage(claim, faults=[BLOCKED])
    since = (night.now.date() - claim.lines[0].service_date).days
    book = RuleBook(
        payers=PayerBook((PayerProfile(payer_ids=(claim.payer.id,), filing=Filing(original_days=since + 5)),))
    )
    app = build_app(lambda: replace(world_of(night), rule_book=lambda: book), lambda: somebody)

    with TestClient(app) as client:
        found = figures(client)

    assert [0, 1, 0] == [found[f"courier_filing_claims {left}"] for left in ("over", "week", "month")]


def test_a_row_that_cannot_be_read_stops_no_scrape(browser, night):
    """Its claims are counted; when it should run nobody knows."""
    night.sent(*claims(1))
    night.ledger.clinics.put(Table.CLINIC, [{"key": "harbor", "delivery_cron": "when it rains"}])

    found = figures(browser)

    assert 1 == found["courier_claims awaiting"]
    assert not [name for name in found if name.startswith("courier_late")]
