"""
Write the documents that are printed from code, or check that they are fresh.

A document that nothing prints rots; one that is printed is right or the check is red.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from include.claims import states
from include.claims.states import Event, Kept
from include.cli.claim_source_page import claim_source_page
from include.cli.cutover_page import cutover_page
from include.cli.enrollments_page import enrollments_page
from include.cli.feeds_page import feeds_page
from include.cli.form_page import PICTURE, form_page, form_picture
from include.cli.profiles_page import profiles_page
from include.cli.rules_page import rules_page
from include.cli.sandbox_page import sandbox_page

ROOT = Path(__file__).resolve().parents[2] / "docs"


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("--check", action="store_true", help="write nothing; exit 1 where a document is stale")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write every document, or name the stale ones."""
    stale = []
    for name, write in DOCUMENTS.items():
        path = ROOT / name
        text = write()
        if path.exists() and path.read_text() == text:
            continue
        stale.append(f"docs/{name}")
        if not options.check:
            path.write_text(text)
    for name in stale:
        print(f"{'stale: run `make docs`' if options.check else 'written'}: {name}", file=sys.stderr)
    return 1 if options.check and stale else 0


def states_page() -> str:
    """Return the page of the transition tables."""
    lines = [
        "# The life of a claim, as tables",
        "",
        "Printed from `include/claims/states.py` by `make docs`. A cell is the state an event moves to; `kept` is",
        "known and moves nothing; an empty cell is a contradiction: the event is kept, a person looks, nothing is",
        "re-sent.",
        "",
        "## Delivery",
        "",
        *_table(states.DELIVERY, [event for event in Event if event not in states.WORDS]),
        "",
        "## Front end",
        "",
        *_table(states.FRONT_END, _named(states.FRONT_END)),
        "",
        "## Adjudication",
        "",
        *_table(states.ADJUDICATION, _named(states.ADJUDICATION)),
        "",
        "## Who has to act",
        "",
        "| event | work |",
        "| --- | --- |",
        *(f"| {event} | {work} |" for event, work in states.WORK.items()),
        "",
        "## A person's word",
        "",
        "It moves no axis. The newest counts, until an answer comes that was not known and moves one.",
        "",
        "| event | work |",
        "| --- | --- |",
        *(f"| {event} | {work} |" for event, work in states.WORDS.items()),
        "",
    ]
    return "\n".join(lines)


def _named(table: Mapping[Any, Mapping[Event, Any]]) -> list[Event]:
    return [event for event in Event if any(event in row for row in table.values())]


def _table(table: Mapping[Any, Mapping[Event, Any]], events: list[Event]) -> list[str]:
    known = list(table)
    head = ["| event | " + " | ".join(known) + " |", "| --- " * (len(known) + 1) + "|"]
    rows = []
    for event in events:
        cells = [row.get(event, "") for row in table.values()]
        rows.append(f"| {event} | " + " | ".join("kept" if isinstance(c, Kept) else str(c) for c in cells) + " |")
    return head + rows


DOCUMENTS: dict[str, Callable[[], str]] = {
    "claim-source.md": claim_source_page,
    "cutover.md": cutover_page,
    "feeds.md": feeds_page,
    "enrollments.md": enrollments_page,
    "form.md": form_page,
    PICTURE: form_picture,
    "payer-profiles.md": profiles_page,
    "rules.md": rules_page,
    "sandbox.md": sandbox_page,
    "states.md": states_page,
}
