"""The ledgers that adapters are tested against."""

from tests.databases import ledger_url, postgres_server, postgres_url, sqlite_template, sqlite_url

__all__ = ["ledger_url", "postgres_server", "postgres_url", "sqlite_template", "sqlite_url"]
