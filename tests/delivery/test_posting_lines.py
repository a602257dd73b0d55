"""What is posted names the practice's own lines and sessions, whatever the payer got them as."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.payer_profile import PayerProfile, SameDay, Sessions
from include.claims.payer_profile_file import read_profiles
from include.claims.payer_wishes import as_payer_wants
from include.claims.remittance import ClaimPayment, Procedure, ServicePayment, StatedAmount
from include.claims.scrub import RuleBook
from include.delivery.posting_lines import billed_as, with_source_lines
from include.delivery.remittances import document_of
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line
from tests.delivery.test_judge import MERGING
from tests.delivery.test_payers_answers import turn
from tests.night import ACCOUNT, PASSWORD, Night

ONE_LINE = PayerProfile(sessions=Sessions(same_day=SameDay.ONE_LINE, apply=True))
MORNING = a_line(charge=Decimal("75.07"), units=Decimal(5), session_id="S-1")
EVENING = a_line(source_line_key="L-2", charge=Decimal("45.14"), units=Decimal(3), session_id="S-2")
LESSON = a_line(source_line_key="L-3", procedure="97155", charge=Decimal(60), units=Decimal(4), session_id="S-3")
CLAIM = a_claim(lines=(MORNING, LESSON, EVENING))


def paid_line(charge: str, paid: str, *reasons: str, code: str = "97153", number: str = "", **more) -> ServicePayment:
    """Return what a payer says of a line; a reason is `CO-45:20.21`, with a quantity `CO-45:20.21:2`."""
    adjustments = []
    for reason in reasons:
        what, amount, *quantity = reason.split(":")
        group, carc = what.split("-")
        adjustments.append(
            Adjustment(
                group=AdjustmentGroup(group), reason=carc, amount=Decimal(amount),
                quantity=Decimal(quantity[0]) if quantity else None,
            )
        )  # fmt: skip
    return ServicePayment(
        procedure=Procedure("HC", code, ()), charge=Decimal(charge), paid=Decimal(paid), line_control_number=number,
        adjustments=tuple(adjustments), **more,
    )  # fmt: skip


def told(*lines: ServicePayment, profile: PayerProfile = ONE_LINE, claim=CLAIM):
    """Return the lines of the posting of a claim that was sent as CN0001."""
    said = ClaimPayment(control_number="CN0001", status="1", charge=Decimal(0), paid=Decimal(0), segment=1, lines=lines)
    billed = billed_as(claim, as_payer_wants(claim, profile), "CN0001")
    return json.loads(with_source_lines(document_of(said), billed))["lines"]


def shared(line: Any, *names: str) -> list[Any]:
    """Return some of what each source line got."""
    return [tuple(part[name] for name in names) for part in line["source_lines"]]


def reasons(line: Any) -> list[Any]:
    """Return the adjustments of each source line."""
    return [
        [(one["group"], one["reason"], one["amount"], one["quantity"]) for one in part["adjustments"]]
        for part in line["source_lines"]
    ]


@pytest.mark.pure
def test_a_merged_line_is_given_back_to_its_sessions():
    """Paid, allowed, units and every adjustment are shared to the cent, and each session adds up for itself."""
    line = paid_line(
        "120.21", "80.00", "CO-45:20.21:2", "PR-1:20.00", number="CN0001L01", units_paid=Decimal(6),
        amounts=(StatedAmount("B6", Decimal("100.00")),),
    )  # fmt: skip

    [found] = told(line)

    assert [("L-1", "S-1", "75.07", "49.96"), ("L-2", "S-2", "45.14", "30.04")] == shared(
        found, "source_line_key", "session_id", "charge", "paid"
    )
    assert [("62.45", "3.75"), ("37.55", "2.25")] == shared(found, "allowed", "units")
    assert [
        [("CO", "45", "12.62", "1.25"), ("PR", "1", "12.49", None)],
        [("CO", "45", "7.59", "0.75"), ("PR", "1", "7.51", None)],
    ] == reasons(found)
    assert "line_control_number" == found["matched_by"]


@pytest.mark.pure
def test_a_line_that_was_not_merged_names_itself():
    """One source line, with all that was said."""
    [found] = told(paid_line("60.00", "50.00", "CO-45:10.00", code="97155", number="CN0001L02"))

    assert [("L-3", "S-3", "60", "50")] == shared(found, "source_line_key", "session_id", "charge", "paid")
    assert [[("CO", "45", "10", None)]] == reasons(found)


@pytest.mark.pure
def test_a_reversal_takes_back_what_was_given():
    """Every amount has the other sign and the same share."""
    given = paid_line("120.21", "80.00", "CO-45:40.21", number="CN0001L01")
    taken = paid_line("-120.21", "-80.00", "CO-45:-40.21", number="CN0001L01")

    [there], [back] = told(given), told(taken)

    assert [Decimal(one[0]) for one in shared(there, "paid")] == [-Decimal(one[0]) for one in shared(back, "paid")]


@pytest.mark.pure
def test_without_our_number_a_line_is_known_by_what_was_billed():
    """Some payers drop it: day, procedure as we sent it and charge tell, equal lines in their order."""
    twins = a_claim(lines=(a_line(session_id="S-1"), a_line(source_line_key="L-2", session_id="S-2")))
    line = paid_line("240.00", "200.00", code="0373T", first_day=MORNING.service_date)
    line = line._replace(submitted=Procedure("HC", "97153", ()))

    first, second, third = told(line, line, line, profile=PayerProfile(), claim=twins)

    assert [("L-1",)] == shared(first, "source_line_key")
    assert [("L-2",)] == shared(second, "source_line_key")
    assert "service" == first["matched_by"]
    assert "source_lines" not in third


@pytest.mark.pure
def test_a_line_the_payer_split_is_shared_in_each_part():
    """Two parts with our one number: each is given back, and together they are the line."""
    parts = told(
        paid_line("75.13", "75.13", number="CN0001L01", units_paid=Decimal(5)),
        paid_line("45.08", "0", "CO-119:45.08", number="CN0001L01", units_paid=Decimal(3)),
    )

    charged = [sum(Decimal(one["source_lines"][at]["charge"]) for one in parts) for at in (0, 1)]
    assert [Decimal("75.07"), Decimal("45.14")] == charged


@pytest.mark.pure
def test_what_is_of_no_line_of_ours_is_left_as_it_came():
    """Another charge on another day: nobody guesses."""
    [found] = told(paid_line("99.00", "99.00"))

    assert "source_lines" not in found


@pytest.mark.pure
def test_what_does_not_add_up_is_shared_as_it_is():
    """A person accepted a line of which five dollars are lost: paid and adjusted are exact all the same."""
    [found] = told(paid_line("120.21", "80.00", "CO-45:35.21", number="CN0001L01"))

    assert Decimal(80) == sum(Decimal(one[0]) for one in shared(found, "paid"))
    assert Decimal("35.21") == sum(Decimal(some[0][2]) for some in reasons(found))


def test_the_feed_names_the_sessions_of_a_merged_line(tmp_path, ledger_url):
    """Two sessions go as one line, are paid, taken back and paid anew: every time the feed gives both their share."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url)
        night.ports = replace(night.ports, rule_book=lambda: RuleBook(payers=read_profiles(MERGING)))
        night.hold([a_claim(lines=(MORNING, EVENING))])
        night.deliver()
        sandbox.wait_for_answers(ACCOUNT, 3)
        for days in (15, 30):
            turn(sandbox, days)
            night.receive()
        rows = night.ports.ledger.money.feed(0, 10)

    assert 3 == len(rows)
    for row in rows:
        [line] = json.loads(row.document)["lines"]
        assert [("L-1", "S-1"), ("L-2", "S-2")] == shared(line, "source_line_key", "session_id")
        assert row.paid == sum(Decimal(one[0]) for one in shared(line, "paid"))
        for part in line["source_lines"]:
            taken_off = sum(Decimal(one["amount"]) for one in part["adjustments"])
            assert Decimal(part["charge"]) - taken_off == Decimal(part["paid"])
