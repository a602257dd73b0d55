"""What we do: the use cases, as functions that take their ports. Knows no database, no server, no Airflow."""
