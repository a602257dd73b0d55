"""Remittances of an invented payer: the samples, and short ones put together for one question."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from include.claims.remittance import ClaimPayment, Payment, PaymentEnd
from include.x12.read_835 import Broken, Remitted, read_835

SAMPLES = Path(__file__).parents[1] / "samples" / "remits"
NAMES = sorted(one.stem for one in SAMPLES.glob("*.835"))
HEAD = (
    "BPR*I*90*C*CHK************20260320",
    "TRN*1*CHECK1*1512345678",
    "N1*PR*EXAMPLE HEALTH PLAN*XV*12345",
    "PER*BL*DESK*TE*5035550100",
    "N1*PE*BRIGHT HARBOR ABA LLC*XX*1003000126",
)
CLAIM = ("CLP*CN1*1*120*90*0*12*ICN1*12*1", "SVC*HC:97155*120*90**4", "DTM*472*20260304", "CAS*CO*45*30")


@cache
def sample(name: str) -> str:
    """Return the text of a sample."""
    return (SAMPLES / f"{name}.835").read_bytes().decode()


def a_remittance(*segments: str, head: tuple[str, ...] = HEAD, version: str = "005010X221A1") -> str:
    """Return an 835 of one set around its claims and PLB, counted."""
    return an_interchange(a_set(*head, "LX*1", *segments), version=version)


def a_set(*segments: str, number: str = "0001", kind: str = "835") -> str:
    """Return a set around segments, counted."""
    return "".join(f"{one}~" for one in (f"ST*{kind}*{number}", *segments, f"SE*{len(segments) + 2}*{number}"))


def an_interchange(*sets: str, number: int = 42, version: str = "005010X221A1") -> str:
    """Return an interchange of one group around sets."""
    return (
        f"ISA*00*          *00*          *ZZ*330897513      *ZZ*BRIGHTHARBOR   *260320*0930*^*00501*{number:09d}*0*P*:~"
        f"GS*HP*330897513*BRIGHTHARBOR*20260320*0930*{number}*X*{version}~{''.join(sets)}"
        f"GE*{len(sets)}*{number}~IEA*1*{number:09d}~"
    )


def claims_of(text: str) -> list[ClaimPayment]:
    """Return the claims of a remittance."""
    return [one for one in read_835([text]) if isinstance(one, ClaimPayment)]


def only_claim(*segments: str) -> ClaimPayment:
    """Return the claim these segments are."""
    (claim,) = claims_of(a_remittance(*segments))
    return claim


def payments(text: str, broken: list[Broken] | None = None) -> Iterator[tuple[Payment, list[ClaimPayment], PaymentEnd]]:
    """Yield each payment with its claims and its end."""
    return by_payment(read_835([text], broken))


def by_payment(remitted: Iterator[Remitted]) -> Iterator[tuple[Payment, list[ClaimPayment], PaymentEnd]]:
    """Yield each payment with its claims and its end; fail where one lacks its end."""
    for payment in remitted:
        assert isinstance(payment, Payment)
        claims: list[ClaimPayment] = []
        while isinstance(one := next(remitted), ClaimPayment):
            claims.append(one)
        assert isinstance(one, PaymentEnd)
        yield payment, claims, one
