"""
Tell the ledger what an earlier process sent, so that the nightly run never sends it and late answers find it.

The history is read row by row and kept in small transactions, each of which may be repeated: a history told twice
changes nothing. Once it is in, answers and payments that came before their claims were known are looked at again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo

from include.claims.earlier import SentElsewhere
from include.claims.model import Fault
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import Clinic
from include.delivery.history_rows import HistoryRows, Placed
from include.delivery.ports import Ports
from include.delivery.records import HistoryCounts

CHUNK = 500
"""Claims a transaction."""


@dataclass(slots=True)
class Imported:
    """What became of a history."""

    counts: HistoryCounts = field(default_factory=HistoryCounts)
    refused: int = 0  # claims
    passed_over: int = 0  # rows of other clinics
    lines: int = 0  # of the claims that were read
    blocking: int = 0  # of the lines, those that keep the same service from being billed again


def import_history(
    names: Sequence[str],
    rows: Iterable[Placed],
    clinic: Clinic,
    ports: Ports,
    tell: Callable[[Fault], None],
    *,
    dry_run: bool = False,
) -> Imported:
    """Keep what the rows tell, and tell what is wrong with a claim as soon as it is found; the others are kept."""
    now = ports.now()
    today = now.astimezone(ZoneInfo(clinic.timezone)).date()
    bills = {one.provider.npi for one in ports.ledger.clinics.billing_identities(clinic.key)}
    npi = bills.pop() if len(bills) == 1 else ""
    reader = HistoryRows(ports.source(clinic).name, names, clinic, billing_npi=npi, today=today)
    found = Imported()
    claims = _sound(reader.claims(rows), found, tell)
    while chunk := list(islice(claims, CHUNK)):
        counts = ports.ledger.claims.sent_elsewhere(clinic.key, chunk, now, dry_run=dry_run)
        for fault in counts.refused:
            tell(fault)
        found.refused += len(counts.refused)
        found.counts += counts
    found.passed_over = reader.passed_over
    if found.counts.imported and not dry_run:
        apply_stored(clinic.mailbox_key, ports, foreign_again=True)
        ports.ledger.money.match_again(now)
    return found


def _sound(
    claims: Iterable[SentElsewhere | tuple[Fault, ...]], found: Imported, tell: Callable[[Fault], None]
) -> Iterator[SentElsewhere]:
    for claim in claims:
        if isinstance(claim, SentElsewhere):
            found.lines += len(claim.lines)
            found.blocking += sum(bool(line.billed.fingerprint) for line in claim.lines)
            yield claim
            continue
        found.refused += 1
        for fault in claim:
            tell(fault)
