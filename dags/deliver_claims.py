"""
# Deliver the night's claims

One Airflow DAG a clinic: `collect_claims` reserves what is pending, then every batch is rendered, uploaded once,
and waits a courtesy time for the clearinghouse's verdict. A night with nothing pending ends after `collect_claims`.

**By hand**: *Trigger* opens a form: only these claims, only this payer, dry run, test file. Clearing a task or a run
is safe: what was delivered is looked up, never sent again.

**Red?** The task's log ends with what is wrong and what to do; see docs/runbook.md. **New clinic?** A row in the
clinic table, see docs/adding-a-clinic.md; no code changes here.
"""

from include.orchestration.clinics import clinics_to_build
from include.orchestration.delivery_dag import PREFIX, build_delivery_dag

for clinic in clinics_to_build(PREFIX):
    build_delivery_dag(clinic, doc=__doc__)
