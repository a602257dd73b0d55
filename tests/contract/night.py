"""A ledger with one live clinic, and the steps of its night in a word each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from include.adapters.ledger import Ledger
from include.claims.model import CancelledClaim, Claim, Fault, UnreadableClaim
from include.claims.states import Event, Usage
from include.delivery.records import (
    Answer,
    ClaimLine,
    Incident,
    Kind,
    Lease,
    Reading,
    RemoteFile,
    RunKey,
    RunOrder,
    ServerIdentity,
    StageCounts,
    Staged,
    Table,
)
from tests import builders

NOW = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)
WINDOW_END = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)

MAILBOX_ROW = {
    "key": "harbor",
    "connection_id": "sftp_harbor",
    "submitter_id": "731234567",
    "submitter_name": "EXAMPLE HARBOR ABA LLC",
    "contact_name": "CASEY SAMPLE",
    "contact_phone": "5035550100",
}
CLINIC_ROW = {
    "key": "harbor",
    "name": "Example Harbor ABA",
    "mailbox_key": "harbor",
    "source_connection_id": "practice_demo",
    "timezone": "America/Los_Angeles",
    "delivery_cron": "0 20 * * *",
    "response_cron": "0 */2 * * *",
    "mode": "live",
    "live_since": "2026-01-01",
    "first_night_claims": "0",
}
SERVER = ServerIdentity(
    host="sftp.example.test", port=22, user="harbor", key_fingerprint="SHA256:example", sandbox_expected=False
)
BLOCKED = Fault(rule="member_id_present", place="item 1a", message="it is blank", remedy="fill it in")
OTHER_BLOCKED = Fault(rule="npi_is_valid", place="item 24J", message="wrong check digit", remedy="correct it")
WARNED = Fault(rule="looks_odd", place="item 24", message="unusual", remedy="look at it", blocks=False)


def claims(count: int) -> list[Claim]:
    """Return that many claims with keys C-001, C-002 and so on."""
    return [builders.a_claim(key=f"C-{number:03d}") for number in range(1, count + 1)]


def changed(claim: Claim) -> Claim:
    """Return the claim as it is after somebody corrected its prior authorization."""
    return replace(claim, prior_authorization=f"{claim.prior_authorization}X")


def an_order(run_id: str = "run-1", *, clinic_key: str = "harbor", kind: Kind = Kind.LIVE) -> RunOrder:
    """Return what a nightly run asks for."""
    key = RunKey(dag_id=f"deliver_claims__{clinic_key}", run_id=run_id)
    return RunOrder(key=key, clinic_key=clinic_key, window_end=WINDOW_END, kind=kind)


def name_of(number: int, usage: Usage) -> str:
    """Return an upload name that carries OATEST if and only if it is a test."""
    return f"837P_{number:09d}{'_OATEST' if usage is Usage.TEST else ''}.txt"


class Night:
    """The steps of a night against one ledger; `now` moves only when a test says so."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.now = NOW
        self.files = 0
        ledger.clinics.put(Table.MAILBOX, [MAILBOX_ROW])
        ledger.clinics.put(Table.CLINIC, [CLINIC_ROW])

    def set_clinic(self, **cells: str) -> None:
        """Change cells of the clinic's row."""
        self.ledger.clinics.put(Table.CLINIC, [{"key": "harbor", **cells}])

    def stage(self, *items: Claim | UnreadableClaim | CancelledClaim, faults: Sequence[Fault] = ()) -> StageCounts:
        """Record what the source holds, all with the same faults."""
        staged = [Staged(claim=item, faults=tuple(faults)) for item in items]
        return self.ledger.claims.stage("harbor", staged, self.now)

    def seal(self, order: RunOrder | None = None, adopted: Sequence[int] = ()) -> list[int]:
        """Seal a run's batches."""
        order = order or an_order()
        clinic = self.ledger.clinics.clinic(order.clinic_key)
        settings = {"submitter_id": "731234567"}
        # A test file is filled up, as collecting does it.
        filling = self.invented() if order.kind is Kind.TEST else ()
        return self.ledger.batches.seal(
            order, clinic, self.now, name_of=name_of, settings=settings, adopted=adopted, invented=filling
        )

    def invented(self) -> list[Staged]:
        """Return what a test file that has too few claims is filled up with."""
        return [Staged(claim=claim, faults=()) for claim in builders.invented(ready_at=self.now)]

    def rendered(self, *items: Claim, run_id: str = "run-1", kind: Kind = Kind.LIVE) -> int:
        """Stage, seal and render claims; return their batch."""
        self.stage(*items)
        (batch_id,) = self.seal(an_order(run_id, kind=kind))
        self.render(batch_id)
        return batch_id

    def render(self, batch_id: int) -> None:
        """Record bytes for a batch."""
        ids = [item.submission_id for item in self.ledger.batches.claims(batch_id)]
        starts = {one: (f"{place:04d}", 10 * place) for place, one in enumerate(ids, start=1)}
        self.ledger.batches.rendered(batch_id, "0" * 64, 1234, starts)

    def lease(self, seconds: float = 60.0) -> Lease:
        """Take the account."""
        return self.ledger.accounts.acquire(SERVER.account, "worker-1", seconds, "credential")

    def begin(self, batch_id: int, server: ServerIdentity = SERVER) -> int:
        """Begin a transmission, giving the account back as a kill would once its lease has run out."""
        lease = self.lease()
        try:
            return self.ledger.batches.begin(batch_id, lease, server, self.now)
        finally:
            self.ledger.accounts.release(lease)

    def sent(self, *items: Claim, run_id: str = "run-1") -> int:
        """Deliver claims in one batch; return it."""
        batch_id = self.rendered(*items, run_id=run_id)
        self.ledger.batches.sent(self.begin(batch_id), "acknowledged", self.now)
        return batch_id

    def respond(
        self,
        batch_id: int | None,
        answers: Sequence[Answer],
        *,
        answered_on: str = "2026-03-06",
        is_final: bool = False,
        response_id: int | None = None,
    ) -> int:
        """Store a response and apply what it says; return it."""
        if response_id is None:
            self.files += 1
            file = RemoteFile(name=f"answer_{self.files}.txt", size=100 + self.files, modified=1)
            response_id = self.ledger.responses.store("harbor", file, f"{self.files:064d}", self.now)
        reading = Reading(batch_id=batch_id, answered_on=answered_on, answers=tuple(answers), is_final=is_final)
        self.ledger.responses.apply(response_id, reading, self.now)
        return response_id

    def numbers(self, batch_id: int) -> list[str]:
        """Return the control numbers of a batch in position order."""
        return [item.control_number for item in self.ledger.batches.claims(batch_id)]

    def line(self, key: str, number: int = 1) -> ClaimLine:
        """Return where a claim's live submission stands."""
        lines = [one for one in self.lines() if one.claim_key == key and one.usage is Usage.LIVE]
        return lines[number - 1]

    def incidents(self, key: str) -> tuple[Incident, ...]:
        """Return all that happened to a claim."""
        (story,) = self.ledger.report.stories(key)
        return story.incidents

    def lines(self) -> list[ClaimLine]:
        """Return every submission."""
        return list(self.ledger.report.claim_lines())

    def later(self, **step: float) -> None:
        """Let time pass."""
        self.now += timedelta(**step)


def an_answer(control_number: str, event: Event, position: int = 1, **changes: Any) -> Answer:
    """Return one thing a response says of a claim."""
    return replace(Answer(control_number=control_number, event=event, position=position, words="because"), **changes)
