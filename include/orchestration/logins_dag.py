"""The shape of the login check: one light task a mailbox, by day, so that no night is first to meet a dead login."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from os import environ
from typing import Final

from airflow.sdk import DAG, task

from include.delivery.login_check import logins_in_use
from include.orchestration.house import SFTP_POOL, dag_of_installation, installation_cron
from include.orchestration.operators import CheckLogin
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)

DAG_ID: Final = "check_logins"
CRON: Final = "COURIER_LOGINS_CRON"
BY_DAY: Final = "0 16 * * *"
"""UTC: offices of the United States are open, from coast to coast, and the nights are still to come."""

TIMEOUT: Final = timedelta(hours=4)
"""Longer than a held account is waited for, and over before the first night."""


def build_logins_dag(doc: str) -> DAG:
    """Return the DAG that tries every login once a day."""
    with dag_of_installation(
        DAG_ID,
        "Check logins",
        "Log in to every mailbox once, and tell a refused login from a server that does not answer.",
        doc=doc,
        cron=schedule(environ),
        timeout=TIMEOUT,
        about="logins",
    ) as dag:
        CheckLogin.partial(task_id="check_login", pool=SFTP_POOL, map_index_template="{{ task.mailbox_key }}").expand(
            mailbox_key=task(mailboxes_to_check)()
        )
    return dag


def schedule(environment: Mapping[str, str]) -> str:
    """Return when the installation checks; raise BadSetting where that is no cron expression."""
    return installation_cron(environment, CRON, BY_DAY)


def mailboxes_to_check() -> list[str]:
    """Return the mailboxes that are in use, and say which have no login yet."""
    found = logins_in_use(ports_for_task())
    for key, why in sorted(found.left_out.items()):
        log.info("left out mailbox=%s, its clinics are still being set up: %s", key, why)
    log.info("mailboxes=%d left_out=%d", len(found.mailboxes), len(found.left_out))
    return list(found.mailboxes)
