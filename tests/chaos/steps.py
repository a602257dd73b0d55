"""What one task of a run does, as a worker does it: with ports of its own, and known by words to another process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from include.delivery.apply import apply_stored
from include.delivery.collect import collect
from include.delivery.ports import Ports
from include.delivery.records import RunOrder
from include.delivery.render import render
from include.delivery.take import take
from include.delivery.upload import upload


@dataclass(frozen=True, slots=True)
class Step:
    """One task."""

    kind: str  # collect, render, upload, receive
    of: str  # the run, batch or mailbox
    do: Callable[[Ports], Any]


def collecting(order: RunOrder) -> Step:
    """Collect and seal; gives the batches."""
    return Step("collect", order.key.run_id, lambda ports: collect(order, ports).batch_ids)


def rendering(batch: int) -> Step:
    """Make the file."""
    return Step("render", str(batch), lambda ports: render(batch, ports))


def uploading(batch: int) -> Step:
    """Deliver the file."""
    return Step("upload", str(batch), lambda ports: upload(batch, ports))


def receiving(mailbox: str) -> Step:
    """Take and apply what came back; what was taken before is applied however the visit goes."""

    def take_and_apply(ports: Ports) -> None:
        try:
            take(mailbox, ports)
        finally:
            apply_stored(mailbox, ports)

    return Step("receive", mailbox, take_and_apply)


def step_of(kind: str, of: str) -> Step:
    """Return a step by its words; a collect needs a practice, which no other process has."""
    makers: dict[str, Callable[[str], Step]] = {
        "render": lambda batch: rendering(int(batch)),
        "upload": lambda batch: uploading(int(batch)),
        "receive": receiving,
    }
    return makers[kind](of)
