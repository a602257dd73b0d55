"""
Builds no DAG: raises where the clinic table has rows that were refused, so that Airflow shows them as an import error.

Every other DAG lives on; a clinic whose row is refused keeps its last good one. Mend the row it names, and the error
goes with the next parse.
"""

from include.orchestration.clinics import check_clinic_table

check_clinic_table()
