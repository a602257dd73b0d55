"""
Taking a clinic out: it is paused, its answers are still received, and it is archived once nobody owes it one.

A paused clinic keeps its DAGs, so that `receive_responses` goes on; an archived one has none.
"""

from collections import defaultdict
from collections.abc import Mapping

from include.delivery.clinic_table import Mode
from include.delivery.file_hops import Hop
from include.delivery.ports import Ledger
from include.delivery.records import OnboardingNote, Table
from include.delivery.silence import state_of


def drain(clinic_key: str, ledger: Ledger, word: OnboardingNote) -> Mapping[str, Hop]:
    """Pause a clinic by a person's word, and return what is still open."""
    ledger.clinics.clinic(clinic_key)
    ledger.onboarding.say(clinic_key, word)
    ledger.clinics.put(Table.CLINIC, [{"key": clinic_key, "mode": Mode.PAUSED.value}])
    return still_open(clinic_key, ledger)


def still_open(clinic_key: str, ledger: Ledger) -> Mapping[str, Hop]:
    """Return the claims that are not settled, by state: what was never sent as well as what was never decided."""
    hops: dict[str, Hop] = defaultdict(Hop)
    for claim in ledger.silence.unsettled(clinic_key):
        hops[state_of(claim)].add(claim.charge)
    return dict(sorted(hops.items()))


def as_words(hops: Mapping[str, Hop]) -> str:
    """Return what is open in a line."""
    return ", ".join(f"{hop.claims} {state} ${hop.dollars:,.2f}" for state, hop in hops.items())
