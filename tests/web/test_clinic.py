"""One clinic, and one of its runs, as the tabs of a delivery DAG show them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from include.claims.errors import BadSetting
from include.claims.states import Event
from include.delivery.ports import Mailboxes
from include.delivery.records import Kind
from include.web.app import build_app
from tests.contract.night import BLOCKED, NOW, an_answer, an_order, claims
from tests.web.queries import counted
from tests.web.world import world_of

RUN = "/run?dag_id=deliver_claims__harbor&run_id="


def test_a_clinic_shows_its_stages_runs_and_login(browser, night):
    """With links to the batch and to the run, here and in Airflow."""
    batch = night.sent(*claims(2))

    text = browser.get("/clinic/harbor").text

    assert "Example Harbor ABA" in text
    assert "harbor@sftp.example.test:22" in text
    assert "2026-03-05 20:00 America/Los_Angeles" in text
    assert f'href="/batch/{batch}"' in text
    assert 'href="/run?dag_id=deliver_claims__harbor&amp;run_id=run-1"' in text
    assert 'href="/dags/deliver_claims__harbor" target="_top"' in text


def test_a_clinic_without_anything_says_so(browser):
    """Nothing is shown as nothing, not as an error."""
    text = browser.get("/clinic/harbor").text

    assert "No claim has been collected yet" in text
    assert "No run has sealed anything yet" in text
    assert "no file has gone yet" in text


def test_a_refused_login_is_said_first(browser, night):
    """Nothing is sent or fetched until somebody mends it."""
    night.sent(*claims(1))
    night.ledger.accounts.trip("harbor@sftp.example.test:22", "credential", "wrong <b>password</b>", NOW)

    text = browser.get("/clinic/harbor").text

    assert 'role="alert">The login of harbor@sftp.example.test:22 was refused' in text
    assert "wrong &lt;b&gt;password&lt;/b&gt;" in text


def test_silent_claims_are_listed_with_a_link(browser, night):
    """By their key; the control number finds the claim."""
    [number] = night.numbers(night.sent(*claims(1)))
    night.now = datetime.now(UTC) + timedelta(days=2)

    text = browser.get("/clinic/harbor").text

    assert "Silent past the deadline" in text
    assert f'href="/claim?name={number}">C-001</a>' in text


def test_a_clinic_that_is_being_set_up_says_what_is_next(night, somebody):
    """The open step, why it is open, and what to do."""

    class NoLogin:
        """The connection is missing."""

        def __getattr__(self, name: str) -> Any:
            raise BadSetting(f"connection sftp_harbor: there is none ({name})")

    night.set_clinic(mode="onboarding")
    world = replace(world_of(night), mailboxes=cast("Mailboxes", NoLogin()))
    with TestClient(build_app(lambda: world, lambda: somebody), headers={"Accept": "text/html"}) as client:
        text = client.get("/clinic/harbor").text

    assert "Setting up: Who bills" in text
    assert "nobody bills for it" in text


def test_a_run_shows_its_files_and_what_is_held(browser, night):
    """What it delivered, and why claims were left out."""
    night.stage(claims(3)[2], faults=[BLOCKED])
    batch = night.sent(*claims(2))
    night.respond(batch, [an_answer(one, Event.ACCEPTED_BY_CLEARINGHOUSE) for one in night.numbers(batch)])

    text = browser.get(f"{RUN}run-1").text

    assert f'href="/batch/{batch}"' in text
    assert "accepted 2" in text
    assert "member_id_present: it is blank" in text
    assert 'href="/dags/deliver_claims__harbor/runs/run-1" target="_top"' in text


def test_a_run_says_what_it_was_asked_for(browser, night):
    """The window, and only the payer and the claims that somebody named."""
    night.stage(*claims(2))
    night.seal(replace(an_order("run-2"), payer_id="99999", claim_keys=("C-002",)))

    text = browser.get(f"{RUN}run-2").text

    assert "ready before 2026-03-06 02:00" in text
    assert "Only claims to payer 99999" in text
    assert "Only 1 claim that somebody named: C-002" in text
    assert "2 claims ($480.00) ready or in a file that has not gone" in text


def test_a_run_that_has_sealed_nothing_says_where_to_look(browser, night):
    """A name of a run is what an address says: it stays text."""
    text = browser.get(f"{RUN}{quote('<script>')}").text

    assert "This run has sealed no files" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "collect_claims" in text


def test_the_tab_of_a_dag_shows_the_clinic(browser, night):
    """Without a run; and links stay within the frame."""
    batch = night.sent(*claims(1))

    text = browser.get("/run?dag_id=deliver_claims__harbor&bare=1").text

    assert "Last runs" in text
    assert f'href="/batch/{batch}?bare=1"' in text
    assert "run_id=run-1&bare=1" in text.replace("&amp;", "&")


def test_a_run_of_another_dag_of_the_clinic_leads_to_its_deliveries(browser):
    """Receiving runs make no files."""
    text = browser.get("/run?dag_id=receive_responses__harbor&run_id=run-1").text

    assert "Only a delivery run makes files" in text
    assert 'href="/run?dag_id=deliver_claims__harbor"' in text


def test_a_test_file_is_told_from_a_live_one(browser, night):
    """It was never to be paid."""
    night.rendered(*claims(1), kind=Kind.TEST)

    assert '<span class="chip wait">test</span>' in browser.get("/clinic/harbor").text


@pytest.mark.parametrize(
    "place", ["/clinic/{}", "/run?dag_id=deliver_claims__{}", "/run?dag_id=deliver_claims__{}&run_id=r"]
)
def test_an_unknown_clinic_is_not_found_and_anothers_is_refused(browser, somebody, place):
    """Whoever may not look at a clinic learns nothing of it."""
    assert 404 == browser.get(place.format("nowhere")).status_code
    somebody.only = {"another"}
    assert 403 == browser.get(place.format("harbor")).status_code


def test_the_same_queries_serve_one_run_and_many(browser, night):
    """What a clinic's page asks the database for does not grow with its files."""
    night.sent(*claims(1))
    browser.get("/clinic/harbor")
    with counted(night.ledger) as few:
        browser.get("/clinic/harbor")
    for number, claim in enumerate(claims(6)[1:], start=2):
        night.sent(claim, run_id=f"run-{number}")
    browser.get("/clinic/harbor")

    with counted(night.ledger) as many:
        browser.get("/clinic/harbor")

    assert len(few) == len(many) <= 10
