"""Reads a source's rows as a night would and counts what is wrong, by rule, with the first claim of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from include.adapters.practice_beside import with_beside
from include.adapters.practice_files import Sheet
from include.claims.model import CancelledClaim, Claim, Fault, SourceClaim, UnreadableClaim
from include.claims.parties import Address, BillingProvider, TaxIdKind
from include.claims.scrub import scrub
from include.delivery.claim_columns import VIEW
from include.delivery.claim_source import NO_KEY, ClaimRows
from include.delivery.clinic_table import BillingIdentity


@dataclass(slots=True)
class Found:
    """How many claims break a rule, and the first of them."""

    key: str
    first: Fault
    claims: int = 0

    @property
    def place(self) -> str:
        """Where the first of them stands, the claim's key included."""
        return self.first.place if self.first.place.startswith("claim ") else f"claim {self.key}, {self.first.place}"


@dataclass(slots=True)
class Findings:
    """What a source's rows amount to."""

    rows: int = 0
    claims: int = 0
    sound: int = 0
    cancelled: int = 0
    was_cut: bool = False
    billing_npis: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Found] = field(default_factory=dict)

    @property
    def blocking(self) -> bool:
        """Whether some claim could not go."""
        return any(found.first.blocks for found in self.faults.values())

    def add_fault(self, key: str, fault: Fault) -> None:
        """Count a fault of a claim, which may not be there at all."""
        self.faults.setdefault(fault.rule, Found(key=key, first=fault)).claims += 1

    def add(self, claim: SourceClaim, faults: Iterable[Fault]) -> None:
        """Count a claim and the rules it breaks, each once."""
        self.claims += 1
        by_rule = {fault.rule: fault for fault in faults}
        for fault in by_rule.values():
            self.add_fault(claim.key, fault)
        if isinstance(claim, CancelledClaim):
            self.cancelled += 1
        elif not any(fault.blocks for fault in by_rule.values()):
            self.sound += 1


def check_sheet(source: str, sheet: Sheet, limit: int, today: date) -> Findings:
    """Read a sheet's claims and say what is wrong; raise BadSetting where its columns are not the contract's."""
    identities: dict[str, BillingIdentity] = {}
    stand_ins: list[BillingIdentity] = []
    reader = ClaimRows(source, sheet.columns, stand_ins, sheet.beside.columns)
    npi_at = sheet.column("billing_npi")
    findings = Findings()
    seen: set[str] = set()
    groups = ((key, list(group)) for key, group in groupby(sheet.rows, key=lambda row: reader.key_of(row[1])))
    for key, rows, beside in with_beside(groups, sheet.beside):
        findings.rows += len(rows)
        if findings.rows >= limit and findings.claims:
            # The last claim may be cut off in its middle.
            findings.was_cut = True
            break
        npi = rows[0][1][npi_at] if npi_at < len(rows[0][1]) else None
        if isinstance(npi, str) and npi not in identities:
            # Who bills is the clinic table's matter; here whoever is named counts as known.
            identities[npi] = _anybody(npi.strip())
            stand_ins.append(identities[npi])
        claim = reader.assemble([row for _, row in rows], rows[0][0], beside)
        faults = list(_faults(claim, today))
        if key in seen and key != NO_KEY:
            faults.append(out_of_order(key, rows[0][0]))
        seen.add(key)
        findings.add(claim, faults)
        if isinstance(claim, Claim):
            findings.billing_npis[claim.billing.npi] += 1
    # Where not every claim was read, a row's claim may be among the rest.
    for view, place, key in () if findings.was_cut else sheet.beside.orphans(seen):
        findings.add_fault(key, _orphan(view, place, key))
    return findings


def _faults(claim: SourceClaim, today: date) -> Iterable[Fault]:
    if isinstance(claim, UnreadableClaim):
        return claim.faults
    return scrub(claim, today) if isinstance(claim, Claim) else ()


def out_of_order(key: str, place: str = "") -> Fault:
    """Return the fault of a claim that was read before."""
    return Fault(
        rule="claim_order",
        place=f"claim {key}" + (f" ({place})" if place else ""),
        message="its rows do not follow each other",
        remedy="sort the file by source_claim_key",
    )


def _orphan(view: str, place: str, key: str) -> Fault:
    return Fault(
        rule="row_without_claim",
        place=f"claim {key}, {view}" + (f" ({place})" if place else ""),
        message=f"the claim is not in {VIEW}, so nothing is made of the row",
        remedy="write the claim's key as there; nothing to do where the claim is no longer pending",
        blocks=False,
    )


def _anybody(npi: str) -> BillingIdentity:
    return BillingIdentity(
        key="anybody",
        clinic_key="any",
        provider=BillingProvider(
            name="ANYBODY",
            npi=npi,
            tax_id="000000000",
            tax_id_kind=TaxIdKind.EMPLOYER,
            taxonomy="",
            address=Address(street="1 ANY STREET", city="ANYWHERE", state="OR", postal_code="970010001"),
        ),
    )
