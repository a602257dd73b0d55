"""The Airflow DAGs of the clinics that one file cannot hold; empty until there are enough of them."""

from include.orchestration.more_clinics import build_share

SHARE = 8

build_share(SHARE)
