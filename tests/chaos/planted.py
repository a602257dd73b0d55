"""
Eight bugs, planted one at a time: what the promise of exactly once is most easily lost by.

Each is put in at the smallest seam the product has for it. `test_planted_bugs` shows that the same nights that find
nothing wrong with the product find each of these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from sqlalchemy import select, update

from include.adapters import sftp
from include.adapters.ledger import responses, sealing, transmissions
from include.adapters.ledger.answers import Spoken, decide
from include.adapters.ledger.batches import Batches
from include.adapters.ledger.ready import ready_query
from include.adapters.ledger.responses import Responses
from include.adapters.ledger.tables import SUBMISSION
from include.adapters.sftp_errors import FOREIGN
from include.claims.states import BatchStatus, Delivery, Usage
from include.delivery import upload
from include.delivery.records import Kind, ResponseStatus

Plant = Callable[[pytest.MonkeyPatch], None]


def no_journal_before_the_put(patch: pytest.MonkeyPatch) -> None:
    """Write *begun* down together with *sent*, after the put."""
    begin, sent = Batches.begin, Batches.sent
    pending: dict[int, tuple[Any, ...]] = {}

    def remember(self: Batches, *args: Any) -> int:
        pending[id(self)] = args
        return 0

    def write_both(self: Batches, _: int, evidence: str, now: Any) -> None:
        sent(self, begin(self, *pending.pop(id(self))), evidence, now)

    patch.setattr(Batches, "begin", remember)
    patch.setattr(Batches, "sent", write_both)
    patch.setattr(Batches, "broken", lambda *_: None)
    patch.setattr(Batches, "not_started", lambda *_: None)


def blind_resend(patch: pytest.MonkeyPatch) -> None:
    """Put again what began and is not in inbound."""
    put = upload._put

    def put_anyway(batch: Any, *rest: Any) -> str:
        return put(replace(batch, status=BatchStatus.RENDERED), *rest)

    patch.setattr(upload, "_put", put_anyway)


def put_that_swallows_write_errors(patch: pytest.MonkeyPatch) -> None:
    """Drop the errors of a write and of the close, as a client does that writes ahead of the answers."""

    def write(_: Any, file: Any, __: str, content: bytes, offset: int, ___: Any) -> None:
        try:
            file.seek(offset)
            for start in range(offset, len(content), sftp.CHUNK):
                file.write(content[start : start + sftp.CHUNK])
        except FOREIGN:
            pass
        file.close()

    patch.setattr(sftp.SftpServer, "_write", write)


def repair_that_creates(patch: pytest.MonkeyPatch) -> None:
    """Mend a cut file by writing it anew, whether it still lies there or not."""

    def write_anew(self: Any, name: str, content: bytes, _: int, may_go_on: Callable[[], bool]) -> None:
        path = f"{self._inbound}/{name}"
        self._write(self._open_to_write(path, "w", may_go_on), path, content, 0, may_go_on)

    patch.setattr(sftp.SftpServer, "append_tail", write_anew)


def apply_without_a_transaction(patch: pytest.MonkeyPatch) -> None:
    """Mark an answer as applied first, and write down what it says in a second transaction."""
    apply = Responses.apply

    def in_two(self: Responses, response_id: int, reading: Any, now: Any) -> ResponseStatus:
        with self._database.write() as connection:
            decide(connection, response_id, ResponseStatus.APPLIED, "", now)
        return apply(self, response_id, reading, now)

    patch.setattr(Responses, "apply", in_two)


def answer_bound_to_the_claim(patch: pytest.MonkeyPatch) -> None:
    """Let an answer count for the newest submission of its claim, whichever it was given to."""
    spoken_of = responses._spoken_of

    def newest_of(connection: Any, reading: Any) -> dict[str, Spoken]:
        found = spoken_of(connection, reading)
        return {number: _newest(connection, spoken) for number, spoken in found.items()}

    patch.setattr(responses, "_spoken_of", newest_of)


def _newest(connection: Any, spoken: Spoken) -> Spoken:
    claim = select(SUBMISSION.c.claim_id).where(SUBMISSION.c.id == spoken.submission_id).scalar_subquery()
    of_claim = select(SUBMISSION.c.id, SUBMISSION.c.batch_id).where(
        SUBMISSION.c.claim_id == claim, SUBMISSION.c.usage == Usage.LIVE.value, SUBMISSION.c.batch_id.is_not(None)
    )
    row = connection.execute(of_claim.order_by(SUBMISSION.c.number.desc()).limit(1)).one_or_none()
    return spoken if row is None else Spoken(row.id, row.batch_id)


def lease_without_a_fence(patch: pytest.MonkeyPatch) -> None:
    """Let whoever once had the lease go on, though another has it by now."""
    patch.setattr(transmissions, "is_current", lambda *_: True)


def a_test_file_that_marks_claims(patch: pytest.MonkeyPatch) -> None:
    """Let a test file take the claims themselves, not copies."""
    copies = sealing.Seal._copies

    def marking(self: Any, connection: Any, at_most: int) -> list[int]:
        rows = connection.execute(ready_query(self.order.clinic_key, self.order).limit(at_most)).all()
        made = copies(self, connection, at_most)
        if self.order.kind is Kind.TEST:
            taken = update(SUBMISSION).where(SUBMISSION.c.id.in_([row.id for row in rows]))
            connection.execute(taken.values(delivery=Delivery.BATCHED.value))
        return made

    patch.setattr(sealing.Seal, "_copies", marking)


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug, and how the nights show it."""

    plant: Plant
    seen_at: int = 0  # the seed of a night that has found it


PLANTED: Final[Mapping[str, Planted]] = {
    "no journal before put": Planted(no_journal_before_the_put),
    "blind resend": Planted(blind_resend),
    "put swallowing write errors": Planted(put_that_swallows_write_errors, seen_at=1),
    "repair that creates": Planted(repair_that_creates, seen_at=1),
    "apply without transaction": Planted(apply_without_a_transaction, seen_at=2),
    "answer bound to the claim": Planted(answer_bound_to_the_claim, seen_at=9),
    "lease without fence": Planted(lease_without_a_fence),
    "test batch that marks claims": Planted(a_test_file_that_marks_claims, seen_at=2),
}
