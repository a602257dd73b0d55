"""The Claims page: what a biller sees and does in a browser. FastAPI and Jinja2; no Airflow, no SQL."""
