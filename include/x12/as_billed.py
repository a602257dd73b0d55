"""
What of a claim an 837P can say.

The writer leaves out what the guide wants left out (what a line repeats of its claim, a rendering provider who is the
one that bills); re-reading a file gives claims in this form, so "the file says what was billed" is one comparison.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, TypeVar

from include.claims.circumstances import ClaimDate, DateKind, Note
from include.claims.coordination import OtherPayer
from include.claims.model import Claim, ServiceLine
from include.claims.parties import (
    Address,
    BillingProvider,
    Dependent,
    Payer,
    PersonName,
    Provider,
    ServiceFacility,
    Subscriber,
)
from include.x12.charset import sanitise

NOT_SAID: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for `ready_at`, which no file says."""

DATE_ORDER: Final = {kind: place for place, kind in enumerate(DateKind)}
"""The guide's order of the DTP segments of 2300."""

_T = TypeVar("_T")


def rendering_said(claim: Claim) -> Provider | None:
    """Return who stands in 2310B: only another than the billing provider does (guide; CG lists it so too)."""
    rendering = claim.rendering
    return None if rendering is None or rendering.npi == claim.billing.npi else rendering


def facility_said(claim: Claim) -> ServiceFacility | None:
    """Return what stands in 2310C: only another place than the billing provider's does (guide, 2310C)."""
    facility = claim.facility
    return None if facility is None or facility.address == claim.billing.address else facility


_REPEATABLE: Final[dict[str, Any]] = {
    "place_of_service": "",
    "prior_authorization": "",
    "referral_number": "",
    "rendering": None,
    "facility": None,
    "supervising": None,
    "referring": None,
}
_repeatable = attrgetter(*_REPEATABLE, "service_until")
_NOTHING = (*_REPEATABLE.values(), None)


def line_said(claim: Claim, line: ServiceLine) -> ServiceLine:
    """Return a line without what it repeats of its claim, which stands for all lines (guide, 2400 and 2420)."""
    if _repeatable(line) == _NOTHING:
        return line
    again = {name: blank for name, blank in _REPEATABLE.items() if getattr(line, name) == getattr(claim, name)}
    if line.rendering is not None and claim.rendering is None and line.rendering.npi == claim.billing.npi:
        again["rendering"] = None
    if line.service_until == line.service_date:
        again["service_until"] = None
    return replace(line, **again)


def as_billed(claim: Claim) -> Claim:
    """
    Return what of a claim an 837P can say: plain free text, none of the practice's own keys.

    The subscriber's address and birth date are kept: files under a profile that leaves them out beside another
    patient cannot say them.
    """
    return replace(
        claim,
        source="",
        key="",
        ready_at=NOT_SAID,
        authorizations=(),
        patient_key="",
        billing=_billing(claim.billing),
        subscriber=_subscriber(claim.subscriber),
        dependent=_maybe(_dependent, claim.dependent),
        payer=_payer(claim.payer),
        other_payers=tuple(_other_payer(one) for one in claim.other_payers),
        rendering=_maybe(_rendering, rendering_said(claim)),
        referring=_maybe(_provider, claim.referring),
        primary_care=_maybe(_provider, claim.primary_care),
        supervising=_maybe(_provider, claim.supervising),
        facility=_maybe(_facility, facility_said(claim)),
        dates=tuple(sorted(claim.dates, key=_date_order)),
        note=_maybe(_note, claim.note),
        file_information=tuple(sanitise(one) for one in claim.file_information),
        lines=tuple(_line(claim, number, line) for number, line in enumerate(claim.lines, start=1)),
    )


def _date_order(one: ClaimDate) -> int:
    return DATE_ORDER[one.kind]


def _maybe(make: Callable[[_T], _T], value: _T | None) -> _T | None:
    return None if value is None else make(value)


def _billing(billing: BillingProvider) -> BillingProvider:
    return replace(
        billing,
        name=sanitise(billing.name),
        first_name=sanitise(billing.first_name),
        address=_address(billing.address),
        pay_to=_maybe(_address, billing.pay_to),
    )


def _subscriber(subscriber: Subscriber) -> Subscriber:
    return replace(
        subscriber,
        name=_name(subscriber.name),
        address=_maybe(_address, subscriber.address),
        group_name="" if subscriber.group_number else sanitise(subscriber.group_name),
    )


def _dependent(dependent: Dependent) -> Dependent:
    return replace(dependent, name=_name(dependent.name), address=_maybe(_address, dependent.address))


def _payer(payer: Payer) -> Payer:
    return replace(payer, name=sanitise(payer.name), address=_maybe(_address, payer.address))


def _other_payer(other: OtherPayer) -> OtherPayer:
    return replace(
        other,
        insured=_name(other.insured),
        insured_address=_maybe(_address, other.insured_address),
        payer_name=sanitise(other.payer_name),
        payer_address=_maybe(_address, other.payer_address),
        group_name="" if other.group_number else sanitise(other.group_name),
    )


def _provider(who: Provider) -> Provider:
    """PRV stands beside who rendered the service only."""
    return replace(who, name=_name(who.name), taxonomy="")


def _rendering(who: Provider) -> Provider:
    return replace(who, name=_name(who.name))


def _facility(where: ServiceFacility) -> ServiceFacility:
    return replace(where, name=sanitise(where.name), address=_address(where.address))


def _note(note: Note) -> Note:
    return replace(note, text=sanitise(note.text))


def _name(name: PersonName) -> PersonName:
    return PersonName(
        last=sanitise(name.last),
        first=sanitise(name.first),
        middle=sanitise(name.middle),
        suffix=sanitise(name.suffix),
    )


def _address(address: Address) -> Address:
    return replace(
        address, street=sanitise(address.street), street2=sanitise(address.street2), city=sanitise(address.city)
    )


def _line(claim: Claim, number: int, line: ServiceLine) -> ServiceLine:
    said = line_said(claim, line)
    return replace(
        said,
        source_line_key=str(number),
        description=sanitise(said.description),
        note=_maybe(_note, said.note),
        rendering=_maybe(_rendering, said.rendering),
        facility=_maybe(_facility, said.facility),
        supervising=_maybe(_provider, said.supervising),
        ordering=_maybe(_provider, said.ordering),
        referring=_maybe(_provider, said.referring),
        session_id="",
        started_at="",
        ended_at="",
        minutes=None,
        performed_by=None,
        supervised_by=None,
        location="",
        parts=(),
    )
