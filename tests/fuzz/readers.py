"""
Every reader of a file from outside: how it is called on bytes, and what may come out of it.

A result, or an error of our own tree whose message names the thing and shows none of it; nothing else, in bounded time.
Where one reader can be asked in two ways, both must say the same. The random tests and the coverage-guided program
(`make fuzz`) both judge by this page.
"""

import io
import re
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from unittest.mock import patch

from include.claims.errors import BadFile, ClaimsError, NotAllowed
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd
from include.claims.states import Usage
from include.cli import read as door
from include.delivery.apply import READERS as ANSWERS
from include.delivery.records import PaymentClosed, PaymentNotice, Response, ResponseStatus
from include.delivery.remittances import remittance_of
from include.hcfa.layout import GRID_A, PAPER
from include.hcfa.read_print_image import read_print_image
from include.officeally.edi_status import read_edi_status
from include.officeally.era_zip import open_era_zip
from include.officeally.file_summary import read_file_summary
from include.officeally.names import FileFormat, check_upload_name, classify
from include.officeally.text_report import lines_of
from include.x12.check_837p import deviations
from include.x12.interchange import BrokenSet, framed
from include.x12.read_277 import read_277
from include.x12.read_835 import Broken, read_835
from include.x12.read_837p import BrokenClaim, read_837p
from include.x12.read_999 import read_999
from include.x12.read_ta1 import read_ta1
from include.x12.segments import chunks_of, decode, read_segments
from tests.fuzz import seeds
from tests.outcomes import TAKEN_AT, OneBatch

LONGEST_MESSAGE: Final = 500
SECONDS_A_FILE: Final = 2
BYTES_A_SECOND: Final = 50_000
"""What the slowest reader must do under instruments; without them it does twenty times as much."""

OF_A_PATIENT: Final = ("TESTINA", "XYZ1002003")
"""A name and the member ids of the samples: no refusal may show one, wherever the damage put it."""


@dataclass(frozen=True)
class Reader:
    """A reader by its name, with files it can read to begin from."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


class Unbounded(AssertionError):
    """A reader took too long, or said too much."""


def judged(reader: Reader, raw: bytes) -> str:
    """Return `read` or the reason for the refusal; whatever a reader may not do raises."""
    begun = time.process_time()
    said = "read"
    try:
        reader.read(raw)
    except ClaimsError as refused:
        said = str(refused)
    taken = time.process_time() - begun
    if taken > SECONDS_A_FILE + len(raw) / BYTES_A_SECOND:
        raise Unbounded(f"{reader.name} took {taken:.0f} s for {len(raw)} bytes")
    if len(said) > LONGEST_MESSAGE or not said.isprintable() or any(name in said for name in OF_A_PATIENT):
        raise Unbounded(f"{reader.name} copies the file into its message")
    return said


def _text(raw: bytes) -> Iterable[str]:
    return chunks_of(decode(raw))


def _in_crumbs(raw: bytes) -> Iterator[str]:
    text = decode(raw)
    return (text[at : at + 61] for at in range(0, len(text), 61))


def _or_refusal(reading: Callable[[], Iterable[Any]]) -> list[Any] | str:
    try:
        return list(reading())
    except BadFile as refused:
        return str(refused)


def _or_raised(found: list[Any] | str) -> None:
    if isinstance(found, str):
        raise BadFile(found)


def _segments(raw: bytes) -> None:
    """Find the same however the text arrives."""
    found = _or_refusal(lambda: read_segments(_text(raw)))
    assert found == _or_refusal(lambda: read_segments(_in_crumbs(raw)))
    _or_raised(found)


def _interchange(raw: bytes) -> None:
    """Refuse a set that is miscounted, or gather it where a list is given."""
    broken: list[BrokenSet] = []
    gathered = _or_refusal(lambda: framed(_text(raw), broken))
    strict = _or_refusal(lambda: framed(_text(raw)))
    assert (strict == gathered) is not bool(broken)
    _or_raised(strict)


def _remittance(raw: bytes) -> None:
    """Read what is sound alike with and without a list for what is broken; close each payment that opens."""
    broken: list[Broken] = []
    said = list(read_835(_text(raw), broken))
    assert said == list(read_835(_in_crumbs(raw), []))
    strict = _or_refusal(lambda: read_835(_text(raw)))
    assert (strict == said) is not bool(broken)
    heads = [one for one in said if not isinstance(one, ClaimPayment)]
    assert len(heads) % 2 == 0
    for opened, closed in zip(heads[::2], heads[1::2], strict=True):
        assert isinstance(opened, Payment)
        assert isinstance(closed, PaymentEnd)
    _or_raised(strict)


def _claims(raw: bytes) -> None:
    """Refuse what is broken in a claim or set, or gather it where a list is given: only a bad frame raises then."""
    broken: list[BrokenClaim | BrokenSet] = []
    gathered = _or_refusal(lambda: read_837p(_text(raw), broken))
    strict = _or_refusal(lambda: read_837p(_text(raw)))
    if not isinstance(gathered, str):
        assert (strict == gathered) is not bool(broken)
    elif re.search("ISA13|GS06|ST01", gathered) is None:
        assert isinstance(_or_refusal(lambda: framed(_text(raw), [])), str), gathered
    _or_raised(strict)


def _check(raw: bytes) -> None:
    for one in deviations(decode(raw)):
        raise BadFile(f"{one.place}: {one.message}")


def _archive(raw: bytes) -> None:
    opened = open_era_zip(raw)
    opened.remittance()
    opened.print_report()


def _name(raw: bytes) -> None:
    """Classify a name, whatever it is; refuse an upload of that name in our own words."""
    name = raw.decode("utf-8", "surrogateescape")
    found = classify(name)
    assert found.our_stem in name
    for usage in Usage:
        for file_format in FileFormat:
            with suppress(NotAllowed):
                check_upload_name(name, usage, file_format)


def _forms(raw: bytes) -> None:
    for layout in (GRID_A, PAPER):
        read_print_image(raw, layout)


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


def _door(raw: bytes) -> None:
    """`./courier read`, with and without patients' data; what it cannot read it says on the error stream."""
    for phi in (False, True):
        errors = io.StringIO()
        stdin = io.TextIOWrapper(io.BytesIO(raw))
        with patch.object(sys, "stdin", stdin), redirect_stdout(_Nowhere()), redirect_stderr(errors):
            status = door.run(Namespace(files=["-"], phi=phi))
        assert status in {0, 1}
        if errors.getvalue():
            assert status == 1
            raise BadFile(errors.getvalue().removesuffix("\n"))


def _postings(raw: bytes) -> None:
    """Notice a payment, let its claims follow, and close it."""
    kinds = [type(one) for one in remittance_of(_text(raw))]
    for one, then in pairwise([PaymentClosed, *kinds, PaymentNotice]):
        assert (one is PaymentClosed) is (then is PaymentNotice)


def _answers(name: str) -> Callable[[bytes], object]:
    """Return the reader that binds a file of this name to a batch of ours."""
    classified, ledger = classify(name), OneBatch()
    response = Response(
        id=1, mailbox_key="harbor", name=name, sha256="0", taken_at=TAKEN_AT, status=ResponseStatus.STORED
    )
    return lambda raw: ANSWERS[classified.kind](response, classified, decode(raw), ledger)  # type: ignore[arg-type]


READERS: Final = (
    Reader("segments", _segments, seeds.x12),
    Reader("interchange", _interchange, seeds.x12),
    Reader("ta1", lambda raw: list(read_ta1(_text(raw))), seeds.ta1),
    Reader("999", lambda raw: list(read_999(_text(raw))), seeds.acknowledgements),
    Reader("277", lambda raw: list(read_277(_text(raw))), seeds.statuses),
    Reader("835", _remittance, seeds.remittances),
    Reader("837p", _claims, seeds.claims),
    Reader("check-837p", _check, seeds.claims),
    Reader("file-summary", lambda raw: read_file_summary(lines_of(decode(raw))), seeds.file_summaries),
    Reader("edi-status", lambda raw: read_edi_status(lines_of(decode(raw))), seeds.edi_statuses),
    Reader("era-zip", _archive, seeds.archives),
    Reader("names", _name, seeds.names),
    Reader("print-image", _forms, seeds.print_images),
    Reader("door", _door, seeds.everything),
    Reader("postings", _postings, seeds.remittances),
    Reader("answers-999", _answers("1100000001_CC000042.837P_999.999"), seeds.acknowledgements),
    Reader("answers-277", _answers("1100000001_CC000042.837P_277ca.277"), seeds.statuses),
    Reader("answers-file-summary", _answers("FS_HCFA_443130028_IN_C.txt"), seeds.file_summaries),
    Reader("answers-edi-status", _answers("1100000001_EDI_STATUS_20260309.txt"), seeds.edi_statuses),
)
NAMED: Final = {reader.name: reader for reader in READERS}
