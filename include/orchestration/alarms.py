"""
How people are told: by what the connection `claims_alarms` names, and that we live, by `claims_heartbeat`.

Neither needs to be there. An alarm that could not be sent fails the task, which tries again: nothing counts as told
that nobody got. A heartbeat that fails is a line in the log: whoever listens for it notices by itself.
"""

# ruff: noqa: PLC0415
import html
import logging
from typing import Any, Final

from include.adapters.settings import Connection
from include.claims.errors import BadSetting
from include.orchestration.connections import optional_connection

log = logging.getLogger(__name__)

ALARMS: Final = "claims_alarms"
HEARTBEAT: Final = "claims_heartbeat"

_SECONDS: Final = 10.0


def tell(subject: str, text: str) -> bool:
    """Send a message to whom the connection names; False where there is no such connection."""
    connection = optional_connection(ALARMS)
    if connection is None:
        return False
    # Not by calling the notifier: that would swallow its errors, and take the text for a template.
    _notifier(connection, subject, text).notify({})
    return True


def beat() -> None:
    """Let an outside monitor know that this run came to its end, where there is one."""
    try:
        connection = optional_connection(HEARTBEAT)
        if connection is not None:
            _get(_url(connection))
    except Exception as error:  # noqa: BLE001  # whatever it is, the run's own work is done
        # By its kind alone: the URL is a secret, and stands in the error's text.
        log.warning("heartbeat not heard: %s", type(error).__name__)


def _notifier(connection: Connection, subject: str, text: str) -> Any:
    if connection.type == "smtp":
        return _by_mail(connection, subject, text)
    if connection.type == "apprise":
        return _by_apprise(subject, text)
    raise BadSetting(f"connection {ALARMS}: type {connection.type!r} tells nobody; use smtp or apprise")


def _by_mail(connection: Connection, subject: str, text: str) -> Any:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    missing = [name for name in ("to", "from_email") if not connection.extra.get(name)]
    if missing:
        raise BadSetting(f"connection {ALARMS}, extra: {' and '.join(missing)} missing; who gets the mail, from whom?")
    return SmtpNotifier(
        to=connection.extra["to"],
        from_email=connection.extra["from_email"],
        subject=subject,
        html_content=f"<pre>{html.escape(text)}</pre>",
        smtp_conn_id=ALARMS,
    )


def _by_apprise(subject: str, text: str) -> Any:
    try:
        from airflow.providers.apprise.notifications.apprise import AppriseNotifier
    except ImportError:
        raise BadSetting(
            f"connection {ALARMS}: apache-airflow-providers-apprise is not installed; add it to requirements.txt"
        ) from None
    return AppriseNotifier(title=subject, body=text, apprise_conn_id=ALARMS)


def _url(connection: Connection) -> str:
    """Return the URL to ask for: the host where it is one, else built of scheme, host, port and the extra's path."""
    if "://" in connection.host:
        return connection.host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{connection.host}{port}{connection.extra.get('path', '')}"


def _get(url: str) -> None:
    import httpx

    httpx.get(url, timeout=_SECONDS, follow_redirects=True).raise_for_status()
