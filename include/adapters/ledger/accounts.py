"""One session an account, by the database's clock, and one breaker an account. `ports.AccountLedger` on SQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from include.adapters.ledger.columns import DatabaseSeconds
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import insert_once
from include.adapters.ledger.tables import ACCOUNT
from include.claims.errors import LeaseHeld, LoginRefused
from include.delivery.records import AccountState, Lease


class Accounts:
    """The ledger's accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self) -> list[AccountState]:
        """Return every account that was ever visited, by name."""
        with self._database.read() as connection:
            now = _now(connection)
            return [
                AccountState(
                    account=row.name,
                    holder=row.holder if row.expires_at > now else "",
                    refused_at=row.breaker_at if row.breaker_credential else None,
                    reason=row.breaker_reason,
                    mailbox_key=row.mailbox_key,
                    visited_at=None if row.visited_at is None else datetime.fromtimestamp(row.visited_at, UTC),
                )
                for row in connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.name))
            ]

    def stop_refused(self, account: str, credential: str, mailbox_key: str) -> None:
        """Raise LoginRefused while the breaker is open for this login; nothing is taken or changed."""
        with self._database.read() as connection:
            row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.name == account)).one_or_none()
        if row is not None:
            _stop_refused(row, credential, mailbox_key)

    def acquire(self, account: str, holder: str, seconds: float, credential: str, mailbox_key: str = "") -> Lease:
        """Take the account by the database's clock; raise LeaseHeld, or LoginRefused while the breaker is open."""
        with self._database.write() as connection:
            row = _locked(connection, account)
            now = _now(connection)
            _stop_refused(row, credential, mailbox_key)
            if row.holder and row.expires_at > now:
                raise LeaseHeld(f"account {account}: {row.holder} is in it for {row.expires_at - now:.0f} s more")
            taken = {"holder": holder, "token": row.token + 1, "expires_at": now + seconds}
            visited = {"visited_at": now, "mailbox_key": mailbox_key}
            # Another credential than the refused one: somebody mended it.
            closed = {"breaker_credential": "", "breaker_reason": "", "breaker_at": None}
            connection.execute(update(ACCOUNT).where(ACCOUNT.c.name == account).values(**taken, **visited, **closed))
            return Lease(account=account, holder=holder, token=row.token + 1, seconds=seconds)

    def release(self, lease: Lease) -> None:
        """Give the account back; nothing happens where another holds it by now."""
        ours = update(ACCOUNT).where(ACCOUNT.c.name == lease.account, ACCOUNT.c.token == lease.token)
        with self._database.write() as connection:
            connection.execute(ours.values(holder="", expires_at=0.0))

    def trip(self, account: str, credential: str, reason: str, now: datetime) -> None:
        """Open the breaker: this credential was refused."""
        with self._database.write() as connection:
            _locked(connection, account)
            opened = {"breaker_credential": credential, "breaker_reason": reason, "breaker_at": now}
            connection.execute(update(ACCOUNT).where(ACCOUNT.c.name == account).values(**opened))

    def reset(self, account: str, who: str, now: datetime) -> None:
        """Let a person close the breaker."""
        closed = {"breaker_credential": "", "breaker_reason": "", "reset_by": who, "reset_at": now}
        with self._database.write() as connection:
            connection.execute(update(ACCOUNT).where(ACCOUNT.c.name == account).values(**closed))


def is_current(connection: Connection, account: str, token: int) -> bool:
    """Tell whether a lease still holds by the database's clock; the account stays locked for this transaction."""
    row = _locked(connection, account)
    return bool(row.token == token and row.holder and row.expires_at > _now(connection))


def _stop_refused(row: Any, credential: str, mailbox_key: str) -> None:
    if not row.breaker_credential or row.breaker_credential != credential:
        return
    raise LoginRefused(
        f"{f'mailbox {mailbox_key}, ' if mailbox_key else ''}account {row.name}: this login was refused before, on"
        f" {row.breaker_at:%Y-%m-%d %H:%M} UTC, and is not tried again until it changes. {row.breaker_reason}"
    )


def _locked(connection: Connection, account: str) -> Any:
    fresh = {"name": account, "holder": "", "token": 0, "expires_at": 0.0}
    connection.execute(insert_once(connection, ACCOUNT).values(fresh).on_conflict_do_nothing())
    return connection.execute(select(ACCOUNT).where(ACCOUNT.c.name == account).with_for_update()).one()


def _now(connection: Connection) -> float:
    # Asked after the lock was got: waiting for it takes time.
    return float(connection.execute(select(DatabaseSeconds())).scalar_one())
