"""
How long things wait: one small table, so that a demo and a test may run the same night faster.

Every figure is a default that a deployment may change by environment; nothing here decides what is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from os import environ

from include.claims.environment import whole_number
from include.claims.errors import BadSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The waits of one deployment; each is read from `COURIER_<NAME>_SECONDS` where that is set."""

    courtesy: timedelta = timedelta(minutes=45)  # how long a night waits for the clearinghouse's verdict
    look: timedelta = timedelta(seconds=60)  # between two looks at `outbound`
    slowest_look: timedelta = timedelta(minutes=5)  # how far a server that fails slows the looks down
    account: timedelta = timedelta(seconds=20)  # until a held account is asked for again
    account_patience: timedelta = timedelta(hours=2)  # after which a held account costs a try
    lease: timedelta = timedelta(minutes=4)  # longer than 5,000 claims take on a slow line
    settle: timedelta = timedelta(seconds=2)  # how long a remote file must rest unchanged to be called still
    retry: timedelta = timedelta(minutes=5)  # between two tries
    retry_ledger: timedelta = timedelta(minutes=1)  # the same while the ledger does not answer

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Pace":
        """Return the waits a deployment set; raise BadSetting where one is not a number of seconds."""
        waits = {}
        for field in fields(cls):
            name = f"COURIER_{field.name.upper()}_SECONDS"
            if text := environment.get(name, ""):
                waits[field.name] = _seconds(name, text)
        return cls(**waits)


def _seconds(name: str, text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise BadSetting(f"environment {name}: {text!r} is not a number of seconds from 0 to 86400")
    return timedelta(seconds=seconds)


def old_mailbox(environment: Mapping[str, str]) -> timedelta:
    """Return how long a mailbox a clinic has left is visited after its last file; `COURIER_OLD_MAILBOX_DAYS`."""
    days = whole_number(environment, "COURIER_OLD_MAILBOX_DAYS", "days", most=_LONGEST_DAYS)
    return timedelta(days=90 if days is None else days)


_LONGEST_DAYS = 730

PACE = Pace.of(environ)
"""The waits of this deployment; the environment is the same for every process of one Airflow."""
