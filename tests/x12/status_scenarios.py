"""
Answers about claims, each a scenario: what invented clearinghouses and payers say, segment by segment.

`make samples` writes them under `tests/samples/status/`, each beside what it means.
"""

from collections.abc import Callable, Iterator

from include.x12.claim_status import Answer, AnswerHead, BatchAnswer, ClaimAnswer, ProviderAnswer, Status, Totals
from include.x12.claim_status_codes import words_of
from include.x12.read_277 import read_277
from tests.builders import BILLING_NPI
from tests.golden import SAMPLES
from tests.x12.answers import a_set, group, interchange

FOLDER = SAMPLES / "status"
PAYER = "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999"
CLEARINGHOUSE = "NM1*AY*2*EXAMPLE CLEARINGHOUSE*****46*330897513"
MEMBER_ID = "XYZ100200300"
FREE_TEXT = "TESTINA EXAMPLE CALLED"

_SOURCE = ("TRN*1*CH0001", "DTP*050*D8*20260306", "DTP*009*D8*20260307")
_RECEIVER = ("HL*2*1*21*1", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567")
_PROVIDER = ("HL*3*2*19*1", f"NM1*85*2*EXAMPLE ABA CLINIC*****XX*{BILLING_NPI}")
_PATIENT = ("HL*4*3*PT", f"NM1*QC*1*EXAMPLE*TESTINA****MI*{MEMBER_ID}")


def acknowledgement(*segments: str, source: str = PAYER) -> str:
    """Return a 277CA that one source gives about our batch of reference 000000042."""
    head = ("BHT*0085*08*CH000042*20260307*0930*TH", "HL*1**20*1", source, *_SOURCE)
    one = a_set(*head, *segments, kind="277", guide="005010X214")
    return interchange(group(one, kind="HN", guide="005010X214"))


def of_a_claim(*segments: str, refused: bool = False, source: str = PAYER) -> str:
    """Return a 277CA about one claim, with what its levels above say."""
    total = ("QTY*AA*1", "AMT*YY*240") if refused else ("QTY*90*1", "AMT*YU*240")
    below = ("QTY*QC*1", "AMT*YY*240") if refused else ("QTY*QA*1", "AMT*YU*240")
    return acknowledgement(
        *_RECEIVER, "TRN*2*000000042", "STC*A1:19:PR*20260307*WQ*240", *total,
        *_PROVIDER, "TRN*1*0", "STC*A1:19:PR**WQ*240", *below,
        *_PATIENT, *segments,
        source=source,
    )  # fmt: skip


def status_response(*segments: str) -> str:
    """Return a 277 that a payer gives about one claim of a subscriber."""
    one = a_set(
        "BHT*0010*08*STAT0007*20260312*1015*DG", "HL*1**20*1", PAYER, "PER*IC*CLAIM DESK*TE*5035550100",
        "HL*2*1*21*1", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567",
        "HL*3*2*19*1", f"NM1*1P*2*EXAMPLE ABA CLINIC*****XX*{BILLING_NPI}",
        "HL*4*3*22*0", f"NM1*IL*1*EXAMPLE*TESTINA****MI*{MEMBER_ID}",
        *segments, kind="277", guide="005010X212",
    )  # fmt: skip
    return interchange(group(one, kind="HN", guide="005010X212"))


_CLAIM = ("TRN*2*CN0001", "REF*1K*ICN0001", "REF*D9*3100000001", "DTP*472*RD8*20260302-20260304")


def _claim(*statuses: str, after: tuple[str, ...] = ()) -> tuple[str, ...]:
    return (_CLAIM[0], *statuses, *_CLAIM[1:], *after)


SCENARIOS: dict[str, Callable[[], str]] = {
    "accepted_by_clearinghouse": lambda: of_a_claim(
        "TRN*2*CN0001", "STC*A1:19:40*20260306*WQ*240", "REF*D9*3100000001", "DTP*472*RD8*20260302-20260304",
        source=CLEARINGHOUSE,
    ),
    "forwarded_by_clearinghouse": lambda: of_a_claim(
        "TRN*2*CN0001", "STC*A0:16:PR*20260306*WQ*240", "REF*D9*3100000001", "DTP*472*D8*20260302",
        source=CLEARINGHOUSE,
    ),
    "accepted_by_payer": lambda: of_a_claim(*_claim("STC*A2:20:PR*20260307*WQ*240")),
    "split_by_payer": lambda: of_a_claim(*_claim("STC*A5:717*20260307*WQ*240")),
    "rejected_for_several_reasons": lambda: of_a_claim(
        *_claim(
            f"STC*A7:562:85*20260307*U*240******A7:128:85*A6:145:82*{FREE_TEXT}", "STC*A3:33:IL*20260307*U*240"
        ), refused=True,
    ),
    "rejected_as_duplicate": lambda: of_a_claim(
        *_claim("STC*A7:187*20260307*U*240", "STC*A3:54*20260307*U*240"), refused=True
    ),
    "rejected_for_a_line": lambda: of_a_claim(
        *_claim(
            "STC*A7:21*20260307*U*240",
            after=(
                "SVC*HC:97153:HM:95*120*****8", "STC*A7:476*20260307*U", "REF*FJ*CN0001L01", "DTP*472*D8*20260302",
                "SVC*HC:97155:HO*120*****4", "STC*A8:453*20260307*U", "REF*FJ*CN0001L02", "DTP*472*D8*20260304",
            ),
        ), refused=True,
    ),
    "rejected_with_the_provider": lambda: acknowledgement(
        *_RECEIVER, "TRN*2*000000042", "STC*A1:19:PR*20260307*WQ*600", "QTY*AA*2", "AMT*YY*600",
        *_PROVIDER, "TRN*1*PROVIDER7", "STC*A8:496:85**U*600******A7:24:85", "REF*G2*PRV77", "QTY*QC*2", "AMT*YY*600",
    ),
    "rejected_with_the_batch": lambda: acknowledgement(
        "HL*2*1*21*0", *_RECEIVER[1:], "TRN*2*000000042", "STC*A3:746:40*20260307*U*600", "QTY*AA*2", "AMT*YY*600",
        source=CLEARINGHOUSE,
    ),
    "not_found": lambda: status_response(
        "TRN*2*CN0001", "STC*A4:35*20260312", "REF*EJ*CN0001", "DTP*472*D8*20260302"
    ),
    "pended": lambda: status_response(
        "TRN*2*TRACE1", "STC*P1:20*20260312**240", "REF*1K*ICN0001", "REF*EJ*CN0001", "REF*XZ*RX77",
        "DTP*472*RD8*20260302-20260304",
    ),
    "information_requested": lambda: status_response(
        "TRN*2*TRACE1", "STC*R4:345*20260312**240", "STC*P3:123:85*20260312**240",
        "REF*1K*ICN0001", "REF*EJ*CN0001", "DTP*472*RD8*20260302-20260304",
    ),
    "paid_with_a_denied_line": lambda: status_response(
        "TRN*2*TRACE1", "STC*F1:65*20260312**240*96*20260312**20260313*EFT20260313001", "REF*1K*ICN0001",
        "REF*EJ*CN0001", "REF*VV*V77", "DTP*472*RD8*20260302-20260304",
        "SVC*HC:97153:HM*120*96****8", "STC*F1:65*20260312", "REF*FJ*CN0001L01", "DTP*472*D8*20260302",
        "SVC*HC:97155:HO*120*0****4", "STC*F2:84*20260312", "REF*FJ*CN0001L02", "DTP*472*D8*20260304",
    ),
    "denied_for_a_dependent": lambda: status_response(
        "HL*5*4*23", "NM1*QC*1*EXAMPLE*TESTO",
        "TRN*2*TRACE1", "STC*F2:718*20260312**240*0*20260312", "REF*1K*ICN0001", "REF*EJ*CN0001", "DTP*472*D8*20260302",
    ),
}  # fmt: skip


def meaning(text: str) -> str:
    """Return what an answer says, a line each."""
    return "\n".join(line for answer in read_277([text]) for line in _lines(answer)) + "\n"


def _lines(answer: Answer) -> Iterator[str]:
    match answer:
        case AnswerHead():
            yield f"{answer.source.name} {answer.source_id} of {answer.answered_on} by {answer.guide}"
        case BatchAnswer():
            yield f"batch {answer.batch_reference}  {answer.verdict.name}  {_counted(answer.totals)}"
            yield from _reasons(answer.statuses)
        case ProviderAnswer():
            yield f"provider {answer.provider_npi}  {answer.verdict.name}  {_counted(answer.totals)}"
            yield from _reasons(answer.statuses)
        case ClaimAnswer():
            ids = f"payer {answer.payer_claim_number or '-'} clearinghouse {answer.clearinghouse_claim_id or '-'}"
            days = f"{answer.service_from} {answer.service_to}"
            yield f"claim {answer.control_number}  {answer.verdict.name}  {ids}  {days}"
            yield from _reasons(answer.statuses)
            for line in answer.lines:
                code = ":".join([line.procedure, *line.modifiers])
                yield f"line {line.control_number} {code} {line.charge}  {line.verdict.name}"
                yield from _reasons(line.statuses)


def _counted(totals: Totals) -> str:
    return f"accepted {totals.accepted} {totals.accepted_amount} rejected {totals.rejected} {totals.rejected_amount}"


def _reasons(statuses: tuple[Status, ...]) -> Iterator[str]:
    for status in statuses:
        codes = " ".join(code.text for code in status.codes)
        yield f"    {codes}  {status.action.value if status.action else '-'} {status.amount}  {words_of(status)}"


def shapes(name: str) -> dict[str, str]:
    """Return a scenario's files by name."""
    text = SCENARIOS[name]()
    return {f"{name}.277": text.replace("~", "~\n"), f"{name}.means.txt": meaning(text)}


def main() -> None:
    """Write every scenario anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in SCENARIOS:
        for file, text in shapes(name).items():
            (FOLDER / file).write_bytes(text.encode())


if __name__ == "__main__":
    main()
