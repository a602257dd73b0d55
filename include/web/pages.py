"""How a page is drawn: the templates, what they may call, and the headers that keep patients' data where it is."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from include.web.desk import Desk
from include.web.viewer import May

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"

SAFE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer: nothing is kept, nothing foreign runs, nobody else frames it."""


def page(request: Request, template: str, /, *, status: int = 200, **values: Any) -> Response:
    """Return a page; a template knows who looks, what they may, and the path under which the page is served."""
    desk: Desk | None = getattr(request.state, "desk", None)
    root = request.scope.get("root_path", "").rstrip("/")
    known = {
        "root": root,
        "airflow": root.rpartition("/")[0],
        "desk": desk,
        "is_inside": desk is not None and desk.viewer.may(May.LOOK),
        "May": May,
        "path": request.url.path.removeprefix(root),
        "framed": "bare" if request.query_params.get("bare") else "",
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(known | values), status)


def dollars(amount: Decimal | int) -> str:
    """Write an amount as people read it."""
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def count(number: int) -> str:
    """Write a number as people read it."""
    return f"{number:,}"


def minute(at: datetime | date | None) -> str:
    """Write an instant to the minute, UTC, or a day; blank where there is none."""
    if at is None:
        return ""
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else at.isoformat()


def local(at: datetime | None) -> str:
    """Write an instant in the zone it is told in, with the zone's name; a dash where there is none."""
    return f"{at:%Y-%m-%d %H:%M %Z}" if at else "–"


def drawn(svg: str) -> Markup:
    """Return a picture of ours as it is: whoever drew it has escaped what it says."""
    return Markup(svg)  # noqa: S704  # include.hcfa.svg escapes every text


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"dollars": dollars, "count": count, "minute": minute, "local": local, "drawn": drawn}
