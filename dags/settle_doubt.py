"""
# Settle a doubt

One Airflow DAG for the installation: one run asks a person what became of one file that may have left and that nobody
has confirmed. `chase_silent_claims` starts it once the file's answers are overdue; *Trigger* starts it before, with the
batch's number. The question shows what is known, what is not, and what each answer does; the answer is kept with who
and why, as by `./courier doubt`.

A report that settles the file meanwhile ends the run. **Stopped, failed?** Start it anew with the same number.

**Red?** The task's log ends with what is wrong and what to do; see docs/runbook.md.
"""

from include.orchestration.doubt_dag import build_doubt_dag

build_doubt_dag(doc=__doc__)
