"""
The rule book: every rule a claim passes before it may go, asked in one pass.

All faults of a claim come out at once, so that a biller mends it once. A payer's profile may raise a rule, lower it or
turn it off; a rule that lacks facts says so instead of passing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from include.claims import (
    rules_billing,
    rules_claim,
    rules_coordination,
    rules_enrollment,
    rules_insured,
    rules_lines,
    rules_payer,
    rules_sessions,
)
from include.claims.code_lists import NO_LISTS, CodeLists
from include.claims.facts import NO_FACTS, BilledLine, Facts, billed_lines
from include.claims.model import Claim, Fault
from include.claims.payer_profile import DEFAULT, NO_PAYERS, PayerBook, PayerProfile, Severity
from include.claims.payer_wishes import as_payer_wants
from include.claims.scrutiny import NotChecked, Rule, Scrutiny

NOT_CHECKED: Final = "not_checked"
"""The name of the one fault that lists the rules that could not be asked."""

RULES: Final[tuple[Rule, ...]] = (
    *rules_insured.RULES,
    *rules_coordination.RULES,
    *rules_claim.RULES,
    *rules_lines.RULES,
    *rules_billing.RULES,
    *rules_payer.RULES,
    *rules_sessions.RULES,
    *rules_enrollment.RULES,
)


def scrub(
    claim: Claim,
    today: date,
    *,
    profile: PayerProfile = DEFAULT,
    lists: CodeLists = NO_LISTS,
    facts: Facts = NO_FACTS,
    own: tuple[BilledLine, ...] | None = None,
    rules: Iterable[Rule] = RULES,
) -> tuple[Fault, ...]:
    """
    Return everything that is wrong with a claim on the day it would go, as the payer is to get it.

    `own` are its lines as the source has them, where a profile has changed them.
    """
    if own is None:
        own = tuple(billed_lines(claim)) if facts.are_known else ()
    look = Scrutiny(today=today, profile=profile, lists=lists, facts=facts, own=own)
    found: list[Fault] = []
    missing: dict[str, list[str]] = {}
    for rule in rules:
        said = rule.check(claim, look)
        if not said:
            continue
        blocks = _blocks(rule, profile)
        if blocks is None:
            continue
        if isinstance(said, NotChecked):
            missing.setdefault(said.missing, []).append(rule.name)
        else:
            found.append(Fault(rule=rule.name, place=rule.place, message=said, remedy=rule.remedy, blocks=blocks))
    if missing:
        found.append(_not_checked(missing))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """The rules as one installation asks them: with its payers' profiles and its code lists."""

    payers: PayerBook = NO_PAYERS
    lists: CodeLists = NO_LISTS

    def as_payer_wants(self, claim: Claim) -> Claim:
        """Return the claim with what its payer's profile opted in to."""
        return as_payer_wants(claim, self._profile(claim))

    def faults(
        self, wanted: Claim, today: date, facts: Facts = NO_FACTS, own: tuple[BilledLine, ...] | None = None
    ) -> tuple[Fault, ...]:
        """Return everything that is wrong with a claim as its payer wants it; see `scrub`."""
        return scrub(wanted, today, profile=self._profile(wanted), lists=self.lists, facts=facts, own=own)

    def _profile(self, claim: Claim) -> PayerProfile:
        if not claim.lines:
            return DEFAULT
        return self.payers.profile_for(claim.payer.id, min(line.service_date for line in claim.lines))


NO_BOOK: Final = RuleBook()
"""The rules alone: no payer is written down, no list is mounted."""


def _blocks(rule: Rule, profile: PayerProfile) -> bool | None:
    """Return whether a rule blocks for this payer; None where the payer's profile turned it off."""
    severity = profile.severity.get(rule.name)
    if severity is None:
        return rule.blocks
    return None if severity is Severity.OFF else severity is Severity.BLOCK


def _not_checked(missing: dict[str, list[str]]) -> Fault:
    listed = "; ".join(f"{', '.join(names)} (no {what})" for what, names in missing.items())
    return Fault(
        rule=NOT_CHECKED,
        place="claim",
        message=f"not checked: {listed}",
        remedy="give the source's columns for it (docs/claim-source.md); what needs the ledger is asked every night",
        blocks=False,
    )
