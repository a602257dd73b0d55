"""A stack whose databases, Airflow's and the ledger, are PostgreSQL's, with many clinics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from include.adapters.ledger import migrate
from include.cli.stack import Stack
from tests.cluster.clinics import CLAIMS, CLINICS, fill_clinic_table, write_world
from tests.databases import PostgresServer


@dataclass
class StackOnPostgres(Stack):
    """One machine with the clinics of `tests.cluster.clinics`; no run begins but those that somebody starts."""

    postgres: PostgresServer = field(kw_only=True)
    clinics: Sequence[str] = CLINICS
    claims: int = CLAIMS  # that a clinic has to send
    sftp_sessions: int = 8  # at once, over all clinics

    @property
    def ledger_url(self) -> str:
        """Where the ledger is."""
        return self.postgres.url("ledger")

    def address_of(self, database: str) -> str:
        """Return where Airflow finds a database."""
        return f"postgresql+psycopg://{self.postgres.address}/{database}"

    def sessions(self) -> dict[str, int]:
        """Return the session of each part that runs now."""
        return {name: process.pid for name, process in list(self.processes._running.items())}

    def environment(self) -> dict[str, str]:
        """Return the environment of every process."""
        sections = {
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "SCHEDULER__USE_JOB_SCHEDULE": "False",
            "DATABASE__SQL_ALCHEMY_CONN": self.address_of("airflow"),
            # Airflow would ask for asyncpg; psycopg does both.
            "DATABASE__SQL_ALCHEMY_CONN_ASYNC": self.address_of("airflow"),
            "API__MAXIMUM_PAGE_LIMIT": "2000",
            # Nobody changes the clinic table tonight: the DAGs are built once.
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        }
        return {**super().environment(), **{f"AIRFLOW__{name}": value for name, value in sections.items()}}

    def prepare_world(self, now: datetime) -> None:
        """Make the practice, the databases and the clinic table."""
        for name in ("airflow", "ledger"):
            self.postgres.run(f"CREATE DATABASE {name}")
        self.settings = write_world(
            self.home, now, self.postgres, self.clinics, claims=self.claims, sftp_sessions=self.sftp_sessions
        )
        migrate(self.ledger_url)
        fill_clinic_table(self.ledger(), self.clinics)
