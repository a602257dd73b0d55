"""A night on which everything goes wrong with marked patients, as docs/threat-model.md lists what can."""

import json
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller

from include.cli.processes import StackFailed
from include.sandbox.practice_people import CLINICS, EXAMPLE_HEALTH, NOWHERE_BENEFITS, SPECIMEN_MUTUAL
from tests.end_to_end.real_airflow import RealAirflow
from tests.marks import BORN, Marked

CLINIC = "placeholder_pines"
DELIVER, RECEIVE, CHASE = f"deliver_claims__{CLINIC}", f"receive_responses__{CLINIC}", "chase_silent_claims"
FIRST_ID = 900_001
SAMPLES = Path(__file__).parents[1] / "samples"

PATIENTS: Mapping[str, Mapping[str, Any]] = {
    "Sent": {},
    "Also": {"payer": SPECIMEN_MUTUAL.id},
    "Refused": {"payer": NOWHERE_BENEFITS.id},
    "Held": {"pointers": "1,4"},
    "Signs": {"last": "Quillmark~*:^", "street": "Vexhollow\x07\u00e9 \U0001f642"},
    "Long": {"first": "Zephyrine" * 30, "member": "ZQMEMBER" * 20},
    "Born": {"born": "Quillmark, born 05/23/1907"},
    "Units": {"units": "Zephyrine"},
    "Cents": {"cents": "ZQMEMBER"},
    "Day": {"day": "05/23/1907 Quillmark"},
    "Moment": {"released": "Quillmark, yesterday"},
    "Bytes": {"last": b"\xff\xfeQuillmark"},
}
"""Who is marked, by what is wrong with their claim: the cells that the practice got wrong."""


@dataclass
class Letters:
    """A mail server that keeps what it gets."""

    got: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        """Keep a letter."""
        self.got.append(envelope.content)
        return "250 OK"


def key_of(name: str) -> str:
    """Return the claim's key at the practice."""
    return f"{CLINIC}-{FIRST_ID + list(PATIENTS).index(name):07d}"


def plant(practice: Path) -> None:
    """Enter the marked patients' claims, ready to go."""
    with closing(sqlite3.connect(practice, timeout=30)) as database, database:
        for number, (name, cells) in enumerate(PATIENTS.items(), FIRST_ID):
            _plant_one(database, number, Marked(name), cells)


def _plant_one(database: sqlite3.Connection, number: int, patient: Marked, cells: Mapping[str, Any]) -> None:
    [clinic] = [one for one in CLINICS if one.key == CLINIC]
    now = datetime.now(UTC)
    cell: dict[str, Any] = {
        "last": patient.last,
        "first": patient.first,
        "street": patient.street,
        "member": patient.member,
        "born": BORN.isoformat(),
        "payer": EXAMPLE_HEALTH.id,
        "pointers": "1",
        "units": 8,
        "cents": 12_000 + number % 100,
        "day": (now - timedelta(days=3)).date().isoformat(),
        "released": (now - timedelta(hours=2)).isoformat(timespec="seconds"),
        **cells,
    }
    last = "cast(? as text)"
    home = (cell["street"], clinic.city, clinic.state, clinic.postal_code[:5])
    client = (number, CLINIC, cell["last"], cell["first"], cell["born"], "F", *home)
    database.execute(f"insert into clients values (?, ?, {last}, ?, ?, ?, ?, ?, ?, ?, null)", client)
    holder = (cell["last"], cell["first"], cell["born"], "F")
    policy = (number, number, cell["payer"], cell["member"], "GRP1", "18", *holder)
    database.execute(f"insert into policies values (?, ?, ?, ?, ?, ?, {last}, ?, ?, ?)", policy)
    claim = (number, key_of(patient.letters), CLINIC, number, clinic.number * 10)
    database.execute(
        "insert into claims values (?, ?, ?, ?, ?, '11', 'F84.0', '', 'AUTH1', ?, 1, ?, 'released')",
        (*claim, cell["cents"], cell["released"]),
    )
    session = (number, number, cell["day"], cell["cents"], cell["units"], cell["pointers"])
    database.execute(
        "insert into sessions values (?, ?, ?, '97153', 'HM', ?, ?, ?, '09:00', '11:00', 120, 'T-1', 'RBT')", session
    )


def deliver(airflow: RealAirflow) -> None:
    """Run a night whose upload breaks in mid-write twice before it is let through."""
    airflow.misbehave(CLINIC, cut_after=700)
    # The run that Airflow starts at the unpause would have the claims first; whichever it is, its upload breaks.
    airflow.rest.unpause(DELIVER)
    run_id = airflow.start(DELIVER)
    airflow.until(lambda: _states(airflow, "upload") & {"up_for_retry", "failed"} != set(), "an upload breaks")
    airflow.behave()
    airflow.until_finished(DELIVER, run_id)
    airflow.until_quiet(DELIVER)
    airflow.receive(CLINIC)


def _states(airflow: RealAirflow, task: str) -> set[str]:
    runs = [run["dag_run_id"] for run in airflow.rest.runs(DELIVER)]
    return {str(one["state"]) for run_id in runs for one in airflow.tasks(DELIVER, run_id, task)}


def answer(airflow: RealAirflow) -> list[str]:
    """Let answers come that name patients: sound, cut in two, and with a name where a number belongs; return which."""
    outbound = airflow.stack.home / "sandbox" / "accounts" / CLINIC / "outbound"
    [sent] = [one for one in airflow.ledger.report.claim_lines(CLINIC) if one.claim_key == key_of("Sent")]
    stem = max(one.file_name for one in airflow.ledger.report.batches(CLINIC)).removesuffix(".txt")
    texts = {
        "90000000{}_EDI_STATUS_HCFA_20260306.277": _sample("status/rejected_for_several_reasons.277"),
        "91000000{}_ERA_STATUS_5010_20260306.835": _sample("remits/denied_claim.835"),
        "92000000{}_EDI_STATUS_20260306.txt": _sample("edi_status/report.txt"),
        "FS_HCFA_93000000{}_IN_C.txt": _sample("acknowledgements/FS_HCFA_443130028_IN_C.txt"),
        "94000000{}_" + stem + "_999.999": _sample("acknowledgements/1100000001_CC000042.837P_999.999"),
    }
    written = []
    for name, text in texts.items():
        ours = text.replace("CN0001", sent.control_number).replace("BH260306000019", sent.control_number)
        ours = ours.replace("CC000042.837P", stem)
        for number, broken in enumerate(_damaged(ours)):
            path = outbound / name.format(number)
            path.write_text(broken, encoding="utf-8")
            written.append(path.name)
    airflow.night(RECEIVE)
    airflow.until_quiet(RECEIVE)
    return written


def _sample(name: str) -> str:
    """Return a sample of an answer with a marked patient in it, also as the payer's own words."""
    patient = Marked("Answer")
    text = (SAMPLES / name).read_text(encoding="utf-8-sig")
    for old, new in {
        "EXAMPLE2": patient.last.upper(),
        "EXAMPLE*TESTINA": f"{patient.last.upper()}*{patient.first.upper()}",
        "EXAMPLE, TESTINA": "QUILLMARK, ZEPHYR",
        "EXAMPLE TESTINA": "QUILLMARK ZEPHY",
        "TESTINA": patient.first.upper(),
        "XYZ100200300": "ZQMEMBER0001",
        "XYZ100200302": "ZQMEMBER0002",
        "07/15/1988": "05/23/1907",
        "IK5*A~": f"IK3*NM1*8*2010*8~\nIK4*3*1036*6*{patient.last}~\nIK5*R*5~",
        "SUBSCRIBER NOT FOUND": "QUILLMARK NOT FOUND",
    }.items():
        text = text.replace(old, new)
    return text


def _damaged(text: str) -> Iterator[str]:
    """Yield an answer sound, cut off in the middle, and with names in place of its numbers and dates."""
    yield text
    yield text[: len(text) * 2 // 3]
    for number in ("240", "20260307", "2026", "*0001", "03/06/2026", "1 #"):
        yield text.replace(number, "QUILLMARK")


def break_the_view(airflow: RealAirflow) -> str:
    """Let the practice's view fail over a patient's cell, run a night on it and mend it; return how the task ended."""
    with _broken(airflow.stack.home / "practice.db"):
        run_id = airflow.night(DELIVER)
    [task] = airflow.tasks(DELIVER, run_id, "collect_claims")
    return str(task["state"])


@contextmanager
def _broken(practice: Path) -> Iterator[None]:
    with closing(sqlite3.connect(practice, timeout=30)) as database, database:
        [(view,)] = database.execute("select sql from sqlite_master where name = 'pending_claim_lines'").fetchall()
        database.execute("drop view pending_claim_lines")
        database.execute(view.replace("clients.sex as patient_sex", "json(clients.last_name) as patient_sex"))
    yield
    with closing(sqlite3.connect(practice, timeout=30)) as database, database:
        database.execute("drop view pending_claim_lines")
        database.execute(view)


def alarm(airflow: RealAirflow) -> list[bytes]:
    """Refuse a login, let the chase tell of it by mail, and return the letters."""
    letters = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        _tell_by(airflow, port)
        airflow.misbehave(CLINIC, refuse_logins=True)
        airflow.night(RECEIVE)
        airflow.behave()
        airflow.rest.unpause(CHASE)
        airflow.until_finished(CHASE, airflow.start(CHASE))
        airflow.until_quiet(CHASE)
    finally:
        controller.stop()
    for one in airflow.ledger.accounts.states():
        airflow.ledger.accounts.reset(one.account, "Operator Example", datetime.now(UTC))
    return letters.got


def _tell_by(airflow: RealAirflow, port: int) -> None:
    extra = {"to": "night@example.org", "from_email": "courier@example.org", "disable_tls": True, "disable_ssl": True}
    place = {"host": "127.0.0.1", "port": port, "extra": json.dumps(extra)}
    airflow.keep_connection("claims_alarms", conn_type="smtp", **place)


def visit(airflow: RealAirflow) -> dict[str, httpx.Response]:
    """Use the Claims page as a biller does who types patients' names wherever something can be typed."""
    headers = {"Authorization": f"Bearer {airflow.rest._signed_in()}", "Accept": "text/html"}
    patient = Marked("Sent")
    with httpx.Client(
        base_url=f"{airflow.stack.url}/claims", headers=headers, timeout=60, follow_redirects=True
    ) as page:
        asked = {
            "claim": page.get("/claim", params={"name": key_of("Sent")}),
            "found": page.post("/find", data={"name": key_of("Sent")}),
            "metrics": page.get("/metrics"),
            "overview": page.get("/overview.csv"),
        }
        for word in (patient.last, patient.first, patient.member, BORN.isoformat(), f"{patient.last}, {patient.first}"):
            page.post("/find", data={"name": word})
            page.get("/claim", params={"name": word})
            page.get("/queues/denied", params={"q": word, "payer": word, "code": word})
            page.get("/clinics", params={"find": word})
            page.get("/enrollments", params={"payer": word})
            page.get("/batches", params={"clinic": word, "status": word})
            page.get("/api/claims", params={"q": word, "after": word})
    return asked


def look_around(airflow: RealAirflow) -> None:
    """Print what people print, into logs that are searched; a report that has something to tell exits with 1."""
    ledger = ("--ledger", airflow.stack.ledger_url)
    for words in (("report",), ("report", "--clinic", CLINIC), ("claim", key_of("Sent")), ("claim", key_of("Born"))):
        with suppress(StackFailed):
            airflow.stack.courier(f"printed-{words[0]}", *words, *ledger)
