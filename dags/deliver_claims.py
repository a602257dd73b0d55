"""Deliver the night's claims: one Airflow DAG a clinic; from the thousand-and-first on `more_clinics/` helps."""

from include.orchestration.clinics import clinics_to_build
from include.orchestration.delivery_dag import PREFIX, build_delivery_dag

for clinic in clinics_to_build(PREFIX):
    build_delivery_dag(clinic)
