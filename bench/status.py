"""
Answers read: 277CA, 999 and the two text reports, the X12 ones beside two libraries.

The peers get the whole text in memory and read it their own way: pyx12 against its guide maps, which it has loaded
before, node-x12 into objects. Ours comes out as answers, every count checked. Amounts differ from claim to claim.
"""

import io
import logging
from collections.abc import Callable, Iterable
from itertools import chain

from bench import Case
from bench.node import IS_HERE, node_x12
from include.officeally.edi_status import read_edi_status
from include.officeally.file_summary import read_file_summary
from include.x12.read_277 import read_277
from include.x12.read_999 import read_999
from include.x12.segments import chunks_of
from tests.builders import BILLING_NPI
from tests.x12.answers import a_set, group, interchange
from tests.x12.status_scenarios import PAYER

TITLE = "Answers read, one thread"

_MEMBER_ID = "XYZ100200300"
_Prepare = Callable[[int], Callable[[], object]]


def a_277ca(size: int) -> str:
    """Return a 277CA about so many claims in one set, every tenth refused for two reasons."""
    head = (
        "BHT*0085*08*CH000042*20260307*0930*TH", "HL*1**20*1", PAYER, "TRN*1*CH0001", "DTP*050*D8*20260306",
        "DTP*009*D8*20260307", "HL*2*1*21*1", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567", "TRN*2*000000042",
        "STC*A1:19:PR*20260307*WQ*240", "HL*3*2*19*1", f"NM1*85*2*EXAMPLE ABA CLINIC*****XX*{BILLING_NPI}",
        "TRN*1*0", "STC*A1:19:PR**WQ*240",
    )  # fmt: skip
    claims = chain.from_iterable(_a_claim(number) for number in range(size))
    one = a_set(*head, *claims, kind="277", guide="005010X214")
    return interchange(group(one, kind="HN", guide="005010X214"))


def _a_claim(number: int) -> tuple[str, ...]:
    amount = f"{60 + number % 997}.{number % 89:02d}"
    accepted = f"STC*A2:20:PR*20260307*WQ*{amount}"
    refused = f"STC*A7:562:85*20260307*U*{amount}******A7:145:82"
    return (
        f"HL*{4 + number}*3*PT", f"NM1*QC*1*EXAMPLE{number}*TESTINA****MI*{_MEMBER_ID}", f"TRN*2*CN{number:012d}",
        accepted if number % 10 else refused, f"REF*1K*ICN{number:08d}", f"REF*D9*{3100000000 + number}",
        f"DTP*472*RD8*202603{1 + number % 14:02d}-202603{15 + number % 14:02d}",
    )  # fmt: skip


def a_999(size: int) -> str:
    """Return a 999 about so many sets, every tenth refused with a segment and an element at fault."""
    sets = chain.from_iterable(_an_answer(number) for number in range(size))
    refused = (size + 9) // 10
    counts = f"AK9*P*{size}*{size}*{size - refused}"
    return interchange(group(a_set("AK1*HC*42*005010X222A1", *sets, counts)))


def _an_answer(number: int) -> tuple[str, ...]:
    head = f"AK2*837*{number:04d}*005010X222A1"
    if number % 10:
        return head, "IK5*A"
    return head, "IK3*SV1*28*2400*8", f"CTX*CLM01:CN{number:012d}", "IK4*5**7*88", "IK5*R*5"


def a_file_summary(size: int) -> list[str]:
    """Return a File Summary of so many accepted claims."""
    from tests.officeally.test_file_summary import a_block, a_report, a_row

    rows = [a_row(number + 1, f"{3100000000 + number}", f"CN{number:09d}") for number in range(size)]
    return a_report(a_block("ACCEPTED", *rows), accepted=size, rejected=0)


def an_edi_status(size: int) -> list[str]:
    """Return an EDI Status report of so many claims, each with an answer and one that continues it."""
    from tests.officeally.edi_status_report import Row, a_report

    answers = (("ICN0001", "REJECTED", "SUBSCRIBER NOT FOUND"), ("", "REJECTED", "NPI NOT ON FILE"))
    rows = [Row(account=f"CN{n:09d}", claim_id=f"{3100000000 + n}", answers=answers) for n in range(size)]
    return a_report(rows=rows, summary=())


def _ours(make: Callable[[int], str], read: Callable[[Iterable[str]], Iterable[object]]) -> _Prepare:
    def prepare(size: int) -> Callable[[], object]:
        text = make(size)
        return lambda: sum(1 for _ in read(chunks_of(text)))

    return prepare


def _pyx12(make: Callable[[int], str]) -> _Prepare:
    def prepare(size: int) -> Callable[[], object]:
        import pyx12.params
        import pyx12.x12n_document

        from tests.oracles import assert_pyx12_accepts

        logging.getLogger("pyx12").setLevel(logging.CRITICAL)
        # Loads the maps, and proves that what is measured is not a heap of complaints.
        assert_pyx12_accepts(make(1).replace("AK9*P*", "AK9*R*"))
        text = make(size)

        def work() -> object:
            return pyx12.x12n_document.x12n_document(
                pyx12.params.params(), io.StringIO(text), fd_997=None, fd_html=None
            )

        return work

    return prepare


def _node(make: Callable[[int], str], name: str) -> _Prepare:
    return lambda size: node_x12("node_x12_read.cjs", f"{name}.txt", make(size))


def _lines(make: Callable[[int], list[str]], read: Callable[[Iterable[str]], object]) -> _Prepare:
    def prepare(size: int) -> Callable[[], object]:
        lines = make(size)
        return lambda: read(lines)

    return prepare


_X12 = (("277CA, a claim each", "277ca", a_277ca, read_277), ("999, a set each", "999", a_999, read_999))
_TEXTS = (
    ("File Summary, a claim each", a_file_summary, read_file_summary),
    ("EDI Status, a claim of two answers each", an_edi_status, read_edi_status),
)
CASES = tuple(
    case
    for title, name, make, read in _X12
    for case in (
        Case(name="Claim Courier", group=title, sizes=(5_000, 100_000), prepare=_ours(make, read)),
        Case(name="pyx12", group=title, sizes=(5_000,), prepare=_pyx12(make)),
        *((Case(name="node-x12", group=title, sizes=(5_000,), prepare=_node(make, name)),) if IS_HERE else ()),
    )
) + tuple(
    Case(name="Claim Courier", group=title, sizes=(5_000, 100_000), prepare=_lines(make, read))
    for title, make, read in _TEXTS
)
