"""Every claim stands in one stage, and in the row of its clinic."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.file_hops import Hop
from include.delivery.standing import STAGES, Standing, all_together, glance_of, stage_of

pytestmark = pytest.mark.pure


def standing(**changes) -> Standing:
    """Return two claims that were sent and wait for their answer."""
    given: dict[str, Any] = {
        "clinic_key": "harbor",
        "delivery": Delivery.SENT,
        "front_end": FrontEnd.NONE,
        "adjudication": Adjudication.NONE,
        "work": Work.NOBODY,
        "contradicted": False,
        "claims": 2,
        "charge": Decimal(100),
    }
    return Standing(**(given | changes))


def test_no_claim_is_in_two_stages():
    """Whatever its states, so that the stages add up to the claims."""
    states = product(Delivery, FrontEnd, Adjudication, (Work.NOBODY, Work.CLOSED))
    for delivery, front_end, adjudication, work in states:
        one = standing(delivery=delivery, front_end=front_end, adjudication=adjudication, work=work)
        # Money that came for what was thought not to have gone is a contradiction, and a person's.
        if delivery is Delivery.SENT or adjudication is Adjudication.NONE:
            assert len([name for name, is_there in STAGES.items() if is_there(one)]) <= 1, one


@pytest.mark.parametrize(
    ("changes", "stage"),
    [
        ({"delivery": Delivery.HELD}, "held"),
        ({"delivery": Delivery.BATCHED}, "ready"),
        ({"delivery": Delivery.IN_DOUBT}, "in doubt"),
        ({"delivery": Delivery.SET_REFUSED}, "failed"),
        ({}, "awaiting"),
        ({"front_end": FrontEnd.CALLED_DUPLICATE}, "rejected"),
        ({"front_end": FrontEnd.ACCEPTED_BY_PAYER}, "accepted"),
        ({"front_end": FrontEnd.ACCEPTED_BY_PAYER, "adjudication": Adjudication.FORWARDED}, "accepted"),
        ({"adjudication": Adjudication.PATIENT_RESPONSIBILITY}, "paid"),
        ({"adjudication": Adjudication.DENIED}, "denied"),
        ({"adjudication": Adjudication.DENIED, "work": Work.WRITTEN_OFF}, "given up"),
        ({"delivery": Delivery.WITHDRAWN}, ""),
    ],
)
def test_a_claim_is_shown_where_a_biller_would_look(changes, stage):
    """What is written off is in no queue; what was withdrawn is nobody's."""
    assert stage == stage_of(standing(**changes))


def test_what_waits_for_a_person_is_money_at_risk():
    """What is written off or nobody's work is not at risk."""
    rows = [
        glance_of("calm", [standing(charge=Decimal(9999))]),
        glance_of("busy", [standing(work=Work.PERSON_MUST_DECIDE, contradicted=True)]),
        glance_of("done", [standing(work=Work.WRITTEN_OFF, charge=Decimal(9999), contradicted=True)]),
    ]

    assert Hop(2, Decimal(100)) == rows[1].needs_person == all_together(rows).needs_person
    assert Hop(2, Decimal(100)) == all_together(rows).contradicted
    assert Hop(4, Decimal(10099)) == all_together(rows).stages["awaiting"]
