"""
Marked patients, and the search for their marks in whatever a machine wrote down.

A mark is a word that stands nowhere else. It is looked for as anything might have spelled it: in capitals or not, as a
part of another word, encoded for an address or a header, in two bytes a letter; a birth date in every order.
"""

import base64
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import quote

BORN = date(1907, 5, 23)
"""Nobody alive, and no day on which a machine of ours wrote anything."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked patient; what happens to their claim is what the letters stand for."""

    letters: str

    @property
    def last(self) -> str:
        """The family name."""
        return f"Quillmark{self.letters}"

    @property
    def first(self) -> str:
        """The given name."""
        return f"Zephyrine{self.letters}"

    @property
    def street(self) -> str:
        """Where they live."""
        return f"77 Vexhollow{self.letters} Lane"

    @property
    def member(self) -> str:
        """What their insurance calls them."""
        return f"ZQMEMBER{self.letters.upper()}9"


STEMS = ("Quillmark", "Zephyrine", "Vexhollow", "ZQMEMBER")
"""What the marks of all patients begin with: a log that cut one short is found too."""


def dates() -> tuple[str, ...]:
    """Return the birth date as forms, payers, databases and programs write it."""
    orders = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m%d%Y", "%d.%m.%Y", "%m-%d-%Y", "%m %d %Y", "%B %d, %Y", "%d %b %Y")
    return (*(BORN.strftime(order) for order in orders), repr(BORN))


@cache
def spellings() -> tuple[tuple[str, bytes], ...]:
    """Return each mark with each way to spell it in bytes; what is compared is in small letters."""
    found = []
    for mark in (*STEMS, *dates()):
        plain = {mark, mark.upper(), mark.lower()}
        found += [(mark, mark.lower().encode()), (mark, mark.lower().encode("utf-16-le"))]
        found += [(mark, quote(mark, safe="").lower().encode())]
        found += [(mark, piece.lower()) for word in plain for piece in _in_base64(word.encode())]
    return tuple(dict.fromkeys(found))


def marks_in(content: bytes) -> set[str]:
    """Return the marks that stand in some bytes, however they are spelled."""
    small = content.lower()
    return {mark for mark, spelled in spellings() if spelled in small}


def marks_in_files(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield each file whose content or path has a mark, with the mark."""
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        yield from ((str(path), mark) for mark in marks_in(str(path).encode() + b"\n" + content))


def marks_in_database(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each column of each table that has a mark in some row, with the mark; views are tables' again."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.text_factory = bytes
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            rows = database.execute(f'select * from "{table.decode()}"')
            names = [column[0] for column in rows.description]
            found = {(name, mark) for row in rows for name, cell in zip(names, row, strict=True) for mark in _in(cell)}
            yield from ((f"{table.decode()}.{name}", mark) for name, mark in sorted(found))


def _in(cell: object) -> set[str]:
    return marks_in(cell if isinstance(cell, bytes) else str(cell).encode()) if cell is not None else set()


def _in_base64(word: bytes) -> Iterator[bytes]:
    """Yield what of a word is the same in base64 wherever in a text it begins."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + word)
        # The first and last letters hold bits of what stands beside the word.
        begin, end = -(-shift * 8 // 6), (shift + len(word)) * 8 // 6
        yield encoded[begin:end]
