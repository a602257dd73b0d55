"""
What a payer says of a service line, given back to the lines and sessions of the practice that it was made of.

Most lines stand for themselves. Where a payer's profile merged or rounded some, the claim is made once more as the
payer got it, by the profiles that were frozen with its batch, and every amount is shared to the cent.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from include.claims.allocation import allocate, shares
from include.claims.identifiers import line_control_number
from include.claims.model import Claim
from include.delivery.remittances import written

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line of the practice inside a line of the payer."""

    key: str  # the practice's own; blank where a history does not know it
    session_id: str
    charge: Decimal
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledAs:
    """A line as the payer got it."""

    control_number: str  # REF*6R; blank where another process made it
    procedure: str
    on: date
    parts: tuple[SourceLine, ...]

    @property
    def charge(self) -> Decimal:
        """What was charged for it."""
        return sum((part.charge for part in self.parts), _NOTHING)


def billed_as(claim: Claim, as_payer_got_it: Claim, control_number: str) -> list[BilledAs]:
    """Return the lines of a claim as its payer got them, each with the source's lines in it."""
    of_source = {line.source_line_key: line for line in claim.lines}
    return [
        BilledAs(
            control_number=line_control_number(control_number, position),
            procedure=line.procedure,
            on=line.service_date,
            parts=tuple(
                SourceLine(key=key, session_id=one.session_id, charge=one.charge, units=one.units)
                for key in [part.source_line_key for part in line.parts] or [line.source_line_key]
                if (one := of_source[key])
            ),
        )
        for position, line in enumerate(as_payer_got_it.lines, start=1)
    ]


def with_source_lines(document: str, billed: Sequence[BilledAs]) -> str:
    """Return a posting's document with the source's lines in each of its lines, where they can be told."""
    said = json.loads(document)
    free = list(billed)
    for line in said.get("lines", ()):
        if (found := _line_of(line, billed, free)) is None:
            continue
        by, one = found
        if one in free:  # a payer may split a line, and name it twice
            free.remove(one)
        line["matched_by"] = by
        line["source_lines"] = _shared(line, one.parts)
    return json.dumps(said, default=written, sort_keys=True)


def _line_of(
    line: Mapping[str, Any], billed: Sequence[BilledAs], free: Sequence[BilledAs]
) -> tuple[str, BilledAs] | None:
    """Return the line a payer speaks of, and how it is known: by our number, else by day, procedure and charge."""
    number = line.get("line_control_number", "")
    for one in billed:
        if number and one.control_number == number:
            return "line_control_number", one
    code = (line.get("submitted") or line["procedure"])["code"]
    on, charge = line.get("first_day"), abs(Decimal(line["charge"]))
    for one in free:
        if (one.procedure, one.charge) == (code, charge) and on in {None, one.on.isoformat()}:
            return "service", one
    return None


def _shared(line: Mapping[str, Any], parts: Sequence[SourceLine]) -> list[dict[str, Any]]:
    """Return what of a payer's line is each source line's."""
    adjustments = line.get("adjustments", [])
    by_charge, by_units = [part.charge for part in parts], [part.units for part in parts]
    charges = shares(Decimal(line["charge"]), by_charge)
    *taken_off, paid = allocate([Decimal(one["amount"]) for one in (*adjustments, {"amount": line["paid"]})], charges)
    units = shares(Decimal(line["units"]), by_units)
    allowed = shares(Decimal(line["allowed"]), by_charge) if "allowed" in line else None
    quantities = [
        shares(Decimal(one["quantity"]), by_units) if one["quantity"] is not None else None for one in adjustments
    ]
    found = []
    for at, part in enumerate(parts):
        shared = {
            "source_line_key": part.key,
            "session_id": part.session_id,
            "charge": charges[at],
            "paid": paid[at],
            "units": units[at],
            "adjustments": [
                {**one, "amount": amount[at], "quantity": quantity and quantity[at]}
                for one, amount, quantity in zip(adjustments, taken_off, quantities, strict=True)
            ],
        }
        found.append(shared | ({"allowed": allowed[at]} if allowed else {}))
    return found
