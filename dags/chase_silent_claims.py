"""
# Chase silent claims

One Airflow DAG for the whole installation, every morning: writes to its log which claims nobody answered by their
deadline, which filing limits run out, and which clinics' runs did not happen, most urgent first. What is new or worse
since the last run goes out as one message by connection `claims_alarms`; a run that came to its end asks for the URL of
connection `claims_heartbeat`, so that an outside monitor notices when this DAG itself is silent.

**Green is not all well**: the run is green when it has told what it found. **Red?** The task's log ends with what is
wrong and what to do; see docs/runbook.md. Running it again tells nothing twice.
"""

from include.orchestration.chase_dag import build_chase_dag

build_chase_dag(doc=__doc__)
