"""
The 277CA (005010X214): which claims go on, which do not and why, at receiver, provider, claim and line level.

The clearinghouse writes one for its own edits, a payer one for its front end. Codes are X12's lists 507 (category)
and 508 (status).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count, groupby
from typing import Final

from include.sandbox.fates import Fate
from include.sandbox.interchange import Frame, money, plain, written
from include.sandbox.upload import RECEIVER, Line, Party, UploadedClaim

GUIDE: Final = "005010X214"
CLEARINGHOUSE: Final = Party(last="SANDBOX CLEARINGHOUSE", id=RECEIVER)

OF_EDITS: Final = {
    "SB01": "A3:116",
    "RC55": "A3:24:85",
    "SB02": "A6:126:IL",
    "SB03": "A6:164:IL",
    "SB04": "A6:158:IL",
    "SB05": "A7:562:85",
    "SB06": "A6:254",
    "RC66": "A6:477",
    "SB07": "A8:400",
    "SB08": "A3:54",
}
"""What the sandbox's own edits are called in a 277CA."""

OF_FATES: Final = {
    Fate.REJECTED: "A7:187",
    Fate.RETURNED: "A3:33:IL",
    Fate.LINE_REJECTED: "A7:21",
    Fate.PROVIDER_REJECTED: "A3:24:85",
    Fate.SUBMITTER_REJECTED: "A3:24:41",
}
LINE_CODE: Final = "A7:454"
INFORMATION_CODE: Final = "R4:317"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What an answer says of one claim."""

    claim: UploadedClaim
    codes: tuple[str, ...]  # STC01, STC10, STC11
    clearinghouse_number: str  # REF*D9
    payer_number: str = ""  # REF*1K
    lines: tuple[Line, ...] = ()  # refused ones
    words: str = ""  # STC12
    with_provider: bool = False  # refused with its billing provider, not named itself

    @property
    def refused(self) -> bool:
        """STC03: U where it does not go on, else WQ."""
        return self.codes[0][:2] in {"A3", "A4", "A6", "A7", "A8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Whom the answer goes to and what it is about."""

    file_id: str
    at: datetime
    isa_receiver: str
    gs_receiver: str
    submitter: Party
    reference: str  # our BHT03
    source: Party
    from_payer: bool = False
    refuses_submitter: str = ""  # the code by which everything is refused at once


def acknowledgement_277ca(head: Head, spoken: Sequence[Spoken]) -> bytes:
    """Return the file."""
    today = f"{head.at:%Y%m%d}"
    who = "PR" if head.from_payer else "AY"
    levels = count(3)
    code, action = (head.refuses_submitter, "U") if head.refuses_submitter else (f"A1:19:{who}", "WQ")
    body = [
        ["BHT", "0085", "08", head.file_id, today, f"{head.at:%H%M}", "TH"],
        ["HL", "1", "", "20", "1"],
        ["NM1", who, "2", plain(head.source.last), "", "", "", "", "PI" if head.from_payer else "46", head.source.id],
        ["TRN", "1", head.file_id],
        ["DTP", "050", "D8", today],
        ["DTP", "009", "D8", today],
        ["HL", "2", "1", "21", "0" if head.refuses_submitter else "1"],
        ["NM1", "41", "2", plain(head.submitter.last), "", "", "", "", "46", head.submitter.id],
        ["TRN", "2", head.reference],
        ["STC", code, today, action, money(_total(spoken))],
        *_totals(spoken, "90", "AA"),
    ]
    for (npi, refused), claims in groupby(_named(head, spoken), _by_provider):
        body += _provider(list(claims), npi, who=who, refused=refused, today=today, levels=levels)
    frame = Frame(
        at=head.at,
        control_number=head.file_id[-9:],
        group_number=str(int(head.file_id[-9:])),
        receiver=head.isa_receiver,
        group_receiver=head.gs_receiver,
        group="HN",
        kind="277",
        version=GUIDE,
    )
    return written(frame, body)


def _named(head: Head, spoken: Sequence[Spoken]) -> list[Spoken]:
    return [] if head.refuses_submitter else sorted(spoken, key=_by_provider)


def _by_provider(one: Spoken) -> tuple[str, bool]:
    return one.claim.billing.id, one.with_provider


def _provider(
    claims: Sequence[Spoken], npi: str, *, who: str, refused: bool, today: str, levels: Iterable[int]
) -> list[list[str]]:
    numbers = iter(levels)
    level = str(next(numbers))
    code, action = (claims[0].codes[0], "U") if refused else (f"A1:19:{who}", "WQ")
    body = [
        ["HL", level, "2", "19", "0" if refused else "1"],
        ["NM1", "85", "2", plain(claims[0].claim.billing.last), "", "", "", "", "XX", npi],
        ["TRN", "1", "0"],
        ["STC", code, "", action, money(_total(claims))],
        *_totals(claims, "QA", "QC"),
    ]
    for one in () if refused else claims:
        body += [["HL", str(next(numbers)), level, "PT"], *_claim(one, today)]
    return body


def _claim(one: Spoken, today: str) -> list[list[str]]:
    claim = one.claim
    more = [*one.codes[1:3], "", ""]
    action = "U" if one.refused else "WQ"
    numbers = (("1K", one.payer_number), ("D9", one.clearinghouse_number))
    first, last = claim.days
    return [
        ["NM1", "QC", "1", plain(claim.who.last), plain(claim.who.first), "", "", "", "MI",
         plain(claim.who.id or claim.subscriber.id)],
        ["TRN", "2", claim.control_number],
        ["STC", one.codes[0], today, action, money(claim.total), "", "", "", "", "", more[0], more[1], one.words],
        *(["REF", kind, number] for kind, number in numbers if number),
        ["DTP", "472", "D8", first] if first == last else ["DTP", "472", "RD8", f"{first}-{last}"],
        *(segment for line in one.lines for segment in _line(line, today)),
    ]  # fmt: skip


def _line(line: Line, today: str) -> list[list[str]]:
    reference = [["REF", "FJ", line.reference]] if line.reference else []
    return [
        ["SVC", f"HC:{line.code}", line.charge, "", "", "", "", line.units],
        ["STC", LINE_CODE, today, "U"],
        *reference,
        ["DTP", "472", "RD8" if "-" in line.day else "D8", line.day],
    ]


def _totals(spoken: Sequence[Spoken], good: str, bad: str) -> list[list[str]]:
    refused = [one for one in spoken if one.refused]
    accepted = [one for one in spoken if not one.refused]
    sides = ((good, "YU", accepted), (bad, "YY", refused))
    return [
        *(["QTY", kind, str(len(claims))] for kind, _, claims in sides if claims),
        *(["AMT", kind, money(_total(claims))] for _, kind, claims in sides if claims),
    ]


def _total(spoken: Sequence[Spoken]) -> Decimal:
    return sum((one.claim.total for one in spoken), Decimal(0))
