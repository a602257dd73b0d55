"""Runs that an act starts: whoever serves the page starts them (`include.orchestration.console` asks Airflow)."""

from collections.abc import Callable, Sequence
from typing import Final

from include.claims.errors import NotAllowed
from include.web.viewer import Viewer

StartRun = Callable[[str, Sequence[str], Viewer], str]
"""Starts a clinic's delivery for some claim keys, as somebody; returns the run's id, or raises one of our errors."""

DELIVERY: Final = "deliver_claims__"
"""How a clinic's delivery is named in Airflow, before its key; a test holds it to the DAG's own."""


def starts_none(clinic_key: str, claim_keys: Sequence[str], viewer: Viewer) -> str:  # noqa: ARG001  # a StartRun
    """Refuse: this page is served by nobody who could start a run."""
    raise NotAllowed(f"clinic {clinic_key}: no run can be started from here; start deliver_claims in Airflow")
