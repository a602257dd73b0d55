"""What Office Ally's text reports have in common: lines, columns under a header, days as people write them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from include.claims.errors import BadFile

LONGEST_LINE: Final = 5_000
"""The widest row seen has 408 characters; a line without end must not keep the patterns busy."""

LONGEST_TEXT: Final = 20_000
"""Of words that go on from line to line: they are put together anew by each, so words without end would never end."""


def lines_of(text: str) -> list[str]:
    """Return a report's lines, cut at line feeds only: str.splitlines would also cut at marks inside a row."""
    return text.split("\n")


def cleaned(lines: Iterable[str], report: str) -> Iterator[str]:
    """Yield lines without their ends, and without a byte order mark before the first."""
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise BadFile(f"{report}, line {number}: longer than {LONGEST_LINE} characters")
        text = line.rstrip("\r\n")
        yield text.lstrip("\ufeff") if number == 1 else text


def continued(text: str, more: str, place: str) -> str:
    """Return words with those of the line below."""
    if len(text) > LONGEST_TEXT:
        raise BadFile(f"{place}: its words go on for more than {LONGEST_TEXT} characters")
    return f"{text} {more}"


def columns_at(header: str, known: Mapping[str, int]) -> dict[str, int]:
    """Return where a header's columns start; a header with one renamed or missing is not trusted for the others."""
    found = {name: header.find(name) for name in known}
    positions = list(found.values())
    return found if min(positions) >= 0 and positions == sorted(positions) else dict(known)


def us_day(text: str) -> date:
    """Return a day written MM/DD/YYYY; ValueError where it is none."""
    month, day, year = text.split("/")
    if not (len(year) == 4 and (month + day + year).isascii() and (month + day + year).isdigit()):
        raise ValueError
    return date(int(year), int(month), int(day))
