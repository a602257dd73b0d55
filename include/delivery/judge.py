"""
Ask the rule book about claims of the source, beside what the ledger knows and what else goes tonight.

A claim is judged as its payer is to get it, but kept as the source has it: what a profile changes is done again when
the file is made, by the profiles that were frozen with the batch. Where the account takes print images, what the form
cannot hold or say is told together with what the rules say.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain

from include.claims.enrollment import npis_of
from include.claims.errors import ClaimsError
from include.claims.facts import NO_FACTS, BilledLine, Facts, OtherClaims, billed_lines, gathered
from include.claims.model import Claim, Fault, SourceClaim
from include.claims.scrub import NO_BOOK, RuleBook
from include.delivery.ports import ClaimLedger
from include.delivery.records import Staged
from include.delivery.render import proof_of_rendering
from include.hcfa.layout import Layout


def judged(
    chunk: Sequence[SourceClaim], today: date, book: RuleBook, ledger: ClaimLedger, form: Layout | None = None
) -> list[Staged]:
    """Return items of the source with what the rules say of each, the claims before it in the chunk included."""
    claims = [item for item in chunk if isinstance(item, Claim)]
    own = {(claim.source, claim.key): tuple(billed_lines(claim)) for claim in claims}
    all_own = list(chain.from_iterable(own.values()))
    known = ledger.others(all_own)
    enrolled = ledger.enrolled({claim.payer.id for claim in claims}, set[str]().union(*map(npis_of, claims)))
    # Who was where is known of the whole chunk; what is billed, only of what goes.
    days = gathered(chain(known.lines, all_own), {}, known.crowded)
    going = _Going(known)
    facts = replace(days, by_fingerprint=going.by_fingerprint, units_used=going.units_used, enrolled=enrolled)
    found = []
    for item in chunk:
        lines = own.get((item.source, item.key), ())
        one = staged(item, today, book, facts, lines, form=form)
        if not any(fault.blocks for fault in one.faults):
            going.add(lines)
        found.append(one)
    return found


def staged(
    item: SourceClaim,
    today: date,
    book: RuleBook = NO_BOOK,
    facts: Facts = NO_FACTS,
    own: tuple[BilledLine, ...] = (),
    *,
    form: Layout | None = None,
) -> Staged:
    """Return an item of the source with what the rules say of it, and its form where it is to go on one."""
    if not isinstance(item, Claim):
        return Staged(claim=item, faults=getattr(item, "faults", ()))
    wanted = book.as_payer_wants(item)
    faults = book.faults(wanted, today, facts, own)
    is_blocked = any(fault.blocks for fault in faults)
    if is_blocked and form is None:
        return Staged(claim=item, faults=faults)
    try:
        faults = (*faults, *proof_of_rendering(wanted, form))
    except (ClaimsError, ValueError, ArithmeticError) as error:
        if is_blocked:
            return Staged(claim=item, faults=faults)
        # A claim that cannot be written would take its whole file with it; so it is held alone.
        unwritable = Fault(
            rule="can_be_written",
            place="form" if form else "837P",
            message=f"the claim passed the rules but cannot be written ({type(error).__name__})",
            remedy="report it with the claim key: a rule is missing",
        )
        return Staged(claim=item, faults=(*faults, unwritable))
    return Staged(claim=item, faults=faults)


class _Going:
    """What goes tonight, added to what the ledger knows: the second of two equal bills is the one that is held."""

    def __init__(self, known: OtherClaims) -> None:
        self.by_fingerprint: dict[str, list[BilledLine]] = defaultdict(list)
        for line in known.lines:
            self.by_fingerprint[line.fingerprint].append(line)
        self.units_used = dict(known.units_used)

    def add(self, lines: Sequence[BilledLine]) -> None:
        for line in lines:
            self.by_fingerprint[line.fingerprint].append(line)
            if use := line.authorization_use:
                self.units_used[use] = self.units_used.get(use, Decimal(0)) + line.units
