"""Clinics on the page: the table with its checks, one clinic's rows changed, its connection tried on a real server."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.settings import Connection
from include.delivery.records import OnboardingNote, Step, Table
from include.sandbox.sandbox import Sandbox
from include.web.app import build_app
from include.web.viewer import May
from tests import night as real
from tests.contract.night import CLINIC_ROW, MAILBOX_ROW, NOW, claims
from tests.contract.test_clinics import IDENTITY_ROW
from tests.web.queries import counted
from tests.web.test_enrollments import sent, shown_in

CLINIC = "/clinics/harbor/clinics/harbor"
MAILBOX = "/clinics/harbor/mailboxes/harbor"
IDENTITY = "/clinics/harbor/billing_identities/harbor_main"


@pytest.fixture
def billing(night):
    """Return the night with somebody who bills."""
    night.ledger.clinics.put(Table.BILLING_IDENTITY, [IDENTITY_ROW])
    return night


def row_of(night, table: Table, key: str) -> dict[str, object]:
    """Return a row as the ledger has it."""
    return next(dict(row) for row in night.ledger.clinics.rows(table) if row["key"] == key)


def test_a_clinic_is_a_row_with_its_next_run(browser, billing):
    """When it runs next is told in its own zone; nothing is wrong."""
    text = browser.get("/clinics").text

    # 2026-03-06 03:00 UTC is seven in the evening there.
    assert "2026-03-05 20:00 PST" in text
    assert "nothing wrong" in text


def test_what_is_wrong_comes_first(browser, billing):
    """A wrong cell, and a name of what is not there, are told as the shell's check tells them."""
    wrong = {**CLINIC_ROW, "key": "zephyr", "mailbox_key": "nowhere", "delivery_cron": "at night"}
    billing.ledger.clinics.put(Table.CLINIC, [wrong])

    text = browser.get("/clinics").text

    assert text.index("/clinics/zephyr") < text.index("/clinics/harbor")
    assert "is not a cron expression" in text
    assert "there is no mailbox" in text
    assert "nobody bills for it" in text


def test_how_far_a_new_clinic_is_is_told(browser, billing):
    """Of a clinic that is set up the last step that somebody did."""
    billing.set_clinic(mode="onboarding")
    billing.ledger.onboarding.say("harbor", OnboardingNote(step=Step.HISTORY, at=NOW, who="casey"))

    assert "history, 2026-03-06, casey" in browser.get("/clinics").text
    assert "What an earlier process sent is known here" in browser.get("/clinics/harbor").text


@pytest.mark.parametrize(("asked", "is_there"), [("find=HARB", True), ("find=xyz", False), ("mode=paused", False)])
def test_the_table_is_filtered(browser, billing, asked, is_there):
    """By key or name, and by mode."""
    assert is_there == ('href="/clinics/harbor"' in browser.get(f"/clinics?{asked}").text)


def test_an_empty_table_says_so(browser, somebody):
    """Who may look at no clinic sees that, not an error."""
    somebody.only = set()

    assert "There is no clinic yet" in browser.get("/clinics").text


def test_a_clinic_of_another_is_refused(browser, billing, somebody):
    """Who may not look at a clinic does not see its rows; one that is not there is not found."""
    somebody.only = {"another"}

    assert 403 == browser.get("/clinics/harbor").status_code
    assert 404 == browser.get("/clinics/nothing").status_code
    assert "harbor" not in browser.get("/clinics.csv").text


def test_markup_in_a_name_is_shown_as_text(browser, billing):
    """A clinic may be called whatever it likes."""
    billing.set_clinic(name="<script>alert(1)</script>")

    for place in ("/clinics", "/clinics/harbor", CLINIC):
        assert "<script>alert" not in browser.get(place).text


def test_tax_ids_are_for_who_sets_up(browser, billing, somebody):
    """A person's tax id is their social security number: who only looks does not see it."""
    assert "731234567" in browser.get("/clinics/harbor").text
    somebody.allowed.remove(May.SET_UP)

    assert "731234567" not in browser.get("/clinics/harbor").text


def test_a_row_is_changed(browser, billing):
    """The schedule is another, who changed it is shown, and the form goes back to the clinic."""
    answer = sent(browser, CLINIC, delivery_cron="30 21 * * *")

    assert (303, "/clinics/harbor") == (answer.status_code, answer.headers["location"])
    assert "30 21 * * *" == row_of(billing, Table.CLINIC, "harbor")["delivery_cron"]
    assert "Billa Example: clinic harbor: delivery_cron" in browser.get("/clinics/harbor").text


def test_a_tax_id_is_changed_without_a_word_of_it(browser, billing):
    """The note says that it changed, not from what to what."""
    answer = sent(browser, IDENTITY, tax_id="999999999")

    assert 303 == answer.status_code
    [note] = billing.ledger.onboarding.notes("harbor")
    assert "tax_id" in note.note
    assert "999999999" not in note.note


@pytest.mark.parametrize(
    ("place", "cells", "said"),
    [
        (CLINIC, {"delivery_cron": "at night"}, "is not a cron expression"),
        (CLINIC, {"timezone": "Mars"}, "is not an IANA time zone"),
        (CLINIC, {"live_since": ""}, "a live clinic needs the date it goes live"),
        (CLINIC, {"mailbox_key": "nowhere"}, "there is no mailbox"),
        (MAILBOX, {"contact_phone": "none"}, "is not ten digits"),
        (IDENTITY, {"npi": "1234567890"}, "its check digit is wrong"),
    ],
)
def test_a_wrong_cell_changes_nothing(browser, billing, place, cells, said):
    """What an import refuses is refused, beside the field that is wrong."""
    [column] = cells
    answer = sent(browser, place, **cells)

    assert 422 == answer.status_code
    assert said in answer.text
    assert f'id="h-{column}" class="hint"><strong class="bad">' in answer.text
    assert [] == billing.ledger.onboarding.notes("harbor")


def test_a_clinic_with_something_open_is_not_archived(browser, billing):
    """An archived clinic receives no answers; once nothing is open it may be archived."""
    billing.stage(*claims(1))

    refused = sent(browser, CLINIC, mode="archived")

    assert 422 == refused.status_code
    assert "not archived while something is open: 1 " in refused.text
    assert "live" == row_of(billing, Table.CLINIC, "harbor")["mode"]


def test_a_drained_clinic_is_archived(browser, billing):
    """Nothing is open: it may go."""
    assert 303 == sent(browser, CLINIC, mode="archived").status_code
    assert "archived" == row_of(billing, Table.CLINIC, "harbor")["mode"]


def test_who_comes_second_is_told(browser, billing):
    """Of two who had the form open the second is shown what the first wrote, and may then save knowing it."""
    row = shown_in(browser.get(CLINIC).text)
    billing.set_clinic(contact="front@example.org")

    answer = browser.post(CLINIC, data={**row, "mode": "paused", "shown": json.dumps(row)})
    now = shown_in(answer.text)
    again = browser.post(CLINIC, data={**now, "mode": "paused", "shown": json.dumps(now)}, follow_redirects=False)

    assert (409, 303) == (answer.status_code, again.status_code)
    assert "front@example.org" in answer.text
    assert ("paused", "front@example.org") == tuple(
        row_of(billing, Table.CLINIC, "harbor")[name] for name in ("mode", "contact")
    )


def test_the_key_and_the_clinic_of_a_row_stay(browser, billing):
    """A row with another key would be another row, and who bills stays the clinic's."""
    sent(browser, IDENTITY, key="stolen", clinic_key="another", phone="5035550111")

    assert ["harbor_main"] == [row["key"] for row in billing.ledger.clinics.rows(Table.BILLING_IDENTITY)]
    row = row_of(billing, Table.BILLING_IDENTITY, "harbor_main")
    assert ("harbor", "5035550111") == (row["clinic_key"], row["phone"])


def test_somebody_who_bills_is_added(browser, billing):
    """A new identity is the clinic's whose page it is."""
    new = {**IDENTITY_ROW, "key": "harbor_two", "clinic_key": "another", "shown": "{}"}

    answer = browser.post("/clinics/harbor/billing_identities", data=new, follow_redirects=False)

    assert 303 == answer.status_code
    assert "harbor" == row_of(billing, Table.BILLING_IDENTITY, "harbor_two")["clinic_key"]


@pytest.mark.parametrize("place", [CLINIC, MAILBOX, IDENTITY, "/clinics/harbor/billing_identities"])
def test_who_may_not_set_up_changes_nothing(browser, billing, somebody, place):
    """Neither form nor sending is answered."""
    somebody.allowed.remove(May.SET_UP)

    assert 403 == browser.get(place).status_code
    assert 403 == browser.post(place, data={"shown": "{}"}).status_code


def test_a_shared_mailbox_is_changed_by_who_may_set_up_all_its_clinics(browser, billing, somebody):
    """Whoever changes an account changes it for every clinic that sends by it, and none joins it unasked."""
    put = billing.ledger.clinics.put
    put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "aspen"}])
    put(Table.CLINIC, [{**CLINIC_ROW, "key": "aspen"}, {**CLINIC_ROW, "key": "birch", "mailbox_key": "aspen"}])
    somebody.only = {"harbor"}

    assert 403 == browser.get(MAILBOX).status_code
    assert 403 == browser.post("/clinics/harbor/connection").status_code
    assert 403 == sent(browser, CLINIC, mailbox_key="aspen").status_code


@pytest.mark.parametrize("place", ["/clinics/harbor/mailboxes/other", "/clinics/harbor/payers/harbor"])
def test_a_row_that_is_not_the_clinics_is_not_found(browser, billing, place):
    """A clinic's page leads to its own rows only."""
    assert 404 == browser.get(place).status_code


def test_the_table_is_a_file(browser, billing):
    """A clinic a line, whatever it is called."""
    billing.set_clinic(name="=cmd()")

    [row] = csv.DictReader(io.StringIO(browser.get("/clinics.csv").text))

    assert ("harbor", "'=cmd()", "live") == (row["clinic"], row["name"], row["mode"])


def test_many_clinics_cost_as_many_queries_as_one(browser, billing):
    """The table reads each of its tables once."""
    with counted(billing.ledger) as few:
        browser.get("/clinics")
    billing.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": f"c_{number}"} for number in range(50)])

    with counted(billing.ledger) as more:
        browser.get("/clinics")

    assert few == more
    assert len(more) <= 6


# --- the connection, on a real server ---------------------------------------------------------------------------


class Visited:
    """A clinic whose account a sandbox has, and a browser that looks at it."""

    def __init__(self, home: Path, sandbox: Sandbox, somebody) -> None:
        self.sandbox = sandbox
        self.night = real.Night.prepare(home, sandbox)
        self.password, self.port = real.PASSWORD, sandbox.port
        self.now = real.NOW
        self.ports = replace(
            self.night.ports, mailboxes=ConnectionMailboxes(self._connection, timeout=5), now=lambda: self.now
        )

        def signed_in(_request: Request):
            return somebody

        self.browser = TestClient(build_app(lambda: self.ports, signed_in), headers={"Accept": "text/html"})

    def _connection(self, _id: str) -> Connection:
        return Connection(
            id="sftp_acorn",
            type="sftp",
            host=self.sandbox.host,
            port=self.port,
            login=real.ACCOUNT,
            password=self.password,
            extra={"host_key": self.sandbox.host_key, "sandbox": True},
        )

    def try_it(self) -> str:
        """Press the button, and return what the page says then."""
        answer = self.browser.post(f"/clinics/{real.CLINIC}/connection", follow_redirects=False)
        assert 303 == answer.status_code
        return str(self.browser.get(f"/clinics/{real.CLINIC}").text)

    def tries(self) -> list[OnboardingNote]:
        """Return what was kept of the tries."""
        notes = self.ports.ledger.onboarding.notes(real.CLINIC)
        return [note for note in notes if note.step is Step.TRIED]


@pytest.fixture
def visited(tmp_path, somebody):
    """Return such a clinic."""
    with Sandbox(tmp_path / "sandbox", {real.ACCOUNT: real.PASSWORD}, settle=0.1) as sandbox:
        visited = Visited(tmp_path, sandbox, somebody)
        with visited.browser:
            yield visited


def test_a_connection_is_tried(visited):
    """One login sees both folders, writes nothing, and the page says so with who and when."""
    text = visited.try_it()

    assert "it works" in text
    assert "inbound is there, outbound holds 0 files" in text
    assert "by Billa Example" in text
    assert [] == visited.sandbox.taken()


def test_nobody_tries_twice_in_a_minute(visited):
    """The clearinghouse counts logins: a second press gets the answer of the first, and the button is away."""
    text = visited.try_it()
    visited.try_it()

    assert (1, 1) == (visited.sandbox.logins(real.ACCOUNT), len(visited.tries()))
    assert "It was tried a moment ago" in text
    assert "Try the connection" not in text


def test_a_refused_login_opens_the_breaker_and_is_not_tried_again(visited):
    """The server's no is told; the next try is answered without a login until the password changes."""
    visited.password = "wrong"
    refused = visited.try_it()
    visited.now = real.NOW.replace(hour=12)
    again = visited.try_it()

    assert "it failed" in refused
    assert "this login was refused before" in again
    assert "is not tried again until it changes" in again
    assert (1, 2) == (visited.sandbox.logins(real.ACCOUNT), len(visited.tries()))


def test_a_server_that_is_away_is_told(visited):
    """Nobody answers: the words say so, and the page does not fail."""
    visited.port = 1  # nobody listens there

    text = visited.try_it()

    assert "it failed" in text
    assert "acorn@127.0.0.1:1" in visited.tries()[0].note


def test_a_connection_that_is_not_there_is_told(browser, billing):
    """Without an Airflow connection the page names it, and a try says the same."""
    assert "connection sftp_harbor: nowhere" in browser.get("/clinics/harbor").text
    browser.post("/clinics/harbor/connection")

    assert "it failed" in browser.get("/clinics/harbor").text
