"""The ledger that adapters are tested against."""

from tests.databases import sqlite_template, sqlite_url

__all__ = ["sqlite_template", "sqlite_url"]
