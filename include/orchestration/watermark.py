"""
How far the ledger had come, kept in an Airflow Variable: outside the ledger, because a restored one forgets.

A ledger that is another one, or behind its own past, would give out control numbers that are already used and send
claims that already went. Deliveries stop until a person has looked and begun a new epoch.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from operator import itemgetter
from typing import Any, Final

from airflow.sdk import Variable

from include.claims.errors import LedgerRestored
from include.delivery.records import LedgerIdentity

VARIABLE: Final = "claims_ledger_watermark"

_WHO: Final = itemgetter("instance_id", "epoch")
_RISING: Final = ("highest_interchange_number", "numbers_given_out", "attempts")


class VariableWatermark:
    """Implements the port `Watermark` with one Airflow Variable."""

    def check(self, look: Callable[[], LedgerIdentity]) -> None:
        """Raise LedgerRestored where the ledger is another one, or behind what was already sealed."""
        known = _recall()
        # The ledger second: another clinic's run that seals in between only makes it farther than the mark.
        identity = look()
        # A higher epoch is a person's word that the restore was meant.
        if known is None or identity.epoch > known["epoch"]:
            return
        if identity.epoch < known["epoch"] or identity.instance_id != known["instance_id"]:
            raise LedgerRestored(_message("it is not the ledger that delivered last", known, identity))
        if identity.numbers_given_out < known["numbers_given_out"]:
            raise LedgerRestored(_message("it is behind what was already sealed", known, identity))
        if identity.attempts < known.get("attempts", 0):
            raise LedgerRestored(_message("it has forgotten a file that began to leave", known, identity))

    def raise_to(self, identity: LedgerIdentity) -> None:
        """Remember how far the ledger has come."""
        known = _recall()
        value = asdict(identity)
        if known is not None and _WHO(known) == _WHO(value):
            # Two runs at once: neither lowers what the other has raised.
            value |= {name: max(value[name], known.get(name, 0)) for name in _RISING}
        if value == known:
            return
        Variable.set(VARIABLE, json.dumps(value), description="How far the claims ledger had come. Do not edit.")


def _recall() -> dict[str, Any] | None:
    text = Variable.get(VARIABLE, default=None)
    return None if text is None else json.loads(text)


def _message(why: str, known: dict[str, Any], identity: LedgerIdentity) -> str:
    return (
        f"ledger {identity.instance_id}, epoch {identity.epoch}: restored or cloned, {why} (interchange"
        f" {known['highest_interchange_number']} was sealed, it knows {identity.highest_interchange_number}). Nothing"
        " is delivered until a person begins a new epoch: ./courier ledger new-epoch, see docs/runbook.md"
    )
