from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from include.claims.states import Delivery, FrontEnd, Usage, Work
from include.cli.agreement import disagreements, left_behind
from include.delivery.records import ClaimLine
from include.sandbox.taken import TakenClaim, TakenFile

pytestmark = pytest.mark.pure


def a_line(number: str = "A1", **changes: Any) -> ClaimLine:
    """Return a claim the ledger has as accepted."""
    line = ClaimLine(
        clinic_key="acorn_aba",
        source="example",
        claim_key=f"C-{number}",
        control_number=number,
        usage=Usage.LIVE,
        delivery=Delivery.SENT,
        front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE,
        work=Work.NOBODY,
        contradicted=False,
        reasons=(),
        charge=Decimal(10),
        file_name="CC000001.837P.txt",
        run_id="night",
    )
    return replace(line, **changes)


def a_taken_file(*numbers: str, verdict: str = "accepted", **changes: Any) -> TakenFile:
    """Return a file the clearinghouse took with these claims."""
    claims = tuple(
        TakenClaim(
            control_number=number,
            payer_id="99999",
            verdict=verdict,
            charge=Decimal(10),
            forwarded=True,
            line_references_sha256="",
            content_sha256="",
        )
        for number in numbers
    )
    file = TakenFile(
        at="2026-03-06T04:00:00+00:00",
        account="acorn",
        name="CC000001.837P.txt",
        sha256="",
        size=1,
        usage=Usage.LIVE,
        complete=True,
        file_id="123456789",
        claims=claims,
    )
    return replace(file, **changes)


HELD = {"delivery": Delivery.HELD, "front_end": FrontEnd.NONE}


def test_both_sides_agree():
    """Claims taken once, with the verdict the ledger has, are no news."""
    lines = [a_line("A1"), a_line("A2", front_end=FrontEnd.REJECTED_BY_CLEARINGHOUSE), a_line("A3", **HELD)]
    taken = [a_taken_file("A1"), a_taken_file("A2", verdict="rejected")]

    assert [] == list(disagreements(lines, taken))


def test_what_was_refused_before_it_was_read_is_agreed_on():
    """A failed file's claims are in no log; a refused set's are, renewed or not."""
    lines = [
        a_line("A1", delivery=Delivery.FILE_FAILED), a_line("A2", delivery=Delivery.RENEWED),
        a_line("A3", delivery=Delivery.SET_REFUSED), a_line("A4", delivery=Delivery.RENEWED),
    ]  # fmt: skip

    assert [] == list(disagreements(lines, [a_taken_file("A3", "A4", verdict="refused")]))


@pytest.mark.parametrize(
    ("lines", "taken", "said"),
    [
        ([a_line()], [a_taken_file("A1"), a_taken_file("A1")], "taken 2 times"),
        ([a_line()], [], "never taken"),
        ([a_line()], [a_taken_file("A1", complete=False)], "never taken"),
        ([a_line()], [a_taken_file("A1", verdict="rejected")], "rejected by the clearinghouse"),
        ([a_line(front_end=FrontEnd.NONE)], [a_taken_file("A1")], "accepted by the clearinghouse"),
        ([a_line()], [a_taken_file("A1", verdict="refused")], "its set was refused"),
        ([a_line(**HELD)], [a_taken_file("A1")], "HELD in the ledger"),
        ([], [a_taken_file("A1")], "unknown to the ledger"),
    ],
)
def test_every_difference_is_told(lines, taken, said):
    """Whatever the two sides say differently of a claim is one sentence."""
    [difference] = disagreements(lines, taken)

    assert said in difference


def test_test_files_are_nobodys_claims():
    """A test file is not compared: it changes no claim."""
    lines = [a_line("T1", usage=Usage.TEST, **HELD)]

    assert [] == list(disagreements(lines, [a_taken_file("T1", usage=Usage.TEST)]))


def test_a_claim_that_could_have_gone_is_left_behind():
    """A READY claim after the night is told; a held one waits for its reason."""
    lines = [a_line("A1", delivery=Delivery.READY), a_line("A2", **HELD)]

    assert ["clinic acorn_aba, claim C-A1 (A1): still READY"] == list(left_behind(lines))


def test_what_did_not_arrive_was_not_taken():
    """A person's word that a file never arrived agrees with a clearinghouse that has not taken it, with no other."""
    said = a_line(delivery=Delivery.NOT_ARRIVED, front_end=FrontEnd.NONE)

    assert [] == list(disagreements([said], []))
    [differs] = disagreements([said], [a_taken_file("A1")])
    assert "taken by the clearinghouse, NOT ARRIVED in the ledger" in differs
