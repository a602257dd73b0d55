"""What people said of a clinic's setting up, on every ledger."""

from datetime import timedelta

from include.adapters.ledger import Ledger
from include.delivery.records import OnboardingNote, Step
from tests.contract.night import NOW


def test_what_was_said_is_kept_in_order(ledger: Ledger):
    """Notes of a clinic come back as they were said, oldest first, and none replaces another."""
    first = OnboardingNote(step=Step.REQUEST, at=NOW, who="casey", note="sent", evidence="0" * 64)
    again = OnboardingNote(step=Step.REQUEST, at=NOW - timedelta(days=1), who="robin")

    for note in (first, again, first):
        ledger.onboarding.say("harbor", note)
    ledger.onboarding.say("aspen", again)

    assert [first, again, first] == ledger.onboarding.notes("harbor")
    assert [again] == ledger.onboarding.notes("aspen")
    assert [] == ledger.onboarding.notes("nowhere")
