"""
Fill a test file up to what the clearinghouse asks for, where a clinic has too few claims of its own.

A new clinic often has none pending and has to be tried all the same. What is invented passes the rules like any claim;
it is handed to the seal, which puts it into a test file and nowhere else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from include.claims.enrollment import What
from include.claims.errors import BadSetting
from include.claims.invented import INVENTED, invented_claims
from include.claims.model import Claim
from include.claims.parties import Payer
from include.claims.scrub import RuleBook
from include.delivery.clinic_table import BillingIdentity, Clinic
from include.delivery.judge import judged
from include.delivery.ports import Ports
from include.delivery.records import Kind, RunOrder, Staged, Table
from include.hcfa.layout import Layout
from include.officeally.profile import FEWEST_TEST_CLAIMS

_MOST_LISTED: Final = 10
"""Payers of the list that are tried: what keeps claims from ten of them keeps them from all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a file is made of, in claims."""

    own: int  # copies of the clinic's
    invented: int

    def __str__(self) -> str:
        return f"{self.own} of the clinic's own, {self.invented} invented"


def parts_of(batch_id: int, ports: Ports) -> Parts:
    """Return how many claims of a test file are the clinic's and how many invented."""
    found = Counter(item.claim.source == INVENTED for item in ports.ledger.batches.claims(batch_id))
    return Parts(own=found[False], invented=found[True])


def invent(
    order: RunOrder, clinic: Clinic, pending: Mapping[str, Payer], book: RuleBook, ports: Ports, *, form: Layout | None
) -> list[Staged]:
    """Return invented claims for a test file that would have too few without; else none.

    `pending` has the payers of the clinic's pending claims by id. The first payer is taken to whom every rule that
    blocks lets the claims go.
    """
    if not _has_too_few(order, clinic, ports):
        return []
    today = ports.now().astimezone(ZoneInfo(clinic.timezone)).date()
    identities = ports.ledger.clinics.billing_identities(clinic.key)
    why_held = ""
    for claims in _candidates(order, clinic, today, _payers(order, identities, pending, ports), identities):
        found = judged(claims, today, book, ports.ledger.claims, form)
        faults = _what_holds(found)
        if not faults:
            return found
        why_held = why_held or f"one to payer {claims[0].payer.id} would be held: {faults}"
    raise BadSetting(
        f"clinic {clinic.key}: a test file with fewer than {FEWEST_TEST_CLAIMS} claims of its own needs invented ones;"
        f" {why_held or _nobody(identities)}. Name the clearinghouse's id of a payer that takes the clinic's claims as"
        " the payer in the run's form, or import the payer list (./courier payers import payers.csv)"
    )


def _has_too_few(order: RunOrder, clinic: Clinic, ports: Ports) -> bool:
    if order.kind is not Kind.TEST:
        return False
    own = sum(1 for _ in islice(ports.ledger.claims.ready(clinic.key, order), FEWEST_TEST_CLAIMS))
    if own:
        return own < FEWEST_TEST_CLAIMS
    # A scheduled night sends no file of nothing but inventions, and they do not stand in for claims that were named.
    return order.is_test_asked_for and not order.claim_keys


def _candidates(
    order: RunOrder, clinic: Clinic, today: date, payers: Iterator[Payer], identities: Sequence[BillingIdentity]
) -> Iterator[list[Claim]]:
    """Yield what could be invented, by payer and who bills; of yesterday, which is over wherever it is read."""
    on = today - timedelta(days=1)
    # A clinic may be tried before the first day it bills for.
    in_force = sorted(identities, key=lambda one: not one.is_in_force(on))
    for payer in payers:
        for identity in in_force:
            yield invented_claims(clinic.key, identity.provider, payer, service_date=on, ready_at=order.window_end)


def _payers(
    order: RunOrder, identities: Sequence[BillingIdentity], pending: Mapping[str, Payer], ports: Ports
) -> Iterator[Payer]:
    """Yield whom to bill: the payer asked for, else those of pending claims, of enrollments, of the payer list."""
    listed = {one.id: one for one in ports.ledger.claims.enrolled({""}, ()).whole_list.listed}

    def named(payer_id: str) -> Payer:
        if payer_id in pending:
            # Not what it calls who bills, nor why it pays after somebody else.
            return replace(pending[payer_id], billing_provider_ids=(), insurance_type="")
        return Payer(id=payer_id, name=listed[payer_id].name if payer_id in listed else f"PAYER {payer_id}")

    if order.payer_id:
        yield named(order.payer_id)
        return
    npis = {one.provider.npi for one in identities}
    rows = ports.ledger.clinics.rows(Table.ENROLLMENT)
    enrolled = [str(row["payer_id"]) for row in rows if row["npi"] in npis and row["what"] == What.CLAIMS]
    free = sorted(listed, key=lambda payer_id: listed[payer_id].claims_need)[:_MOST_LISTED]
    yield from map(named, dict.fromkeys([*pending, *enrolled, *free]))


def _what_holds(found: Sequence[Staged]) -> str:
    faults = [fault for one in found for fault in one.faults if fault.blocks]
    return "; ".join(dict.fromkeys(f"{fault.rule}: {fault.message}; {fault.remedy}" for fault in faults))


def _nobody(identities: Sequence[BillingIdentity]) -> str:
    if not identities:
        return "nobody bills for it (billing_identities.csv)"
    return "no payer is known from pending claims, enrollments or the payer list"
