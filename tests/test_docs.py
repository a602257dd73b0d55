"""Every command the documents show does what they say: each is run here, or names the test that runs it."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tests.airflow_home  # noqa: F401
from include.claims.errors import RetryLater
from include.claims.states import Event
from include.cli.__main__ import COMMANDS, main
from include.delivery.records import PAYER_TABLES, Answer, Kind, Posted, Reading, RemoteFile, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.practice import make_practice
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.contract.test_money import a_payment_of, remitted
from tests.night import ACCOUNT, CLINIC, PASSWORD, Night, some_claims

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

ELSEWHERE = {
    "make demo": "tests/end_to_end/test_demo.py",
    "make test": "is running this",
    "airflow backfill create": "tests/end_to_end/test_nights.py",
    "xargs -a clinics.txt -P 2 -I CLINIC airflow": "test_what_is_done_for_many_clinics_is_done_for_each, below",
    "airflow dags": "test_what_is_done_for_many_clinics_is_done_for_each, below",
    ".venv/bin/python -m include.orchestration.settings_bridge": "tests/orchestration/test_settings_bridge.py",
    "./courier clinics import .courier/newcomer/": "tests/end_to_end/test_onboarding.py",
    "./courier clinics credentials": "tests/orchestration/test_store_connection.py",
    "./courier ledger payloads": "tests/orchestration/test_payloads.py",
    "pg_dump": "tests/orchestration/test_restore.py",
    "pg_restore": "tests/orchestration/test_restore.py",
    ".venv/bin/python -c": "test_the_payload_key_command_makes_a_key, below",
}
"""Commands that other tests run, by how they begin."""


def commands():
    """Yield every line of every shell block, with the page it stands on."""
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.strip().splitlines():
                yield page.name, line


COURIER = sorted(
    {line for _, line in commands() if line.startswith("./courier ") and not any(map(line.startswith, ELSEWHERE))}
)


def test_every_shown_command_is_run_by_a_test():
    """A command that is neither a courier command nor run elsewhere by name would rot."""
    unaccounted = [
        (page, line) for page, line in commands() if line not in COURIER and not any(map(line.startswith, ELSEWHERE))
    ]

    assert [] == unaccounted
    for place in ELSEWHERE.values():
        assert not place.startswith("tests/") or (ROOT / place).exists(), place


def test_every_make_target_that_is_named_exists():
    """`make something` in a document names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)`", page.read_text())}

    assert set() == named - targets


def test_every_link_leads_somewhere():
    """A relative link in a document names a file of the project."""
    broken = [
        (page.name, link)
        for page in PAGES
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
        if not link.startswith("http") and not (page.parent / link).exists()
    ]

    assert [] == broken


def test_every_test_that_is_named_exists():
    """A promise that names a test is shown by it: `tests/file.py::test_name` is a function there, a path is there."""
    named = {name for page in PAGES for name in re.findall(r"`(tests/[\w/.:]*)`", page.read_text())}

    assert len(named) > 40
    assert [] == sorted(name for name in named if not exists(name))


def exists(name: str) -> bool:
    """Tell whether a file or a folder is there, and the test in it."""
    path, _, test = name.partition("::")
    place = ROOT / path
    return place.exists() and (not test or f"\ndef {test}(" in place.read_text())


def test_the_readme_is_short():
    """The README is read whole: under 200 lines."""
    assert len((ROOT / "README.md").read_text().splitlines()) < 200


def test_every_dependency_has_its_line():
    """What pyproject.toml asks for is explained in docs/dependencies.md."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    explained = (ROOT / "docs" / "dependencies.md").read_text()

    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in asked}

    assert set() == {name for name in names if name not in explained}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is_for(name, capsys):
    """`--help` of each command answers."""
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])

    assert 0 == stop.value.code
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("line", COURIER)
def test_a_shown_command_works(line, tmp_path, monkeypatch, capsys):
    """The command runs as it is printed, with the document's placeholders filled in."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        night = Night.prepare(tmp_path, sandbox)
        monkeypatch.chdir(tmp_path)
        for name, value in connections(night, sandbox, tmp_path).items():
            monkeypatch.setenv(name, value)
        words = filled(line, night, sandbox, tmp_path)

        status = main(words)

    printed = capsys.readouterr()
    assert 0 == status, printed.err + printed.out
    assert printed.out.strip()


def connections(night: Night, sandbox: Sandbox, home: Path) -> dict[str, str]:
    """Return what Airflow would know, as environment variables."""
    practice = home / "practice.db"
    make_practice(practice, datetime.now(UTC), with_faults=False)
    sftp = {
        "conn_type": "sftp",
        "host": sandbox.host,
        "port": sandbox.port,
        "login": ACCOUNT,
        "password": PASSWORD,
        "extra": {"host_key": sandbox.host_key, "sandbox": True},
    }
    key = json.loads((home / "night.json").read_text())["payload_key"]
    source = json.dumps({"conn_type": "sqlite", "host": str(practice)})
    return {
        "AIRFLOW_CONN_CLAIMS_LEDGER": json.dumps({"conn_type": "sqlite", "host": str(home / "ledger.db")}),
        "AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY": json.dumps({"conn_type": "generic", "password": key}),
        "AIRFLOW_CONN_SFTP_ACORN": json.dumps(sftp),
        "AIRFLOW_CONN_PRACTICE": source,
        "AIRFLOW_CONN_PRACTICE_DEMO": source,
        "AIRFLOW_CONN_PRACTICE_OF_THE_CLINIC": source,
    }


def filled(line: str, night: Night, sandbox: Sandbox, home: Path) -> list[str]:
    """Return the command's words, and make the world in which it means something."""
    words = with_payers(line.removeprefix("./courier ").split())
    if words[0] in {"claim", "claims"} or "--heard" in words:
        night.hold([a_claim()])
        night.deliver() if {"again", "mark"} & {*words} else night.collect()
        [claim] = night.ports.ledger.report.claim_lines()
        words = [claim.claim_key if word == "ID" else word for word in words]
        if "--heard" in words:
            night.ports.ledger.silence.remember({f"answer:{claim.control_number}": 100}, (), night.ports.now())
        as_it_waits(words, night)
        words = [claim.control_number if word == "CONTROL_NUMBER" else word for word in words]
        words = [a_failed_file(night, sandbox) if word == "FILE" else word for word in words]
    if words[0] in {"silent", "onboard"}:
        with_the_clinic(words, night)
    if words[0] == "remits":
        words = with_money(words, night, home)
    if words[0] in {"audit", "ledger"}:
        night.hold([a_claim()])
        night.collect()
        words = [str(night.audited().head) if word == "HEAD" else word for word in words]
    if "BATCH" in words:
        words = [str(a_batch_in_doubt(night, sandbox)) if word == "BATCH" else word for word in words]
    if words[0] == "accounts" and "ACCOUNT" not in words:
        night.receive()
    if "ACCOUNT" in words:
        night.receive()
        words = [f"{ACCOUNT}@{sandbox.host}:{sandbox.port}" if word == "ACCOUNT" else word for word in words]
    as_it_was_written(words)
    places = {
        "bright_example": ACCOUNT,
        "MAILBOX": ACCOUNT,
        "HIGHEST_NUMBER": "42",
        "DATE": "2099-03-06",
        "sqlite:////data/practice.db": f"sqlite:///{home / 'practice.db'}",
        "/drop/practice": str(a_csv(home)) if "--csv" in words else "",
        "ANSWER": str(ROOT / "tests" / "samples" / "remits" / "paid_with_adjustments.835"),
        "FILE.837P.txt": str(ROOT / "tests" / "samples" / "worked_example.837p"),
    }
    words = [str(ROOT / word) if word.startswith("docs/samples/") else word for word in words]
    return [places.get(word, word) for word in words]


def as_it_was_written(words: list[str]) -> None:
    """Write the file that a command reads."""
    if words[:2] == ["ledger", "restore"]:
        main(["ledger", "backup", words[2]])
    if words[:2] == ["clinics", "import"]:
        main(["clinics", "export", "."])


def as_it_waits(words: list[str], night: Night) -> None:
    """Let the claim of a batch wait again, READY to be held; or HELD, to be released."""
    if {"release", "hold"} & {*words}:
        night.ports.ledger.batches.give_up(1, "example", night.ports.now())
    if "release" in words:
        main(["ledger", "new-epoch", "--who", "Example", "--at-least", "1"])


def with_the_clinic(words: list[str], night: Night) -> None:
    """Write down what the request asks for; where a clinic is to be approved, do all that comes before."""
    clinics = night.ports.ledger.clinics
    if words[0] == "silent":
        # A live clinic without a night is overdue, and the exit status says so.
        clinics.put(Table.CLINIC, [{"key": CLINIC, "mode": "test"}])
        return
    clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "user_name": "acorn_web"}])
    clinics.put(Table.CLINIC, [{"key": CLINIC, "contact": "billing@example.org"}])
    if "--on" not in words:
        return
    main(["onboard", CLINIC, "verify", "--who", "Example"])
    night.hold(some_claims(2))
    [batch_id] = night.collect(kind=Kind.TEST).batch_ids
    render(batch_id, night.ports)
    upload(batch_id, night.ports)
    night.until_settled(batch_id)
    main(["onboard", CLINIC, "history", "--who", "Example", "--why", "example"])


def with_payers(words: list[str]) -> list[str]:
    """Keep the sample's enrollments where a command asks for some."""
    if words[0] != "payers" or words[1] == "import":
        return words
    main(["payers", "import", *(str(ROOT / f"docs/samples/{table}.csv") for table in PAYER_TABLES)])
    return ["harbor_medicaid" if word == "KEY" else word for word in words]


def with_money(words: list[str], night: Night, home: Path) -> list[str]:
    """Let a payment come for one claim that adds up, one that does not and one that nobody knows; fill the words in."""
    night.hold(some_claims(2))
    night.collect()
    first, second = sorted(line.control_number for line in night.ports.ledger.report.claim_lines())
    ledger = night.ports.ledger
    sha256 = night.ports.vault.store(b"ISA")
    file = RemoteFile(name="1_ERA_STATUS_5010_20260320.zip", size=1, modified=1)
    response_id = ledger.responses.store(ACCOUNT, file, sha256, night.ports.now())
    paid = [a_payment_of(first), a_payment_of(second, off=5), a_payment_of("STRANGER1")]
    ledger.responses.post(response_id, remitted(*paid), night.ports.now())
    if words[1] == "open":
        # Nothing waits where it says so by its exit status.
        for one in ledger.money.open():
            if one.status is Posted.UNMATCHED and one.posting_id:
                ledger.money.match(one.posting_id, second, "Example", night.ports.now())
            else:
                ledger.money.accept(one.payment_id, one.posting_id, "Example", "example")
    waiting = {one.status: one for one in ledger.money.open()}
    bank = home / "BANK.csv"
    bank.write_text("trace,amount,date\nEFT1,600.00,2026-03-21\n")
    known = {"CONTROL_NUMBER": first, "SHA256": sha256, "BANK.csv": str(bank)}
    if waiting:
        known |= {
            "PAYMENT": str(waiting[Posted.QUARANTINED].payment_id),
            "POSTING": str(waiting[Posted.QUARANTINED].posting_id),
            "UNMATCHED": str(waiting[Posted.UNMATCHED].posting_id),
        }
    return [known.get(word, word) for word in words]


def a_batch_in_doubt(night: Night, sandbox: Sandbox) -> int:
    """Begin an upload that breaks, and let the file vanish."""
    night.hold([a_claim()])
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    sandbox.misbehave(Misbehaviour(cut_on_open=True))
    with pytest.raises(RetryLater):
        upload(batch_id, night.ports)
    sandbox.behave()
    for path in sandbox.inbound(ACCOUNT).iterdir():
        path.unlink()
    return batch_id


def a_failed_file(night: Night, sandbox: Sandbox) -> str:
    """Send a file that fails, long ago by the command's clock; return its name."""
    sandbox.misbehave(Misbehaviour(never_answer=True))
    render(1, night.ports)
    upload(1, night.ports)
    batch, responses = night.ports.ledger.batches.get(1), night.ports.ledger.responses
    file = RemoteFile(name="FS_HCFA_443130028_ErrorReport.txt", size=1, modified=1)
    response_id = responses.store(ACCOUNT, file, "0" * 64, night.ports.now())
    [number] = [item.control_number for item in night.ports.ledger.batches.claims(1)]
    failed = Answer(control_number=number, event=Event.FILE_FAILED, position=0, words="it failed")
    responses.apply(response_id, Reading(batch_id=1, answered_on="2026-03-06", answers=(failed,)), night.ports.now())
    return batch.file_name


def a_csv(home: Path) -> Path:
    """Write the practice's view as a CSV, as a drop folder would hold it."""
    import csv
    import sqlite3

    folder = home / "drop"
    folder.mkdir()
    with sqlite3.connect(home / "practice.db") as practice, (folder / "night.csv").open("w", newline="") as file:
        rows = practice.execute("select * from pending_claim_lines order by source_claim_key, source_line_key")
        writer = csv.writer(file)
        writer.writerow([column[0] for column in rows.description])
        writer.writerows(rows)
    return folder


def test_the_payload_key_command_makes_a_key():
    """The line in the deployment page prints a key the vault takes."""
    [line] = [line for _, line in commands() if line.startswith(".venv/bin/python -c")]
    program = re.search(r'-c "(.*)"', line)
    assert program

    printed = subprocess.run([sys.executable, "-c", program[1]], capture_output=True, text=True, check=True).stdout

    assert 44 == len(printed.strip())


@pytest.mark.parametrize("line", [line for _, line in commands() if line.startswith(("xargs", "airflow dags"))])
def test_what_is_done_for_many_clinics_is_done_for_each(line, tmp_path):
    """The line asks Airflow once for each clinic, or for all at once, in words Airflow's command line knows."""
    from airflow.cli.cli_parser import get_parser

    (tmp_path / "clinics.txt").write_text("acorn_aba\nbirch_aba\n")
    airflow = tmp_path / "airflow"
    airflow.write_text('#!/bin/sh\necho "$@" >> asked\n')
    airflow.chmod(0o755)

    subprocess.run(line, shell=True, check=True, cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})

    asked = (tmp_path / "asked").read_text().splitlines()
    dag_ids = sorted(get_parser().parse_args(words.split()).dag_id for words in asked)
    assert dag_ids in (["deliver_claims__acorn_aba", "deliver_claims__birch_aba"], ["^deliver_claims__"])
