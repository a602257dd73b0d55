"""
# Check logins

One Airflow DAG for the whole installation, once a day by office hours: logs in to every clinic's mailbox once, looks
into both folders and writes nothing. Each task bears the name of its mailbox.

**Failed** with `LoginRefused`: the deliveries of the clinics it names are paused, and no other login is tried, until
the login is mended; then they go on by themselves. **Up for retry**: the server did not answer. That pauses nothing.

**Red?** The task's log ends with what is wrong and what to do; see docs/runbook.md.
"""

from include.orchestration.logins_dag import build_logins_dag

build_logins_dag(doc=__doc__)
