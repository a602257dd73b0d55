"""Where claims stand now, for the clinics somebody may look at: counted once, kept until something changes."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache

from include.claims.errors import BadSetting
from include.delivery.clinic_table import Clinic, Row, clinic_from_row
from include.delivery.standing import Glance, Late, Standing, late_by
from include.web.desk import Desk


def glances_of(desk: Desk, clinic_keys: Collection[str]) -> Mapping[str, Glance]:
    """Return where the claims of some clinics stand."""
    return desk.memory.glances(desk.ports.ledger.console, clinic_keys, late_of(desk))


def standings_of(desk: Desk, clinic_keys: Collection[str]) -> Iterator[Standing]:
    """Yield how many claims of some clinics stand alike."""
    return desk.memory.standings(desk.ports.ledger.console, clinic_keys, late_of(desk))


def late_of(desk: Desk) -> Late:
    """Return since when silence is too long, for every clinic there is: what is kept serves whoever looks."""
    waits = desk.ports.waits
    read = {str(row["key"]): clinic_of(row) for row in desk.clinic_rows}
    within = {
        key: timedelta(hours=clinic.answer_within_hours) if clinic else waits.answer for key, clinic in read.items()
    }
    return late_by(desk.ports.now(), waits, within)


def clinic_of(row: Row) -> Clinic | None:
    """Return a clinic's row as it is checked; None where it is refused."""
    return _read(tuple(row.items()))


@lru_cache(maxsize=2048)  # rows seldom change, and a page reads them all
def _read(cells: tuple[tuple[str, object], ...]) -> Clinic | None:
    with suppress(BadSetting):
        return clinic_from_row(dict(cells))
    return None
