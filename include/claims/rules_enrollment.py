"""
Rules on what the payer has consented to: whether its id is listed, who is enrolled with it, whom to wait with.

They ask what the ledger knows, so away from it they cannot be asked. What nobody has written down never holds a claim.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final

from include.claims.enrollment import Effect, Enrolled, Enrollment, What
from include.claims.model import Claim
from include.claims.scrutiny import COMPANION_GUIDE, INFERRED, NotChecked, Rule, Scrutiny, rule
from include.claims.shapes import at_lines

_Asked = Callable[[Claim, Scrutiny, Enrolled], str]


def _of_the_ledger(check: _Asked) -> Callable[[Claim, Scrutiny], str | NotChecked]:
    """Return a check that says so where nobody looked into the ledger."""

    @wraps(check)
    def asked(claim: Claim, look: Scrutiny) -> str | NotChecked:
        return check(claim, look, look.facts.enrolled) if look.facts.are_known else NotChecked("ledger")

    return asked


@_of_the_ledger
def payer_known(claim: Claim, _look: Scrutiny, known: Enrolled) -> str:
    """Check: the payer id is one for claims of the payer list, where one was imported."""
    if not known.whole_list.listed or claim.payer.id in known.payers:
        return ""
    found = known.whole_list.near(claim.payer.id, claim.payer.name)
    return "the payer id is not one for claims of the payer list" + (f"; near: {', '.join(found)}" if found else "")


def _counting(claim: Claim, look: Scrutiny, known: Enrolled, what: What) -> Enrollment | None:
    return known.counting(what, claim.payer.id, claim.billing.npi, claim.billing.tax_id, look.today)


@_of_the_ledger
def claims_enrollment(claim: Claim, look: Scrutiny, known: Enrolled) -> str:
    """Check: who bills is enrolled for electronic claims, where the payer is known to want it."""
    found = _counting(claim, look, known, What.CLAIMS)
    return found.sentence(look.today) if found and found.meaning(look.today).effect is Effect.HOLDS else ""


@_of_the_ledger
def claims_enrollment_known(claim: Claim, look: Scrutiny, known: Enrolled) -> str:
    """Check: it is written down whether who bills must be enrolled for electronic claims, where the list asks it."""
    found = _counting(claim, look, known, What.CLAIMS)
    if found is None:
        listed = known.payers.get(claim.payer.id)
        return _LISTED.format(what=What.CLAIMS) if listed and listed.claims_need else ""
    return found.sentence(look.today) if found.meaning(look.today).effect is Effect.WARNS else ""


@_of_the_ledger
def remittances_enrollment(claim: Claim, look: Scrutiny, known: Enrolled) -> str:
    """Check: who bills is enrolled for remittances, where the payer is known to want it."""
    found = _counting(claim, look, known, What.REMITTANCES)
    if found is None:
        listed = known.payers.get(claim.payer.id)
        return _LISTED.format(what=What.REMITTANCES) if listed and listed.remittances_need else ""
    return found.sentence(look.today)


_LISTED: Final = "the payer list says that it wants enrollment for {what}, and nobody has written down how that stands"


@_of_the_ledger
def payer_hold(claim: Claim, look: Scrutiny, known: Enrolled) -> str:
    """Check: nobody said to wait with this payer, or with who bills or renders."""
    if not known.holds:
        return ""
    npis = {"", claim.billing.npi, *_rendering(claim)}
    return "; ".join(
        f"hold {hold.key} until {hold.ends_on}: {hold.reason}"
        for hold in known.holds
        if hold.payer_id in {"", claim.payer.id} and hold.npi in npis and hold.is_in_force(look.today)
    )


@_of_the_ledger
def credentialed(claim: Claim, _look: Scrutiny, known: Enrolled) -> str:
    """Check: who rendered was credentialed with the payer on the day of service, where their dates are kept."""
    if not known.enrollments:
        return ""
    wrong = []
    for number, (line, npi) in enumerate(zip(claim.lines, _rendering(claim), strict=True), start=1):
        on = line.service_date
        found = known.counting(What.CREDENTIALING, claim.payer.id, npi, claim.billing.tax_id, on)
        if found and found.meaning(on).effect is not Effect.GOES:
            wrong.append(number)
    return at_lines(wrong, "who rendered it was not credentialed with the payer on that day")


def _rendering(claim: Claim) -> list[str]:
    """Return who rendered each line; without a rendering provider it is who bills (guide, 2310B)."""
    people = [line.rendering or claim.rendering for line in claim.lines]
    return [who.npi if who else claim.billing.npi for who in people]


_ENROLLMENT_PLACE: Final = "items 25, 33a and payer block, 2010AA and 2010BB NM109"

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "payer_known", "payer block, 2010BB NM109", payer_known,
        "bill the id the list has for claims; ids differ by transaction. Where the list is old, import the newest",
        f"{COMPANION_GUIDE}, 2010BB",
    ),
    rule(
        "claims_enrollment", _ENROLLMENT_PLACE, claims_enrollment,
        "enroll (./courier payers letter drafts the request); the claim goes by itself once the enrollment is approved",
        f"{COMPANION_GUIDE}, page 7",
    ),
    rule(
        "claims_enrollment_known", _ENROLLMENT_PLACE, claims_enrollment_known,
        "ask the payer, and import the enrollment with its state", INFERRED, blocks=False,
    ),
    rule(
        "remittances_enrollment", _ENROLLMENT_PLACE, remittances_enrollment,
        "enroll for remittances, or the payer's answer comes on paper", INFERRED, blocks=False,
    ),
    rule(
        "payer_hold", "payer block, items 24J and 33a", payer_hold,
        "wait; the claim goes by itself after that day, or once the hold has an earlier end",
        "the clinic's own word",
    ),
    rule(
        "credentialed", "item 24J, 2310B and 2420A NM109", credentialed,
        "ask the payer for its dates, or bill whom it has credentialed", INFERRED, blocks=False,
    ),
)  # fmt: skip
"""From the payer to who renders."""
