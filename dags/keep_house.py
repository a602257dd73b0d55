"""
# Keep house

One Airflow DAG for the whole installation, daily: lets go the bytes of files, sent and received, that are older than
`COURIER_KEEP_DAYS` (seven years) and speak of nothing that is open. What they said, their names and their hashes stay.

**Unpaused by a person**, once it is agreed how long files are kept: what has gone comes back from a backup alone.
`./courier ledger age` shows what would go.

**Red?** The task's log ends with what is wrong and what to do; see docs/runbook.md. The next run goes on from there.
"""

from include.orchestration.house_keeping_dag import build_house_keeping_dag

build_house_keeping_dag(doc=__doc__)
