"""One request's world: who asks, and the ports to answer with; what a page needs besides is in its address."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from include.delivery.ports import Ports
from include.delivery.queues import clinics_by_mailbox
from include.delivery.records import Table
from include.web.memory import Memory
from include.web.runs import StartRun
from include.web.viewer import May, Viewer


@dataclass
class Desk:
    """Who asks, and what answers them."""

    viewer: Viewer
    world: Callable[[], Ports] = field(repr=False)
    memory: Memory = field(repr=False)
    start_run: StartRun = field(repr=False)

    @cached_property
    def ports(self) -> Ports:
        """The world, joined when a page first needs it: whoever may not look costs no connection."""
        return self.world()

    @cached_property
    def clinics(self) -> set[str]:
        """The clinics this person may look at."""
        return self.viewer.clinics([str(row["key"]) for row in self.clinic_rows])

    @cached_property
    def clinic_rows(self) -> list[Mapping[str, object]]:
        """Every clinic's row, read once a request; what is shown of them is `clinics`."""
        return self.ports.ledger.clinics.rows(Table.CLINIC)

    @cached_property
    def mailboxes(self) -> Mapping[str, Collection[str]]:
        """The mailboxes whose clinics this person may look at, all of them, with these."""
        rows = self.ports.ledger.clinics.rows(Table.MAILBOX)
        return clinics_by_mailbox(self.clinic_rows, rows, self.clinics)

    def need(self, what: May, clinic_key: str = "") -> None:
        """Refuse with 403 who may not do this for a clinic."""
        if not self.viewer.may(what, clinic_key):
            of = f" of clinic {clinic_key}" if clinic_key else ""
            raise HTTPException(403, f"{self.viewer.name} may not {what}{of}; an Airflow admin grants it")


def at_desk(request: Request) -> Desk:
    """Return the desk of a request that has come past the door."""
    desk: Desk = request.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(at_desk)]
