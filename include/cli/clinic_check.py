"""What is wrong with the clinic table as the ledger has it: rows, what they name, and the connections behind them."""

from collections.abc import Callable, Iterator, Sequence

from include.adapters.mailboxes import expected_server
from include.adapters.settings import Connection, Settings
from include.claims.errors import BadSetting, ClaimsError
from include.delivery.clinic_table import Row, mailbox_from_row
from include.delivery.kept_tables import Rows, delivering, faults_of, loose_ends, row_problems
from include.delivery.login_check import look_around
from include.delivery.ports import Ports
from include.delivery.records import Table

Find = Callable[[str], Connection]


def problems(rows: Rows, settings: Settings, find: Find) -> Iterator[str]:
    """Yield everything that is wrong, a line each: the thing, the place, the rule."""
    yield from row_problems(rows)
    yield from loose_ends(rows)
    for row in rows[Table.MAILBOX]:
        yield from _mailbox_connection(row, find)
    for source in sorted({str(row["source_connection_id"]) for row in delivering(rows[Table.CLINIC])}):
        yield from _connection(source, settings)


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
