from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from include.claims.errors import BadSetting, NotTaken
from include.claims.states import Delivery
from include.delivery.clinic_table import Mode
from include.delivery.records import Kind
from include.orchestration import tasks
from tests.orchestration.ports_by_hand import a_summary

NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


def a_context(**params: Any) -> dict[str, Any]:
    """Return what Airflow gives a task of a manual run."""
    run = SimpleNamespace(dag_id="deliver_claims__acorn_aba", run_id="manual__1", logical_date=None, run_after=NIGHT)
    return {"dag_run": run, "params": params}


def test_a_night_takes_every_claim_to_be_paid():
    """A run nobody filled a form for is live and covers every claim."""
    order = tasks.order_of("acorn_aba", Mode.LIVE, a_context(claims=[], payer="", dry_run=False, test_file=False))

    assert Kind.LIVE == order.kind
    assert (NIGHT, (), "") == (order.window_end, order.claim_keys, order.payer_id)


def test_the_form_narrows_the_run():
    """A run's form names the claims and the payer it is for."""
    order = tasks.order_of("acorn_aba", Mode.LIVE, a_context(claims=["C-1", "C-2"], payer="99999"))

    assert (("C-1", "C-2"), "99999") == (order.claim_keys, order.payer_id)


@pytest.mark.parametrize("test_file", [True, False])
def test_only_a_form_asks_for_a_test_file(test_file):
    """A scheduled run of a clinic in test mode is nobody's wish: it invents no file where nothing is pending."""
    order = tasks.order_of("acorn_aba", Mode.TEST, a_context(test_file=test_file))

    assert (Kind.TEST, test_file) == (order.kind, order.is_test_asked_for)


@pytest.mark.parametrize(
    ("mode", "params", "kind"),
    [
        (Mode.LIVE, {"dry_run": True}, Kind.DRY),
        (Mode.LIVE, {"test_file": True}, Kind.TEST),
        (Mode.TEST, {}, Kind.TEST),
        (Mode.TEST, {"dry_run": True}, Kind.DRY),
        (Mode.ONBOARDING, {"dry_run": True}, Kind.DRY),
    ],
)
def test_what_a_run_is_made_for(mode, params, kind):
    """The form decides, and where it says nothing a clinic in test mode sends test files."""
    assert kind == tasks.kind_of(mode, params)


def test_a_form_cannot_ask_for_both():
    """A dry run sends nothing and a test file is sent, so both at once are refused."""
    with pytest.raises(BadSetting, match="both"):
        tasks.kind_of(Mode.LIVE, {"dry_run": True, "test_file": True})


@pytest.mark.parametrize("state", [Delivery.UNACCOUNTED, Delivery.FILE_FAILED, Delivery.SET_REFUSED])
def test_claims_that_became_none_fail_the_night(state):
    """A batch of which the clearinghouse made no claims ends red, with counts and the batch's id."""
    summary = a_summary(by_delivery={state: 2}, awaiting=0)

    with (
        patch.multiple(tasks, ports_for_task=lambda: None, close_batch=lambda *_: summary),
        pytest.raises(NotTaken, match=f"batch 7.*2 {state}"),
    ):
        tasks.apply_acknowledgements(7)


def test_answers_that_contradict_fail_the_night():
    """A contradiction is never green."""
    summary = a_summary(contradicted=1)

    with (
        patch.multiple(tasks, ports_for_task=lambda: None, close_batch=lambda *_: summary),
        pytest.raises(NotTaken, match="1 contradicted"),
    ):
        tasks.apply_acknowledgements(7)


def test_claims_that_still_wait_do_not():
    """A night whose answers are late ends green and says how many wait."""
    with patch.multiple(tasks, ports_for_task=lambda: None, close_batch=lambda *_: a_summary()):
        assert 1 == tasks.apply_acknowledgements(7)["awaiting"]
