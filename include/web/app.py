"""
The page as an application: a door that asks who is there, the routes behind it, and errors in people's words.

It is mounted into Airflow, which checks nothing by itself: the door stands before every route, static files too.
"""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from include.claims.errors import AgedOut, BadSetting, ClaimsError, NotAllowed, RetryLater
from include.delivery.ports import Ports
from include.web import act, api, assets, batches, claim, clinic, clinics, enrollments, metrics, overview, queues
from include.web.desk import Desk
from include.web.memory import Memory
from include.web.pages import SAFE, page
from include.web.runs import StartRun, starts_none
from include.web.viewer import May, Viewer

ROUTES = (
    assets.router,
    overview.router,
    clinic.router,
    metrics.router,
    claim.router,
    batches.router,
    queues.router,
    act.router,
    enrollments.router,
    clinics.router,
    api.router,
)


_STATUS = {RetryLater: 503, NotAllowed: 409, AgedOut: 410, BadSetting: 500}
"""What each kind of error is to a browser."""


def build_app(
    world: Callable[[], Ports], signed_in: Callable[..., Viewer], start_run: StartRun = starts_none
) -> FastAPI:
    """Return the page; `signed_in` is a dependency that returns who asks, or refuses with 401."""
    memory = Memory()

    def door(request: Request, viewer: Viewer = Depends(signed_in)) -> None:  # noqa: B008  # known at run time only
        request.state.desk = Desk(viewer=viewer, world=world, memory=memory, start_run=start_run)
        request.state.desk.need(May.LOOK)
        if request.method not in {"GET", "HEAD"} and not _is_from_here(request):
            raise HTTPException(403, "this form was not sent from the Claims page")

    app = FastAPI(title="Claim Courier", dependencies=[Depends(door)], docs_url=None, redoc_url=None, openapi_url=None)
    for router in ROUTES:
        app.include_router(router)
    app.middleware("http")(_safely)
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(ClaimsError, _wrong)
    return app


def _is_from_here(request: Request) -> bool:
    """Tell whether a form comes from this page: the cookie that signs people in is sent by other sites' forms too."""
    site = request.headers.get("sec-fetch-site")
    return site in {None, "same-origin", "none"}


async def _safely(request: Request, go_on: Callable[[Request], Any]) -> Response:
    response: Response = await go_on(request)
    for name, value in SAFE.items():
        response.headers.setdefault(name, value)
    return response


def _refused(request: Request, error: Any) -> Response:
    return _say(request, error.status_code, str(error.detail))


def _unreadable(request: Request, error: Any) -> Response:
    wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return _say(request, 422, wrong)


def _wrong(request: Request, error: Any) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 422)
    return _say(request, status, str(error))


def _say(request: Request, status: int, words: str) -> Response:
    root = request.scope.get("root_path", "").rstrip("/")
    is_of_api = request.url.path.removeprefix(root).startswith(api.PREFIX)
    if "text/html" in request.headers.get("accept", "") and not is_of_api:
        return page(request, "error.html", status=status, code=status, words=words)
    return JSONResponse({"detail": words}, status)
