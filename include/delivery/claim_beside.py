"""
What the optional views say of one claim, joined to it: other payers, their word on each line, authorizations.

A fault in any of their rows holds the claim the row belongs to, with the view, the row and the column in its place.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Final

from include.claims.coordination import Adjustment, AdjustmentGroup, LineAdjudication, OtherPayer, Responsibility
from include.claims.model import Authorization, Fault
from include.delivery.claim_build import Values, maker_of
from include.delivery.row_reader import Row, RowReader, empty, fault
from include.delivery.side_columns import AUTHORIZATIONS, LINE_ADJUSTMENTS, OTHER_PAYERS, SIDE_VIEWS

Placed = tuple[str, Row]
"""A row, and where it stands: `claims.other_payers.csv row 3`, or nothing."""

BesideRows = Mapping[str, Sequence[Placed]]
"""The rows of a claim by view."""

_AS_BILLED: Final = ("procedure", "modifier_1", "modifier_2", "modifier_3", "modifier_4")
_GROUPS: Final = list(AdjustmentGroup)
_TURNS: Final = list(Responsibility)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the optional views say of a claim, as the model has it."""

    other_payers: tuple[OtherPayer, ...] = ()
    adjudications: Mapping[str, tuple[LineAdjudication, ...]] = field(default_factory=dict)  # by line key
    authorizations: tuple[Authorization, ...] = ()


NOTHING_BESIDE: Final = Beside()


@dataclass(frozen=True, slots=True)
class _AdjustmentRow:
    """A row of `claim_line_adjustments`: a payer's decision on a line, a reason, or both."""

    decision: LineAdjudication | None = None
    adjustment: Adjustment | None = None


_MODELS: Final[Mapping[str, type]] = {
    OTHER_PAYERS.name: OtherPayer,
    LINE_ADJUSTMENTS.name: _AdjustmentRow,
    AUTHORIZATIONS.name: Authorization,
}


class BesideReader:
    """Reads the optional views a source has; their columns are known once."""

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Take the column names of each view that is there, in the order of its rows and in small letters."""
        at = {view: {name: place for place, name in enumerate(names)} for view, names in columns.items()}
        self._widths = {view: len(names) for view, names in columns.items()}
        self._readers = {view: RowReader(SIDE_VIEWS[view].columns, at[view]) for view in columns}
        self._makers: dict[str, Callable[[Values, Mapping[str, Any]], Any]] = {
            # As if every column were there: a line's own procedure and units stand in for those that are not.
            view: maker_of(_MODELS[view], SIDE_VIEWS[view].columns, [one.name for one in SIDE_VIEWS[view].columns])
            for view in columns
        }

    def read(self, rows: BesideRows, lines: Sequence[Values], where: str, faults: list[Fault]) -> Beside:
        """Return what the rows of a claim say; what is wrong with them goes to `faults`."""
        found = {view: self._values(view, some, where, faults) for view, some in rows.items()}
        if faults:
            return NOTHING_BESIDE
        allowed = self._made(AUTHORIZATIONS.name, found)
        allowed.sort(key=attrgetter("starts_on", "number"))
        if found.keys() == {AUTHORIZATIONS.name}:
            return Beside(authorizations=tuple(allowed))
        payers = self._made(OTHER_PAYERS.name, found)
        payers.sort(key=lambda payer: (_TURNS.index(payer.responsibility), payer.payer_id))
        faults.extend(_payers_twice(payers, where))
        words = _Words({line["source_line_key"]: line for line in lines}, {payer.payer_id for payer in payers})
        for place, values in found.get(LINE_ADJUSTMENTS.name, ()):
            faults.extend(words.take(values, place, self._makers[LINE_ADJUSTMENTS.name]))
        return Beside(
            other_payers=tuple(replace(one, adjustments=words.reasons("", one.payer_id)) for one in payers),
            adjudications=words.by_line([payer.payer_id for payer in payers]),
            authorizations=tuple(allowed),
        )

    def _values(self, view: str, rows: Iterable[Placed], where: str, faults: list[Fault]) -> list[tuple[str, Values]]:
        found = []
        for number, (at, row) in enumerate(rows, start=1):
            place = f"{where}, {view} ({at or f'row {number} of the claim'})"
            if len(row) == self._widths[view]:
                found.append((place, self._readers[view].read(row, place.__str__, faults)))
                continue
            message = f"{self._widths[view]} cells expected, found {len(row)}"
            faults.append(fault("row_shape", place, message, "quote cells that hold commas or line ends"))
        return found

    def _made(self, view: str, found: Mapping[str, Sequence[tuple[str, Values]]]) -> list[Any]:
        return [self._makers[view](values, {}) for _, values in found.get(view, ())]


class _Words:
    """What payers said of a claim's lines and of the claim, gathered row by row."""

    def __init__(self, lines: Mapping[str, Values], payers: set[str]) -> None:
        self._lines = lines
        self._payers = payers
        self._decisions: dict[tuple[str, str], LineAdjudication] = {}
        self._reasons: dict[tuple[str, str], list[Adjustment]] = {}

    def take(self, values: Values, place: str, make: Callable[[Values, Mapping[str, Any]], Any]) -> Iterator[Fault]:
        """Take one row and yield what is wrong with it."""
        line, payer = values["source_line_key"], values["payer_id"]
        if payer not in self._payers:
            remedy = "write the payer into claim_other_payers, under the same claim"
            yield fault("payer_known", f"{place}, column payer_id", "the claim has no such other payer", remedy)
        if line and line not in self._lines:
            remedy = "write the line's key as in pending_claim_lines, or leave it empty for the whole claim"
            yield fault("line_known", f"{place}, column source_line_key", "the claim has no such line", remedy)
            return
        row = make(_as_billed(values, self._lines[line]) if line else values, {})
        yield from self._decided(line, payer, row.decision, place)
        yield from self._reasoned(line, payer, row.adjustment, place)

    def _decided(self, line: str, payer: str, decision: LineAdjudication | None, place: str) -> Iterator[Fault]:
        if not line and decision is not None:
            remedy = "write what was paid for the claim into claim_other_payers, and empty these columns"
            yield fault("decision_of_a_line", f"{place}, column paid", "is filled without a source_line_key", remedy)
        if not line:
            return
        if decision is None:
            yield empty("paid", place)
        elif self._decisions.setdefault((line, payer), decision) != decision:
            remedy = "repeat paid, procedure, units and the rest on each row of one payer and line"
            yield fault("decisions_agree", f"{place}, column paid", "another row of this line says otherwise", remedy)

    def _reasoned(self, line: str, payer: str, reason: Adjustment | None, place: str) -> Iterator[Fault]:
        if reason is None:
            return
        known = self._reasons.setdefault((line, payer), [])
        if any((one.group, one.reason) == (reason.group, reason.reason) for one in known):
            remedy = "add the amounts up into one row; look for a join that doubles rows"
            yield fault("adjustment_once", f"{place}, column adjustment_reason", "stands there twice", remedy)
        known.append(reason)

    def reasons(self, line: str, payer: str) -> tuple[Adjustment, ...]:
        """Return why a payer paid less, in an order that does not hang on the rows'."""
        found = self._reasons.get((line, payer), ())
        return tuple(sorted(found, key=lambda one: (_GROUPS.index(one.group), len(one.reason), one.reason)))

    def by_line(self, payers: Sequence[str]) -> dict[str, tuple[LineAdjudication, ...]]:
        """Return the decisions on each line, in the order of the payers."""
        found: dict[str, tuple[LineAdjudication, ...]] = {}
        for payer in payers:
            for line in self._lines:
                if decision := self._decisions.get((line, payer)):
                    whole = replace(decision, adjustments=self.reasons(line, payer))
                    found[line] = (*found.get(line, ()), whole)
        return found


def _as_billed(values: Values, line: Values) -> Values:
    """Return the row with the line's own procedure and units where it says none."""
    billed = {} if values["procedure"] else {name: line[name] for name in _AS_BILLED}
    return {**values, **billed, "units": line["units"] if values["units"] is None else values["units"]}


def _payers_twice(payers: Sequence[OtherPayer], where: str) -> Iterator[Fault]:
    if len({payer.payer_id for payer in payers}) < len(payers):
        yield fault(
            "payer_once",
            f"{where}, {OTHER_PAYERS.name}, column payer_id",
            "two rows of the claim have the same payer",
            "give each other payer one row; look for a join that doubles rows",
        )
