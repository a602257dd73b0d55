"""
Acts on what waits: asked for, shown in words before anything happens, done, and told a line each.

What became of an act is kept in the vault and shown at an address of its own: reloading the page does nothing twice.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from include.claims.errors import ClaimsError
from include.delivery.acts import ACTS, MOST, Act, Outcome, Result, Said, carry_out, is_done, start_runs
from include.delivery.file_hops import Hop
from include.delivery.queues import QUEUES, Subject, Waiting
from include.web.desk import AtDesk, Desk
from include.web.pages import page
from include.web.queues import owners
from include.web.runs import DELIVERY
from include.web.viewer import May

router: Final = APIRouter()

_MARK: Final = b'{"act of the Claims page": '
Ids = Annotated[list[str], Form(max_length=MOST)]
Line = Annotated[str, Form(max_length=500)]


def act_named(name: str) -> Act:
    """Return an act; refuse with 404 what is none."""
    if name not in ACTS:
        raise HTTPException(404, f"{name}: no such act")
    return ACTS[name]


Asked = Annotated[Act, Depends(act_named)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a person confirms: an act on things as they were seen."""

    seen: Ids = field(default_factory=list)  # `id@seen`
    why: Line = ""
    number: Line = ""
    queue: Line = ""


@router.post("/act/{name}", include_in_schema=False)
def ask(request: Request, desk: AtDesk, act: Asked, what: Ids = [], queue: Line = "") -> Response:  # noqa: B006  # FastAPI's form
    """Say what will happen to which, and ask; nothing is done yet."""
    found = _allowed(desk, act, what)
    hop = Hop()
    for one in found:
        hop.add(one.amount)
    return page(
        request,
        "act.html",
        act=act,
        hop=hop,
        rows=[(one, is_done(act, one)) for one in found],
        gone=sorted(set(what) - {one.id for one in found}),
        queue=_back(queue),
        clinics=len({one.clinic_key for one in found}),
        Subject=Subject,
    )


@router.post("/act/{name}/do", include_in_schema=False)
def do(request: Request, desk: AtDesk, act: Asked, confirmed: Annotated[Confirmed, Depends()]) -> Response:
    """Do what was confirmed, and lead to the page that tells what became of it."""
    wanted = dict(one.rpartition("@")[::2] for one in confirmed.seen)
    found = _allowed(desk, act, list(wanted))
    said = Said(who=desk.viewer.name, why=confirmed.why.strip(), number=confirmed.number.strip())
    _is_said(act, said, len(found))
    if act.name == "match":
        _allowed(desk, ACTS["closed"], [said.number])  # a claim of somebody's else is none of theirs
    if act.do is None:
        outcomes = start_runs(found, lambda clinic, keys: desk.start_run(clinic, keys, desk.viewer))
    else:
        outcomes = carry_out(act, {one.id: wanted[one.id] for one in found}, said, desk.ports)
    done = _Done(act=act.name, who=said.who, why=said.why, queue=_back(confirmed.queue), outcomes=outcomes)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/act/done/{done.keep(desk)}", 303)


@router.get("/act/done/{sha256}", include_in_schema=False)
def done(request: Request, desk: AtDesk, sha256: str) -> Response:
    """Tell what became of an act, a line each."""
    told = _Done.find(desk, sha256)
    return page(request, "done.html", told=told, act=ACTS[told.act], Result=Result, delivery=DELIVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What became of an act, as it is kept."""

    act: str
    who: str
    why: str
    queue: str
    at: str = ""
    outcomes: Sequence[Outcome] = field(default=())

    def keep(self, desk: Desk) -> str:
        """Keep it, and return its address."""
        content = {**asdict(self), "at": f"{desk.ports.now():%Y-%m-%d %H:%M:%S}"}
        return desk.ports.vault.store(_MARK + json.dumps(content, default=str).encode() + b"}")

    @classmethod
    def find(cls, desk: Desk, sha256: str) -> "_Done":
        """Return what was kept; refuse with 404 what is none, or another's."""
        try:
            content = desk.ports.vault.load(sha256)
        except ClaimsError:
            content = b""
        # The vault holds patients' files too: only what begins so is shown.
        kept: dict[str, Any] = json.loads(content)["act of the Claims page"] if content.startswith(_MARK) else {}
        if kept.get("who") != desk.viewer.name:
            raise HTTPException(404, "nothing of yours is kept under that address")
        outcomes = [Outcome(**{**one, "result": Result(one["result"])}) for one in kept["outcomes"]]
        shown = [one for one in outcomes if not one.clinic_key or one.clinic_key in desk.clinics]
        return cls(**{**kept, "outcomes": shown})

    def having(self, *results: Result) -> list[Outcome]:
        """Return those that ended so."""
        return [one for one in self.outcomes if one.result in results]


def _allowed(desk: Desk, act: Act, ids: Sequence[str]) -> list[Waiting]:
    """Return what an act is on; refuse with 403 where it is of a clinic on which this person may not act."""
    if not ids:
        raise HTTPException(422, "choose at least one, then say what is to be done")
    found = [one for one in desk.ports.ledger.console.named(act.subject, ids) if owners(desk, one)]
    if not found:
        raise HTTPException(404, "none of these is here, or none is of a clinic of yours")
    for clinic in {clinic for one in found for clinic in owners(desk, one)}:
        desk.need(May.ACT, clinic)
    return found


def _is_said(act: Act, said: Said, count: int) -> None:
    """Refuse with 422 what lacks a reason, or names one number for many."""
    if act.asks_why and not said.why:
        raise HTTPException(422, "say why: it is kept with the act")
    if act.needs_number and not said.number:
        raise HTTPException(422, f"{act.number}: say it")
    if said.number and count > 1:
        raise HTTPException(422, "a number is of one claim: choose one")


def _back(queue: str) -> str:
    """Return the queue to go back to, if it is one."""
    return queue if queue in QUEUES else ""
