# Astro Runtime 3.3 is Airflow 3.3; the number after the hyphen is Astronomer's own release and rises. Which Airflow
# 3.3.x a release carries stands in Astronomer's release notes: take one with 3.3.2 or later, whose retry policies and
# triggerer this project was measured on. requirements.txt holds what the image lacks; packages.txt what Debian gives.
FROM astrocrpublic.azurecr.io/runtime:3.3-7

# One night at a time a clinic, many clinics at once: a table of hundreds of DAGs need not be built every 30 seconds.
ENV AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL=120
