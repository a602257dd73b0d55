"""
The code lists a claim is checked against: the short public ones here, long or licensed ones where users mount them.

CPT is licensed, payer ids are the clearinghouse's own, and taxonomies and diagnoses change every year, so those lists
are CSV files of the user's (docs/rules.md); without one, its rule looks at the code's shape only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from include.claims.unit_limits import AS_READ, UnitLimits


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


PLACES_OF_SERVICE: Final = _codes("""
01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 42 49 50 51 52 53 54
55 56 57 58 60 61 62 65 66 71 72 81 99
""")
"""CLM05-1 and SV105: CMS place of service codes (code set 237)."""

INPATIENT: Final = _codes("21 51 61")
"""Places where the patient was admitted: the guide asks for DTP*435."""

STATES: Final = _codes("""
AA AE AP AK AL AR AS AZ CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO MP MS MT NC ND NE NH
NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UT VA VI VT WA WI WV WY AB BC MB NB NL NS NT NU ON PE QC SK YT
""")
"""N402: states and territories, military addresses, Canada's provinces (code set 22)."""

FILING_INDICATORS: Final = _codes("11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ")
"""SBR09."""

INSURANCE_TYPES: Final = _codes("12 13 14 15 16 41 42 43 47")
"""SBR05: why Medicare does not pay first."""

REPORT_TYPES: Final = _codes("""
03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB DG DJ DS EB HC HR I5 IR LA M1 MT
NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR RT RX SG V5 XP
""")
"""PWK01."""

TRANSMISSIONS: Final = _codes("AA BM EL EM FT FX")
"""PWK02; AA: the paper is held by the provider."""

SPECIAL_PROGRAMS: Final = _codes("02 03 05 09")
"""CLM12."""

DELAY_REASONS: Final = _codes("1 2 3 4 5 6 7 8 9 10 11 15")
"""CLM20."""

EPSDT_REFERRALS: Final = _codes("AV NU S2 ST")
"""CRC03 to CRC05."""

DRUG_UNITS: Final = _codes("F2 GR ME ML UN")
"""CTP05-1."""

GROUP_PROCEDURES: Final = _codes("97154 97157 97158")
"""Several clients with one technician or analyst (AMA, adaptive behavior services)."""

ONE_TO_ONE: Final = _codes("97152 97153 97155 0362T 0373T")
"""One client with one or more technicians or an analyst."""

ANALYST_PROCEDURES: Final = _codes("97151 97155 97156 97157 97158")
"""Given by a physician or other qualified health care professional, not by a technician (AMA, adaptive behavior)."""

TREATMENT: Final = "97153"
DIRECTION: Final = "97155"
"""Treatment by a technician, and an analyst's direction of it, which may go on at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLists:
    """The lists a user has mounted; None: not mounted, only shapes are looked at."""

    procedures: frozenset[str] | None = None  # CPT and HCPCS the clinic bills
    taxonomies: frozenset[str] | None = None
    payer_ids: Mapping[str, str] | None = None  # the clearinghouse's ids for professional claims, with names
    is_diagnosis: Callable[[str], bool] | None = None  # billable ICD-10-CM code, without the dot
    unit_limits: UnitLimits = AS_READ


NO_LISTS: Final = CodeLists()
