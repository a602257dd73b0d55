from datetime import timedelta

import pytest
from airflow.sdk import RetryAction

from include.claims import errors
from include.orchestration.pace import Pace
from include.orchestration.retries import BY_ERROR_FAMILY, retry_table

LEAVES = [leaf for family in errors.ClaimsError.__subclasses__() for leaf in (family, *family.__subclasses__())]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_error_of_ours_has_its_rule(leaf):
    """Every leaf of the error tree is retried or failed at once, as its family says; none is left to chance."""
    decision = BY_ERROR_FAMILY.evaluate(leaf("what happened"), try_number=1, max_tries=5)

    expected = RetryAction.RETRY if issubclass(leaf, errors.RetryLater) else RetryAction.FAIL
    assert expected == decision.action


def test_a_refused_login_is_never_tried_again_by_itself():
    """The account would be locked: a refused login fails at the first try."""
    decision = BY_ERROR_FAMILY.evaluate(errors.LoginRefused("refused"), try_number=1, max_tries=5)

    assert RetryAction.FAIL == decision.action


def test_an_error_of_no_family_takes_the_ordinary_retries():
    """What nobody foresaw is tried again as the task says."""
    decision = BY_ERROR_FAMILY.evaluate(ZeroDivisionError(), try_number=1, max_tries=5)

    assert RetryAction.DEFAULT == decision.action


def test_the_ledger_is_asked_again_sooner_than_the_world():
    """A ledger that does not answer has a delay of its own."""
    table = retry_table(Pace(retry=timedelta(minutes=5), retry_ledger=timedelta(minutes=1)))

    ledger = table.evaluate(errors.LedgerUnreachable("down"), try_number=1, max_tries=5)
    server = table.evaluate(errors.ServerUnreachable("down"), try_number=1, max_tries=5)

    assert (timedelta(minutes=1), timedelta(minutes=5)) == (ledger.retry_delay, server.retry_delay)


def test_the_table_survives_airflows_serialization():
    """The DAG Airflow stores holds the same rules."""
    again = type(BY_ERROR_FAMILY).deserialize(BY_ERROR_FAMILY.serialize())

    assert RetryAction.FAIL == again.evaluate(errors.InDoubt("x"), try_number=1, max_tries=5).action
