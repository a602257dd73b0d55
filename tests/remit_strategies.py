"""Random remittances that are valid and add up, in every mixture of signs, lines, reasons and takebacks."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from tests.x12.remits import HEAD, a_set, an_interchange

Adjusted = tuple[str, str, int, int]  # group, reason, cents, quantity (0: none)

cents = st.one_of(st.integers(-200_000, 200_000), st.sampled_from([0, 5, 50, 75, 100, -75, -1_000]))
reasons = st.sampled_from(["1", "2", "3", "23", "45", "97", "119", "197", "253", "A1", "B7"])
adjusted = st.tuples(st.sampled_from(["CO", "OA", "PI", "PR"]), reasons, cents, st.sampled_from([0, 0, 1, 12]))
ADDRESS = ("N3*1 EXAMPLE WAY", "N4*PORTLAND*OR*972010001")
procedures = st.sampled_from(["HC:97153:HM", "HC:97155", "HC:97156:HO:95", "NU:E0100", "AD:D0140", "N4:00002751001"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A service line by what it must say."""

    procedure: str
    paid: int
    units: int
    adjusted: tuple[Adjusted, ...]
    is_numbered: bool

    @property
    def charge(self) -> int:
        """What balances the line."""
        return self.paid + sum(one[2] for one in self.adjusted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim by what it must say; without lines it says what was paid itself."""

    status: str
    lines: tuple[Line, ...]
    paid_alone: int
    adjusted: tuple[Adjusted, ...]

    @property
    def paid(self) -> int:
        """What balances the claim."""
        own = sum(one[2] for one in self.adjusted)
        return sum(line.paid for line in self.lines) - own if self.lines else self.paid_alone

    @property
    def charge(self) -> int:
        """What balances the claim."""
        own = sum(one[2] for one in self.adjusted)
        return sum(line.charge for line in self.lines) if self.lines else self.paid_alone + own


lines = st.builds(
    Line,
    procedure=procedures,
    paid=cents,
    units=st.integers(1, 32),
    adjusted=st.lists(adjusted, max_size=9).map(tuple),
    is_numbered=st.booleans(),
)
claims = st.builds(
    Claim,
    status=st.sampled_from(["1", "2", "3", "4", "19", "22", "23"]),
    lines=st.lists(lines, max_size=4).map(tuple),
    paid_alone=cents,
    adjusted=st.lists(adjusted, max_size=4).map(tuple),
)
takebacks = st.lists(st.tuples(st.sampled_from(["WO", "FB", "L6", "72", "CS"]), cents), max_size=8)


@st.composite
def remittances(draw: st.DrawFn) -> str:
    """Return the text of a remittance of one to three payments that all add up."""
    sets = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        paid = draw(st.lists(claims, min_size=1, max_size=4))
        moved = draw(takebacks)
        # A payment is never below nothing: a balance is carried forward.
        amount = sum(claim.paid for claim in paid) - sum(cents for _, cents in moved)
        if amount < 0:
            moved.append(("FB", amount))
            amount = 0
        body = [one for at, claim in enumerate(paid, start=1) for one in _claim(f"CN{number}X{at}", claim)]
        head = (f"BPR*I*{money(amount)}*C*CHK************20260320", *HEAD[1:3], *ADDRESS, *HEAD[3:])
        sets.append(a_set(*head, "LX*1", *body, *_plb(moved), number=f"{number:04d}"))
    return an_interchange(*sets)


def money(cents: int) -> str:
    """Write cents as X12 does, without needless zeros."""
    text = f"{Decimal(cents) / 100:f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _claim(control_number: str, claim: Claim) -> list[str]:
    share = sum(
        one[2] for one in (*claim.adjusted, *[a for line in claim.lines for a in line.adjusted]) if one[0] == "PR"
    )
    found = [
        f"CLP*{control_number}*{claim.status}*{money(claim.charge)}*{money(claim.paid)}*{money(share)}*12*ICN{control_number}*12*1",
        *_cas(claim.adjusted),
        "NM1*QC*1*EXAMPLE*TESTINA****MI*XYZ100200300",
        "DTM*232*20260302",
    ]
    for at, line in enumerate(claim.lines, start=1):
        found += [
            f"SVC*{line.procedure}*{money(line.charge)}*{money(line.paid)}**{line.units}",
            "DTM*472*20260302",
            *_cas(line.adjusted),
            *([f"REF*6R*{control_number}L{at:02d}"] if line.is_numbered else ()),
        ]
    return found


def _cas(adjusted: tuple[Adjusted, ...]) -> list[str]:
    """Put six of one group at most into a CAS, in order."""
    found: list[str] = []
    open_group, count = "", 0
    for group, reason, cents, quantity in adjusted:
        triplet = f"*{reason}*{money(cents)}*{quantity or ''}"
        if group == open_group and count < 6:
            found[-1] += triplet
            count += 1
        else:
            found.append(f"CAS*{group}{triplet}")
            open_group, count = group, 1
    return [one.rstrip("*") for one in found]


def _plb(moved: list[tuple[str, int]]) -> list[str]:
    pairs = [f"*{reason}:REF{at}*{money(cents)}" for at, (reason, cents) in enumerate(moved)]
    return [f"PLB*1003000126*20261231{''.join(pairs[at : at + 6])}" for at in range(0, len(pairs), 6)]
