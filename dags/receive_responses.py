"""
# Receive what came back

One Airflow DAG a clinic: takes the files the clearinghouse has put in the clinic's mailboxes since the last visit and
applies what they say to the claims, whichever night they answer. Nothing is removed from the server.

**Skipped** is the usual end: somebody looked, and nothing was new. **By hand**: *Trigger* visits at once.

**Red?** Nobody is listening. The task's log ends with what is wrong and what to do; see docs/runbook.md. A visit that
fails loses nothing: the next one takes the same files.
"""

from include.orchestration.clinics import clinics_to_build
from include.orchestration.responses_dag import PREFIX, build_responses_dag

for clinic in clinics_to_build(PREFIX):
    build_responses_dag(clinic, doc=__doc__)
