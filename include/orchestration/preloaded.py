"""
What a worker imports once, so that the tasks it forks need not: most of what a task costs.

A Celery worker is told to import this, or the scheduler where LocalExecutor forks from it (docs/deploying.md). Both
then keep the code they began with until they are restarted.
"""

from importlib import import_module

for _module in (
    "include.adapters.code_lists",
    "include.adapters.ledger",
    "include.adapters.practice_source",
    "include.adapters.sftp",
    "include.adapters.vault",
    "include.orchestration.delivery_dag",
    "include.orchestration.mailboxes",
    "include.orchestration.responses_dag",
    "include.orchestration.watermark",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
):
    import_module(_module)
