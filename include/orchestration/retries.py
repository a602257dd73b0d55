"""
When Airflow tries again: the error families of `include.claims.errors`, joined to its retry policy once.

A rule matches a class and its leaves, and the first that matches decides. An error of no family is unknown
and takes the task's ordinary retries.
"""

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from include.claims.errors import LedgerUnreachable, NeedsRepair, NeedsReview, RetryLater
from include.orchestration.pace import PACE, Pace


def retry_table(pace: Pace) -> ExceptionRetryPolicy:
    """Return what each family of errors means for the next try."""
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception=LedgerUnreachable,
                action=RetryAction.RETRY,
                retry_delay=pace.retry_ledger,
                reason="the ledger did not answer",
            ),
            RetryRule(
                exception=RetryLater,
                action=RetryAction.RETRY,
                retry_delay=pace.retry,
                reason="the world was busy",
            ),
            RetryRule(
                # A refused login is here too: each try more brings the account nearer to being locked.
                exception=NeedsRepair,
                action=RetryAction.FAIL,
                reason="data or settings must change first",
            ),
            RetryRule(
                exception=NeedsReview,
                action=RetryAction.FAIL,
                reason="a person must decide",
            ),
        ],
    )


BY_ERROR_FAMILY = retry_table(PACE)
