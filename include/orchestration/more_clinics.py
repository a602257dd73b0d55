"""The DAGs of the clinics that the first DAG files cannot hold: both kinds of one share."""

from include.orchestration.clinics import clinics_to_build
from include.orchestration.delivery_dag import PREFIX as DELIVERY
from include.orchestration.delivery_dag import build_delivery_dag
from include.orchestration.responses_dag import PREFIX as RESPONSES
from include.orchestration.responses_dag import build_responses_dag


def build_share(share: int) -> None:
    """Build both DAGs of every clinic of a share."""
    for clinic in clinics_to_build(DELIVERY, share):
        build_delivery_dag(clinic)
    for clinic in clinics_to_build(RESPONSES, share):
        build_responses_dag(clinic)
