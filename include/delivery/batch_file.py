"""
One file from its first claim to the payers' answers: the keys that tie it together, and its life as a line of stops.

For whoever asks the clearinghouse's support about a file: every number they may ask for. Holds no patient data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from include.claims.states import UNFINISHED, BatchStatus, Event
from include.delivery.records import Batch, ClaimLine, Kind, ResponseStatus
from include.officeally.names import FileFormat, ResponseKind, classify


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One attempt to put a file on the clearinghouse's server."""

    id: int
    attempt: int
    state: str
    begun_at: datetime
    ended_at: datetime | None
    server: str  # host and port
    login: str
    key_fingerprint: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """A file with everything that was done with it."""

    batch: Batch
    reason: str  # of its status, where it was given up or voided
    collected_from: datetime | None
    collected_until: datetime | None
    rendered_at: datetime | None
    aged_at: datetime | None = None  # its bytes were let go
    clearinghouse_file_ids: tuple[str, ...] = ()
    sendings: tuple[Sending, ...] = ()

    @property
    def sent(self) -> Sending | None:
        """The attempt that brought it there."""
        return next((one for one in self.sendings if one.state == "sent"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFile:
    """A file that came back, as far as it speaks of some claims."""

    id: int
    name: str
    status: ResponseStatus
    reason: str
    taken_at: datetime
    answered_on: str
    sha256: str
    size: int
    said: Mapping[Event, int] = field(default_factory=dict)  # of how many claims

    @property
    def kind(self) -> ResponseKind:
        """What it is, by its name."""
        return classify(self.name).kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """A file that came back, and the clinics whose patients it may name."""

    id: int
    name: str
    sha256: str  # blank: it was left on the server
    size: int
    clinics: frozenset[str]  # all of its mailbox, now and ever, and those it spoke of


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedClaim:
    """A claim at its place in a file."""

    position: int
    set_number: str  # ST02
    line: ClaimLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of a file's life; without a time it has not come there."""

    name: str
    at: datetime | None
    words: str = ""


_REPORTS: Final[Mapping[str, frozenset[ResponseKind]]] = {
    "999": frozenset({ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999}),
    "File Summary": frozenset({ResponseKind.FILE_SUMMARY, ResponseKind.ERROR_REPORT}),
    "277CA": frozenset({ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA}),
    "claim status": frozenset({ResponseKind.EDI_STATUS, ResponseKind.STATUS_277}),
    "remittance": frozenset({ResponseKind.REMITTANCE_5010, ResponseKind.REMITTANCE_4010}),
}
"""What answers a file, in the order in which it comes."""

_NOT_OF_FORMS: Final = frozenset({"999"})


def life_line(file: BatchFile, answers: Sequence[AnswerFile]) -> list[Stop]:
    """Return the stops of a file's life in order, those it has not come to without a time."""
    batch = file.batch
    stops = [
        Stop(name="collected", at=file.collected_from, words=_until(file.collected_from, file.collected_until)),
        Stop(name="sealed", at=batch.created_at, words=f"{batch.claim_count} claims, numbers fixed"),
        Stop(name="rendered", at=file.rendered_at, words=f"{batch.size:,} bytes" if batch.size else ""),
    ]
    if batch.kind is Kind.DRY:
        return stops
    if batch.status in {BatchStatus.RELEASED, BatchStatus.NOT_ARRIVED}:
        return [*stops, *_begun(file), Stop(name=batch.status.lower(), at=batch.created_at, words=file.reason)]
    return [*stops, *_begun(file), _sent(file), *_answered(batch, answers)]


def _until(first: datetime | None, last: datetime | None) -> str:
    return f"until {last:%Y-%m-%d %H:%M}" if first and last and last > first else ""


def _begun(file: BatchFile) -> Iterator[Stop]:
    first = min((one.begun_at for one in file.sendings), default=None)
    attempts = len(file.sendings)
    yield Stop(name="begun", at=first, words=f"{attempts} attempts" if attempts > 1 else "")


def _sent(file: BatchFile) -> Stop:
    sent = file.sent
    if sent:
        return Stop(name="sent", at=sent.ended_at, words=f"to {sent.server} as {sent.login}: {sent.evidence}")
    is_late = file.sendings and file.batch.status in UNFINISHED
    return Stop(name="sent", at=None, words="in doubt: bytes may have left" if is_late else "")


def _answered(batch: Batch, answers: Iterable[AnswerFile]) -> Iterator[Stop]:
    told = list(answers)
    for name, kinds in _REPORTS.items():
        if name in _NOT_OF_FORMS and batch.file_format is FileFormat.PRINT_IMAGE:
            continue
        of_kind = [one for one in told if one.kind in kinds]
        first = min((one.taken_at for one in of_kind), default=None)
        yield Stop(name=name, at=first, words=_what_they_said(of_kind))


def _what_they_said(answers: Iterable[AnswerFile]) -> str:
    counts: dict[Event, int] = {}
    for one in answers:
        for event, claims in one.said.items():
            counts[event] = counts.get(event, 0) + claims
    return said_in_words(counts)


def said_in_words(counts: Mapping[Event, int]) -> str:
    """Return what was said of how many claims, `8 accepted by payer, 1 denied`."""
    return ", ".join(f"{claims} {event.replace('_', ' ')}" for event, claims in counts.items())
