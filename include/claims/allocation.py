"""
Amounts given back to the source's lines that one line of a payer was made of.

A payer that pays a merged line pays sessions of the practice; each gets its share by what it charged, to the cent. The
shares of an amount add up to the amount, and what a line gets of all of them adds up to what it charged.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

_CENT = Decimal("0.01")


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """
    Return each line's share of an amount (at most two places, either sign).

    Shares go by weight, equally where nothing has any; the cents left over go to the largest remainders, the first
    line first among equals.
    """
    total = sum(weights, Decimal(0))
    by = list(weights) if total else [Decimal(1)] * len(weights)
    exact = [amount * weight / sum(by) for weight in by]
    found = [share.quantize(_CENT, rounding=ROUND_FLOOR) for share in exact]
    left = int((amount - sum(found)) / _CENT)
    by_remainder = sorted(range(len(found)), key=lambda at: exact[at] - found[at], reverse=True)
    for at in by_remainder[:left]:
        found[at] += _CENT
    return found


def allocate(amounts: Sequence[Decimal], charges: Sequence[Decimal]) -> list[list[Decimal]]:
    """
    Return the shares of each amount, one for each charge.

    Where the amounts add up to the charges, so does every line for itself: each amount is shared by what is left of the
    charges, and the last amount is what is left in the end. Where they do not, each is shared by the charges alone.
    """
    if sum(amounts, Decimal(0)) != sum(charges, Decimal(0)):
        return [shares(amount, charges) for amount in amounts]
    found = []
    left = list(charges)
    for amount in amounts[:-1]:
        found.append(shares(amount, left if _is_one_sided(left) else charges))
        left = [rest - share for rest, share in zip(left, found[-1], strict=True)]
    return [*found, left]


def _is_one_sided(amounts: Sequence[Decimal]) -> bool:
    return any(amounts) and (all(one >= 0 for one in amounts) or all(one <= 0 for one in amounts))
