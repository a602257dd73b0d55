"""
The night report: one page over all clinics that says what became of every claim, in claims and dollars.

Each hop must add up to the one before it; what does not is listed last, because that is what a person reads first.
Holds no patient data: keys, control numbers, codes and money only.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from include.claims.states import (
    DEAD_ON_DELIVERY,
    FINISHED,
    GONE_ON,
    REJECTED,
    SETTLED_AT_CLEARINGHOUSE,
    Adjudication,
    BatchStatus,
    Delivery,
    FrontEnd,
    Usage,
)
from include.delivery.file_hops import FileNight, Hop
from include.delivery.ports import ReportLedger
from include.delivery.records import Batch, ClaimLine, SetAside

_REFUSED = REJECTED | {FrontEnd.CALLED_DUPLICATE}
_PAID = frozenset({
    Adjudication.PAID, Adjudication.PAID_WITH_DENIED_LINES, Adjudication.PATIENT_RESPONSIBILITY,
})  # fmt: skip

_PARTS: dict[str, tuple[str, ...]] = {
    "collected": ("held", "ready", "withdrawn", "in doubt", "gone on", "failed", "sent"),
    "sent": ("accepted", "rejected", "awaiting"),
}

HOPS: dict[str, Callable[[ClaimLine], bool]] = {
    "collected": lambda _: True,
    "held": lambda line: line.delivery is Delivery.HELD,
    "ready": lambda line: line.delivery in {Delivery.READY, Delivery.BATCHED},
    "withdrawn": lambda line: line.delivery is Delivery.WITHDRAWN,
    "in doubt": lambda line: line.delivery is Delivery.IN_DOUBT,
    "gone on": lambda line: line.delivery in GONE_ON,
    "failed": lambda line: line.delivery in DEAD_ON_DELIVERY - GONE_ON,
    "sent": lambda line: line.delivery is Delivery.SENT,
    "accepted": lambda line: _sent(line, SETTLED_AT_CLEARINGHOUSE - _REFUSED),
    "rejected": lambda line: _sent(line, _REFUSED),
    "awaiting": lambda line: _sent(line, frozenset(FrontEnd) - SETTLED_AT_CLEARINGHOUSE),
    "paid": lambda line: line.adjudication in _PAID,
    "denied": lambda line: line.adjudication is Adjudication.DENIED,
}
"""The columns: collected is the sum of the next seven, sent the sum of the three after it; the last two are charges."""


WHY: dict[str, Callable[[ClaimLine], bool]] = {
    "held": HOPS["held"],
    "rejected": HOPS["rejected"],
    "denied": lambda line: line.adjudication in {Adjudication.DENIED, Adjudication.PAID_WITH_DENIED_LINES},
}
"""Of what the reasons are told, until a person has said that nothing is left to do: denials by CARC and RARC."""


def _sent(line: ClaimLine, front_ends: Collection[FrontEnd]) -> bool:
    return line.delivery is Delivery.SENT and line.front_end in front_ends


@dataclass(slots=True)
class ClinicNight:
    """One clinic's row."""

    mailbox_key: str = ""
    hops: dict[str, Hop] = field(default_factory=lambda: {name: Hop() for name in HOPS})
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)  # (one of WHY, reason)
    batches: list[Batch] = field(default_factory=list)
    files: dict[str, FileNight] = field(default_factory=lambda: defaultdict(FileNight))  # by name
    test_copies: int = 0
    contradicted: list[str] = field(default_factory=list)

    def count(self, line: ClaimLine) -> None:
        """Put a submission where it stands."""
        if line.file_name:
            self.files[line.file_name].count(line)
        if line.contradicted and line.work not in FINISHED:
            self.contradicted.append(line.control_number)
        if line.usage is Usage.TEST:
            self.test_copies += 1
            return
        for name, is_there in HOPS.items():
            if is_there(line):
                self.hops[name].add(line.charge)
        for verdict, is_so in WHY.items():
            if is_so(line) and line.work not in FINISHED:
                self.reasons.update((verdict, reason) for reason in line.reasons)

    def open_files(self) -> list[tuple[Batch, FileNight]]:
        """Return the live files of which money is still waited for."""
        live = [batch for batch in self.batches if batch.usage is Usage.LIVE and batch.file_name in self.files]
        return [(batch, file) for batch in live if (file := self.files[batch.file_name]).is_open]

    def faults(self) -> Iterable[str]:
        """Say what does not add up."""
        for whole, parts in _PARTS.items():
            claims = sum(self.hops[part].claims for part in parts)
            dollars = sum((self.hops[part].dollars for part in parts), Decimal(0))
            if (claims, dollars) != (self.hops[whole].claims, self.hops[whole].dollars):
                yield f"{whole} {_money(self.hops[whole])} is not {' + '.join(parts)} ({claims}, ${dollars:,.2f})"
        for batch in self.batches:
            if batch.status is not BatchStatus.RELEASED:
                yield from self.files[batch.file_name].faults(batch)
        for control_number in self.contradicted:
            yield f"claim {control_number}: its answers contradict each other; a person must look"


@dataclass(slots=True)
class NightReport:
    """All clinics, and the answers nobody could apply."""

    clinics: dict[str, ClinicNight]
    set_aside: list[SetAside]
    refused: list[str] = field(default_factory=list)  # failed files and refused sets, and what becomes of each
    paused: list[str] = field(default_factory=list)  # whose deliveries stand still, and why

    @property
    def faults(self) -> list[str]:
        """Everything that does not reconcile, by clinic."""
        return [f"{key}: {fault}" for key, night in self.clinics.items() for fault in night.faults()]


def night_report(
    report: ReportLedger,
    clinics: Mapping[str, str],
    *,
    only: str = "",
    refused: Iterable[str] = (),
    paused: Iterable[str] = (),
) -> NightReport:
    """
    Gather the report of the clinics given with their mailbox; `only` keeps to one of them.

    Clinics with nothing are rows of nought, because silence must not look like success.
    """
    nights = {key: ClinicNight(mailbox_key) for key, mailbox_key in clinics.items() if only in {"", key}}
    for line in report.claim_lines(only):
        nights.setdefault(line.clinic_key, ClinicNight()).count(line)
    for batch in report.batches(only):
        nights.setdefault(batch.clinic_key, ClinicNight()).batches.append(batch)
    return NightReport(
        clinics=dict(sorted(nights.items())), set_aside=report.set_aside(), refused=[*refused], paused=[*paused]
    )


def as_text(report: NightReport) -> str:
    """Return the report as a page for a terminal of 150 columns."""
    width = max([len("clinic"), *map(len, report.clinics)])
    box = max([len("mailbox"), *(len(night.mailbox_key) for night in report.clinics.values())])
    shown = [name for name in HOPS if name == "collected" or any(n.hops[name].claims for n in report.clinics.values())]
    head = ["clinic".ljust(width), "mailbox".ljust(box), "files", *(name.rjust(17) for name in shown)]
    lines = ["  ".join(head)]
    for key, night in report.clinics.items():
        cells = [_money(night.hops[name]).rjust(17) for name in shown]
        lines.append("  ".join([key.ljust(width), night.mailbox_key.ljust(box), f"{len(night.batches):5}", *cells]))
    totals = [_money(_total(report, name)).rjust(17) for name in shown]
    files = sum(len(night.batches) for night in report.clinics.values())
    lines += ["  ".join(["all".ljust(width), "".ljust(box), f"{files:5}", *totals]), ""]
    if report.paused:
        lines += ["Deliveries paused, a login was refused:", *(f"  {one}" for one in report.paused), ""]
    for verdict in WHY:
        rows = [
            f"  {key.ljust(width)} {count:>4}  {reason}"
            for key, night in report.clinics.items()
            for (which, reason), count in sorted(night.reasons.items())
            if which == verdict
        ]
        lines += [f"{verdict.capitalize()}, with the reason:", *(rows or ["  none"]), ""]
    opened = [(batch, file) for night in report.clinics.values() for batch, file in night.open_files()]
    if opened:
        lines += ["Files with something open; every line adds up to the file:"]
        lines += [f"  {line}" for batch, file in opened for line in file.lines(batch)] + [""]
    if report.refused:
        lines += ["Refused before a claim was made of it:", *(f"  {one}" for one in report.refused), ""]
    if report.set_aside:
        lines += ["Answers a person should look at:"]
        lines += [f"  {item.mailbox_key}  {item.name}  {item.status}: {item.reason}" for item in report.set_aside]
        lines += [""]
    faults = report.faults
    lines += ["Does not reconcile:", *(f"  {fault}" for fault in faults)] if faults else ["Everything reconciles."]
    return "\n".join(lines) + "\n"


def _total(report: NightReport, name: str) -> Hop:
    hops = [night.hops[name] for night in report.clinics.values()]
    return Hop(sum(hop.claims for hop in hops), sum((hop.dollars for hop in hops), Decimal(0)))


def _money(hop: Hop) -> str:
    return str(hop) if hop.claims else "-"
