"""Airflow: DAG builders, operators, triggers, the retry table, and the wiring that joins the parts."""
