"""
# Set a clinic up

One Airflow DAG for the installation, started by hand: one run takes one clinic from its rows to its first live night.
Where a person is needed the run waits without a worker, for weeks if need be: *Required actions* says what is asked,
and the end of the task's log what is wrong where an answer did not help. No password is ever typed here.

**Stopped, failed, deleted?** Start it anew with the same key: what is done is looked up and not done again.

**Red?** The task's log ends with what is wrong and what to do; see docs/adding-a-clinic.md.
"""

from include.orchestration.onboard_dag import build_onboarding_dag

build_onboarding_dag(doc=__doc__)
