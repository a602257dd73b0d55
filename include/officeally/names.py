"""
File names at Office Ally: what an upload must be called, and what a file that came back is.

The name decides whether a file is a test: ISA15 is ignored, and a file without the keyword is billed
(837P companion guide, file naming). So a name is built from the batch's number and keywords only; a
clinic's own words could hold a keyword by accident.
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from include.claims.errors import NotAllowed
from include.claims.states import Usage

PROFESSIONAL_KEYWORD: Final = "837P"
FORM_KEYWORD: Final = "HCFA"
"""What a file of forms is called by; how an account that takes print images wants it named is agreed with the map."""

TEST_KEYWORD: Final = "OATEST"


class FileFormat(StrEnum):
    """What an account takes: one of them, which support sets; a file of the other fails as a whole."""

    X12 = "837p"
    PRINT_IMAGE = "print-image"

    @property
    def keyword(self) -> str:
        """What the name of such a file must hold."""
        return PROFESSIONAL_KEYWORD if self is FileFormat.X12 else FORM_KEYWORD


_SAFE = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


def upload_name(*, number: int, usage: Usage, keyword: str = PROFESSIONAL_KEYWORD, extension: str = "txt") -> str:
    """Return the name a batch goes by at the clearinghouse: `CC000042.837P.txt`, with OATEST where it is a test."""
    keywords = [keyword] if usage is Usage.LIVE else [TEST_KEYWORD, keyword]
    return ".".join([f"CC{number:06d}", *keywords, extension])


def usage_of(name: str) -> Usage:
    """Tell what the clearinghouse will take a file for: a test if its name holds OATEST as one unbroken word."""
    return Usage.TEST if TEST_KEYWORD in name.upper() else Usage.LIVE


def check_upload_name(name: str, usage: Usage, file_format: FileFormat) -> None:
    """Raise NotAllowed unless the name says its format and no other, and OATEST if and only if the file is a test."""
    if _SAFE.fullmatch(name) is None:
        # The clearinghouse puts `<id>_` before our name and cuts it off again: digits must not come first.
        raise NotAllowed(f"upload {name!r}: only A-Z a-z 0-9 . _ - and a letter first; name it by its batch number")
    for one in FileFormat:
        if (one.keyword in name.upper()) is not (one is file_format):
            rule = "must" if one is file_format else "must never"
            raise NotAllowed(
                f"upload {name!r}: the name of a file of format {file_format} {rule} contain {one.keyword}"
            )
    if usage_of(name) is not usage:
        rule = "must" if usage is Usage.TEST else "must never"
        raise NotAllowed(f"upload {name!r}: the name of a {usage} file {rule} contain {TEST_KEYWORD}")


class ResponseKind(Enum):
    """What a file in `outbound` is, by its name."""

    FILE_SUMMARY = "File Summary"  # FS_HCFA_<id>_IN_C.txt, observed layout
    ERROR_REPORT = "File Summary error report"  # FS_HCFA_<id>_ErrorReport..., observed name, content not published
    EDI_STATUS = "EDI Status report"  # <id>_EDI_STATUS_<date>.txt, observed layout
    STATUS_277 = "277 claim status"  # <id>_EDI_STATUS_HCFA_<date>.277, on request
    CLAIM_ACKNOWLEDGEMENT_277CA = "277CA claim acknowledgement"  # four forms seen, on request
    IMPLEMENTATION_ACKNOWLEDGEMENT_999 = "999 acknowledgement"  # <id>_<our stem>_999.999, on request
    REMITTANCE_5010 = "electronic remittance"  # <id>_ERA_STATUS_5010_<date>.zip, observed layout
    REMITTANCE_4010 = "electronic remittance of the old version"  # the same with 4010
    HCFA_FULL = "full HCFA report"  # seen in a client's filter only; meaning not published
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseName:
    """What a response's name tells before anybody opens it."""

    kind: ResponseKind
    file_id: str = ""  # the clearinghouse's number of the file or report
    our_stem: str = ""  # our upload's name without its extension, where the form carries it


# File ids had nine digits until 2022 and have ten since; more may come.
_ID = r"(?P<file_id>\d{9,})"
_STEM = r"(?P<our_stem>.+?)"
_DAY = r"\d{8}"

_FORMS: Final = tuple(
    (re.compile(form, re.IGNORECASE), kind)
    for form, kind in (
        (rf"FS_HCFA_{_ID}_IN_C\.txt", ResponseKind.FILE_SUMMARY),
        (rf"FS_HCFA_{_ID}_ErrorReport.*", ResponseKind.ERROR_REPORT),
        (rf"{_ID}_EDI_STATUS(?:_HCFA)?_{_DAY}\.txt", ResponseKind.EDI_STATUS),
        (rf"{_ID}_EDI_STATUS(?:_HCFA)?_{_DAY}\.277", ResponseKind.STATUS_277),
        (rf".+_{_ID}_HCFA_277ca_{_DAY}\.txt", ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA),
        (rf"{_ID}_{_STEM}_277(?:ca)?\.277", ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA),
        (rf"{_ID}_{_STEM}_277(?:ca|\(ca\))?\.txt", ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA),
        (rf"{_ID}_{_STEM}_999\.999", ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999),
        (rf"{_ID}_ERA_(?:STATUS|835)_5010_{_DAY}\.(?:zip|835)", ResponseKind.REMITTANCE_5010),
        (rf"{_ID}_ERA_(?:STATUS|835)_4010_{_DAY}\.(?:zip|835)", ResponseKind.REMITTANCE_4010),
        (r".*HCFA_FULL.*", ResponseKind.HCFA_FULL),
    )
)


def classify(name: str) -> ResponseName:
    """Tell what a response is by its name; a name no form fits is UNKNOWN and is kept, never dropped."""
    for form, kind in _FORMS:
        if match := form.fullmatch(name):
            found = match.groupdict()
            return ResponseName(kind=kind, file_id=found.get("file_id", ""), our_stem=found.get("our_stem", ""))
    return ResponseName(kind=ResponseKind.UNKNOWN)
