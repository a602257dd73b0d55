"""
A mailbox's connection tried from the Claims page: one login, both folders seen, nothing written, the result in words.

A clearinghouse counts logins. So nobody tries twice in a minute, whoever asks, and while the account's breaker is open
its last refusal is the answer, without a login.
"""

from datetime import timedelta
from typing import Final

from include.claims.errors import ClaimsError
from include.delivery.onboard_acts import remember, verify
from include.delivery.ports import Ports
from include.delivery.records import OnboardingNote, Step

PAUSE: Final = timedelta(minutes=1)
SEEN: Final = "logged in"


def try_connection(clinic_key: str, who: str, ports: Ports) -> OnboardingNote:
    """Try a clinic's mailbox, and return what came of it; where somebody just did, what came of that."""
    last = last_try(ports.ledger.onboarding.notes(clinic_key))
    if last and ports.now() - last.at < PAUSE:
        return last
    try:
        seen = verify(clinic_key, who, ports)
        words, evidence = (
            f"{SEEN} to {seen.identity.account}; inbound is there, outbound holds {seen.files} files",
            SEEN,
        )
    except ClaimsError as wrong:
        words, evidence = str(wrong), ""
    remember(clinic_key, Step.TRIED, ports, who=who, note=words, evidence=evidence)
    return OnboardingNote(step=Step.TRIED, at=ports.now(), who=who, note=words, evidence=evidence)


def last_try(notes: list[OnboardingNote]) -> OnboardingNote | None:
    """Return what came of the last try."""
    return next((note for note in reversed(notes) if note.step is Step.TRIED), None)
