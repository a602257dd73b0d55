"""What an 835 says of the payment as a whole: the head of its set, and the PLB that stand behind its claims."""

from collections.abc import Iterator, Sequence
from datetime import date

from include.claims.parties import OtherId
from include.claims.remittance import Payment, ProviderAdjustment
from include.x12.interchange import Segment
from include.x12.read_835_claim import amount, day
from include.x12.read_elements import Unreadable


def payment_of(isa: Segment, gs: Segment, head: Sequence[Segment]) -> Payment:
    """Return the head of a set, its ST first; raise Unreadable where the money cannot be told from it."""
    bpr, trn = _first(head, "BPR"), _first(head, "TRN")
    if bpr is None or trn is None or not trn.get(2):
        raise Unreadable("BPR, TRN or TRN02 is missing: which payment this is cannot be told", head[0])
    produced = next((one for one in head if one.id == "DTM" and one.get(1) == "405"), None)
    payer, payee = _party(head, "PR"), _party(head, "PE")
    payee_ids = list(_ids(payee))
    return Payment(
        version=gs.get(8),
        interchange_number=isa.whole_number(13),
        set_number=head[0].get(2),
        handling=bpr.get(1),
        amount=amount(bpr.get(2), "BPR02"),
        credit_or_debit=bpr.get(3),
        method=bpr.get(4),
        paid_on=day(bpr.get(16), "BPR16"),
        trace=trn.get(2),
        originator=trn.get(3),
        originator_division=trn.get(4),
        produced_on=_day(produced),
        payer_name=payer[0].get(2) if payer else "",
        payer_ids=tuple(_ids(payer)),
        payee_npi=_taken(payee_ids, "XX"),
        payee_tax_id=_taken(payee_ids, "FI") or _taken(payee_ids, "TJ"),
        payee_ids=tuple(payee_ids),
        segment=head[0].number,
    )


def provider_adjustments(plb: Segment) -> Iterator[ProviderAdjustment]:
    """Yield the pairs of a PLB, six at most: PLB03 and PLB04 to PLB13 and PLB14."""
    ends_on = day(plb.get(2), "PLB02")
    for at in range(3, len(plb.elements), 2):
        if not plb.get(at) and not plb.get(at + 1):
            continue
        reason, *reference = plb.parts(at)
        yield ProviderAdjustment(
            provider_id=plb.get(1),
            fiscal_year_ends_on=ends_on,
            reason=reason,
            reference=reference[0] if reference else "",
            amount=amount(plb.get(at + 1), f"PLB{at + 1:02d}"),
            segment=plb.number,
        )


def _first(head: Sequence[Segment], name: str) -> Segment | None:
    return next((one for one in head if one.id == name), None)


def _day(dtm: Segment | None) -> date | None:
    return None if dtm is None else day(dtm.get(2), "DTM02")


def _party(head: Sequence[Segment], who: str) -> Sequence[Segment]:
    """Return the N1 of somebody and what follows up to the next N1."""
    names = [at for at, one in enumerate(head) if one.id == "N1"]
    for at, until in zip(names, [*names, len(head)][1:], strict=True):
        if head[at].get(1) == who:
            return head[at:until]
    return ()


def _ids(party: Sequence[Segment]) -> Iterator[OtherId]:
    for one in party:
        if one.id == "N1" and one.get(4):
            yield OtherId(kind=one.get(3), value=one.get(4))
        elif one.id == "REF" and one.get(2):
            yield OtherId(kind=one.get(1), value=one.get(2))


def _taken(ids: list[OtherId], kind: str) -> str:
    """Return the first number of a kind, and take it out."""
    found = next((one for one in ids if one.kind == kind), None)
    if found is None:
        return ""
    ids.remove(found)
    return found.value
