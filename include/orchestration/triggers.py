"""
The looks at `outbound`, without a worker: the watch after an upload, and the visit of every few hours.

They take nothing and decide nothing: they look (the ledger first, then one short session under the account's
lease) and wake the task, which takes and applies. What a person must mend wakes it too, and the task says what.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from airflow.triggers.base import BaseTrigger, TaskFailedEvent, TaskSkippedEvent, TriggerEvent

from include.claims.errors import ClaimsError, LeaseHeld, RetryLater
from include.delivery.ports import Ports
from include.delivery.session import session
from include.delivery.take import clinic_has_news, digest
from include.orchestration.wiring import ports_for_task

# One triggerer looks for all clinics, most of them at one server: OpenSSH turns logins away above ten at once.
_LOOKERS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="look")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found."""

    settled: bool
    listing: str  # the digest of `outbound`; blank where the batch is settled and nobody had to look


def look(batch_id: int, mailbox_key: str, ports: Ports) -> Look:
    """Tell whether the batch is settled by now, and if not, what `outbound` holds."""
    if ports.ledger.batches.summary(batch_id).is_settled:
        return Look(settled=True, listing="")
    mailbox = ports.ledger.clinics.mailbox(mailbox_key)
    with session(mailbox, ports) as here:
        return Look(settled=False, listing=digest(here.server.list_outbound()))


class AnswerTrigger(BaseTrigger):
    """Fires when answers to a batch can be taken, or when the courtesy time is over."""

    def __init__(self, *, batch_id: int, mailbox_key: str, seen: str, until: str, every: float, slowest: float) -> None:
        super().__init__()
        self.batch_id = batch_id
        self.mailbox_key = mailbox_key
        self.seen = seen  # the digest of the listing that was taken last
        self.until = until  # ISO 8601
        self.every = every  # seconds between looks
        self.slowest = slowest  # seconds, however often the server fails

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer builds the same watch from."""
        names = ("batch_id", "mailbox_key", "seen", "until", "every", "slowest")
        return ("include.orchestration.triggers.AnswerTrigger", {name: getattr(self, name) for name in names})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look until there is something to take, something to mend, or no time left; fire once."""
        yield TriggerEvent(await self.watch(ports_for_task))

    async def watch(self, ports: Callable[[], Ports]) -> str:
        """Return why the watch ended: `settled`, `changed`, `repair` or `time over`."""
        wait = self.every
        before = self.seen
        while await self._sleep(wait):
            try:
                found = await self._look(ports)
            except LeaseHeld:
                continue
            except RetryLater as busy:
                wait = min(wait * 2, self.slowest)
                self.log.info("not seen, next look in about %.0f s: %s", wait, type(busy).__name__)
                continue
            except ClaimsError as needed:
                self.log.warning("the watch ends, a person is needed: %s", type(needed).__name__)
                return "repair"
            if found.settled:
                return "settled"
            # Changed since the last take, and the same in two looks: it rests.
            if found.listing != self.seen and found.listing == before:
                return "changed"
            before = found.listing
            wait = self.every
        return "time over"

    async def _look(self, ports: Callable[[], Ports]) -> Look:
        return await _aside(lambda: look(self.batch_id, self.mailbox_key, ports()))

    async def _sleep(self, seconds: float) -> bool:
        """Sleep about that long, never past the end; return whether there is time left."""
        left = (datetime.fromisoformat(self.until) - datetime.now(UTC)).total_seconds()
        # Jitter: nights begin on the hour, and a server counts connections.
        await asyncio.sleep(max(0.0, min(left, seconds * random.uniform(0.8, 1.2))))  # noqa: S311  # hides nothing
        return left > 0


class VisitTrigger(BaseTrigger):
    """
    Looks into a clinic's mailboxes once; a task that starts with it costs a worker only where there is work.

    The visit ends here as *skipped* where nothing is new, and as failed, to be tried again, where the world was busy.
    Skipped, not success: for successes that end here Airflow has the DAG processor parse the DAG file once more, to
    look for a callback that is not there.
    """

    def __init__(self, *, clinic_key: str, every: float) -> None:
        super().__init__()
        self.clinic_key = clinic_key
        self.every = every  # seconds until a held account is asked for again; the task's time limit ends that

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what the triggerer builds the same visit from."""
        kwargs = {"clinic_key": self.clinic_key, "every": self.every}
        return ("include.orchestration.triggers.VisitTrigger", kwargs)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look, and fire once."""
        yield await self.visit(ports_for_task)

    async def visit(self, ports: Callable[[], Ports]) -> TriggerEvent:
        """Return how the visit goes on: to a worker, or not at all."""
        while True:
            try:
                is_new = await _aside(lambda: clinic_has_news(self.clinic_key, ports()))
            except LeaseHeld as held:
                self.log.info("account is held, looking again in %.0f s: %s", self.every, held)
                await asyncio.sleep(self.every)
            except RetryLater as busy:
                self.log.warning("not seen: %s", busy)
                return TaskFailedEvent()
            except ClaimsError as needed:
                self.log.warning("a person is needed, the task will say for what: %s", needed)
                return TriggerEvent("repair")
            else:
                self.log.info("something is to be taken" if is_new else "nothing is new")
                return TriggerEvent("news") if is_new else TaskSkippedEvent()


async def _aside(work: Callable[[], T]) -> T:
    # With the context, which says whose log a line goes to.
    return await asyncio.get_running_loop().run_in_executor(_LOOKERS, copy_context().run, work)
