"""
`./courier clinics pin` and `credentials`: a mailbox's host key and login, entered by a person and never shown again.

Where Airflow keeps the mailbox's connection itself, it is changed there. What a settings file, the environment or a
secrets backend keeps is changed by whoever keeps it: the command says who that is, and writes nothing.
"""

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from typing import Any

from include.adapters.mailboxes import credential_of
from include.adapters.sftp_connect import fingerprint, parse_host_key, read_host_key
from include.claims.errors import BadSetting
from include.cli.airflow_connections import Kept, airflow_keeps
from include.cli.wiring import ledger_of, settings_of
from include.delivery.clinic_table import Mailbox
from include.delivery.login_age import mark_of
from include.delivery.records import OnboardingNote, Step, Table
from include.officeally.profile import HOST


def configure(actions: Any) -> tuple[argparse.ArgumentParser, ...]:
    """Add the two commands and return them."""
    pinning = actions.add_parser("pin", help="show a server's host key, and pin it")
    pinning.add_argument("--yes", action="store_true", help="the clearinghouse confirmed the fingerprint")
    pinning.set_defaults(run=run_pin)
    entering = actions.add_parser("credentials", help="enter a mailbox's user name and password, without echo")
    entering.add_argument("--who", default="", help="your name")
    entering.set_defaults(run=run_credentials)
    for action in (pinning, entering):
        action.add_argument("mailbox", metavar="MAILBOX")
    return pinning, entering


def run_pin(options: argparse.Namespace) -> int:
    """Show the key a mailbox's server shows, without logging in; pin it where a person says yes."""
    mailbox = ledger_of(options).clinics.mailbox(options.mailbox)
    kept = _kept(mailbox, options)
    connection = kept.connection
    if connection is None or not connection.host:
        raise BadSetting(f"connection {mailbox.connection_id}: it has no host to ask")
    line = read_host_key(connection.host, connection.port or 22)
    print(f"{connection.host}:{connection.port or 22} shows {line}")
    print(f"fingerprint {fingerprint(parse_host_key(line))}")
    pinned = str(connection.extra.get("host_key") or "")
    if pinned == line:
        print(f"connection {connection.id} has this key pinned")
        return 0
    if pinned:
        print(f"connection {connection.id} has another key pinned: {fingerprint(parse_host_key(pinned))}")
    if not options.yes:
        print("Call the clearinghouse and ask for the fingerprint. Where it is this one, run again with --yes.")
        return 1
    if kept.in_airflow and airflow_keeps(connection.id, extra={"host_key": line}).in_airflow:
        print(f"pinned in connection {connection.id}")
        return 0
    print(f"Put this into the extra of connection {connection.id}, which is kept in {kept.kept_in}:")
    print(f'    "host_key": "{line}"')
    return 0


def run_credentials(options: argparse.Namespace) -> int:
    """Ask for user name and password, and put them into the mailbox's connection where Airflow keeps it itself."""
    ledger = ledger_of(options)
    mailbox = ledger.clinics.mailbox(options.mailbox)
    kept = _kept(mailbox, options)
    if not kept.in_airflow:
        raise BadSetting(
            f"connection {mailbox.connection_id}: it is kept in {kept.kept_in}; change user name and password there,"
            " nothing was written here"
        )
    login, password = asked(mailbox)
    host = kept.connection.host if kept.connection else HOST
    changed = airflow_keeps(mailbox.connection_id, login=login, password=password, host=host)
    if not changed.in_airflow or not (stored := changed.connection):
        raise BadSetting(f"connection {mailbox.connection_id}: Airflow did not store it; nothing is changed")
    mark = mark_of(credential_of(stored))
    word = OnboardingNote(step=Step.CREDENTIALS, at=datetime.now(UTC), who=options.who, evidence=mark)
    clinics = [row for row in ledger.clinics.rows(Table.CLINIC) if row["mailbox_key"] == mailbox.key]
    for clinic in clinics:
        ledger.onboarding.say(str(clinic["key"]), word)
    print(f"connection {mailbox.connection_id}: stored for {login}@{stored.host}; not tried yet:")
    for clinic in clinics:
        print(f"    ./courier onboard {clinic['key']} verify --who NAME")
    return 0


def _kept(mailbox: Mailbox, options: argparse.Namespace) -> Kept:
    """Return who keeps a mailbox's connection: the shell's own settings, else whoever Airflow has it from."""
    settings = settings_of(options)
    if settings.has(mailbox.connection_id):
        variable = f"AIRFLOW_CONN_{mailbox.connection_id.upper()}"
        place = f"the environment, as {variable}" if variable in os.environ else str(options.settings)
        found = settings.connection(mailbox.connection_id, may_lack_values=True)
        return Kept(kept_in=place, in_airflow=False, connection=found)
    return airflow_keeps(mailbox.connection_id)


def asked(mailbox: Mailbox) -> tuple[str, str]:
    """Return user name and password from the terminal, neither shown, or from two lines of standard input."""
    if sys.stdin.isatty():
        names = [getpass.getpass(f"SFTP {what} of mailbox {mailbox.key}: ") for what in ("user name", "password")]
    else:
        names = [sys.stdin.readline().rstrip("\r\n") for _ in range(2)]
    login, password = names[0].strip(), names[1]
    if not login or not password:
        raise BadSetting("clinics credentials: user name and password are both needed; nothing was written")
    return login, password
