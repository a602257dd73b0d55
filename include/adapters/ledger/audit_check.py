"""Whether events and looks are what was written: the chain followed from its first link to its last."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from include.adapters.ledger.audit import CHAINED, beginning, hash_of, marks_of, unpack
from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import AUDIT, AUDIT_LINK, CLAIM_LOOK, EVENT
from include.claims.errors import BadSetting

_LINKS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last link of a chain; kept elsewhere, it shows whether the chain's end was cut off."""

    number: int
    hash: str

    @classmethod
    def read(cls, written: str) -> "Head":
        """Read a head as it was printed; raise BadSetting where it is none."""
        number, _, found = written.strip().partition(":")
        if not number.isdecimal() or len(found) != 64:
            raise BadSetting("a head is NUMBER:HASH, as `./courier audit verify` prints it")
        return cls(number=int(number), hash=found)

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What following the chain has shown; without a fault all of it is as it was written."""

    links: int = 0
    rows: Counter[str]  # verified, by table
    before: dict[str, int]  # the last row of each table that is older than the chain
    last: dict[str, int]  # the last row verified, by table
    head: Head | None = None
    fault: str = ""


class Audit:
    """The ledger, asked whether somebody has changed what is kept for ever."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def verify(self, kept: Head | None = None) -> Verdict:
        """Follow the chain, and look whether it still goes through a head that was kept elsewhere."""
        with self._database.read() as connection:
            if connection.dialect.name == "postgresql":
                # All of it at one moment, while others write on.
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            return _Walk(connection).walk(kept)


class _Walk:
    """One way along the chain."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        audit = connection.execute(select(AUDIT)).one()
        self._key = bytes.fromhex(audit.key)
        self._before = {EVENT.name: audit.events_before, CLAIM_LOOK.name: audit.looks_before}
        self._hash = beginning(audit.events_before, audit.looks_before)
        self._rows: Counter[str] = Counter()
        self._last = dict(self._before)
        self._number = 0

    def walk(self, kept: Head | None) -> Verdict:
        """Return what the whole way shows."""
        fault = self._fault(kept)
        head = Head(number=self._number, hash=self._hash) if self._number else None
        return Verdict(
            links=self._number, rows=self._rows, before=self._before, last=self._last, head=head, fault=fault
        )

    def _fault(self, kept: Head | None) -> str:
        for row in _links(self._connection):
            if fault := self._fault_of(row):
                return fault
            self._number, self._hash = row.id, row.hash
            if kept and kept.number == row.id and kept.hash != row.hash:
                return f"link {row.id} is another than the head that was kept: the chain was made anew"
        if kept and kept.number > self._number:
            return (
                f"the chain ends at link {self._number}, and the head that was kept is {kept.number}: its end is gone"
            )
        return next(filter(None, map(self._stranger, CHAINED)), "")

    def _fault_of(self, row: Row[Any]) -> str:
        """Return what is wrong with a link or with the rows it holds."""
        if row.id != self._number + 1:
            return f"link {self._number + 1} is missing"
        if row.rows_of not in CHAINED or row.hash != hash_of(self._key, self._hash, row.id, row.rows_of, row.marks):
            return f"link {row.id} was changed by hand"
        marks = list(unpack(row.marks))
        now = dict(marks_of(self._connection, CHAINED[row.rows_of], [mark.id for mark in marks], self._key))
        if broken := next((mark for mark in marks if now.get(mark.id) != mark.digest), None):
            what = "was changed" if broken.id in now else "was removed"
            return f"{row.rows_of} {broken.id} {what} (link {row.id})"
        self._rows[row.rows_of] += len(marks)
        self._last[row.rows_of] = max(self._last[row.rows_of], *(mark.id for mark in marks))
        return ""

    def _stranger(self, name: str) -> str:
        """Return which row was put in that no link holds."""
        column: ColumnElement[int] = CHAINED[name].c.id
        count = self._connection.scalar(select(func.count()).where(column > self._before[name]))
        if count == self._rows[name]:
            return ""
        held = {mark.id for row in _links(self._connection) if row.rows_of == name for mark in unpack(row.marks)}
        ids = self._connection.scalars(select(column).where(column > self._before[name]).order_by(column))
        found = next((one for one in ids if one not in held), None)
        return f"{name} {found} was put in by hand: no link holds it"


def _links(connection: Connection) -> Iterator[Row[Any]]:
    """Yield the links in order, some at a time."""
    last = 0
    while rows := connection.execute(
        select(AUDIT_LINK).where(AUDIT_LINK.c.id > last).order_by(AUDIT_LINK.c.id).limit(_LINKS_AT_ONCE)
    ).all():
        yield from rows
        last = rows[-1].id
