"""A person keeps a claim from going; of two people who act on one claim the second is told."""

from typing import Any

import pytest
from sqlalchemy import func, select

from include.adapters.ledger.tables import EVENT
from include.claims.errors import ChangedMeanwhile, NotAllowed
from include.claims.model import Frequency
from include.claims.states import Delivery, Event
from tests import builders
from tests.contract.night import BLOCKED, NOW, Night, an_answer, an_order, changed

WHY = "the family has changed its plan"


def number_of(night: Night) -> str:
    """Collect one claim; return its control number."""
    night.stage(builders.a_claim())
    return night.line("C-1").control_number


def newest(night: Night) -> int:
    """Return the newest event of all."""
    with night.ledger.database.read() as connection:
        return int(connection.scalar(select(func.max(EVENT.c.id))) or 0)


def test_a_person_s_hold_keeps_a_claim_from_going_until_it_is_released(night: Night):
    """Whatever the source changes meanwhile; who and why are kept."""
    number = number_of(night)

    night.ledger.claims.hold(number, "casey", WHY, NOW)
    night.stage(changed(builders.a_claim()))
    nothing = night.seal()

    assert ([], Delivery.HELD) == (nothing, night.line("C-1").delivery)
    assert (f"held_by_a_person: {WHY} (casey)",) == night.line("C-1").reasons
    assert "casey" in [one.who for one in night.incidents("C-1")]
    night.ledger.claims.release(number, "robin", "the plan is known", NOW)
    assert 1 == len(night.seal(an_order("run-2")))


def test_a_rule_s_hold_stays_beside_a_person_s(night: Night):
    """Nobody releases what the source must mend."""
    night.stage(builders.a_claim(), faults=[BLOCKED])
    number = night.line("C-1").control_number

    night.ledger.claims.hold(number, "casey", WHY, NOW)

    assert 2 == len(night.line("C-1").reasons)
    with pytest.raises(NotAllowed, match="member_id_present"):
        night.ledger.claims.release(number, "casey", "please", NOW)


def test_what_is_on_its_way_is_not_held(night: Night):
    """Nor what nobody knows."""
    (number,) = night.numbers(night.sent(builders.a_claim()))

    for one in (number, "NOSUCHNUMBER00"):
        with pytest.raises(NotAllowed):
            night.ledger.claims.hold(one, "casey", WHY, NOW)


def test_the_second_of_two_people_is_told(night: Night):
    """What somebody decided on was seen before the other acted; nothing of it is done."""
    number, claims = number_of(night), night.ledger.claims
    seen = newest(night)
    claims.hold(number, "casey", WHY, NOW, seen=seen)

    for act in (claims.hold, claims.release):
        with pytest.raises(ChangedMeanwhile):
            act(number, "robin", WHY, NOW, seen=seen)

    assert ["casey"] == [one.who for one in night.incidents("C-1") if one.who]
    claims.release(number, "robin", WHY, NOW, seen=newest(night))


def test_an_answer_that_came_meanwhile_is_told_too(night: Night):
    """Whoever closes a claim, or sends it again, has read its newest answer."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)
    seen = newest(night)
    night.respond(batch_id, [an_answer(number, Event.DENIED, payer_claim_number="ICN1")])
    who: dict[str, Any] = {"who": "robin", "why": WHY, "now": NOW}

    with pytest.raises(ChangedMeanwhile):
        night.ledger.claims.say(number, Event.CLOSED, **who, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        night.ledger.claims.send_again(number, Frequency.REPLACEMENT, **who, seen=seen)

    assert 1 == len(night.lines())
    night.ledger.claims.send_again(number, Frequency.REPLACEMENT, **who, seen=newest(night))
