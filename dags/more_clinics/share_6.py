"""The Airflow DAGs of the clinics that one file cannot hold; empty until there are enough of them."""

from include.orchestration import delivery_dag, responses_dag
from include.orchestration.clinics import clinics_to_build

SHARE = 6

for clinic in clinics_to_build(delivery_dag.PREFIX, SHARE):
    delivery_dag.build_delivery_dag(clinic)
for clinic in clinics_to_build(responses_dag.PREFIX, SHARE):
    responses_dag.build_responses_dag(clinic)
