"""
The Claims page over nine months' ledger: three hundred clinics, a hundred thousand claims, every page timed.

There is no peer: the measure is 300 ms of server time at the median, and the databases are each other's. Claims are
written straight into the tables, as their nights would have left them; a page is asked for again and again, the first
time apart, because what it keeps for a while is not there yet.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import Table as SqlTable
from sqlalchemy import event, insert, text

from include.adapters.ledger import Ledger, migrate
from include.adapters.ledger.events import cached, event_row
from include.adapters.ledger.many import insert_many
from include.adapters.ledger.tables import (
    BATCH,
    CLAIM,
    CLAIM_REVISION,
    DELIVERY_RUN,
    DELIVERY_RUN_BATCH,
    EVENT,
    PAYMENT,
    POSTING,
    RESPONSE,
    SUBMISSION,
    SUBMISSION_CHANGE,
)
from include.claims.documents import described
from include.claims.states import Event, Happened, fold
from include.delivery.records import Table
from include.web.app import build_app
from include.web.viewer import May
from tests.builders import a_claim, a_payer
from tests.contract.night import CLINIC_ROW, MAILBOX_ROW, Night
from tests.databases import a_postgres_server
from tests.web.world import world_of

CLINICS: Final = 300
CLAIMS: Final = 100_000
ROUNDS: Final = 15
NOW: Final = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
PAYERS: Final = tuple(f"{60000 + number}" for number in range(25))

PAGES: Final = (
    "/",
    "/overview.csv",
    "/metrics",
    "/clinic/{clinic}",
    "/run?dag_id=deliver_claims__{clinic}",
    "/run?dag_id=deliver_claims__{clinic}&run_id={run}",
    "/claim?name={claim}",
    "/queues",
    "/queues/held",
    "/queues/rejected",
    "/queues/denied",
    "/queues/ready",
    "/queues/silent",
    "/queues/rejected?q=CN0000",
    "/batches",
    "/batch/{batch}",
    "/enrollments",
    "/clinics",
    "/api/v1/overview",
    "/api/v1/queues",
    "/api/v1/claims",
    "/api/v1/claims?clinic={clinic}&delivery=SENT",
    "/api/v1/claims/{claim}",
    "/api/v1/batches",
    "/api/v1/enrollments",
    "/api/v1/clinics",
)
"""Every page that is asked for with GET; another page is one more line."""

_E = Event
_SENT: Final = (_E.COLLECTED, _E.BATCHED, _E.BEGUN, _E.SENT)
_TAKEN: Final = (*_SENT, _E.SET_ACCEPTED, _E.ACCEPTED_BY_CLEARINGHOUSE)
_AT_PAYER: Final = (*_TAKEN, _E.ACCEPTED_BY_PAYER)
_LIVES: Final[Mapping[str, tuple[tuple[int, tuple[Event, ...]], ...]]] = {
    "tonight": ((3, (_E.COLLECTED, _E.HELD)), (7, (_E.COLLECTED,))),
    "last night": ((97, _SENT), (3, (*_SENT, _E.SET_ACCEPTED))),
    "weeks": (
        (80, _AT_PAYER),
        (10, _TAKEN),
        (7, (*_SENT, _E.SET_ACCEPTED, _E.REJECTED_BY_CLEARINGHOUSE)),
        (1, (*_TAKEN, _E.REJECTED_BY_PAYER)),
        (1, (*_SENT, _E.SET_REFUSED)),
        (1, _SENT[:3]),
    ),
    "months": (
        (82, (*_AT_PAYER, _E.PAID)),
        (5, (*_AT_PAYER, _E.DENIED)),
        (3, (*_AT_PAYER, _E.PAID_WITH_DENIED_LINES)),
        (4, (*_SENT, _E.SET_ACCEPTED, _E.REJECTED_BY_CLEARINGHOUSE)),
        (4, _AT_PAYER),
        (2, _TAKEN),
    ),
}
"""How many of a hundred claims have had which life, by how long ago they were to go."""

_DAYS_AFTER: Final[Mapping[Event, float]] = {
    _E.SET_ACCEPTED: 0.1,
    _E.SET_REFUSED: 0.1,
    _E.ACCEPTED_BY_CLEARINGHOUSE: 0.8,
    _E.REJECTED_BY_CLEARINGHOUSE: 0.8,
    _E.ACCEPTED_BY_PAYER: 3.0,
    _E.REJECTED_BY_PAYER: 3.0,
    _E.PAID: 21.0,
    _E.DENIED: 24.0,
    _E.PAID_WITH_DENIED_LINES: 22.0,
}
_PAYS: Final = frozenset({_E.PAID, _E.PAID_WITH_DENIED_LINES})


@dataclass
class _Rows:
    """Rows on their way into the tables, a few thousand at a time, parents first."""

    ledger: Ledger
    waiting: dict[SqlTable, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    last: dict[SqlTable, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, table: SqlTable, **cells: Any) -> int:
        """Take a row and return the number it gets."""
        self.last[table] += 1
        self.waiting[table].append({"id": self.last[table], **cells} if "id" in table.c else cells)
        return self.last[table]

    def write(self) -> None:
        """Write what waits."""
        tables = (RESPONSE, DELIVERY_RUN, BATCH, DELIVERY_RUN_BATCH, CLAIM, CLAIM_REVISION, PAYMENT, SUBMISSION)
        with self.ledger.database.write() as connection:
            for table in (*tables, POSTING, EVENT, SUBMISSION_CHANGE):
                insert_many(connection, insert(table), self.waiting.pop(table, []))


def fill(ledger: Ledger, *, clinics: int = CLINICS, claims: int = CLAIMS) -> None:
    """Write a ledger of so many clinics with so many claims between them."""
    draw = random.Random(20260306)  # the same ledger every time
    night = Night(ledger)
    night.now = NOW
    keys = [f"clinic_{number:03d}" for number in range(clinics)]
    ledger.clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": key, "connection_id": f"sftp_{key}"} for key in keys])
    ledger.clinics.put(
        Table.CLINIC,
        [{**CLINIC_ROW, "key": key, "name": key.title().replace("_", " "), "mailbox_key": key} for key in keys],
    )
    rows = _Rows(ledger)
    for number, key in enumerate(keys):
        _a_clinic(rows, key, claims // clinics, draw)
        if number % 20 == 19:
            rows.write()
    rows.write()
    with ledger.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _a_clinic(rows: _Rows, key: str, claims: int, draw: random.Random) -> None:
    a_night = max(1, claims // 40)
    firsts = list(enumerate(range(0, claims, a_night)))
    for position, first in reversed(firsts):  # oldest night first, as the ledger would number them
        days = position if position < 2 else 1 + (position - 1) * 7
        _a_night(rows, key, days, min(a_night, claims - first), draw)


def _a_night(rows: _Rows, key: str, days: int, count: int, draw: random.Random) -> None:
    sealed_at = NOW - timedelta(days=days, hours=8)
    era = "tonight" if days == 0 else "last night" if days == 1 else "weeks" if days < 40 else "months"
    batch_id = None if days == 0 else _a_batch(rows, key, sealed_at, count)
    weights, lives = zip(*_LIVES[era], strict=True)
    response_id = rows.add(
        RESPONSE, mailbox_key=key, name=f"{key}_{days}.txt", size=100, modified=1, sha256=f"{days:064d}",
        taken_at=sealed_at, status="applied", reason="", decided_at=sealed_at,
    )  # fmt: skip
    for position in range(count):
        (life,) = draw.choices(lives, weights)
        _a_claim(rows, key, life, sealed_at, draw, batch_id=batch_id, position=position + 1, response_id=response_id)
    if batch_id:
        charged = [one["total_cents"] for one in rows.waiting[SUBMISSION] if one["batch_id"] == batch_id]
        (batch,) = (one for one in rows.waiting[BATCH] if one["id"] == batch_id)
        batch |= {"claim_count": len(charged), "total_cents": sum(charged)}


def _a_batch(rows: _Rows, key: str, sealed_at: datetime, count: int) -> int:
    asked = json.dumps({"kind": "live", "window_end": sealed_at.isoformat(), "payer_id": "", "claim_keys": []})
    run_id = rows.add(
        DELIVERY_RUN, dag_id=f"deliver_claims__{key}", run_id=f"scheduled__{sealed_at:%Y-%m-%d}", clinic_key=key,
        asked=asked, sealed_at=sealed_at,
    )  # fmt: skip
    number = rows.last[BATCH] + 1
    batch_id = rows.add(
        BATCH, mailbox_key=key, number=number, clinic_key=key, delivery_run_id=run_id, kind="live", usage="live",
        file_name=f"837P_{number:09d}.txt", file_stem=f"837p_{number:09d}", interchange_number=number,
        group_number=number, reference=f"CH{number:06d}", created_at=sealed_at, settings="{}", claim_count=count,
        total_cents=0, status="SENT", status_reason="", payload_sha256="0" * 64, size=1000 * count, epoch=1,
        clearinghouse_file_ids="[]",
    )  # fmt: skip
    rows.add(DELIVERY_RUN_BATCH, delivery_run_id=run_id, position=0, batch_id=batch_id, adopted=False)
    return batch_id


def _a_claim(
    rows: _Rows,
    key: str,
    life: tuple[Event, ...],
    sealed_at: datetime,
    draw: random.Random,
    *,
    batch_id: int | None,
    position: int,
    response_id: int,
) -> None:
    number = rows.last[CLAIM] + 1
    service_on = sealed_at.date() - timedelta(days=draw.randint(2, 12))
    payer_id = draw.choice(PAYERS)
    revision, document = _claim(number, payer_id, service_on)
    claim_id = rows.add(
        CLAIM, source="example_practice", key=f"C-{number:06d}", clinic_key=key, revision=revision,
        first_seen_at=sealed_at,
    )  # fmt: skip
    cents = 100 * draw.randint(60, 1200)
    rows.add(
        CLAIM_REVISION, claim_id=claim_id, hash=revision, document=document, payer_id=payer_id, total_cents=cents,
        first_service_on=service_on, last_service_on=service_on, others_decided_on=None, ready_at=sealed_at,
        faults="[]", seen_at=sealed_at,
    )  # fmt: skip
    # What was rejected has mostly gone again.
    again = _E.REJECTED_BY_CLEARINGHOUSE in life and draw.random() < 0.7
    lives = ((life, 1), (_TAKEN, 2)) if again else ((life, 1),)
    for one, submission in lives:
        submission_id = rows.add(
            SUBMISSION, claim_id=claim_id, revision=revision, number=submission, usage="live",
            control_number=f"CN{number:09d}{submission}", frequency="1", asked_by="", replaces="", clinic_key=key,
            payer_id=payer_id, ready_at=sealed_at, total_cents=cents, batch_id=batch_id if _E.BATCHED in one else None,
            position=position, set_number=f"{position:04d}", first_segment=10, holds="[]", clearinghouse_claim_id="",
            payer_claim_number="", **cached(fold(Happened(event, at) for at, event in enumerate(one))),
        )  # fmt: skip
        for happened in one:
            at = _moment(happened, sealed_at, draw)
            told = _an_event(submission_id, happened, at, batch_id=batch_id, response_id=response_id)
            rows.add(EVENT, **told)
        if life[-1] in _PAYS:
            _money(rows, submission_id, number, sealed_at, response_id=response_id)
        rows.last[SUBMISSION_CHANGE] += 1
        rows.waiting[SUBMISSION_CHANGE].append(
            {"submission_id": submission_id, "change_id": submission_id, "changed_at": sealed_at}
        )


def _moment(happened: Event, sealed_at: datetime, draw: random.Random) -> datetime:
    return sealed_at + timedelta(days=_DAYS_AFTER.get(happened, 0) * (0.5 + draw.random()))


def _an_event(
    submission_id: int, happened: Event, at: datetime, *, batch_id: int | None, response_id: int
) -> dict[str, Any]:
    is_answer = happened in _DAYS_AFTER
    answer = {"answered_on": f"{at:%Y-%m-%d}", "response_id": response_id} if is_answer else {}
    return event_row(submission_id, happened, at, batch_id=batch_id, dedupe=str(happened)) | answer


def _money(rows: _Rows, submission_id: int, number: int, sealed_at: datetime, *, response_id: int) -> None:
    (submission,) = (one for one in rows.waiting[SUBMISSION][-2:] if one["id"] == submission_id)
    cents, payer_id = submission["total_cents"], submission["payer_id"]
    payment_id = rows.add(
        PAYMENT, response_id=response_id, segment=number, identity=f"{number}", payer_name="EXAMPLE HEALTH PLAN",
        payer_id=payer_id, payee_npi="", payee_tax_id="", is_ours=True, trace=f"T{number}", method="ACH", handling="I",
        paid_on=sealed_at.date() + timedelta(days=21), cents=cents // 2, claims_cents=cents // 2, provider_cents=0,
        status="posted", reason="", decided_by="", deposited_on=None, deposited_cents=None,
    )  # fmt: skip
    rows.add(
        POSTING, payment_id=payment_id, submission_id=submission_id, feed_id=submission_id, key=f"{number}",
        content="0" * 64, control_number=f"CN{number:09d}1", payer_claim_number="", decision="1", charge_cents=cents,
        paid_cents=cents // 2, patient_cents=0, segment=3, event="paid", codes="", words="", fault="", status="posted",
        reason="", decided_by="", document='{"lines": [], "adjustments": [], "remarks": []}',
    )  # fmt: skip


_ONE: Final = a_claim()


def _claim(number: int, payer_id: str, service_on: date) -> tuple[str, str]:
    lines = tuple(replace(line, service_date=service_on) for line in _ONE.lines)
    return described(replace(_ONE, key=f"C-{number:06d}", payer=a_payer(id=payer_id), lines=lines))


class _Anybody:
    """Who may do everything; implements `include.web.viewer.Viewer`."""

    name = "bench"

    def may(self, what: May, clinic_key: str = "") -> bool:  # noqa: ARG002  # the protocol's
        return True

    def clinics(self, keys: Any) -> set[str]:
        return set(keys)


def report(ledger: Ledger, database: str, pages: tuple[str, ...] = PAGES) -> None:
    """Ask for every page and print what it took."""
    night = Night(ledger)
    night.now = NOW
    statements: list[str] = []
    event.listen(ledger.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    names = {
        "clinic": "clinic_007",
        "run": f"scheduled__{NOW - timedelta(days=1, hours=8):%Y-%m-%d}",
        "claim": "C-002500",
        "batch": "70",
    }
    client = TestClient(build_app(lambda: world_of(night), _Anybody), headers={"Accept": "text/html"})
    print(f"\n{database}: {CLINICS} clinics, {CLAIMS} claims\n")
    print(f"{'page':<60} {'first ms':>9} {'median ms':>10} {'queries':>8} {'kB':>6}")
    for page in pages:
        place = page.format(**names)
        taken = []
        for _ in range(ROUNDS):
            statements.clear()
            started = time.perf_counter()
            answer = client.get(place)
            taken.append(1000 * (time.perf_counter() - started))
            assert answer.status_code == 200, f"{place}: {answer.status_code} {answer.text[:200]}"
        size = len(answer.content) / 1024
        print(
            f"{place:<60} {taken[0]:>9.0f} {statistics.median(taken):>10.0f} {len(statements):>8} {size:>6.0f}",
            flush=True,
        )


def ledgers(home: ExitStack) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the databases by name, each with how to get an empty one."""
    folder = Path(home.enter_context(tempfile.TemporaryDirectory(prefix="courier-bench-")))
    yield "SQLite", lambda: f"sqlite:///{folder / 'ledger.db'}"

    def postgres() -> str:
        server = home.enter_context(a_postgres_server())
        server.run("CREATE DATABASE ledger")
        return server.url("ledger")

    yield "PostgreSQL", postgres


def main() -> int:
    """Fill a ledger on each database and time the pages: `python -m bench.claims_page [PAGE ...]`."""
    parser = argparse.ArgumentParser(prog="bench.claims_page", description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="only these, such as /queues/held")
    options = parser.parse_args()
    with ExitStack() as home:
        for name, url_of in ledgers(home):
            url = url_of()
            migrate(url)
            ledger = Ledger(url, [Fernet.generate_key().decode()])
            fill(ledger)
            report(ledger, name, tuple(options.pages) or PAGES)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
