"""Receive what came back: one Airflow DAG a clinic; from the thousand-and-first on `more_clinics/` helps."""

from include.orchestration.clinics import clinics_to_build
from include.orchestration.responses_dag import PREFIX, build_responses_dag

for clinic in clinics_to_build(PREFIX):
    build_responses_dag(clinic)
