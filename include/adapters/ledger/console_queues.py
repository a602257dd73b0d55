"""The queues of the Claims page: a page of one, its total, and single things by name. Part of `ports.ConsoleLedger`."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from include.adapters.ledger import queue_claims, queue_files
from include.adapters.ledger.engine import Database
from include.adapters.ledger.queue_list import QueueList
from include.delivery.file_hops import Hop
from include.delivery.queues import Ask, Queue, Subject, Waiting

_LISTS: Final[Mapping[Subject, Callable[[Queue, Ask], QueueList]]] = {
    Subject.CLAIM: queue_claims.claims,
    Subject.ALARM: lambda _, ask: queue_claims.silent(ask),
    Subject.FILE: lambda _, ask: queue_files.in_doubt(ask),
    Subject.MONEY: lambda _, ask: queue_files.money(ask),
    Subject.ANSWER: lambda _, ask: queue_files.set_aside(ask),
}


class QueueReads:
    """The queues, read."""

    _database: Database

    def waiting(self, queue: Queue, ask: Ask) -> list[Waiting]:
        """Return a page of a queue; raise ValueError where it is to begin at what is no place of it."""
        with self._database.read() as connection:
            return _LISTS[queue.subject](queue, ask).page(connection, ask.sort, ask.after, ask.limit)

    def waiting_total(self, queue: Queue, ask: Ask) -> Hop:
        """Count all of a queue as it is asked for."""
        with self._database.read() as connection:
            return _LISTS[queue.subject](queue, ask).total(connection)

    def named(self, subject: Subject, ids: Collection[str]) -> list[Waiting]:
        """Return things by what an act names them, however they stand by now, in the order given."""
        of_claims = subject in {Subject.CLAIM, Subject.ALARM}
        with self._database.read() as connection:
            find = queue_claims.named if of_claims else queue_files.named
            found = {one.id: one for one in find(connection, subject, ids)}
        return [found[one] for one in dict.fromkeys(ids) if one in found]
