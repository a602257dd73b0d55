"""
An uploaded 837P as the clearinghouse sees it: envelope, sets and claims.

Written apart from the product's own reader on purpose: two readers that share their mistakes prove nothing.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from include.claims.errors import BadFile
from include.x12.segments import chunks_of, read_segments

VERSION: Final = "005010X222A1"
RECEIVER: Final = "330897513"
"""Office Ally's tax id: ISA08, and GS03 beside `OA` (837P companion guide)."""

MOST_SETS: Final = 5000

_ENDS_WITH_IEA = re.compile(rb"IEA([^0-9A-Za-z\s])\d+\1\d{9}[^0-9A-Za-z]\s*\Z")


def is_complete(tail: bytes) -> bool:
    """Tell whether a file's last bytes are an interchange trailer."""
    return _ENDS_WITH_IEA.search(tail) is not None


@dataclass(slots=True, kw_only=True)
class Party:
    """Somebody an NM1 names."""

    last: str = ""
    first: str = ""
    id: str = ""
    street: str = ""
    city: str = ""
    birth_date: str = ""  # CCYYMMDD


@dataclass(slots=True, kw_only=True)
class Line:
    """A service line."""

    reference: str = ""  # REF*6R
    procedure: str = ""  # with its modifiers, `97153:HM`
    charge: str = ""
    units: str = ""
    pointers: str = ""
    day: str = ""  # CCYYMMDD, or a range

    @property
    def code(self) -> str:
        """The procedure and its four modifiers at most, without a description."""
        return ":".join(self.procedure.split(":")[:5])


@dataclass(slots=True, kw_only=True)
class UploadedClaim:
    """A claim of the file, as far as the edits look at it."""

    control_number: str
    charge: str
    frequency: str
    filing_code: str = ""  # SBR09
    place_of_service: str = ""  # CLM05-1
    original_reference: str = ""  # REF*F8, the payer's number of the claim this one replaces
    billing: Party
    tax_id: str
    subscriber: Party
    payer: Party
    patient: Party | None
    rendering_npi: str = ""
    diagnoses: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """CLM02; zero where it is not an amount."""
        return amount(self.charge)

    @property
    def line_references_sha256(self) -> str:
        """What the lines are called, as one hash."""
        return _sha256(line.reference for line in self.lines)

    @property
    def content_sha256(self) -> str:
        """What is billed, whatever the claim is called: the same service sent twice has the same hash."""
        who = (self.billing.id, self.payer.id, self.subscriber.id, *_name(self.patient or self.subscriber))
        what = (f"{line.day} {line.procedure} {line.charge} {line.units}" for line in self.lines)
        return _sha256((self.frequency, *who, *what))

    @property
    def who(self) -> Party:
        """The patient, who may be the subscriber."""
        return self.patient or self.subscriber

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day of service, CCYYMMDD."""
        ends = sorted(end for line in self.lines for end in line.day.split("-"))
        return (ends[0], ends[-1]) if ends else ("", "")


@dataclass(slots=True, kw_only=True)
class UploadedSet:
    """One ST to SE."""

    control_number: str  # ST02
    version: str  # ST03
    segments: int = 0
    closed: bool = False
    trailer_faults: list[str] = field(default_factory=list)  # IK502
    misplaced_dates: list[int] = field(default_factory=list)  # positions of DTP*472 at claim level
    claims: list[UploadedClaim] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Upload:
    """The whole file."""

    isa: Sequence[str] = ()
    gs: Sequence[str] = ()
    reference: str = ""  # BHT03 of its first set
    submitter: Party = field(default_factory=Party)  # loop 1000A of its first set
    sets: list[UploadedSet] = field(default_factory=list)
    complete: bool = False


def read_upload(text: str) -> Upload:
    """Return the file's claims; raise BadFile with `code - words` where the file as a whole fails."""
    walk = _Walk()
    try:
        for elements, delimiters in read_segments(chunks_of(text)):
            walk.segment(elements, delimiters.component)
    except BadFile as error:
        if " - " in str(error):
            raise
        raise BadFile(f"FF01 - NOT A READABLE X12 FILE: {error}") from error
    return walk.done()


def amount(text: str) -> Decimal:
    """Return a charge; zero where it is not an amount."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)


class _Walk:
    """Goes through the segments once and remembers who is being talked about."""

    def __init__(self) -> None:
        self._upload = Upload()
        self._set: UploadedSet | None = None
        self._billing = Party()
        self._tax_id = ""
        self._subscriber = Party()
        self._payer = Party()
        self._filing_code = ""
        self._patient: Party | None = None
        self._named = Party()
        self._claim: UploadedClaim | None = None
        self._component = ":"
        self._at_claim = False  # between CLM and the first name that follows it
        self._handlers: dict[str, Callable[[Sequence[str]], None]] = {
            "ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea,
            "BHT": self._bht, "HL": self._hl, "SBR": self._sbr, "NM1": self._nm1, "N3": self._n3, "N4": self._n4,
            "DMG": self._dmg, "REF": self._ref,
            "CLM": self._clm, "HI": self._hi, "LX": self._lx, "SV1": self._sv1, "DTP": self._dtp,
        }  # fmt: skip

    def segment(self, elements: Sequence[str], component: str) -> None:
        self._component = component
        if self._set is not None:
            self._set.segments += 1
        if handler := self._handlers.get(elements[0]):
            handler([*elements, *[""] * 17])

    def done(self) -> Upload:
        upload = self._upload
        if not upload.isa or not upload.gs:
            raise BadFile("FF01 - NOT A READABLE X12 FILE: ISA OR GS IS MISSING")
        return upload

    # --- envelope ---

    def _isa(self, e: Sequence[str]) -> None:
        if self._upload.isa:
            raise BadFile("FF02 - MORE THAN ONE ISA IN ONE FILE")
        if e[8].strip() != RECEIVER:
            raise BadFile(f"FF03 - ISA08 MUST BE {RECEIVER}")
        self._upload.isa = e

    def _gs(self, e: Sequence[str]) -> None:
        if self._upload.gs:
            raise BadFile("FF04 - MORE THAN ONE GS IN ONE FILE")
        if e[3] not in {"OA", RECEIVER}:
            raise BadFile(f"FF05 - GS03 MUST BE OA OR {RECEIVER}")
        if e[8] != VERSION:
            raise BadFile(f"FF06 - GS08 MUST BE {VERSION}")
        self._upload.gs = e

    def _st(self, e: Sequence[str]) -> None:
        if len(self._upload.sets) == MOST_SETS:
            raise BadFile(f"FF07 - MORE THAN {MOST_SETS} ST IN ONE FILE")
        self._set = UploadedSet(control_number=e[2], version=e[3], segments=1)
        self._upload.sets.append(self._set)
        self._claim = None

    def _se(self, e: Sequence[str]) -> None:
        if self._set is None:
            raise BadFile("FF08 - SE WITHOUT ST")
        if e[1] != str(self._set.segments):
            self._set.trailer_faults.append("4")
        if e[2] != self._set.control_number:
            self._set.trailer_faults.append("3")
        self._set.closed = True
        self._set = self._claim = None

    def _ge(self, e: Sequence[str]) -> None:
        if (e[1], e[2]) != (str(len(self._upload.sets)), self._upload.gs[6] if self._upload.gs else ""):
            raise BadFile("FF09 - GE DOES NOT AGREE WITH ITS GS")

    def _iea(self, e: Sequence[str]) -> None:
        if (e[1], e[2]) != ("1", self._upload.isa[13]):
            raise BadFile("FF10 - IEA DOES NOT AGREE WITH ITS ISA")
        self._upload.complete = True

    # --- who ---

    def _bht(self, e: Sequence[str]) -> None:
        self._upload.reference = self._upload.reference or e[3]

    def _sbr(self, e: Sequence[str]) -> None:
        if self._claim is None:
            self._filing_code = e[9]

    def _hl(self, e: Sequence[str]) -> None:
        self._claim = None
        if e[3] == "20":
            self._billing, self._tax_id = Party(), ""
        if e[3] in {"20", "22"}:
            self._subscriber, self._payer = Party(), Party()
        self._patient = Party() if e[3] == "23" else None

    def _nm1(self, e: Sequence[str]) -> None:
        self._named = Party(last=e[3], first=e[4], id=e[9])
        self._at_claim = False
        if e[1] == "41" and not self._upload.submitter.id:
            self._upload.submitter = self._named
        if e[1] == "82" and self._claim is not None:
            self._claim.rendering_npi = e[9]
        if self._claim is not None:
            return
        if e[1] == "85":
            self._billing = self._named
        elif e[1] == "IL":
            self._subscriber = self._named
        elif e[1] == "PR":
            self._payer = self._named
        elif e[1] == "QC":
            self._patient = self._named

    def _n3(self, e: Sequence[str]) -> None:
        self._named.street = e[1]

    def _n4(self, e: Sequence[str]) -> None:
        self._named.city = e[1]

    def _dmg(self, e: Sequence[str]) -> None:
        self._named.birth_date = e[2]

    def _ref(self, e: Sequence[str]) -> None:
        if e[1] in {"EI", "SY"} and self._claim is None:
            self._tax_id = e[2]
        elif e[1] == "6R" and self._claim is not None and self._claim.lines:
            self._claim.lines[-1].reference = e[2]
        elif e[1] == "F8" and self._claim is not None and self._at_claim:
            # After the first name of the claim it is another payer's number.
            self._claim.original_reference = e[2]

    # --- what ---

    def _clm(self, e: Sequence[str]) -> None:
        place = e[5].split(self._component)
        self._at_claim = True
        self._claim = UploadedClaim(
            control_number=e[1],
            charge=e[2],
            frequency=place[-1],
            filing_code=self._filing_code,
            place_of_service=place[0],
            billing=self._billing,
            tax_id=self._tax_id,
            subscriber=self._subscriber,
            payer=self._payer,
            patient=self._patient,
        )
        if self._set is not None:
            self._set.claims.append(self._claim)

    def _hi(self, e: Sequence[str]) -> None:
        if self._claim is not None:
            self._claim.diagnoses += [code.split(self._component)[-1] for code in e[1:] if code]

    def _lx(self, _: Sequence[str]) -> None:
        if self._claim is not None:
            self._claim.lines.append(Line())

    def _sv1(self, e: Sequence[str]) -> None:
        if self._claim is not None and self._claim.lines:
            line = self._claim.lines[-1]
            line.procedure, line.charge, line.units, line.pointers = (
                e[1].partition(self._component)[2].replace(self._component, ":"),
                e[2],
                e[4],
                e[7],
            )

    def _dtp(self, e: Sequence[str]) -> None:
        if e[1] != "472" or self._claim is None or self._set is None:
            return
        if self._claim.lines:
            self._claim.lines[-1].day = e[3]
        else:
            # The service date belongs to the line; Office Ally refuses it at claim level (observed).
            self._set.misplaced_dates.append(self._set.segments)


def _name(party: Party) -> tuple[str, str]:
    return party.last, party.first


def _sha256(parts: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def day(text: str) -> str:
    """Return CCYYMMDD as the reports print it, MM/DD/YYYY; blank where it is not a day."""
    try:
        return datetime.strptime(text[:8], "%Y%m%d").strftime("%m/%d/%Y")  # noqa: DTZ007 -- a day, no time
    except ValueError:
        return ""
