"""`make demo`, as a newcomer runs it, and again."""

import json
import os
from pathlib import Path

import pytest

from include.adapters.ledger import Ledger
from include.sandbox.practice_changes import told_claim
from include.sandbox.taken import read_taken
from include.x12.as_billed import as_billed
from include.x12.read_837p import read_837p
from include.x12.segments import chunks_of
from tests.conftest import run_demo
from tests.oracles import assert_both_accept

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]


def processes_of(home: Path) -> list[str]:
    """Return the command lines and environments that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in told and process.name != str(os.getpid()):
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return [line for line in found if line]


def ledger_of(home: Path) -> Ledger:
    """Return the demo's ledger, with the key that lies beside it."""
    return Ledger(f"sqlite:///{home / 'ledger.db'}", [json.loads((home / "secrets.json").read_text())["payload_key"]])


def files_judged(home: Path) -> int:
    """Have both oracles judge every file that was sent, and read each back to the ledger's claims; return how many."""
    ledger = ledger_of(home)
    sent = {batch.payload_sha256: batch.id for batch in ledger.report.batches()}
    taken = read_taken(home / "sandbox" / "taken.jsonl")
    for file in taken:
        text = (home / "sandbox" / "taken" / file.account / f"{file.file_id}_{file.name}").read_text()
        assert_both_accept(text)
        read = {found.control_number: found.claim for found in read_837p(chunks_of(text))}
        stored = {item.control_number: item.claim for item in ledger.batches.claims(sent[file.sha256])}
        assert {number: as_billed(claim) for number, claim in stored.items()} == read
    return len(taken)


def test_the_demo_shows_everything_and_sends_nothing_twice(first_demo):
    """Two runs end with 0; the second takes nothing anew; no process stays behind."""
    home, first = first_demo.home, first_demo.ended
    taken = read_taken(home / "sandbox" / "taken.jsonl")

    second = run_demo(home).ended

    assert 0 == first.returncode, first.stdout[-3000:] + first.stderr[-3000:]
    assert 0 == second.returncode, second.stdout[-3000:] + second.stderr[-3000:]
    assert taken == read_taken(home / "sandbox" / "taken.jsonl")
    assert [] == processes_of(home)
    assert files_judged(home) >= 5
    assert [
        "#1 rejected_by_payer", "#2 held_for_a_person", "#1 replaced", "#2 released", "#2 paid_with_denied_lines",
        "#2 replaced", "#2 reversed", "#3 paid",
    ] == whole_life(home)  # fmt: skip
    for shown in (
        "rejected by payer",
        "paid with denied lines",
        "replaced",
        "PAID",
        "member_id_present",
        "RC55:",
        "SB01:",
        "Everything reconciles.",
        "agree claim by claim",
    ):
        assert shown in first.stdout


def whole_life(home: Path) -> list[str]:
    """Return what happened to the claim whose life the demo tells, its delivery and repeated words left out."""
    ledger = ledger_of(home)
    (story,) = ledger.report.stories(told_claim(home / "practice.db"))
    told = (
        "held_for_a_person",
        "released",
        "rejected_by_payer",
        "paid_with_denied_lines",
        "replaced",
        "reversed",
        "paid",
    )
    happened = [f"{one.label} {one.event}" for one in story.incidents if one.event in told]
    return list(dict.fromkeys(happened))


def test_the_demos_table_has_what_a_night_has(tmp_path):
    """At least five clinics, one of them with nothing to do, and two on one mailbox."""
    from include.sandbox.practice_people import CLINICS

    mailboxes = [clinic.mailbox for clinic in CLINICS]

    assert len(CLINICS) >= 5
    assert len(mailboxes) == len(set(mailboxes)) + 1
