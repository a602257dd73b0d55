"""
The tasks that need no account: plain functions that become Airflow tasks where the DAG is built.

Each reads what it decides on from the ledger, calls one use case and leaves ids and counts behind.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from include.claims.errors import BadSetting, NotTaken
from include.delivery.clinic_table import Mode
from include.delivery.collect import collect
from include.delivery.invent import parts_of
from include.delivery.reconcile import close_batch
from include.delivery.records import Kind, RunKey, RunOrder
from include.delivery.render import render
from include.orchestration.operators import Counts, counts_of
from include.orchestration.windows import window_end
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)


def collect_claims(clinic_key: str) -> list[int]:
    """Return the batches of this run; none means that the clinic has nothing to deliver."""
    context = get_current_context()
    ports = ports_for_task()
    clinic = ports.ledger.clinics.clinic(clinic_key)
    # A connection that is missing or wrong is told now, before a claim is reserved for it.
    ports.mailboxes.identity(ports.ledger.clinics.mailbox(clinic.mailbox_key))
    order = order_of(clinic_key, clinic.mode, context)
    collected = collect(order, ports)
    if collected.refused:
        raise AirflowSkipException(collected.refused)
    counts = {**asdict(collected.counts), "withdrawn": collected.withdrawn, "renewed": collected.renewed}
    counts["too_old"] = collected.beyond_lookback
    if order.kind is Kind.TEST:
        counts["invented"] = sum(parts_of(batch_id, ports).invented for batch_id in collected.batch_ids)
    context["ti"].xcom_push(key="counts", value=counts)
    log.info("collected clinic=%s batches=%s counts=%s", clinic_key, collected.batch_ids, counts)
    if collected.put_off:
        log.warning("clinic=%s: what could go again waits for the next run: %s", clinic_key, collected.put_off)
    if collected.beyond_lookback:
        log.warning("clinic=%s has %d pending claims beyond its lookback", clinic_key, collected.beyond_lookback)
    return collected.batch_ids


def order_of(clinic_key: str, mode: Mode, context: Any) -> RunOrder:
    """Return what a run was asked to do, by its form and its date."""
    run, params = context["dag_run"], context["params"]
    return RunOrder(
        key=RunKey(dag_id=run.dag_id, run_id=run.run_id),
        clinic_key=clinic_key,
        window_end=window_end(logical_date=run.logical_date, run_after=run.run_after),
        kind=kind_of(mode, params),
        payer_id=params.get("payer") or "",
        claim_keys=tuple(params.get("claims") or ()),
        is_test_asked_for=bool(params.get("test_file")),
    )


def kind_of(mode: Mode, params: Mapping[str, Any]) -> Kind:
    """Return what a run's batches are made for: as its form says, else as the clinic's mode does."""
    dry, test = bool(params.get("dry_run")), bool(params.get("test_file"))
    if dry and test:
        raise BadSetting("run form: dry_run and test_file are both set; a dry run sends nothing, a test file is sent")
    if dry:
        return Kind.DRY
    return Kind.TEST if test or mode is Mode.TEST else Kind.LIVE


def render_hcfa(batch_id: int) -> Counts:
    """Make and store the batch's file."""
    rendered = render(batch_id, ports_for_task())
    log.info("rendered batch=%d size=%d sha256=%s", batch_id, rendered.size, rendered.sha256)
    return {"batch": batch_id, "size": rendered.size, "sha256": rendered.sha256}


def apply_acknowledgements(batch_id: int) -> Counts:
    """Apply what was taken, and fail where a person must look at what became of the batch."""
    summary = close_batch(batch_id, ports_for_task())
    counts = counts_of(summary)
    log.info("closed counts=%s", counts)
    if counts["not_taken"] or counts["contradicted"]:
        by_state = ", ".join(f"{count} {state}" for state, count in sorted(summary.by_delivery.items()) if count)
        raise NotTaken(
            f"batch {batch_id}, file {summary.file_name}: {by_state}; {summary.contradicted} contradicted. The"
            " night report says of each what goes again by itself, and what waits for a person (./courier report)"
        )
    return counts
