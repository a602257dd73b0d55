"""New submissions with their lines and first events: of a claim just seen, or as the copy of an earlier one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from include.adapters.ledger import holds
from include.adapters.ledger.changes import note_change
from include.adapters.ledger.columns import to_cents
from include.adapters.ledger.encrypted import OwnWords
from include.adapters.ledger.events import cached, event_row, lock, record, refold
from include.adapters.ledger.many import among, insert_many, update_each
from include.adapters.ledger.tables import CLAIM, SUBMISSION, SUBMISSION_LINE
from include.claims.errors import NotAllowed
from include.claims.facts import BilledLine, billed_lines
from include.claims.identifiers import patient_control_number
from include.claims.invented import INVENTED
from include.claims.model import Claim, Fault
from include.claims.states import HOLDS, Event, Standing, Usage, after

_MARK = {Usage.LIVE: "P", Usage.TEST: "T"}

COMPARED = (
    "fingerprint", "patient_day", "technician_day", "authorization_use", "modifiers", "place_of_service",
    "rendering_npi", "session", "started_at", "ended_at",
)  # fmt: skip
"""What a line is compared by, as `include.claims.facts.BilledLine` and the table both name it."""

_AS_COLLECTED = cached(after(Standing(), Event.COLLECTED))
_AS_HELD = {event: cached(after(Standing(), event)) for event in HOLDS}


def submission_row(
    *,
    claim_id: int,
    source: str,
    key: str,
    revision: str,
    number: int,
    usage: Usage,
    clinic_key: str,
    payer_id: str,
    ready_at: datetime | None,
    total_cents: int,
    frequency: str,
    held_by: Sequence[Fault] = (),
    asked_by: str = "",
    replaces: str = "",
) -> dict[str, Any]:
    """Return a new submission as a row: READY unless something holds it. Nothing invented is ever to be paid."""
    if source == INVENTED and usage is not Usage.TEST:
        raise NotAllowed(f"claim {key}: it is invented, for test files only; a practice's source has another name")
    return {
        "claim_id": claim_id,
        "revision": revision,
        "number": number,
        "usage": usage.value,
        "control_number": patient_control_number(source, key, number, _MARK[usage]),
        "frequency": frequency,
        "asked_by": asked_by,
        "replaces": replaces,
        "clinic_key": clinic_key,
        "payer_id": payer_id,
        "ready_at": ready_at,
        "total_cents": total_cents,
        "holds": holds.to_json(held_by),
        **(_AS_HELD[holds.event_of(held_by)] if held_by else _AS_COLLECTED),
    }


def add(connection: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, int]:
    """Insert new submissions with their first event and return their ids by control number."""
    if not rows:
        return {}
    ids = insert_rows(connection, rows)
    record(connection, [_first_event(ids[row["control_number"]], row, now) for row in rows])
    note_change(connection, ids.values())
    return ids


def insert_rows(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert new submissions, whose first event the caller records, and return their ids by control number."""
    insert_many(connection, insert(SUBMISSION), rows)
    found = select(SUBMISSION.c.control_number, SUBMISSION.c.id)
    found = found.where(among(SUBMISSION.c.control_number, [row["control_number"] for row in rows]))
    return {row.control_number: row.id for row in connection.execute(found)}


def add_lines(connection: Connection, claims: Sequence[tuple[int, Claim]]) -> None:
    """Keep the service lines of `(submission, claim)`, so that other claims' rules find them."""
    rows = [row for submission_id, claim in claims for row in _line_rows(submission_id, claim)]
    insert_many(connection, insert(SUBMISSION_LINE), rows)


def drop_lines(connection: Connection, submission_ids: Sequence[int]) -> None:
    """Forget the lines of submissions that take new content."""
    connection.execute(delete(SUBMISSION_LINE).where(among(SUBMISSION_LINE.c.submission_id, submission_ids)))


def copy(connection: Connection, submission_ids: Sequence[int], usage: Usage, now: datetime) -> list[int]:
    """Make the next submission of each of these submissions' claims with the same content, and return their ids."""
    originals = connection.execute(
        select(SUBMISSION, CLAIM.c.source, CLAIM.c.key)
        .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
        .where(among(SUBMISSION.c.id, submission_ids))
    ).all()
    in_order = {row.id: row for row in originals}
    numbers = highest_numbers(connection, [row.claim_id for row in originals], usage)
    rows = [_copy_row(in_order[one], numbers.get(in_order[one].claim_id, 0) + 1, usage) for one in submission_ids]
    ids = add(connection, rows, now)
    by_original = {one: ids[row["control_number"]] for one, row in zip(submission_ids, rows, strict=True)}
    _copy_lines(connection, by_original)
    return list(by_original.values())


def hold(connection: Connection, submission_ids: Sequence[int], fault: Fault, now: datetime, *, who: str = "") -> None:
    """Hold READY or HELD submissions for one more reason; what is held for it already stays as it is."""
    rows = []
    held = select(SUBMISSION.c.id, SUBMISSION.c.holds)
    for row in connection.execute(held.where(among(SUBMISSION.c.id, lock(connection, submission_ids)))):
        before = holds.from_json(row.holds)
        if fault not in before:
            rows.append((row.id, (*before, fault)))
    if not rows:
        return
    data = {"who": who} if who else {}
    record(connection, [held_row(one, faults, now, data=data) for one, faults in rows])
    update_each(connection, SUBMISSION, [{"id": one, "holds": holds.to_json(faults)} for one, faults in rows])
    refold(connection, [one for one, _ in rows])


def _first_event(submission_id: int, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    data = {"revision": row["revision"], "number": row["number"]}
    if row["holds"] == "[]":
        return event_row(submission_id, Event.COLLECTED, now, data=data, dedupe="first")
    faults = holds.from_json(row["holds"])
    return held_row(submission_id, faults, now, data=data, dedupe="first")


def held_row(
    submission_id: int,
    faults: Sequence[Fault],
    now: datetime,
    *,
    data: Mapping[str, Any],
    dedupe: str | None = None,
) -> dict[str, Any]:
    """Return the event that a submission is held, with the rules' names as codes and their reasons in words."""
    codes = list(dict.fromkeys(fault.rule for fault in faults))
    event, words = holds.event_of(faults), holds.words(faults)
    words = OwnWords(words) if holds.HELD_BY_PERSON in codes else words
    return event_row(submission_id, event, now, words=words, codes=codes, data=data, dedupe=dedupe)


def _line_rows(submission_id: int, claim: Claim) -> list[dict[str, Any]]:
    return [
        line_row(submission_id, position, line.source_line_key, line.service_date, known)
        for position, (line, known) in enumerate(zip(claim.lines, billed_lines(claim), strict=True), start=1)
    ]


def line_row(
    submission_id: int, position: int, source_line_key: str, service_on: date, known: BilledLine
) -> dict[str, Any]:
    """Return a service line as a row."""
    return {
        "submission_id": submission_id,
        "position": position,
        "source_line_key": source_line_key,
        "procedure": known.procedure,
        "service_on": service_on,
        "units": str(known.units),
        "cents": to_cents(known.charge),
        **{name: getattr(known, name) for name in COMPARED},
    }


def highest_numbers(connection: Connection, claim_ids: Sequence[int], usage: Usage) -> dict[int, int]:
    """Return the highest submission number of each claim, for one usage."""
    highest = (
        select(SUBMISSION.c.claim_id, func.max(SUBMISSION.c.number).label("number"))
        .where(SUBMISSION.c.usage == usage.value, among(SUBMISSION.c.claim_id, claim_ids))
        .group_by(SUBMISSION.c.claim_id)
    )
    return {row.claim_id: row.number for row in connection.execute(highest)}


def _copy_row(original: Any, number: int, usage: Usage) -> dict[str, Any]:
    return submission_row(
        claim_id=original.claim_id,
        source=original.source,
        key=original.key,
        revision=original.revision,
        number=number,
        usage=usage,
        clinic_key=original.clinic_key,
        payer_id=original.payer_id,
        ready_at=original.ready_at,
        total_cents=original.total_cents,
        frequency=original.frequency,
        asked_by=original.asked_by,
        replaces=original.replaces,
    )


def _copy_lines(connection: Connection, by_original: Mapping[int, int]) -> None:
    lines = select(SUBMISSION_LINE).where(among(SUBMISSION_LINE.c.submission_id, by_original))
    rows = [
        {**line, "submission_id": by_original[line["submission_id"]]} for line in connection.execute(lines).mappings()
    ]
    insert_many(connection, insert(SUBMISSION_LINE), rows)
