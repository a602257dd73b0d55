"""
The shape of the chase: light tasks, once a day for the whole installation, which tell what was not heard and have a
person asked about every file in doubt.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from os import environ
from typing import Final

from airflow.sdk import DAG, task

from include.claims.deadlines import Severity, Waits
from include.claims.enrollment import Patience
from include.delivery.alarm import alarm_of
from include.delivery.login_age import longest_life
from include.delivery.silence import as_text, silence
from include.orchestration.alarms import beat, tell
from include.orchestration.doubt_dag import ask_about_doubts
from include.orchestration.house import dag_of_installation, installation_cron
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)

DAG_ID: Final = "chase_silent_claims"
CRON: Final = "COURIER_CHASE_CRON"
EVERY_MORNING: Final = "0 7 * * *"
"""UTC: after the nights of the United States, before their offices open."""

TIMEOUT: Final = timedelta(hours=1)


def build_chase_dag(doc: str) -> DAG:
    """Return the DAG that watches over every claim and clinic."""
    with dag_of_installation(
        DAG_ID,
        "Chase silent claims",
        "Tell which claims nobody answered in time, and which clinics' runs did not happen.",
        doc=doc,
        cron=schedule(environ),
        timeout=TIMEOUT,
        about="silence",
    ) as dag:
        task(chase)()
        ask_about_doubts()
    return dag


def schedule(environment: Mapping[str, str]) -> str:
    """Return when the installation chases; raise BadSetting where that is no cron expression."""
    return installation_cron(environment, CRON, EVERY_MORNING)


def chase() -> Mapping[str, int]:
    """Write what was not heard to the log, tell what of it is new or worse, and let an outside monitor know."""
    ports = ports_for_task()
    now = ports.now()
    payers, patience, life = ports.rule_book().payers, Patience.of(environ), longest_life(environ)
    found = silence(ports.ledger, payers, Waits.of(environ), now, patience=patience, password_life=life)
    log.info("%s", as_text(found))
    alarm = alarm_of(found, ports.ledger.silence.told())
    if alarm.told:
        is_sent = tell(alarm.subject, alarm.text)
        log.warning("%s; sent=%s\n%s", alarm.subject, is_sent, alarm.text)
    ports.ledger.silence.remember(alarm.told, alarm.gone, now)
    beat()
    severities = [one.severity for one in found.claims] + [one.severity for one in found.watch]
    return {
        "overdue": severities.count(Severity.OVERDUE),
        "warnings": severities.count(Severity.WARNING),
        "told": len(alarm.told),
    }
