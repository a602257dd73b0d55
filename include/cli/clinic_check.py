"""What is wrong with the clinic table as the ledger has it: rows, what they name, and the connections behind them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from include.adapters.mailboxes import expected_server
from include.adapters.settings import Connection, Settings
from include.claims.errors import BadSetting, ClaimsError
from include.cli.clinic_files import faults_of, thing
from include.delivery.clinic_table import Mode, mailbox_from_row
from include.delivery.login_check import look_around
from include.delivery.ports import Ports
from include.delivery.records import Table

Row = Mapping[str, object]
Rows = Mapping[Table, Sequence[Row]]
Find = Callable[[str], Connection]


def problems(rows: Rows, settings: Settings, find: Find) -> Iterator[str]:
    """Yield everything that is wrong, a line each: the thing, the place, the rule."""
    yield from row_problems(rows)
    yield from _loose_ends(rows)
    for row in rows[Table.MAILBOX]:
        yield from _mailbox_connection(row, find)
    for source in sorted({str(row["source_connection_id"]) for row in _delivering(rows)}):
        yield from _connection(source, settings)


def row_problems(rows: Rows) -> Iterator[str]:
    """Yield what is wrong within a row."""
    for table, some in rows.items():
        for row in some:
            yield from (f"{thing(table)} {row['key']}: {fault}" for fault in faults_of(table, row))


def server_problems(mailboxes: Sequence[Row], ports: Ports) -> list[str]:
    """Log in to every sound mailbox, once each, look, and return what went wrong; what was refused is not tried."""
    found = []
    for row in mailboxes:
        if faults_of(Table.MAILBOX, row):
            continue
        try:
            look_around(mailbox_from_row(row), ports)
        except ClaimsError as error:
            found.append(f"mailbox {row['key']}: {error}")
    return found


def _loose_ends(rows: Rows) -> Iterator[str]:
    """Yield what names something that is not there."""
    keys = {table: {row["key"] for row in some} for table, some in rows.items()}
    billing = {row["clinic_key"] for row in rows[Table.BILLING_IDENTITY]}
    for row in rows[Table.CLINIC]:
        if row["mailbox_key"] not in keys[Table.MAILBOX]:
            yield f"clinic {row['key']}: column mailbox_key: there is no mailbox {row['mailbox_key']!r}; import it"
    for row in _delivering(rows):
        if row["key"] not in billing:
            yield f"clinic {row['key']}: nobody bills for it; add a row to billing_identities.csv"
    for row in rows[Table.BILLING_IDENTITY]:
        if row["clinic_key"] not in keys[Table.CLINIC]:
            yield f"billing identity {row['key']}: column clinic_key: there is no clinic {row['clinic_key']!r}"


def _delivering(rows: Rows) -> list[Row]:
    """Return the clinics that are to deliver; what is still being set up may lack something."""
    return [row for row in rows[Table.CLINIC] if row["mode"] in {Mode.TEST, Mode.LIVE, Mode.PAUSED}]


def _mailbox_connection(row: Row, find: Find) -> Iterator[str]:
    if faults_of(Table.MAILBOX, row):
        return
    mailbox = mailbox_from_row(row)
    try:
        expected_server(mailbox, find(mailbox.connection_id))
    except BadSetting as error:
        message = str(error)
        yield message if message.startswith("mailbox ") else f"mailbox {mailbox.key}: {message}"


def _connection(connection_id: str, settings: Settings) -> Iterator[str]:
    try:
        settings.connection(connection_id)
    except BadSetting as error:
        yield f"source {error}"
