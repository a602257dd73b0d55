"""
Whether each set of an upload is sound X12: what a 999 says.

pyx12 judges by the implementation guide where it is installed (it is a tool of development, not of production);
without it the sandbox's own few rules judge alone.
"""

import importlib.util
import io
import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.sandbox.upload import VERSION, Upload, UploadedSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFault:
    """IK4 without the copy of the bad value, which may be patient data."""

    position: str  # IK401, `5:1`
    reference: str  # IK402
    code: str  # IK403


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFault:
    """IK3 with its IK4."""

    segment: str  # IK301
    position: int  # IK302, counted within the set from 1 at ST
    loop: str = ""  # IK303
    code: str  # IK304
    elements: tuple[ElementFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVerdict:
    """AK2 to IK5."""

    control_number: str
    segments: tuple[SegmentFault, ...] = ()
    codes: tuple[str, ...] = ()  # IK502 and on

    @property
    def accepted(self) -> bool:
        """IK501 A, else R."""
        return not self.segments and not self.codes


def judge(upload: Upload, text: str, *, pyx12_up_to: int = 300) -> list[SetVerdict]:
    """Return a verdict for every set in order; pyx12 takes some 3 ms a claim, so it judges small files only."""
    seen = Counter(uploaded.control_number for uploaded in upload.sets)
    own = [_own_verdict(uploaded, seen) for uploaded in upload.sets]
    if len(upload.sets) > pyx12_up_to or not upload.complete or importlib.util.find_spec("pyx12") is None:
        return own
    guide = _guide_verdicts(text)
    if len(guide) != len(own):
        return own
    return [mine if not mine.accepted else theirs for mine, theirs in zip(own, guide, strict=True)]


def _own_verdict(uploaded: UploadedSet, seen: Mapping[str, int]) -> SetVerdict:
    codes = list(uploaded.trailer_faults)
    if not uploaded.closed:
        codes.append("2")
    if uploaded.version != VERSION:
        codes.append("1")
    if seen[uploaded.control_number] > 1:
        codes.append("23")
    segments = tuple(
        SegmentFault(segment="DTP", position=position, loop="2300", code="2") for position in uploaded.misplaced_dates
    )
    if segments:
        codes.append("5")
    return SetVerdict(control_number=uploaded.control_number, segments=segments, codes=tuple(codes))


def _guide_verdicts(text: str) -> list[SetVerdict]:
    import pyx12.params  # noqa: PLC0415 -- where installed
    import pyx12.x12n_document  # noqa: PLC0415

    # It logs every fault, bad values included, at ERROR.
    logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
    report = io.StringIO()
    try:
        pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(text), None, None, fd_json=report)
        found = json.loads(report.getvalue())
    except (pyx12.errors.EngineError, pyx12.errors.X12Error, IndexError, AttributeError, ValueError):
        # It gives up on some broken files; the sandbox's own rules have judged them.
        return []
    return [
        _guide_verdict(transaction)
        for interchange in found["interchanges"]
        for group in interchange["groups"]
        for transaction in group["transactions"]
    ]


def _guide_verdict(transaction: dict[str, Any]) -> SetVerdict:
    segments = tuple(fault for segment in transaction["segments"] for fault in _segment_faults(segment))
    codes = [error["err_cde"] for error in transaction["errors"]] + (["5"] if segments else [])
    return SetVerdict(control_number=transaction["trn_set_control_num"], segments=segments, codes=tuple(codes))


def _segment_faults(segment: dict[str, Any]) -> list[SegmentFault]:
    elements = tuple(
        ElementFault(
            position=":".join(str(part) for part in (element["ele_pos"], element["subele_pos"]) if part),
            reference=element["ele_ref_num"] or "",
            code=error["err_cde"],
        )
        for element in segment["elements"]
        for error in element["errors"]
    )
    codes = [error["err_cde"] for error in segment["errors"]] or ["8"]
    return [
        SegmentFault(
            segment=segment["seg_id"],
            position=segment["seg_count"],
            code=code,
            elements=elements if code == "8" else (),
        )
        for code in codes
    ]
