from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from include.claims.errors import LedgerRestored
from include.delivery.records import LedgerIdentity
from include.orchestration import watermark
from include.orchestration.watermark import VariableWatermark


class VariableByHand:
    """An Airflow Variable that a test keeps; a real one needs a task's supervisor."""

    def __init__(self) -> None:
        self.text: str | None = None

    def get(self, _key: str, default: str | None = None) -> str | None:
        return default if self.text is None else self.text

    def set(self, _key: str, value: str, description: str = "") -> None:
        self.text = value


@pytest.fixture(name="variable")
def _variable(monkeypatch):
    variable = VariableByHand()
    monkeypatch.setattr(watermark, "Variable", variable)
    return variable


def a_ledger(**changes: Any) -> LedgerIdentity:
    """Return a ledger that has sealed interchange 41."""
    return replace(
        LedgerIdentity(instance_id="one", epoch=1, highest_interchange_number=41, numbers_given_out=60, attempts=9),
        **changes,
    )


def _same(ledger: LedgerIdentity) -> LedgerIdentity:
    return ledger


def test_a_ledger_that_goes_on_is_let_through(variable):
    """The ledger that delivered last, as far as it was or farther, delivers on."""
    VariableWatermark().check(a_ledger)
    VariableWatermark().raise_to(a_ledger())

    VariableWatermark().check(a_ledger)
    VariableWatermark().check(lambda: a_ledger(numbers_given_out=70))


@pytest.mark.parametrize(
    "changes", [{"numbers_given_out": 59}, {"instance_id": "two"}, {"epoch": 0}, {"attempts": 8}], ids=str
)
def test_a_restored_or_cloned_ledger_is_stopped(variable, changes):
    """A ledger behind its own past, or another one, delivers nothing until a person looked."""
    VariableWatermark().raise_to(a_ledger())

    with pytest.raises(LedgerRestored, match="new-epoch"):
        VariableWatermark().check(lambda: a_ledger(**changes))


def test_a_new_epoch_is_a_persons_word(variable):
    """After a person began a new epoch the ledger delivers again, and is remembered as it is now."""
    VariableWatermark().raise_to(a_ledger())
    restored = a_ledger(instance_id="two", epoch=2, highest_interchange_number=1041)

    VariableWatermark().check(lambda: restored)
    VariableWatermark().raise_to(restored)

    with pytest.raises(LedgerRestored):
        VariableWatermark().check(a_ledger)


def test_the_mark_never_falls(variable):
    """A slower run that sealed less does not lower it."""
    VariableWatermark().raise_to(a_ledger(numbers_given_out=70))

    VariableWatermark().raise_to(a_ledger(numbers_given_out=60, attempts=10))

    for behind in (a_ledger(numbers_given_out=69, attempts=10), a_ledger(numbers_given_out=70, attempts=9)):
        with pytest.raises(LedgerRestored):
            VariableWatermark().check(partial(_same, behind))


def test_another_clinic_s_run_that_seals_meanwhile_is_no_restore(variable):
    """The ledger is looked at after the mark, so that it is never behind one that was raised in between."""
    VariableWatermark().raise_to(a_ledger())
    ledger = a_ledger()

    def recalled(_key: str, default: str | None = None) -> str | None:
        nonlocal ledger
        text = variable.text
        ledger = a_ledger(numbers_given_out=70)
        return text or default

    VariableWatermark().raise_to(a_ledger(numbers_given_out=65))
    variable.get = recalled

    VariableWatermark().check(lambda: ledger)
