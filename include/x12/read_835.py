"""
The 835 (005010X221A1, and 004010X091A1 as some payers still send it): what was paid, for which claims, and why.

It streams: a payment comes out, then its claims one by one, then its end, so that a file of any size takes little
memory. Whoever posts must wait for the end, which says whether the whole was read; whether it adds up is told by
`include.claims.balances`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from include.claims.errors import BadFile
from include.claims.plain_text import is_sendable
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd, ProviderAdjustment
from include.x12.interchange import CHECKS, BrokenSet, Frame, Segment
from include.x12.read_835_claim import OpenClaim, takes_of
from include.x12.read_835_payment import payment_of, provider_adjustments
from include.x12.read_837p import BrokenClaim
from include.x12.read_elements import Unreadable
from include.x12.segments import Delimiters, read_runs

VERSIONS: Final = ("005010X221", "004010X091")
"""GS08 begins so; what follows is the addenda's number."""

MOST_SEGMENTS: Final = 1_000
"""Behind a CLP or an SVC; the guide allows fewer. A claim without an end must not fill the memory."""

LONGEST_HEAD: Final = 1_000
MOST_PROVIDER_ADJUSTMENTS: Final = 100_000

Remitted = Payment | ClaimPayment | PaymentEnd
"""What a remittance is made of, in the file's order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenFile:
    """The frame of a file breaks: what stood before was read, nothing behind it."""

    segment: int  # in the file
    message: str


Broken = BrokenClaim | BrokenSet | BrokenFile
_NO_SEGMENT: Final = Segment([""], Delimiters(), 0, 0)


class _OpenPayment:
    """What the claims read so far come to."""

    def __init__(self) -> None:
        self.claims = self.lines = self.broken_claims = 0
        self.charged = self.paid = Decimal(0)
        self.fault = ""
        self.adjustments: list[ProviderAdjustment] = []

    def add(self, claim: ClaimPayment) -> None:
        self.claims += 1
        self.lines += len(claim.lines)
        self.charged += claim.charge
        self.paid += claim.paid

    def end(self, set_number: str, fault: str, segment: int) -> PaymentEnd:
        return PaymentEnd(
            set_number=set_number,
            claims=self.claims,
            lines=self.lines,
            charged=self.charged,
            paid=self.paid,
            broken_claims=self.broken_claims,
            fault=fault,
            provider_adjustments=tuple(self.adjustments),
            segment=segment,
        )


def read_835(chunks: Iterable[str], broken: list[Broken] | None = None) -> Iterator[Remitted]:
    """
    Yield each payment, its claims one by one, and its end.

    What cannot be read raises BadFile, or is put in `broken` where a list is given, and reading goes on behind it: a
    claim, a set that is miscounted or whose head is unreadable, and the file itself where it is cut. A payment that
    came out is always followed by its end, which says why it is not whole.
    """
    reading = _Reading(broken)
    try:
        for segments, marks in read_runs(chunks):
            yield from reading.take(segments, marks)
        reading.finish()
    except BadFile as fault:
        if broken is None:
            raise
        reading.break_off(str(fault))
    yield from reading.done


class _Reading:
    """An 835 being read: which payment and claim are open, and what is ready to come out."""

    def __init__(self, broken: list[Broken] | None) -> None:
        self.done: list[Remitted] = []
        self._broken = broken
        self._broken_sets: list[BrokenSet] = []
        self._frame = Frame(None if broken is None else self._broken_sets)
        self._number = 0
        self._isa = self._gs = self._st = _NO_SEGMENT
        self._in_set = False
        self._head: list[Segment] = []  # from ST on, while the payment has not come out
        self._payment: _OpenPayment | None = None
        self._claim: OpenClaim | None = None

    def take(self, segments: list[str], marks: Delimiters) -> Iterator[Remitted]:
        """Read some segments and yield what they complete."""
        element, takes, clp = marks.element, takes_of(marks), f"CLP{marks.element}"
        number, claim = self._number, self._claim
        for segment in segments:
            number += 1
            name = segment[:4]
            take = takes.get(name)
            if take is None or claim is None:
                self._number = number
                if name == clp and self._payment is not None:
                    # Within a set whose head is read the frame has nothing to say, and nothing else is done.
                    if ended := self._ended_claim():
                        yield ended
                    self._begin_claim(segment.split(element))
                    claim = self._claim
                    continue
                self._step(segment.split(element), marks)
                claim = self._claim
                if self.done:
                    yield from self.done
                    self.done.clear()
                continue
            try:
                take(claim, segment, number)
            except Unreadable as fault:
                self._number = number
                self._break_claim(claim.clp[1], fault)
                claim = None
        self._number = number
        self._refuse_endless()

    def finish(self) -> None:
        """Raise BadFile where the file ends within its frame."""
        self._frame.finish(self._number)

    def break_off(self, message: str) -> None:
        """Note where the file breaks, and end the payment that is open."""
        assert self._broken is not None
        self._broken.append(BrokenFile(segment=self._number, message=message))
        if self._claim is not None:
            self._break_claim(self._claim.clp[1], Unreadable("the file breaks within the claim"))
        self._end_payment(message)

    def _step(self, elements: list[str], marks: Delimiters) -> None:
        """Take a segment that does not belong to the open claim."""
        name = elements[0]
        step = _STEPS.get(name)
        if step is None and name not in CHECKS and self._in_set and not self._head:
            return
        segment = self._frame.place(elements, marks, self._number)
        try:
            if step is not None:
                step(self, segment)
            elif self._head:
                self._collect(segment)
        except Unreadable as fault:
            self._break_set(fault)

    def isa(self, segment: Segment) -> None:
        self._isa = segment

    def gs(self, segment: Segment) -> None:
        self._gs = segment

    def st(self, segment: Segment) -> None:
        self._st = segment
        self._in_set = True
        if segment.get(1) != "835":
            raise Unreadable("ST01 is not 835, the set is of another kind")
        if not self._gs.get(8).startswith(VERSIONS):
            raise Unreadable(f"GS08 of the set begins with none of {', '.join(VERSIONS)}")
        self._head = [segment]

    def lx(self, _segment: Segment) -> None:
        self._end_claim()
        self._begin_payment()

    def clp(self, segment: Segment) -> None:
        self._end_claim()
        self._begin_payment()
        if self._payment is not None:
            self._begin_claim(segment.elements)

    def plb(self, segment: Segment) -> None:
        self._end_claim()
        self._begin_payment()
        if self._payment is not None:
            self._payment.adjustments += tuple(provider_adjustments(segment))
            if len(self._payment.adjustments) > MOST_PROVIDER_ADJUSTMENTS:
                raise Unreadable(f"a set has {MOST_PROVIDER_ADJUSTMENTS} provider adjustments at most")

    def se(self, _segment: Segment) -> None:
        self._end_claim()
        try:
            self._begin_payment()
        finally:
            self._in_set = False
            self._end_payment(self._miscount())

    def _collect(self, segment: Segment) -> None:
        if len(self._head) >= LONGEST_HEAD:
            raise Unreadable(f"no LX, CLP or PLB within {LONGEST_HEAD} segments")
        self._head.append(segment)

    def _begin_payment(self) -> None:
        """Let the payment out whose head is complete now."""
        if not self._head:
            return
        head, self._head = self._head, []
        payment = payment_of(self._isa, self._gs, head)
        self._payment = _OpenPayment()
        self.done.append(payment)

    def _begin_claim(self, clp: list[str]) -> None:
        try:
            self._claim = OpenClaim(clp, self._number)
        except Unreadable as fault:
            self._break_claim(clp[1] if len(clp) > 1 else "", fault)

    def _end_claim(self) -> None:
        if ended := self._ended_claim():
            self.done.append(ended)

    def _ended_claim(self) -> ClaimPayment | None:
        claim, self._claim = self._claim, None
        if claim is None or self._payment is None:
            return None
        read = claim.read()
        self._payment.add(read)
        return read

    def _miscount(self) -> str:
        """Note what the frame found wrong with the set, and return it."""
        if self._broken is None or not self._broken_sets:
            return ""
        found = self._broken_sets.pop()
        self._broken.append(found)
        return found.message

    def _end_payment(self, fault: str) -> None:
        payment, self._payment = self._payment, None
        self._head = []
        if payment is not None:
            self.done.append(payment.end(self._st.get(2), payment.fault or fault, self._number))

    def _break_claim(self, control_number: str, fault: Unreadable) -> None:
        """Note a claim that cannot be read; what follows up to the next claim is left out."""
        if self._broken is None:
            raise BadFile(f"segment {self._number}: {fault.message}") from None
        self._claim = None
        if self._payment is not None:
            self._payment.broken_claims += 1
        self._broken.append(
            BrokenClaim(
                control_number=control_number if is_sendable(control_number) else "",
                set_number=self._st.get(2),
                segment=self._number - self._st.number + 1,
                message=fault.message,
            )
        )

    def _break_set(self, fault: Unreadable) -> None:
        """Note what is wrong with a set itself; without a head nothing of it comes out."""
        at = fault.segment
        number = self._number if at is None else at.number
        if self._broken is None:
            raise BadFile(f"segment {number}: {fault.message}") from None
        self._head = []
        if self._payment is not None:
            self._payment.fault = self._payment.fault or fault.message
        self._broken.append(
            BrokenSet(set_number=self._st.get(2), segment=number - self._st.number + 1, message=fault.message)
        )

    def _refuse_endless(self) -> None:
        claim = self._claim
        if claim is not None and self._number - (claim.line or claim).segment > MOST_SEGMENTS:
            self._break_claim(claim.clp[1], Unreadable(f"a claim or line has {MOST_SEGMENTS} segments at most"))


_STEPS: Final[dict[str, Callable[[_Reading, Segment], None]]] = {
    "ISA": _Reading.isa, "GS": _Reading.gs, "ST": _Reading.st, "LX": _Reading.lx, "CLP": _Reading.clp,
    "PLB": _Reading.plb, "SE": _Reading.se,
}  # fmt: skip
