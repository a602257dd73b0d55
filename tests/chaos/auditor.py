"""
The auditor of a night: whether what the ledger believes is so, and whether anything in it waits for nobody.

It reads the ledger's SQLite file by SQL of its own, read-only, and compares it with the clearinghouse's log. Like the
referee it uses no product code; unlike the referee it looks at our side, because a claim that hangs for ever is hidden
from whoever sees only what arrived.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.chaos.referee import log_of, taken_bills

_ENDED = {"ACCEPTED BY CLEARINGHOUSE", "ACCEPTED BY PAYER"}


class Auditor:
    """Looks at one ledger and one clearinghouse."""

    def __init__(self, ledger: Path, clearinghouse: Path) -> None:
        self._ledger = ledger
        self._clearinghouse = clearinghouse

    def stuck(self) -> list[str]:
        """Say what is not settled: claims without a good end, and files that nobody goes on with."""
        return [*self._stuck_files(), *self._stuck_claims()]

    def untrue(self) -> list[str]:
        """Say what passes for done and is not: claims that were not taken, answers that left no trace."""
        return [*self._passing_for_taken(), *self._passing_for_applied()]

    def _passing_for_applied(self) -> list[str]:
        silent = """
            SELECT name FROM response WHERE status = 'applied'
            AND NOT EXISTS (SELECT 1 FROM event WHERE response_id = response.id)
        """
        return [f"answer {name} passes for applied and nothing of it is kept" for (name,) in self._rows(silent)]

    def _passing_for_taken(self) -> list[str]:
        took = {one.control_number for one in taken_bills(self._clearinghouse)}
        accepted = "SELECT control_number, front_end FROM submission WHERE usage = 'live' AND delivery = 'SENT'"
        return [
            f"{number} passes for {front_end} and was not taken"
            for number, front_end in self._rows(accepted)
            if front_end in _ENDED and number not in took
        ]

    def doubts(self) -> Iterator[tuple[int, str]]:
        """Yield the files in doubt with what is wrong about their being so; blank: nothing is."""
        for batch, name in self._rows("SELECT id, file_name FROM batch WHERE status = 'BEGUN' AND usage = 'live'"):
            states = {state for (state,) in self._rows("SELECT state FROM transmission WHERE batch_id = ?", batch)}
            if "sent" in states:
                yield batch, f"{name} is in doubt although it was sent"
            elif not states & {"begun", "broken", "overtaken"}:
                yield batch, f"{name} is in doubt although no transfer of it began"
            elif self._has_a_report(batch):
                yield batch, f"{name} is in doubt although a report on it was applied"
            else:
                yield batch, ""

    def said_to_be_sent(self, batch: int) -> str:
        """Say what is wrong with a file that passes for sent and of which nothing was heard yet; blank: nothing is."""
        columns = "file_name, mailbox_key, size, status"
        [(name, account, size, status)] = self._rows(f"SELECT {columns} FROM batch WHERE id = ?", batch)
        if status != "SENT" or self._has_a_report(batch):
            return ""
        lying = self._clearinghouse / "accounts" / account / "inbound" / name
        log = log_of(self._clearinghouse)
        sizes = {file["size"] for file in log if (file["account"], file["name"]) == (account, name)}
        if lying.exists():
            sizes.add(lying.stat().st_size)
        return "" if size in sizes else f"{name} passes for sent; of {size} bytes the server has {sorted(sizes)}"

    def _has_a_report(self, batch: int) -> bool:
        return bool(self._rows("SELECT 1 FROM event WHERE batch_id = ? AND response_id IS NOT NULL LIMIT 1", batch))

    def _stuck_files(self) -> list[str]:
        unfinished = "SELECT file_name, status FROM batch WHERE usage = 'live' AND status NOT IN"
        rows = self._rows(f"{unfinished} ('ANSWERED', 'SENT', 'RELEASED', 'NOT ARRIVED')")
        waiting = self._rows("SELECT name FROM response WHERE status = 'stored'")
        return [
            *(f"{name} is {status} for ever" for name, status in rows),
            *(f"{name} was stored and never applied" for (name,) in waiting),
        ]

    def _stuck_claims(self) -> list[str]:
        newest = """
            SELECT claim.key, s.control_number, s.delivery, s.front_end, s.contradicted
            FROM claim LEFT JOIN submission s ON s.claim_id = claim.id AND s.usage = 'live' AND s.number =
                (SELECT max(number) FROM submission WHERE claim_id = claim.id AND usage = 'live')
            WHERE claim.source != '(invented)'
        """
        return [
            f"{key} ({number}) ends {delivery}, {front_end}{', contradicted' * bool(contradicted)}"
            for key, number, delivery, front_end, contradicted in self._rows(newest)
            if delivery != "SENT" or front_end not in _ENDED or contradicted
        ]

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._ledger}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()
