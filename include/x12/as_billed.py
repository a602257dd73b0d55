"""
What of a claim an 837P can say.

Re-reading a file gives claims in this form, so "the file says what was billed" is one comparison.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from include.claims.model import Claim, ServiceLine
from include.claims.parties import Address, PersonName
from include.x12.charset import sanitise

NOT_SAID: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for `ready_at`, which no file says."""


def as_billed(claim: Claim) -> Claim:
    """
    Return what of a claim an 837P can say: plain free text, none of the practice's own keys.

    The subscriber's address and birth date are kept: files under a profile that leaves them out beside another
    patient cannot say them.
    """
    rendering = claim.rendering
    if rendering is not None and rendering.npi == claim.billing.npi:
        rendering = None
    return replace(
        claim,
        source="",
        key="",
        ready_at=NOT_SAID,
        billing=replace(
            claim.billing, name=sanitise(claim.billing.name), address=_plain_address(claim.billing.address)
        ),
        subscriber=replace(
            claim.subscriber,
            name=_plain_name(claim.subscriber.name),
            address=claim.subscriber.address and _plain_address(claim.subscriber.address),
        ),
        dependent=claim.dependent
        and replace(
            claim.dependent,
            name=_plain_name(claim.dependent.name),
            address=claim.dependent.address and _plain_address(claim.dependent.address),
        ),
        payer=replace(claim.payer, name=sanitise(claim.payer.name)),
        rendering=rendering and replace(rendering, name=_plain_name(rendering.name)),
        lines=tuple(_plain_line(claim, number, line) for number, line in enumerate(claim.lines, start=1)),
    )


def _plain_name(name: PersonName) -> PersonName:
    return PersonName(
        last=sanitise(name.last),
        first=sanitise(name.first),
        middle=sanitise(name.middle),
        suffix=sanitise(name.suffix),
    )


def _plain_address(address: Address) -> Address:
    return replace(
        address, street=sanitise(address.street), street2=sanitise(address.street2), city=sanitise(address.city)
    )


def _plain_line(claim: Claim, number: int, line: ServiceLine) -> ServiceLine:
    place = "" if line.place_of_service == claim.place_of_service else line.place_of_service
    return replace(line, source_line_key=str(number), place_of_service=place, session_id="", started_at="", ended_at="")
