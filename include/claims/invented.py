"""
Claims of people who do not exist, for a test file of a clinic that has too few claims of its own.

They stand under a source of their own, which no practice can have: that is how every part tells them from a claim
that is to be paid, and the ledger refuses to make one of them live.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from include.claims.model import Claim, ServiceLine
from include.claims.parties import Address, BillingProvider, Payer, PersonName, Sex, Subscriber

INVENTED: Final = "(invented)"
"""The source of an invented claim; a source is named by a connection, and no connection's name has brackets."""


class _Person(NamedTuple):
    """Somebody nobody will take for a patient."""

    first: str
    sex: Sex
    birth_date: date


_PEOPLE: Final = (
    _Person("Testina", Sex.FEMALE, date(2015, 1, 11)),
    _Person("Testo", Sex.MALE, date(2016, 2, 12)),
    _Person("Testella", Sex.FEMALE, date(2017, 3, 13)),
    _Person("Testian", Sex.MALE, date(2018, 4, 14)),
    _Person("Testa", Sex.FEMALE, date(2019, 5, 15)),
)


def invented_claims(
    clinic_key: str, billing: BillingProvider, payer: Payer, *, service_date: date, ready_at: datetime
) -> list[Claim]:
    """Return claims for invented people as a clinic would bill a payer for them: an hour of treatment each."""
    return [
        Claim(
            source=INVENTED,
            key=f"{clinic_key}-invented-{number}",
            ready_at=ready_at,
            billing=billing,
            subscriber=_subscriber(number, person, billing.address),
            payer=payer,
            place_of_service="11",
            diagnoses=("F840",),
            lines=(_an_hour(service_date),),
        )
        for number, person in enumerate(_PEOPLE, start=1)
    ]


def _subscriber(number: int, person: _Person, near: Address) -> Subscriber:
    return Subscriber(
        name=PersonName(last="Example", first=person.first),
        member_id=f"TEST{number:06d}",
        birth_date=person.birth_date,
        sex=person.sex,
        # In the clinic's own town, so that city, state and ZIP code agree.
        address=Address(street=f"{number} Example St", city=near.city, state=near.state, postal_code=near.postal_code),
    )


def _an_hour(on: date) -> ServiceLine:
    return ServiceLine(
        source_line_key="1",
        service_date=on,
        procedure="97153",
        charge=Decimal("60.00"),
        units=Decimal(4),
        diagnosis_pointers=(1,),
    )
