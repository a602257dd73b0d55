"""What payers do with claims for weeks after the night, as the ledger has it in the end."""

import time
from decimal import Decimal

import pytest

from include.claims.states import Adjudication, FrontEnd, Work
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line, a_payer
from tests.night import ACCOUNT, PASSWORD, Night

A, F, W = Adjudication, FrontEnd, Work

LIVES = {
    "00": (F.ACCEPTED_BY_PAYER, A.PAID, W.NOBODY),
    "11": (F.ACCEPTED_BY_PAYER, A.PAID_WITH_DENIED_LINES, W.PERSON_MUST_DECIDE),
    "12": (F.ACCEPTED_BY_PAYER, A.DENIED, W.PERSON_MUST_DECIDE),
    "14": (F.ACCEPTED_BY_PAYER, A.PATIENT_RESPONSIBILITY, W.NOBODY),
    "15": (F.ACCEPTED_BY_PAYER, A.PAID, W.NOBODY),
    "16": (F.INFORMATION_REQUESTED, A.DENIED, W.PERSON_MUST_DECIDE),
    "17": (F.ACCEPTED_BY_PAYER, A.PAID, W.NOBODY),
    "21": (F.ACCEPTED_BY_PAYER, A.PAID, W.NOBODY),
    "22": (F.ACCEPTED_BY_PAYER, A.PAID, W.NOBODY),
    "31": (F.REJECTED_BY_PAYER, A.NONE, W.SOURCE_MUST_CORRECT),
    "32": (F.REJECTED_BY_PAYER, A.NONE, W.SOURCE_MUST_CORRECT),
    "33": (F.REJECTED_BY_PAYER, A.NONE, W.SOURCE_MUST_CORRECT),
    "39": (F.ACCEPTED_BY_CLEARINGHOUSE, A.NONE, W.NOBODY),
}
"""What becomes of a claim by the cents of its charge, which tell the sandbox's payer what to do."""


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def a_claim_of(cents: str, payer: str = "99999"):
    """Return a claim of two services whose charges end in these cents."""
    lines = (
        a_line(source_line_key=f"{cents}-1", session_id=f"{cents}-1", charge=Decimal(f"100.{cents}")),
        a_line(source_line_key=f"{cents}-2", session_id=f"{cents}-2", procedure="97155", charge=Decimal(60)),
    )
    return a_claim(key=cents, lines=lines, payer=a_payer(id=payer))


def turn(sandbox: Sandbox, days: int) -> None:
    """Let time pass at the clearinghouse, and wait until no more answers come of it."""
    sandbox.turn(days=days)
    before, rested = -1, 0
    while rested < 8:
        time.sleep(0.1)
        now = len(list(sandbox.outbound(ACCOUNT).iterdir()))
        before, rested = now, rested + 1 if now == before else 0


def test_every_fate_is_understood(night, sandbox):
    """Paid, denied, left to the patient, passed on, taken back, refused: each claim ends where its payer left it."""
    night.hold([a_claim_of(cents) for cents in LIVES])
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 3)
    night.receive()

    for days in (2, 1, 2, 9, 7, 14, 14):
        turn(sandbox, days)
        night.receive()

    ends = {line.claim_key: (line.front_end, line.adjudication, line.work) for line in lines(night)}
    assert LIVES == ends
    assert [] == [line.claim_key for line in lines(night) if line.contradicted]
    assert [] == night.ports.ledger.money.open()
    assert [] == [item for item in night.ports.ledger.report.set_aside() if item.status != "unknown"]


def lines(night: Night):
    return list(night.ports.ledger.report.claim_lines())
