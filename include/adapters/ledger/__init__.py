"""The claims ledger on SQLAlchemy: SQLite out of the box, PostgreSQL when it grows."""
