"""
`./courier read`: what any file says that can come or go, as JSON lines, by whomever it was written.

Of an 837P it prints the claims, which are patients' data: to look at, not to keep. Of an answer it prints verdicts,
codes and amounts without patients' data, unless `--phi` asks for what a payer wrote and whose it is.
Exit status 1: something was refused, denied, does not add up or could not be read.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final

from include.claims import balances
from include.claims.decisions import decision_of, denials
from include.claims.documents import to_document
from include.claims.errors import BadFile
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd
from include.claims.states import Event
from include.officeally.edi_status import PayerStatus, read_edi_status
from include.officeally.era_zip import open_era_zip
from include.officeally.file_summary import Verdict, read_file_summary
from include.officeally.text_report import lines_of
from include.x12.claim_status import AnswerHead, ClaimVerdict
from include.x12.claim_status_codes import remedies_of, words_of
from include.x12.interchange import BrokenSet
from include.x12.read_277 import read_277
from include.x12.read_835 import Broken, read_835
from include.x12.read_837p import BrokenClaim, ReadClaim, read_837p
from include.x12.read_999 import read_999
from include.x12.read_ta1 import read_ta1
from include.x12.segments import chunks_of, decode, read_segments

_WELL: Final = frozenset({
    ClaimVerdict.ACCEPTED, ClaimVerdict.RECEIVED, ClaimVerdict.FORWARDED, ClaimVerdict.PENDED, ClaimVerdict.SPLIT,
    ClaimVerdict.DECIDED,
})  # fmt: skip
_PAID: Final = frozenset({Event.PAID, Event.LEFT_TO_PATIENT, Event.FORWARDED, None})
_OF_A_PATIENT: Final = frozenset({"member_id", "corrected_member_id", "ids", "rendering"})

Line = tuple[Mapping[str, Any], bool]
"""What is printed, and whether it is bad news."""


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("files", nargs="+", metavar="FILE", help="any file of claims or answers; - is standard input")
    command.add_argument("--phi", action="store_true", help="with what may be a patient's data")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what every file says; 1 where something is bad news or could not be read."""
    is_bad = False
    for name in options.files:
        try:
            for said, bad in _lines(_raw(name)):
                print(json.dumps(_plain(said, phi=options.phi)))
                is_bad |= bad
        except BadFile as error:
            print(f"{name}: {error}", file=sys.stderr)
            is_bad = True
    return 1 if is_bad else 0


def _raw(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadFile(f"cannot be read ({error.strerror})") from error


def _lines(raw: bytes) -> Iterator[Line]:
    if raw[:2] == b"PK":
        raw = open_era_zip(raw).remittance()
    text = decode(raw)
    if text.lstrip()[:3] == "ISA":
        yield from _X12.get(_set_of(text), _unknown)(text)
    elif "Payer Response" in text:
        yield from _edi_status(text)
    else:
        yield from _file_summary(text)


def _set_of(text: str) -> str:
    """Return ST01 of the first set, or TA1 where there is none."""
    for elements, _ in read_segments(chunks_of(text)):
        if elements[0] == "ST":
            return elements[1] if len(elements) > 1 else ""
    return "TA1"


def _unknown(_text: str) -> Iterator[Line]:
    raise BadFile("an X12 file of a kind that is not read here; 837, 835, 277, 999 and TA1 are")


def _claims(text: str) -> Iterator[Line]:
    broken: list[BrokenClaim | BrokenSet] = []
    for found in read_837p(chunks_of(text), broken):
        yield {"kind": "837P", **_place(found), "claim": json.loads(to_document(found.claim))}, False
    for one in broken:
        yield {"kind": "837P", "unreadable": one}, True


def _place(found: ReadClaim) -> dict[str, Any]:
    return {
        "control_number": found.control_number,
        "set_number": found.set_number,
        "segment": found.segment,
        "line_control_numbers": found.line_control_numbers,
    }


def _remittance(text: str) -> Iterator[Line]:
    broken: list[Broken] = []
    payment: Payment | None = None
    for part in read_835(chunks_of(text), broken):
        if isinstance(part, Payment):
            payment = part
            yield {"kind": "835 payment", "said": part}, False
        elif isinstance(part, ClaimPayment):
            odd = balances.of_claim(part)
            event = decision_of(part)
            said = {"kind": "835 claim", "comes_to": event, "reasons": denials(part), "said": part, "imbalances": odd}
            yield said, event not in _PAID or any(not one.is_warning for one in odd)
        elif isinstance(part, PaymentEnd) and payment is not None:
            odd = balances.of_payment(payment, part)
            yield {"kind": "835 payment ends", "said": part, "imbalances": odd}, bool(odd)
    for one in broken:
        yield {"kind": "835", "unreadable": one}, True


def _status(text: str) -> Iterator[Line]:
    for said in read_277(chunks_of(text)):
        if isinstance(said, AnswerHead):
            yield {"kind": "277", "said": said}, False
            continue
        words = [{"says": words_of(one), "remedies": remedies_of(one)} for one in said.statuses]
        line = {"kind": f"277 {type(said).__name__}", "comes_to": said.verdict, "words": words, "said": said}
        yield line, bool(said.statuses) and said.verdict not in _WELL


def _acknowledgement(text: str) -> Iterator[Line]:
    for group in read_999(chunks_of(text)):
        yield {"kind": "999", "words": group.words, "said": group}, group.verdict.is_refused
        for one in group.sets:
            yield {"kind": "999 set", "words": one.words, "said": one}, not one.verdict.is_accepted


def _interchange(text: str) -> Iterator[Line]:
    for answer in read_ta1(chunks_of(text)):
        yield {"kind": "TA1", "words": answer.words, "said": answer}, answer.verdict == "R"


def _edi_status(text: str) -> Iterator[Line]:
    for answer in read_edi_status(lines_of(text)).answers:
        yield {"kind": "EDI Status", "said": answer}, answer.status not in {PayerStatus.ACCEPTED, PayerStatus.PENDING}


def _file_summary(text: str) -> Iterator[Line]:
    summary = read_file_summary(lines_of(text))
    yield {"kind": "File Summary", "failed": summary.failed, "said": summary}, summary.failed
    for row in summary.rows:
        yield {"kind": "File Summary claim", "words": summary.words(row), "said": row}, row.verdict is Verdict.REJECTED


_X12: Final[Mapping[str, Callable[[str], Iterator[Line]]]] = {
    "837": _claims, "835": _remittance, "277": _status, "999": _acknowledgement, "TA1": _interchange,
}  # fmt: skip


def _plain(value: Any, *, phi: bool) -> Any:
    """Return a record as JSON holds it; what stays out of a `repr` stays out here, unless it was asked for."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one, phi=phi) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        shown = [one.name for one in fields(value) if (phi or one.repr) and one.name != "rows"]
        return {name: _plain(getattr(value, name), phi=phi) for name in shown}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        named = value._asdict().items()
        return {name: _plain(one, phi=phi) for name, one in named if phi or name not in _OF_A_PATIENT}
    if isinstance(value, list | tuple):
        return [_plain(one, phi=phi) for one in value]
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    return format(value, "f") if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
