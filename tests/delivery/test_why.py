"""Why a claim is not paid: a sentence for every state there is."""

import pytest

from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.why import BY_ADJUDICATION, BY_DELIVERY, BY_FRONT_END, TO_DO

pytestmark = pytest.mark.pure


def test_every_state_has_its_sentence():
    """A state that is added later has to be told to billers too."""
    assert set(Adjudication) - {Adjudication.NONE} == set(BY_ADJUDICATION)
    assert set(FrontEnd) == set(BY_FRONT_END)
    assert set(Delivery) - {Delivery.SENT} == set(BY_DELIVERY)
    assert set(Work) - {Work.NOBODY} <= set(TO_DO)
