"""Files that a person takes away: always an attachment, never run or shown, and never too large for a page's memory."""

from typing import Final
from urllib.parse import quote

from fastapi import HTTPException
from fastapi.responses import Response

LARGEST: Final = 32 * 1024 * 1024
"""Bytes. What is larger is fetched by those who run the installation."""

PDF: Final = "application/pdf"
BYTES: Final = "application/octet-stream"


def attachment(content: bytes, name: str, kind: str = BYTES) -> Response:
    """Return a file to keep, under its own name whatever marks that has."""
    said = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": said})


def check_size(name: str, size: int | None) -> None:
    """Refuse with 413 what is too large to be handed out by a page."""
    if size and size > LARGEST:
        raise HTTPException(413, f"{name}: it has {size:,} bytes, a page hands out {LARGEST:,}; ask an admin for it")
