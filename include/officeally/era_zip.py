"""
The archive a remittance comes in: one 835 and, beside it, the same as a print report.

What comes over the wire is not trusted: the archive is opened in memory only, its names never become paths, and
everything is bounded before it is unpacked, by what the archive says of itself and again while it is read.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from include.claims.errors import BadFile

LARGEST_ARCHIVE: Final = 64 << 20
LARGEST_MEMBER: Final = 512 << 20
LARGEST_RATIO: Final = 200
"""Remittances shrink to a tenth, very repetitive ones to a fiftieth; what shrinks more is a bomb."""

_SMALL: Final = 1 << 20  # so small that its ratio cannot hurt
_MOST_MEMBERS: Final = 2
_CHUNK: Final = 1 << 16
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_ENTRY: Final = b"PK\x01\x02"  # before each member in the directory
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""What zipfile raises on a damaged archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraZip:
    """An archive that was found sound; what it holds is unpacked when asked for."""

    name: str  # of the 835, as the archive has it
    size: int  # of the 835, in bytes
    archive: zipfile.ZipFile = field(repr=False)
    member: zipfile.ZipInfo = field(repr=False)
    print_member: zipfile.ZipInfo | None = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """Yield the 835 piece by piece; BadFile at the end where its checksum is wrong."""
        return _unpacked(self.archive, self.member)

    def remittance(self) -> bytes:
        """Return the 835."""
        return b"".join(self.chunks())

    def print_report(self) -> bytes:
        """Return the print report that came with it; empty where none did."""
        return b"" if self.print_member is None else b"".join(_unpacked(self.archive, self.print_member))


def open_era_zip(raw: bytes) -> EraZip:
    """Return the remittance in an archive; raise BadFile with the reason where it is not one 835 and its report."""
    if len(raw) > LARGEST_ARCHIVE:
        raise BadFile(f"ERA archive: larger than {LARGEST_ARCHIVE} bytes")
    # The directory is read as a whole when the archive is opened: one of a million members must not get that far.
    if raw.count(_ENTRY) > 8 * _MOST_MEMBERS:
        raise BadFile(f"ERA archive: more than {_MOST_MEMBERS} members")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _BROKEN as error:
        raise BadFile(f"ERA archive: not a zip file, or damaged ({type(error).__name__}); take it again") from error
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise BadFile(f"ERA archive: more than {_MOST_MEMBERS} members")
    for number, member in enumerate(members, start=1):
        _check(member, number)
    wanted = [member for member in members if _ending(member) == ".835"]
    if len(wanted) != 1:
        raise BadFile(f"ERA archive: exactly one member ending in .835 is expected, {len(wanted)} are there")
    reports = [member for member in members if _ending(member) == ".txt"]
    return EraZip(
        name=wanted[0].filename,
        size=wanted[0].file_size,
        archive=archive,
        member=wanted[0],
        print_member=reports[0] if reports else None,
    )


def _check(member: zipfile.ZipInfo, number: int) -> None:
    name = member.orig_filename
    reasons = {
        "its name is a path, or holds marks that no file name has": any(mark in name for mark in "/\\:\0")
        or not name.isprintable(),
        "neither .835 nor .txt": _ending(member) not in {".835", ".txt"},
        "it is encrypted": bool(member.flag_bits & _ENCRYPTED),
        "it is compressed in a way remittances are not": member.compress_type not in _METHODS,
        "it is empty": member.file_size == 0 and _ending(member) == ".835",
        f"unpacked it is larger than {LARGEST_MEMBER} bytes": member.file_size > LARGEST_MEMBER,
        f"it unpacks to more than {LARGEST_RATIO} times its size": member.file_size > _SMALL
        and member.file_size > LARGEST_RATIO * member.compress_size,
    }
    for reason, holds in reasons.items():
        if holds:
            raise BadFile(f"ERA archive: member {number}: {reason}")


def _ending(member: zipfile.ZipInfo) -> str:
    return member.orig_filename[-4:].lower()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    left = member.file_size
    try:
        with archive.open(member) as opened:
            while chunk := opened.read(_CHUNK):
                left -= len(chunk)
                yield chunk
    except _BROKEN as error:
        raise BadFile(f"ERA archive: the member is damaged ({type(error).__name__}); take it again") from error
    if left:
        raise BadFile("ERA archive: the member is shorter than the archive says; take it again")
