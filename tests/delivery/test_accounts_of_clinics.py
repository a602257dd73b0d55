"""Clinics and the accounts they deliver by: one shared, an old and a new one, one to test on and one to go live on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.settings import Connection
from include.claims.errors import NotAllowed
from include.claims.model import Claim
from include.claims.states import BatchStatus, Delivery, FrontEnd, Usage
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import Mode
from include.delivery.collect import collect
from include.delivery.onboard import State, onboarding
from include.delivery.onboard_acts import approve, goes_nowhere, remember, verify
from include.delivery.reconcile import close_batch
from include.delivery.records import Kind, RunKey, Step, Table
from include.delivery.render import render
from include.delivery.take import take, visit_each
from include.delivery.upload import upload
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList
from include.sandbox.sandbox import Sandbox
from tests.builders import OTHER_BILLING_NPI, a_claim, a_line
from tests.night import BILLING_ROW, CLINIC, CLINIC_ROW, MAILBOX_ROW, NOW, GivenSource, Night, some_claims

OTHER = "birch_aba"
PASSWORDS = {"acorn": "invented-password", "second": "another-invented-password"}


@dataclass
class House:
    """Two clinics and two mailboxes, whose connections a test changes as a person would."""

    night: Night
    servers: list[Sandbox]
    connections: dict[str, Connection] = field(default_factory=dict)
    sources: dict[str, GivenSource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Join the night, with connections and sources of our own."""
        self.sources = {CLINIC: GivenSource(), OTHER: GivenSource()}
        ports = Night(self.night.home, mailboxes=ConnectionMailboxes(self.connections.__getitem__, timeout=5)).ports
        self.ports = replace(ports, source=lambda clinic: self.sources[clinic.key])
        self.connect("acorn")
        self.connect("second")

    def connect(self, mailbox: str, server: int = 0, **changes: Any) -> None:
        """Put a mailbox's connection as it should be on one of the servers, with something else where asked for."""
        at = self.servers[server]
        whole: dict[str, Any] = {
            "id": f"sftp_{mailbox}",
            "type": "sftp",
            "host": at.host,
            "port": at.port,
            "login": mailbox,
            "password": PASSWORDS[mailbox],
            "extra": {"host_key": at.host_key, "sandbox": True},
        }
        self.connections[f"sftp_{mailbox}"] = Connection(**{**whole, **changes})

    def set_clinic(self, clinic: str, **cells: str) -> None:
        """Change cells of a clinic's row."""
        self.ports.ledger.clinics.put(Table.CLINIC, [{"key": clinic, **cells}])

    def stands(self, clinic: str, step: Step) -> tuple[State, str]:
        """Return where a step of a clinic stands, and why."""
        return next((one.state, one.why) for one in onboarding(clinic, self.ports) if one.step is step)

    def a_day_later(self) -> None:
        """Let a day and more pass here."""
        self.ports = replace(self.ports, now=lambda: NOW + timedelta(hours=30))

    def collect(self, clinic: str, run_id: str, **changes: Any) -> list[int]:
        """Collect as a run of a clinic's DAG; return its batches, rendered."""
        key = RunKey(dag_id=f"deliver_claims__{clinic}", run_id=run_id)
        order = self.night.order(run_id, key=key, clinic_key=clinic, **changes)
        batch_ids = collect(order, self.ports).batch_ids
        for batch_id in batch_ids:
            render(batch_id, self.ports)
        return batch_ids

    def deliver(self, clinic: str, run_id: str, claims: Sequence[Claim] = (), **changes: Any) -> list[int]:
        """Let a clinic's practice hold claims, and deliver them."""
        self.sources[clinic].claims = [*self.sources[clinic].claims, *claims]
        batch_ids = self.collect(clinic, run_id, **changes)
        for batch_id in batch_ids:
            upload(batch_id, self.ports)
        return batch_ids

    def until_settled(self, mailbox: str, *batch_ids: int) -> None:
        """Take what a mailbox gets until these batches are answered."""
        for _ in range(100):
            take(mailbox, self.ports)
            apply_stored(mailbox, self.ports)
            if all(close_batch(one, self.ports).is_settled for one in batch_ids):
                return
            self.ports.sleep(0.1)
        raise AssertionError(f"batches {batch_ids} were not answered")

    def lines(self, clinic: str, usage: Usage = Usage.LIVE) -> dict[str, tuple[Delivery, FrontEnd]]:
        """Return where a clinic's claims stand."""
        found = self.ports.ledger.report.claim_lines(clinic)
        return {line.claim_key: (line.delivery, line.front_end) for line in found if line.usage is usage}

    def taken(self, account: str, server: int = 0) -> list[str]:
        """Return the usages of what a server took of an account, in order."""
        return [file.usage for file in self.servers[server].taken() if file.account == account]


@pytest.fixture
def house(tmp_path: Path, ledger_url: str) -> Iterator[House]:
    """Return two live clinics that share mailbox `acorn`, beside another server that knows the same accounts."""
    payers = PayerList(names={a_claim().payer.id: "EXAMPLE PAYER"})
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Sandbox(tmp_path / name, PASSWORDS, settle=0.1, payers=payers))
            for name in ("sandbox", "another")
        ]
        night = Night.prepare(tmp_path, servers[0], url=ledger_url, mailbox={"user_name": "a"})
        clinics = night.ports.ledger.clinics
        clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "second", "connection_id": "sftp_second"}])
        clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": OTHER, "name": "Birch ABA"}])
        clinics.put(
            Table.BILLING_IDENTITY, [{**BILLING_ROW, "key": "birch", "clinic_key": OTHER, "npi": OTHER_BILLING_NPI}]
        )
        yield House(night, servers)


ACCEPTED = (Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE)


def others_claims(count: int) -> list[Claim]:
    """Return claims of the other clinic, billed by its own identity."""
    return [
        a_claim(
            key=f"D-{n}",
            lines=(a_line(source_line_key=f"D-{n}", charge=Decimal(300 + n)),),
            billing=replace(a_claim().billing, npi=OTHER_BILLING_NPI),
        )
        for n in range(count)
    ]


# --- several clinics on one login ---


def test_one_takes_the_answers_and_each_gets_its_own(house: House):
    """Two clinics deliver by one login; a single visit brings both their answers, and the next finds nothing."""
    [first] = house.deliver(CLINIC, "1", some_claims(2))
    [second] = house.deliver(OTHER, "2", others_claims(3))

    house.until_settled("acorn", first, second)

    assert dict.fromkeys(("C-0", "C-1"), ACCEPTED) == house.lines(CLINIC)
    assert dict.fromkeys(("D-0", "D-1", "D-2"), ACCEPTED) == house.lines(OTHER)
    numbers = [house.ports.ledger.batches.get(one).interchange_number for one in (first, second)]
    assert 2 == len({*numbers})
    assert [] == house.ports.ledger.report.set_aside()
    [visit], failed = visit_each(OTHER, take, house.ports)
    assert (0, []) == (visit.stored, failed)


def test_setting_one_up_leaves_the_other_as_it_is(house: House):
    """While a newcomer is verified and tested on the login, the live clinic keeps its row, its claims, its night."""
    verify(CLINIC, "casey", house.ports)
    before = house.ports.ledger.clinics.clinic(CLINIC)
    house.set_clinic(OTHER, mode="onboarding", live_since="", contact="billing@example.org")
    house.sources[CLINIC].claims = [*some_claims(2)]

    verify(OTHER, "robin", house.ports)
    house.set_clinic(OTHER, mode="test")
    [test] = house.deliver(OTHER, "t", others_claims(2), kind=Kind.TEST)
    [live] = house.deliver(CLINIC, "2")
    house.until_settled("acorn", test, live)

    assert before == house.ports.ledger.clinics.clinic(CLINIC)
    assert dict.fromkeys(("C-0", "C-1"), ACCEPTED) == house.lines(CLINIC)
    assert {Delivery.READY} == {delivery for delivery, _ in house.lines(OTHER).values()}
    assert State.DONE is house.stands(OTHER, Step.TEST_FILE)[0]
    assert ["test", "live"] == house.taken("acorn")


def test_a_new_password_asks_both_and_one_look_answers_both(house: House):
    """What is verified is the login, not the clinic: both wait for a look, and nobody has to log in twice for it."""
    verify(CLINIC, "casey", house.ports)
    seen = [house.stands(clinic, Step.CONNECTION)[0] for clinic in (CLINIC, OTHER)]
    house.servers[0].give_password("acorn", "a-new-invented-password")
    house.connect("acorn", password="a-new-invented-password")
    changed = [house.stands(clinic, Step.CONNECTION) for clinic in (CLINIC, OTHER)]
    logins = house.servers[0].logins("acorn")

    verify(OTHER, "robin", house.ports)

    assert [State.DONE] * 2 == seen
    assert [(State.NEXT, "another login or host key than was seen")] * 2 == changed
    assert [State.DONE] * 2 == [house.stands(clinic, Step.CONNECTION)[0] for clinic in (CLINIC, OTHER)]
    assert "by robin" in house.stands(CLINIC, Step.CONNECTION)[1]
    assert logins + 1 == house.servers[0].logins("acorn")


# --- an old and a new account ---


def send_test(house: House) -> None:
    """Verify the clinic's mailbox and see a test file accepted there."""
    verify(CLINIC, "casey", house.ports)
    house.set_clinic(CLINIC, mode="test")
    [batch_id] = house.deliver(CLINIC, "test", some_claims(2), kind=Kind.TEST)
    house.until_settled("acorn", batch_id)


def test_a_clinic_that_moves_hears_from_its_old_account(house: House):
    """What went by the old account is answered there and fetched from there; the next night goes by the new one."""
    send_test(house)
    house.set_clinic(CLINIC, mode="live")
    house.servers[0].misbehave(Misbehaviour(answer_after=1.0))
    [old] = house.deliver(CLINIC, "1", some_claims(2))

    house.set_clinic(CLINIC, mailbox_key="second")
    asked = house.stands(CLINIC, Step.CONNECTION)
    verify(CLINIC, "casey", house.ports)
    [new] = house.deliver(CLINIC, "2", [a_claim(key="C-9", lines=(a_line(source_line_key="L-9"),))])
    for _ in range(100):
        visit_each(CLINIC, lambda key, ports: (take(key, ports), apply_stored(key, ports)), house.ports)
        if all(close_batch(one, house.ports).is_settled for one in (old, new)):
            break
        house.ports.sleep(0.1)

    assert (State.NEXT, "another login or host key than was seen") == asked
    assert dict.fromkeys(("C-0", "C-1", "C-9"), ACCEPTED) == house.lines(CLINIC)
    assert (["test", "live"], ["live"]) == (house.taken("acorn"), house.taken("second"))


def test_what_never_began_goes_by_the_new_account(house: House):
    """A file sealed for the old account does not go there once the clinic has moved; its claims go with a new one."""
    house.sources[CLINIC].claims = [*some_claims(2)]
    [sealed] = house.collect(CLINIC, "1")
    house.set_clinic(CLINIC, mailbox_key="second")

    with pytest.raises(NotAllowed, match="sealed for mailbox acorn, and clinic acorn_aba delivers by mailbox second"):
        upload(sealed, house.ports)
    house.a_day_later()
    [new] = house.deliver(CLINIC, "2")
    house.until_settled("second", new)

    assert BatchStatus.RELEASED is house.ports.ledger.batches.get(sealed).status
    assert ([], ["live"]) == (house.taken("acorn"), house.taken("second"))
    assert dict.fromkeys(("C-0", "C-1"), ACCEPTED) == house.lines(CLINIC)


def print_images(house: House) -> None:
    """Let the new account take another format."""
    house.ports.ledger.clinics.put(Table.MAILBOX, [{"key": "second", "format": "print-image"}])


def another_server(house: House) -> None:
    """Let the new account be somewhere else."""
    house.connect("second", server=1)


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        (lambda _: None, State.DONE, "5 of 5 claims accepted at mailbox acorn of this server"),
        (print_images, State.NEXT, "no test file of this format has gone to this server"),
        (another_server, State.NEXT, "no test file of this format has gone to this server"),
    ],
    ids=["the same server", "another format", "another server"],
)
def test_a_test_is_asked_again_where_it_shows_something_new(
    house: House, change: Callable[[House], None], state: State, why: str
):
    """A test says what a server makes of the clinic's files: another account of it says nothing new, another does."""
    send_test(house)
    change(house)

    house.set_clinic(CLINIC, mailbox_key="second")
    verify(CLINIC, "casey", house.ports)

    found, said = house.stands(CLINIC, Step.TEST_FILE)
    assert state is found
    assert why in said


def test_a_connection_that_was_turned_to_another_server_is_tested_anew(house: House):
    """The sandbox and then the clearinghouse under the same connection: what the first accepted does not count."""
    send_test(house)
    house.connect("acorn", server=1)
    verify(CLINIC, "casey", house.ports)

    assert State.NEXT is house.stands(CLINIC, Step.TEST_FILE)[0]


# --- one account to test on, one to go live on ---

NEW = {"mode": "onboarding", "live_since": "", "contact": "billing@example.org", "first_night_claims": "2"}
DAY = date(2026, 3, 9)


def go_live(house: House) -> None:
    """Say yes for a clinic of which all else is done."""
    approve(CLINIC, DAY, house.ports, who="casey", why="looked at the list")


@pytest.mark.parametrize("server", [0, 1], ids=["on one server", "on two servers"])
def test_a_clinic_tests_on_one_account_and_goes_live_on_another(house: House, server: int):
    """Each step is done for the account it is about; on another server the test is asked for again, before any yes."""
    house.connect("second", server=server)
    house.set_clinic(CLINIC, **NEW)
    remember(CLINIC, Step.HISTORY, house.ports, who="casey", note="none went before")
    send_test(house)
    house.set_clinic(CLINIC, mailbox_key="second")
    with pytest.raises(NotAllowed, match="connection is next"):
        go_live(house)
    verify(CLINIC, "casey", house.ports)
    if server:
        with pytest.raises(NotAllowed, match="test file is next"):
            go_live(house)
        [again] = house.deliver(CLINIC, "test-second", kind=Kind.TEST)
        house.until_settled("second", again)

    go_live(house)
    [night] = house.deliver(CLINIC, "1", window_end=NOW + timedelta(days=5))
    house.until_settled("second", night)

    assert Mode.LIVE is house.ports.ledger.clinics.clinic(CLINIC).mode
    assert ["test"] == house.taken("acorn")
    assert ["test", "live"][1 - server :] == house.taken("second", server)
    assert dict.fromkeys(("C-0", "C-1"), ACCEPTED) == house.lines(CLINIC)


def test_no_live_file_goes_to_the_account_that_was_tested_on(house: House):
    """Not one that was sealed for it, not one sealed for the other after somebody turned the row back."""
    house.set_clinic(CLINIC, mailbox_key="second")
    house.sources[CLINIC].claims = [*some_claims(2)]
    [sealed] = house.collect(CLINIC, "1")
    house.set_clinic(CLINIC, mailbox_key="acorn")

    with pytest.raises(NotAllowed, match="sealed for mailbox second"):
        upload(sealed, house.ports)
    house.connect("acorn", extra={"host_key": house.servers[0].host_key})
    house.a_day_later()
    with pytest.raises(NotAllowed, match="a live file does not go there unless"):
        house.deliver(CLINIC, "2")

    assert ([], []) == (house.taken("acorn"), house.taken("second"))


def test_a_sandbox_without_the_word_for_it_takes_tests_alone(house: House):
    """The connection of an account to test on needs no `"sandbox": true`: without it no live file can go there."""
    house.connect("acorn", extra={"host_key": house.servers[0].host_key})
    house.set_clinic(CLINIC, **NEW)

    send_test(house)

    assert ["test"] == house.taken("acorn")
    assert State.DONE is house.stands(CLINIC, Step.TEST_FILE)[0]


def test_whoever_approves_on_a_sandbox_is_told(house: House):
    """A clinic live on a sandbox would be paid nothing."""
    clinic = house.ports.ledger.clinics.clinic(CLINIC)

    assert "Mailbox acorn is a sandbox's: nothing that goes there reaches a payer." == goes_nowhere(clinic, house.ports)

    house.connect("acorn", extra={"host_key": house.servers[0].host_key})
    assert "" == goes_nowhere(clinic, house.ports)
