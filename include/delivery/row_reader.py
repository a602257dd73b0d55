"""The cells of one row, read by the columns a source has; every fault of the row is gathered, none stops the rest."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from include.claims.model import Fault
from include.delivery.claim_build import Values, groups_of
from include.delivery.claim_cells import CellRefused, blank_of, reader_of, text_reader_of
from include.delivery.column import Column, Need

Row = Sequence[Any]


class RowReader:
    """Reads the cells of some columns, of which a source has those in `at`, each with where it stands in a row."""

    def __init__(self, columns: Sequence[Column], at: Mapping[str, int]) -> None:
        """Work out once how each cell is read."""
        there = [column for column in columns if column.name in at]
        self._cells = [(c.name, text_reader_of(c), reader_of(c), c.need is Need.VALUE) for c in there]
        self._blank = {column.name: blank_of(column) for column in columns}
        self._groups = groups_of(columns, at)
        self._places = [at[column.name] for column in there]
        self.names = tuple(column.name for column in there)
        self.cells_of: Callable[[Row], tuple[Any, ...]] = itemgetter(*self._places)

    def read(self, row: Row, place: Callable[[], str], faults: list[Fault]) -> Values:
        """Return a value for every column, a blank one where the row has none; what is wrong goes to `faults`."""
        values = self._blank.copy()
        for (name, read_text, read, is_required), written in zip(self._cells, self.cells_of(row), strict=True):
            is_text = type(written) is str
            cell = written.strip() if is_text else written
            if cell is None or cell == "":
                if is_required:
                    faults.append(empty(name, place()))
                continue
            try:
                values[name] = read_text(cell) if is_text else read(cell)
            except CellRefused as refused:
                faults.append(fault(refused.rule, f"{place()}, column {name}", refused.message, refused.remedy))
        for group in self._groups:
            faults.extend(_gap(name, place()) for name in group.gaps(values))
        return values


def fault(rule: str, place: str, message: str, remedy: str) -> Fault:
    """Return a fault that holds a claim of the source."""
    return Fault(rule=rule, place=place, message=message, remedy=remedy)


def empty(name: str, where: str) -> Fault:
    """Return the fault of a cell that must be filled."""
    return fault("column_value_present", f"{where}, column {name}", "is empty", "fill it; docs/claim-source.md")


def _gap(name: str, where: str) -> Fault:
    return fault(
        "columns_together",
        f"{where}, column {name}",
        "is empty although columns that belong to it are filled",
        "fill it, or empty the others; docs/claim-source.md lists them side by side",
    )
