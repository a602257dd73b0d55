"""
What is said when a task has failed for good: one line of ids, for whoever watches the logs.

The exception's own text already tells what to do; this line gives an alert something steady to match.
"""

import logging
from typing import Any

log = logging.getLogger(__name__)


def tell_failure(context: Any) -> None:
    """Log which task of which run failed and by which kind of error; ids only, never a claim's content."""
    instance = context["ti"]
    error = context.get("exception")
    log.error(
        "claims task failed dag=%s run=%s task=%s map_index=%s try=%s error=%s",
        instance.dag_id,
        instance.run_id,
        instance.task_id,
        instance.map_index,
        instance.try_number,
        type(error).__name__ if error is not None else "unknown",
    )
