"""
One amount given back to the source's lines it was made of.

A payer that pays a merged line pays sessions of the practice; each gets its share by what it charged, to the cent,
and the shares add up to what was paid.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from include.claims.model import LinePart

_CENT = Decimal("0.01")


def allocate(amount: Decimal, parts: Sequence[LinePart]) -> dict[str, Decimal]:
    """
    Return each source line's share of an amount (dollars and cents, either sign) by its key.

    Shares go by charge, equally where nothing was charged; the cents left over go to the largest remainders, the
    first line first among equals.
    """
    total = sum((part.charge for part in parts), Decimal(0))
    weights = [part.charge if total else Decimal(1) for part in parts]
    exact = [amount * weight / sum(weights) for weight in weights]
    shares = [share.quantize(_CENT, rounding=ROUND_FLOOR) for share in exact]
    left = int((amount - sum(shares)) / _CENT)
    by_remainder = sorted(range(len(parts)), key=lambda at: exact[at] - shares[at], reverse=True)
    for at in by_remainder[:left]:
        shares[at] += _CENT
    return {part.source_line_key: share for part, share in zip(parts, shares, strict=True)}
