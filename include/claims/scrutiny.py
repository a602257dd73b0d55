"""What a rule is and what it may look at; the rules themselves stand in the modules `rules_*`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from include.claims.code_lists import NO_LISTS, CodeLists
from include.claims.facts import NO_FACTS, BilledLine, Facts
from include.claims.model import Claim
from include.claims.payer_profile import DEFAULT, PayerProfile

GUIDE: Final = "005010X222A1"
COMPANION_GUIDE: Final = "Office Ally 837P companion guide, revised 06/08/2022"
EDIT: Final = "a published clearinghouse claim edit"
FORM: Final = "NUCC 1500 form instructions"
INFERRED: Final = "inferred"
PROFILE: Final = "the payer's profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrutiny:
    """Everything a rule may look at beside the claim."""

    today: date
    profile: PayerProfile = DEFAULT
    lists: CodeLists = NO_LISTS
    facts: Facts = NO_FACTS
    own: tuple[BilledLine, ...] = ()  # the claim's lines as the source has them, where the facts are known


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule could not be asked: the source did not say this."""

    missing: str


Check = Callable[[Claim, Scrutiny], str | NotChecked]
"""Return what is wrong, or an empty text; names lines and diagnoses by position, never what stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing a claim must fulfil, where it stands on the form and in the file, and who says so."""

    name: str
    place: str  # CMS-1500 item and 837P element
    check: Check
    remedy: str
    source: str
    blocks: bool = True  # False: a warning; only rules with a published source block


def rule(name: str, place: str, check: Check, remedy: str, source: str, *, blocks: bool = True) -> Rule:
    """Return a rule; the tables read better without the names of the fields."""
    return Rule(name=name, place=place, check=check, remedy=remedy, source=source, blocks=blocks)
