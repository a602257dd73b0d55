"""
What delivery must know of print images: what is frozen of their layout, and what keeps a claim off the form.

A mapper reads them by position, so a layout is agreed with the clearinghouse for each account; a batch keeps the one
it was sealed with, and does not go once the account has another.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from include.claims.errors import BadSetting
from include.claims.identifiers import PATIENT_CONTROL_NUMBER_LENGTH
from include.claims.model import Claim, Fault
from include.delivery.clinic_table import Mailbox
from include.delivery.records import Batch
from include.hcfa.faults import form_faults
from include.hcfa.layout import Grid, Layout, Totals
from include.hcfa.print_image import RENDERER, Printed, write_print_image
from include.officeally.names import FileFormat

_ANY_NUMBER: Final = "0" * PATIENT_CONTROL_NUMBER_LENGTH
"""Stands in item 26 before a claim has its number; all of ours are as long."""


def form_settings(mailbox: Mailbox) -> dict[str, str]:
    """Return everything a print image depends on beside its claims, to be frozen with the batch."""
    return {
        "profile": mailbox.profile,
        "format": mailbox.format,
        "renderer": RENDERER,
        "grid": mailbox.grid,
        "totals": mailbox.totals,
    }


def print_batch(batch: Batch, claims: Iterable[tuple[int, str, Claim]]) -> Printed:
    """Return the forms of a batch's claims, laid out as was frozen with it."""
    renderer = batch.settings.get("renderer")
    if renderer != RENDERER:
        raise BadSetting(
            f"batch {batch.id} was sealed for renderer {renderer}, this is {RENDERER}; render it with that version or"
            " give the batch up and seal it again"
        )
    return write_print_image(claims, _layout(batch.settings))


def is_as_agreed(batch: Batch, mailbox: Mailbox) -> bool:
    """Tell whether a batch was sealed for the format, and the layout, that its account takes now."""
    if batch.file_format is not mailbox.format:
        return False
    return mailbox.format is FileFormat.X12 or _layout(batch.settings) == mailbox.layout


def off_the_form(claim: Claim, layout: Layout) -> tuple[Fault, ...]:
    """Return what the form of a claim cannot hold or say; what does not block is left out of it."""
    return form_faults(claim, _ANY_NUMBER, layout)


def _layout(settings: Mapping[str, str]) -> Layout:
    return Layout(grid=Grid(settings["grid"]), totals=Totals(settings["totals"]))
