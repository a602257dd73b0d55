"""
The restore drill: a backup, a night, the ledger destroyed, the backup brought back by the runbook's own commands.

Judged by the sandbox's log alone: what of the practice's claims it took, by number and by what is billed.
"""

import json
import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.adapters.ledger import Ledger
from include.adapters.ledger.backup import back_up, bring_back
from include.claims.errors import BadSetting, InDoubt, LedgerRestored
from include.claims.states import BatchStatus, Delivery
from include.cli.__main__ import main
from include.delivery.doubt import it_did_not_arrive
from include.delivery.records import Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.orchestration import watermark
from include.orchestration.watermark import VariableWatermark
from include.sandbox.sandbox import Sandbox
from tests.databases import find_postgresql
from tests.night import ACCOUNT, CLINIC, PASSWORD, Night, some_claims, times_taken
from tests.orchestration.test_watermark import VariableByHand

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
CLAIMS = some_claims(9)


class Drill:
    """A practice whose nights run by the real clock, and an operator who types what the runbook says."""

    def __init__(self, tmp_path: Path, sandbox: Sandbox, url: str) -> None:
        self.home, self.sandbox, self.url = tmp_path, sandbox, url
        self.late = timedelta()
        Night.prepare(tmp_path, sandbox, url=url)
        self.night = Night(tmp_path, watermark=VariableWatermark(), now=self.now)
        self.runs = 0

    def now(self) -> datetime:
        """Return the time; a test may let days pass."""
        return datetime.now(UTC) + self.late

    def pending(self, *places: int) -> None:
        """Let the practice hold these claims, ready for an hour."""
        ready_at = self.now() - timedelta(hours=1)
        self.night.hold(replace(CLAIMS[place], ready_at=ready_at) for place in places)

    def collect(self) -> list[int]:
        """Collect as another run."""
        self.runs += 1
        return self.night.collect(f"night-{self.runs}", window_end=self.now()).batch_ids

    def deliver(self) -> list[int]:
        """Deliver as another run and wait for the answers."""
        batch_ids = self.collect()
        for batch_id in batch_ids:
            self.upload(batch_id)
        return batch_ids

    def upload(self, batch_id: int) -> None:
        """Send a file and wait for its answers."""
        render(batch_id, self.night.ports)
        upload(batch_id, self.night.ports)
        self.night.until_settled(batch_id)

    def follow(self, begins: tuple[str, ...], **filled: str) -> None:
        """Run every command of the runbook's page that begins so."""
        environment = {**os.environ, "LEDGER_URL": self.url}
        if programs := find_postgresql():
            environment["PATH"] = f"{programs}:{os.environ['PATH']}"
        lines = [line for line in the_page() if line.startswith(begins)]
        assert lines, begins
        for line in lines:
            words = [filled.get(word, word) for word in line.split()]
            if words[0] == "./courier":
                assert 0 == main([*words[1:], "--ledger", self.url])
            else:
                subprocess.run(line, shell=True, check=True, env=environment, cwd=self.home)

    def line(self, place: int) -> Delivery:
        """Return where a claim's newest submission is."""
        lines = [one for one in self.night.ports.ledger.report.claim_lines() if one.claim_key == CLAIMS[place].key]
        return lines[-1].delivery


def the_page() -> list[str]:
    """Return the commands of the runbook's page on restoring."""
    [page] = re.findall(r"## Restore a backup\n(.*?)\n## ", RUNBOOK.read_text(), re.DOTALL)
    return [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]


@pytest.fixture(name="drill")
def _drill(tmp_path, ledger_url, monkeypatch):
    monkeypatch.setattr(watermark, "Variable", VariableByHand())
    monkeypatch.chdir(tmp_path)
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        drill = Drill(tmp_path, sandbox, ledger_url)
        key = {"conn_type": "generic", "password": drill.night.payload_key}
        monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", json.dumps(key))
        yield drill


@pytest.fixture(name="destroy")
def _destroy(drill, request):
    """Return how this ledger is destroyed."""

    def destroy() -> None:
        if drill.url.startswith("sqlite"):
            Path(drill.url.removeprefix("sqlite:///")).write_bytes(b"ruined")
            return
        server, name = request.getfixturevalue("postgres_server"), drill.url.partition("?")[0].rpartition("/")[2]
        server.run(f"DROP DATABASE {name} WITH (FORCE)")
        server.run(f"CREATE DATABASE {name}")

    return destroy


@pytest.mark.parametrize("reads_first", [True, False], ids=["outbound first", "collect first"])
def test_a_restored_backup_loses_nothing_and_doubles_nothing(drill, destroy, reads_first):
    """What went after the backup is found again, what never went goes once, and only by a person's word."""
    kind = "sqlite" if drill.url.startswith("sqlite") else "postgres"
    drill.pending(0, 1)
    drill.deliver()
    drill.pending(2, 3)
    [sent_later] = drill.collect()
    render(sent_later, drill.night.ports)
    drill.pending(4)
    drill.collect()
    never_sent = sent_later + 1
    drill.follow(BACKUP[kind])

    drill.upload(sent_later)
    drill.pending(5, 6)
    forgotten = [one for one in drill.collect() if one > never_sent]
    for batch_id in forgotten:
        drill.upload(batch_id)
    before = times_taken(drill.sandbox)
    destroy()
    drill.follow(RESTORE[kind])

    # Nobody has begun the epoch yet: neither an old file nor a new run may leave.
    with pytest.raises(LedgerRestored):
        upload(sent_later, drill.night.ports)
    with pytest.raises(LedgerRestored):
        drill.collect()
    drill.follow(("./courier ledger migrate", "./courier ledger new-epoch"), HIGHEST_NUMBER="4")
    assert drill.night.collect("paused", window_end=drill.now()).refused
    drill.night.ports.ledger.clinics.put(Table.CLINIC, [{"key": CLINIC, "mode": "live"}])
    for batch_id in (sent_later, never_sent):
        with pytest.raises(InDoubt):
            upload(batch_id, drill.night.ports)
    drill.pending(5, 6, 7)
    for step in (drill.night.receive, drill.collect) if reads_first else (drill.collect, drill.night.receive):
        step()

    # What outbound names has gone; the rest waits for a person.
    assert before == times_taken(drill.sandbox)
    stands = [drill.line(place) for place in range(8)]
    assert [Delivery.SENT] * 4 + [Delivery.IN_DOUBT] + [Delivery.SENT] * 2 + [Delivery.HELD] == stands
    [held] = [one for one in drill.night.ports.ledger.report.claim_lines() if one.claim_key == CLAIMS[7].key]
    drill.night.ports.ledger.claims.release(held.control_number, "casey", "support does not have it", drill.now())
    drill.late = timedelta(hours=30)
    it_did_not_arrive(never_sent, "casey", "support does not have it", drill.night.ports)
    drill.pending(4, 7, 8)
    drill.deliver()

    taken = times_taken(drill.sandbox)
    assert (len(CLAIMS), {1}) == (len(taken), set(taken.values()))


class Unreachable(VariableWatermark):
    """Airflow does not answer when a mark is to be kept."""

    def raise_to(self, identity):
        raise ConnectionError("no answer")


def test_what_airflow_could_not_keep_does_not_leave(drill):
    """A restore would not be noticed, so no byte leaves; the attempt is known not to have started, and goes later."""
    drill.pending(0)
    [batch_id] = drill.collect()
    render(batch_id, drill.night.ports)

    with pytest.raises(ConnectionError):
        upload(batch_id, replace(drill.night.ports, watermark=Unreachable()))

    assert BatchStatus.RENDERED is drill.night.ports.ledger.batches.get(batch_id).status
    drill.upload(batch_id)
    assert [1] == list(times_taken(drill.sandbox).values())


def test_a_backup_is_never_written_over(drill, tmp_path):
    """Nor is a folder made for it; the message says what to do."""
    if not drill.url.startswith("sqlite"):
        with pytest.raises(BadSetting, match="pg_dump"):
            back_up(drill.url, tmp_path / "ledger.backup")
        return
    back_up(drill.url, tmp_path / "ledger.backup")

    for place in (tmp_path / "ledger.backup", tmp_path / "nowhere" / "ledger.backup"):
        with pytest.raises(BadSetting, match="name a new file"):
            back_up(drill.url, place)
    assert 0o600 == (tmp_path / "ledger.backup").stat().st_mode & 0o777


def test_what_is_no_ledger_is_not_brought_back(sqlite_url, tmp_path):
    """A damaged or another file leaves the ledger where it stands."""
    (tmp_path / "other").write_bytes(b"SQLite format 3")
    before = Ledger(sqlite_url).identity()

    for name in ("other", "nothing"):
        with pytest.raises(BadSetting, match=r"no ledger|no such file"):
            bring_back(sqlite_url, tmp_path / name, datetime.now(UTC))

    assert before == Ledger(sqlite_url).identity()


BACKUP = {"sqlite": ("./courier ledger backup",), "postgres": ("pg_dump",)}
RESTORE = {"sqlite": ("./courier ledger restore",), "postgres": ("pg_restore",)}
