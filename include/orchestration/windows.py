"""
Which claims a run may take: those the practice released before its window's end.

Airflow gives a cron run an empty data interval and a manual run no logical date, so the end of the window is
decided here, once, and sealed with the run's batches; nothing else asks the clock.
"""

from datetime import UTC, datetime

from include.claims.errors import BadSetting


def window_end(*, logical_date: datetime | None, run_after: datetime) -> datetime:
    """
    Return the moment before which a claim must have been released to go with this run, in UTC.

    A scheduled or backfilled run takes what was ready at its own night, whenever it is run; a run started by
    hand takes what is ready when it is started.
    """
    end = logical_date or run_after
    if end.tzinfo is None:
        raise BadSetting(f"window end {end.isoformat()}: a time without a zone is no moment; give an offset")
    return end.astimezone(UTC)
