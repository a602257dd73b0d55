"""
The sandbox's answers as text, in the layouts Office Ally's own were seen in: 999, File Summary, error report.

Like the real ones they name patients, so that whoever reads them must show that nothing of it leaks. The people of
a sandbox are invented.
"""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from include.claims.states import Usage
from include.officeally.names import usage_of
from include.sandbox.edits import WORDS
from include.sandbox.interchange import Frame, written, written_alone
from include.sandbox.structure import SetVerdict
from include.sandbox.upload import Upload, UploadedClaim, day

_WIDTH: Final = 162
_DOUBLE_RULE: Final = "=" * _WIDTH
_RULE: Final = "-" * _WIDTH

_COLUMNS: Final = (
    ("CLAIM#", 7), ("OA CLAIMID", 12), ("PATIENT ID", 18), ("LAST,FIRST", 20), ("DOB", 13), ("FROM DOS", 11),
    ("TO DOS", 11), ("CPT", 8), ("DIAG", 9), ("TAX ID", 12), ("ACCNT#", 14), ("PHYS.ID", 11), ("PAYER", 7),
    ("ERRORS", 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A file for `outbound`."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A claim with what the edits said of it."""

    claim: UploadedClaim
    claim_id: str  # ten digits
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the clearinghouse knows of an upload before it looks inside."""

    file_id: str
    name: str
    at: datetime

    @property
    def stem(self) -> str:
        """Our name without its extension, as the 999 carries it."""
        return self.name.rpartition(".")[0] or self.name


def acknowledgement_999(receipt: Receipt, upload: Upload, verdicts: Sequence[SetVerdict]) -> Report:
    """Return the 999 with the TA1 before it; GS06 is the last nine digits of the file id (observed)."""
    isa, gs = upload.isa, upload.gs
    body = [["AK1", "HC", gs[6], gs[8]], *(segment for verdict in verdicts for segment in _set_answer(verdict))]
    good = sum(verdict.accepted for verdict in verdicts)
    body.append(["AK9", _group_verdict(good, len(verdicts)), str(len(verdicts)), str(len(verdicts)), str(good)])
    frame = _frame(receipt, isa, gs[2])
    content = written(frame, body, ta1=["TA1", isa[13], isa[9], isa[10], "A", "000"])
    return Report(name=_name_999(receipt), content=content)


def refused_interchange(receipt: Receipt, isa: Sequence[str], code: str) -> Report:
    """Return the TA1 that refuses an interchange, which no 999 follows; it comes under the 999's name."""
    content = written_alone(_frame(receipt, isa, isa[6]), ["TA1", isa[13], isa[9], isa[10], "R", code])
    return Report(name=_name_999(receipt), content=content)


def _name_999(receipt: Receipt) -> str:
    return f"{receipt.file_id}_{receipt.stem}_999.999"


def _frame(receipt: Receipt, isa: Sequence[str], group_receiver: str) -> Frame:
    return Frame(
        at=receipt.at,
        control_number=isa[13],
        group_number=str(int(receipt.file_id[-9:])),
        receiver=isa[6],
        group_receiver=group_receiver,
        group="FA",
        kind="999",
        version="005010X231A1",
    )


def _set_answer(verdict: SetVerdict) -> list[list[str]]:
    answer = [["AK2", "837", verdict.control_number, "005010X222A1"]]
    for fault in verdict.segments:
        answer.append(["IK3", fault.segment, str(fault.position), fault.loop, fault.code])
        answer += [["IK4", element.position, element.reference, element.code] for element in fault.elements]
    # IK5 has room for five reasons.
    answer.append(["IK5", "A"] if verdict.accepted else ["IK5", "R", *verdict.codes[:5]])
    return answer


def _group_verdict(good: int, sets: int) -> str:
    if good == sets:
        return "A"
    return "P" if good else "R"


def file_summary(receipt: Receipt, edited: Sequence[Edited], part_ids: Mapping[str, str]) -> Report:
    """Return the File Summary of a file whose claims were edited; `part_ids` are by payer."""
    refused = [one for one in edited if one.codes]
    accepted = [one for one in edited if not one.codes]
    lines = [
        *_greeting(receipt),
        *_split(receipt, edited, part_ids),
        *_labels(receipt),
        *_counts(len(accepted), Counter(code for one in refused for code in one.codes), len(refused)),
        *_block("ERROR", refused),
        *_block("ACCEPTED", accepted),
        "",
        f"Please keep FileID {receipt.file_id}; each part above is tracked by its own File ID.",
        "",
    ]
    return Report(name=f"FS_HCFA_{receipt.file_id}_IN_C.txt", content="\r\n".join(lines).encode())


def error_report(receipt: Receipt, reason: str) -> Report:
    """Return the report of a file that failed: no claim was made of it. Its real layout is not published."""
    code, _, words = reason.partition(" - ")
    lines = [
        *_greeting(receipt),
        *_labels(receipt),
        "",
        "\t0 # of Claims Initially Accepted",
        "\t0 # of Claims Rejected",
        f"\t+---> 1 # errors {code} - {words}",
        "",
        _DOUBLE_RULE,
        "The file failed and no claim was created. Mend it and send it anew.",
        "",
    ]
    return Report(name=f"FS_HCFA_{receipt.file_id}_ErrorReport.txt", content="\r\n".join(lines).encode())


def _greeting(receipt: Receipt) -> list[str]:
    test = usage_of(receipt.name) is Usage.TEST
    fate = "It is a TEST file: its claims are not forwarded." if test else "Accepted claims go on to their payers."
    return ["Dear Sandbox User,", "", "The sandbox clearinghouse has looked at a file of yours.", fate]


def _split(receipt: Receipt, edited: Sequence[Edited], part_ids: Mapping[str, str]) -> list[str]:
    rows = []
    whole = Decimal(0)
    for payer_id, part_id in part_ids.items():
        claims = [one.claim for one in edited if one.claim.payer.id == payer_id]
        total = sum((claim.total for claim in claims), Decimal(0))
        whole += total
        name = f"{claims[0].payer.last[:40]} ({payer_id})"
        rows.append(f"{part_id}\t\t{name}  {len(claims)}  ${total:,.2f}")
    return [
        _DOUBLE_RULE,
        f"The file {receipt.file_id}_{receipt.name} was split",
        f"into {len(part_ids)} file(s) by payer:",
        "",
        "File ID\t\tPayer (PayerID)  Claims  Totals",
        _RULE,
        *rows,
        f"Total: ${whole:,.2f}",
    ]


def _labels(receipt: Receipt) -> list[str]:
    today = f"{receipt.at:%m/%d/%Y}"
    return [
        _DOUBLE_RULE,
        "Claims Upload File Summary".center(80).rstrip(),
        "",
        f"{'File Name:':>30}{receipt.file_id}_{receipt.name}",
        f"{'Date Uploaded:':>30} {today}",
        f"{'Type of File:':>30} HCFA",
        f"{'Date Processed:':>30} {today}",
    ]


def _counts(accepted: int, by_code: Mapping[str, int], refused: int) -> list[str]:
    lines = ["", f"\t{accepted} # of Claims Initially Accepted", f"\t{refused} # of Claims Rejected"]
    for code, count in sorted(by_code.items()):
        lines += textwrap.wrap(
            f"+---> {count} # errors {code} - {WORDS[code]}", 60, initial_indent="\t", subsequent_indent="\t      "
        )
    return [*lines, ""]


def _block(title: str, edited: Sequence[Edited]) -> list[str]:
    if not edited:
        return []
    header = "".join(name.ljust(width) for name, width in _COLUMNS)
    rows = [_row(number, one) for number, one in enumerate(edited, start=1)]
    return [_DOUBLE_RULE, f"-------{title} CLAIM DETAIL", _RULE, header, _RULE, *rows, _DOUBLE_RULE]


def _row(number: int, edited: Edited) -> str:
    claim = edited.claim
    patient = claim.patient or claim.subscriber
    days = sorted(line.day for line in claim.lines) or [""]
    cells = (
        f"{number})",
        edited.claim_id,
        claim.subscriber.id,
        f"{patient.last} {patient.first}",
        day(patient.birth_date),
        day(days[0]),
        day(days[-1]),
        claim.lines[0].procedure.partition(":")[0] if claim.lines else "",
        claim.diagnoses[0] if claim.diagnoses else "",
        claim.tax_id,
        claim.control_number,
        claim.rendering_npi or claim.billing.id,
        claim.payer.id,
        ",".join(edited.codes),
    )
    # A cell that is too long is cut, as a fixed column must; only PHYS.ID may touch its neighbour.
    return "".join(
        (cell[: width if name in {"ACCNT#", "PHYS.ID"} else width - 1] if width else cell).ljust(width)
        for cell, (name, width) in zip(cells, _COLUMNS, strict=True)
    ).rstrip()
