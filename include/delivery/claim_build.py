"""The claim that sound cells make: the contract's columns put where the model keeps them, nothing checked again."""

from datetime import date
from typing import Any

from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import (
    Address,
    BillingProvider,
    Dependent,
    Payer,
    PersonName,
    Provider,
    Relationship,
    Sex,
    Subscriber,
)
from include.delivery.claim_columns import SELF

Values = dict[str, Any]
"""The cells of a row as read, by column name."""

DIAGNOSES = tuple(f"diagnosis_{number}" for number in range(1, 13))
_MODIFIERS = tuple(f"modifier_{number}" for number in range(1, 5))


def build_claim(source: str, key: str, claim: Values, lines: list[Values], billing: BillingProvider) -> Claim:
    """Return the claim of these cells, its lines in the order the practice gave them."""
    return Claim(
        source=source,
        key=key,
        ready_at=claim["ready_at"],
        billing=billing,
        subscriber=Subscriber(
            name=_name("subscriber", claim),
            member_id=claim["subscriber_member_id"],
            birth_date=claim["subscriber_birth_date"],
            sex=Sex(claim["subscriber_sex"]),
            address=_address("subscriber", claim),
            group_number=claim["group_number"],
        ),
        dependent=_dependent(claim),
        payer=Payer(id=claim["payer_id"], name=claim["payer_name"], filing_indicator=claim["filing_indicator"]),
        rendering=_rendering(claim),
        place_of_service=claim["place_of_service"],
        frequency=Frequency(claim["frequency"]),
        diagnoses=tuple(code for name in DIAGNOSES if (code := claim[name])),
        prior_authorization=claim["prior_authorization"],
        accepts_assignment=claim["accepts_assignment"],
        benefits_assigned=claim["benefits_assigned"],
        release_of_information=claim["release_of_information"],
        signature_on_file=claim["signature_on_file"],
        lines=tuple(_service_line(line, claim["place_of_service"]) for line in sorted(lines, key=_line_order)),
    )


def _line_order(line: Values) -> tuple[int, date, str]:
    return (line["line_number"] or 0, line["service_date"], line["source_line_key"])


def _name(prefix: str, claim: Values) -> PersonName:
    return PersonName(
        last=claim[f"{prefix}_last_name"],
        first=claim[f"{prefix}_first_name"],
        middle=claim[f"{prefix}_middle_name"],
        suffix=claim.get(f"{prefix}_name_suffix", ""),
    )


def _address(prefix: str, claim: Values) -> Address | None:
    parts = {part: claim[f"{prefix}_{part}"] for part in ("street", "street2", "city", "state", "postal_code")}
    return Address(**parts) if any(parts.values()) else None


def _dependent(claim: Values) -> Dependent | None:
    if claim["patient_relationship"] == SELF:
        return None
    return Dependent(
        name=_name("patient", claim),
        relationship=Relationship(claim["patient_relationship"]),
        birth_date=claim["patient_birth_date"],
        sex=Sex(claim["patient_sex"]),
        address=_address("patient", claim),
    )


def _rendering(claim: Values) -> Provider | None:
    name = _name("rendering", claim)
    if not (name.last or name.first or claim["rendering_npi"]):
        return None
    return Provider(name=name, npi=claim["rendering_npi"], taxonomy=claim["rendering_taxonomy"])


def _service_line(line: Values, claim_place: str) -> ServiceLine:
    place = line["line_place_of_service"]
    return ServiceLine(
        source_line_key=line["source_line_key"],
        service_date=line["service_date"],
        procedure=line["procedure"],
        modifiers=tuple(code for name in _MODIFIERS if (code := line[name])),
        charge=line["charge"],
        units=line["units"],
        diagnosis_pointers=line["diagnosis_pointers"],
        place_of_service="" if place == claim_place else place,
        session_id=line["session_id"],
        started_at=line["started_at"],
        ended_at=line["ended_at"],
    )
