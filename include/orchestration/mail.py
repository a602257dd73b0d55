"""
Mail in a clinic's name, by the connection `claims_mail`, where a house has a server that may send for its clinics.

Not by the connection of the alarms: a server that may send as the house need not be one that may send as a clinic.
"""

# ruff: noqa: PLC0415
import smtplib
from email import message_from_bytes
from email.policy import SMTP
from email.utils import make_msgid
from typing import Final

from airflow.sdk.exceptions import AirflowException

from include.claims.errors import BadSetting
from include.orchestration.connections import optional_connection

MAIL: Final = "claims_mail"


def may_send() -> bool:
    """Tell whether there is a server for it."""
    return optional_connection(MAIL) is not None


def send(draft: bytes) -> bool:
    """Send a draft as it stands, from its own address; False where there is no server for it."""
    if not may_send():
        return False
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    message = message_from_bytes(draft, policy=SMTP)
    del message["X-Unsent"]
    message["Message-ID"] = make_msgid(domain=str(message["From"]).rpartition("@")[2])
    try:
        with SmtpHook(smtp_conn_id=MAIL) as hook:
            # The hook's own call builds another mail, of HTML; what was kept is what goes.
            hook._smtp_client.send_message(message)  # noqa: SLF001
    except (smtplib.SMTPException, AirflowException, OSError) as error:
        # By its kind alone: a server's words may repeat the login.
        raise BadSetting(
            f"connection {MAIL}: the mail was not sent: {type(error).__name__}; mend it, or send the draft by hand"
        ) from error
    return True
