"""
Whether the ledger and the sandbox's own log tell the same story, claim by claim: what the demo's exit status means.

The log is the other side's memory: it knows what was taken and what was answered, and nothing of our ledger.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from include.claims.states import PASSED_CLEARINGHOUSE, Delivery, FrontEnd, Usage
from include.delivery.records import ClaimLine
from include.sandbox.taken import TakenFile

_STANDING: Final = {"accepted": PASSED_CLEARINGHOUSE, "rejected": frozenset({FrontEnd.REJECTED_BY_CLEARINGHOUSE})}
"""What the ledger must say of a claim the clearinghouse gave this verdict; a refused set has no front end."""

_NEVER_LEFT: Final = frozenset(
    {Delivery.READY, Delivery.HELD, Delivery.WITHDRAWN, Delivery.BATCHED, Delivery.NOT_ARRIVED}
)
_NO_CLAIM_MADE: Final = frozenset({Delivery.FILE_FAILED, Delivery.RENEWED})
_SET_REFUSED: Final = frozenset({Delivery.SET_REFUSED, Delivery.RENEWED})


def disagreements(lines: Iterable[ClaimLine], taken: Iterable[TakenFile]) -> Iterator[str]:
    """Yield a sentence for every live claim of which the two sides say different things."""
    verdicts = [
        (claim.control_number, claim.verdict)
        for file in taken
        if file.complete and not file.failed and file.usage is Usage.LIVE
        for claim in file.claims
    ]
    times = Counter(number for number, _ in verdicts)
    by_number = dict(verdicts)
    for line in lines:
        if line.usage is Usage.LIVE:
            yield from _of_line(line, times.pop(line.control_number, 0), by_number.get(line.control_number, ""))
    for number in sorted(times):
        yield f"claim {number}: taken by the clearinghouse, unknown to the ledger"


def left_behind(lines: Iterable[ClaimLine]) -> Iterator[str]:
    """Yield a sentence for every live claim that could have gone and did not."""
    for line in lines:
        if line.usage is Usage.LIVE and line.delivery in {Delivery.READY, Delivery.BATCHED}:
            yield f"clinic {line.clinic_key}, claim {line.claim_key} ({line.control_number}): still {line.delivery}"


def _of_line(line: ClaimLine, times: int, verdict: str) -> Iterator[str]:
    place = f"clinic {line.clinic_key}, claim {line.claim_key} ({line.control_number})"
    if times > 1:
        yield f"{place}: taken {times} times"
    if line.delivery in _NEVER_LEFT:
        if times:
            yield f"{place}: taken by the clearinghouse, {line.delivery} in the ledger"
        return
    if not times and line.delivery not in _NO_CLAIM_MADE:
        yield f"{place}: {line.delivery} in the ledger, never taken by the clearinghouse"
    if not times:
        return
    if verdict == "refused":
        if line.delivery not in _SET_REFUSED:
            yield f"{place}: its set was refused, {line.delivery} in the ledger"
    elif line.delivery is not Delivery.SENT or line.front_end not in _STANDING[verdict]:
        yield f"{place}: {verdict} by the clearinghouse, {line.delivery} and {line.front_end} in the ledger"
