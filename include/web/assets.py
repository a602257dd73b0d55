"""The page's own style and script, served behind the door like all the rest."""

from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from include.web.pages import STATIC

router: Final = APIRouter()

_KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@router.get("/static/{name}", include_in_schema=False)
def static(name: str) -> Response:
    """Return a file of the page."""
    found = next((path for path in STATIC.iterdir() if path.name == name), None)
    if found is None:
        raise HTTPException(404, f"no file {name}")
    return Response(
        found.read_bytes(), media_type=_KINDS[found.suffix], headers={"Cache-Control": "private, max-age=60"}
    )
