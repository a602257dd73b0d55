"""A clinic taken out, from the word that it leaves to its last answer: drained, heard out, archived."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from include.claims.errors import NotAllowed
from include.claims.states import Adjudication
from include.cli.__main__ import main
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import Mode
from include.delivery.drain import still_open
from include.delivery.records import Step
from include.delivery.render import render
from include.delivery.take import take, visit_each
from include.delivery.upload import upload
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line
from tests.databases import sqlite_template, sqlite_url
from tests.night import ACCOUNT, CLINIC, PASSWORD, Night, some_claims, taken_claims

__all__ = ["sqlite_template", "sqlite_url"]

LEAVES = ("clinics", "drain", CLINIC, "--who", "casey", "--why", "moved to another vendor")


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path: Path, sandbox: Sandbox, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.chdir(tmp_path)
    night = Night.prepare(tmp_path, sandbox, url=sqlite_url)
    key = {"conn_type": "generic", "password": night.payload_key}
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", json.dumps(key))
    return night


def courier(night: Night, *words: str) -> int:
    """Type a command for the night's ledger."""
    return main([*words, "--ledger", night.url])


def archive(night: Night, *words: str) -> int:
    """Set the clinic's mode to archived and import it."""
    path = night.home / "leaves.csv"
    path.write_text(f"key,mode\n{CLINIC},archived\n")
    return courier(night, "clinics", "import", str(path), "--table", "clinics", *words)


def visit(night: Night) -> None:
    """Take and apply as the clinic's `receive_responses` does."""
    _, failed = visit_each(CLINIC, lambda key, ports: (take(key, ports), apply_stored(key, ports)), night.ports)
    assert [] == failed


def pass_days(night: Night, sandbox: Sandbox, *days: int) -> None:
    """Let time pass at the clearinghouse, with a visit after each spell."""
    for some in days:
        sandbox.turn(days=some)
        before, rested = -1, 0
        while rested < 8:
            time.sleep(0.1)
            now = len(list(sandbox.outbound(ACCOUNT).iterdir()))
            before, rested = now, rested + 1 if now == before else 0
        visit(night)


def test_a_clinic_leaves_once_every_answer_is_in(night: Night, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]):
    """Nothing more is sent from the word on; what comes back is applied and posted; then, and not before, it goes."""
    night.hold(some_claims(2))
    night.deliver()
    assert 0 == courier(night, *LEAVES)
    assert "still open: 2 SENT $201.00" in capsys.readouterr().out

    night.hold([*some_claims(2), a_claim(key="LATE", lines=(a_line(source_line_key="LATE"),))])
    refused = night.collect("night-2")
    assert ([], "clinic acorn_aba is paused") == (refused.batch_ids, refused.refused.partition(":")[0])

    sandbox.wait_for_answers(ACCOUNT, 3)
    visit(night)
    assert 1 == archive(night)
    assert "2 ACCEPTED BY" in capsys.readouterr().err
    assert Mode.PAUSED is night.ports.ledger.clinics.clinic(CLINIC).mode

    pass_days(night, sandbox, 2, 1, 2, 9, 7)
    lines = list(night.ports.ledger.report.claim_lines(CLINIC))
    assert [Adjudication.PAID] * 2 == [line.adjudication for line in lines if line.claim_key != "LATE"]
    assert 2 == len(night.ports.ledger.money.feed(0, 10))
    assert {} == still_open(CLINIC, night.ports.ledger)

    assert 0 == courier(night, *LEAVES)
    assert "nothing is open" in capsys.readouterr().out
    assert 0 == archive(night)
    assert Mode.ARCHIVED is night.ports.ledger.clinics.clinic(CLINIC).mode
    assert 2 == len(taken_claims(sandbox))
    assert [Step.DRAINED] * 2 == [note.step for note in night.ports.ledger.onboarding.notes(CLINIC)]


def test_what_was_sealed_when_the_word_came_does_not_leave(
    night: Night, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
):
    """A file on its way out stops before its first byte; it is named as open, and only a person's word leaves it."""
    night.hold(some_claims(2))
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    courier(night, *LEAVES)

    with pytest.raises(NotAllowed, match="clinic acorn_aba is in mode paused now"):
        upload(batch_id, night.ports)

    assert [] == list(sandbox.inbound(ACCOUNT).iterdir())
    assert 1 == archive(night)
    assert "2 BATCHED $201.00" in capsys.readouterr().err
    assert 0 == archive(night, "--anyway", "--who", "casey", "--why", "billed by the new vendor")
    later = replace(night.ports, holder="another")
    with pytest.raises(NotAllowed, match="is in mode archived now"):
        upload(batch_id, later)
    assert [] == taken_claims(sandbox)
