"""Alembic's entry: runs the migrations on the connection `migrate` opened, in its one transaction."""

from alembic import context

from include.adapters.ledger.tables import METADATA

connection = context.config.attributes["connection"]
# SQLite's DDL is transactional once the driver leaves transactions to us.
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, compare_server_default=False)
with context.begin_transaction():
    context.run_migrations()
