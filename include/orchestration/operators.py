"""
The tasks that visit an account: they wait for their turn, and for answers, without a worker and without a try.

Everything they do is in `include.delivery`; here is only when Airflow runs it, and what goes to XCom: ids and counts.
"""

import logging
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import StartTriggerArgs

from include.claims.errors import LeaseHeld, RetryLater
from include.claims.states import DEAD_ON_DELIVERY, GONE_ON, PASSED_CLEARINGHOUSE, FrontEnd
from include.delivery.apply import apply_stored
from include.delivery.login_check import check_login
from include.delivery.ports import Ports
from include.delivery.records import Batch, BatchSummary, Kind
from include.delivery.take import Taken, take, visit_each, worst
from include.delivery.upload import upload
from include.orchestration.pace import PACE
from include.orchestration.triggers import AnswerTrigger, VisitTrigger
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)

Counts = Mapping[str, int | str]
"""What a task may leave in XCom."""


class AccountOperator(BaseOperator):
    """A task that needs an account for itself: while another holds it, the task is deferred."""

    def execute(self, context: Any) -> Counts:
        """Do the work, or wait for the account."""
        return self.work_in_turn(context, since=_now().isoformat())

    def execute_again(self, context: Any, since: str, event: Any = None) -> Counts:  # noqa: ARG002
        """Do the work now that some time has passed."""
        return self.work_in_turn(context, since=since)

    def work_in_turn(self, context: Any, *, since: str) -> Counts:
        """Do the work; a held account costs no try until patience is over."""
        try:
            return self.work(context, ports_for_task())
        except LeaseHeld as held:
            if _now() - datetime.fromisoformat(since) > PACE.account_patience:
                raise
            self.log.info("account is held, waiting: %s", held)
            return self.defer(
                trigger=TimeDeltaTrigger(PACE.account),
                method_name=self.execute_again.__name__,
                kwargs={"since": since},
            )

    @abstractmethod
    def work(self, context: Any, ports: Ports) -> Counts:
        """Do what the task is for."""


class UploadBatch(AccountOperator):
    """Puts a batch's file on the clearinghouse's server, exactly once; a dry run ends here."""

    template_fields = ("batch_id",)

    def __init__(self, *, batch_id: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch_id = batch_id

    def work(self, context: Any, ports: Ports) -> Counts:  # noqa: ARG002
        """Deliver the file, or find that it is delivered."""
        if ports.ledger.batches.get(self.batch_id).kind is Kind.DRY:
            raise AirflowSkipException(f"batch {self.batch_id} is a dry run: rendered, nothing is sent")
        uploaded = upload(self.batch_id, ports)
        self.log.info("uploaded batch=%d status=%s: %s", self.batch_id, uploaded.status, uploaded.evidence)
        return {"batch": self.batch_id, "status": str(uploaded.status)}


class AwaitAcknowledgement(BaseOperator):
    """Waits a courtesy time for the clearinghouse's verdict; what comes later is received later."""

    template_fields = ("batch_id",)

    def __init__(self, *, batch_id: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch_id = batch_id

    def execute(self, context: Any) -> Counts:  # noqa: ARG002
        """Take what has come so far, then watch."""
        return self._take_or_watch(until=_now() + PACE.courtesy)

    def resume(self, context: Any, until: str, event: Any = "") -> Counts:  # noqa: ARG002
        """Take what the watch saw."""
        self.log.info("watch ended batch=%s: %s", self.batch_id, event)
        return self._take_or_watch(until=datetime.fromisoformat(until))

    def _take_or_watch(self, *, until: datetime) -> Counts:
        ports = ports_for_task()
        batch = ports.ledger.batches.get(self.batch_id)
        summary = ports.ledger.batches.summary(batch.id)
        if summary.is_settled:
            return counts_of(summary)
        seen = self._take(batch.mailbox_key, ports)
        summary = ports.ledger.batches.summary(batch.id)
        if summary.is_settled or _now() >= until:
            return counts_of(summary)
        return self._watch(batch, seen, until)

    def _take(self, mailbox_key: str, ports: Ports) -> str:
        """Take and apply; return the digest of what was seen, blank where there is more to see."""
        try:
            taken = take_and_apply(mailbox_key, ports)
        except RetryLater as busy:
            # The night's work is done: a server that is busy now is watched like one that has not answered.
            self.log.info("not taken now, watching on: %s", busy)
            return ""
        return "" if taken.still_growing else taken.listing

    def _watch(self, batch: Batch, seen: str, until: datetime) -> Counts:
        return self.defer(
            trigger=AnswerTrigger(
                batch_id=batch.id,
                mailbox_key=batch.mailbox_key,
                seen=seen,
                until=until.isoformat(),
                every=PACE.look.total_seconds(),
                slowest=PACE.slowest_look.total_seconds(),
            ),
            method_name=self.resume.__name__,
            kwargs={"until": until.isoformat()},
        )


class ReceiveResponses(AccountOperator):
    """
    Takes and applies what lies in a clinic's mailboxes, whichever night it answers.

    Airflow starts it in the triggerer: a visit that finds nothing new ends there and never comes here.
    """

    start_from_trigger = True

    def __init__(self, *, clinic_key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clinic_key = clinic_key
        visit = VisitTrigger(clinic_key=clinic_key, every=PACE.account.total_seconds())
        path, arguments = visit.serialize()
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls=path, trigger_kwargs=arguments, next_method=self.take.__name__
        )

    def take(self, context: Any, event: Any = None) -> Counts:  # noqa: ARG002
        """Take what the look saw, or fail with what it met."""
        return self.work_in_turn(context, since=_now().isoformat())

    def work(self, context: Any, ports: Ports) -> Counts:  # noqa: ARG002
        """Visit every mailbox that owes the clinic an answer; one that fails keeps no other waiting."""
        taken, failed = visit_each(self.clinic_key, take_and_apply, ports)
        for error in failed:
            self.log.error("%s", error)
        if failed:
            raise worst(failed)
        return {"stored": sum(one.stored for one in taken)}


class CheckLogin(AccountOperator):
    """
    Sees whether a mailbox's login works; writes nothing there.

    A held account is waited for, not skipped: whoever holds it may not have logged in yet, or have died before.
    """

    template_fields = ("mailbox_key",)

    def __init__(self, *, mailbox_key: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mailbox_key = mailbox_key

    def work(self, context: Any, ports: Ports) -> Counts:  # noqa: ARG002
        """Log in once, or fail with what a person must mend."""
        self.log.info("checking the login of mailbox=%s", self.mailbox_key)
        seen = check_login(self.mailbox_key, ports)
        self.log.info("login works mailbox=%s account=%s", self.mailbox_key, seen.identity.account)
        return {"mailbox": self.mailbox_key, "files": seen.files}


def take_and_apply(mailbox_key: str, ports: Ports) -> Taken:
    """Take what is new in a mailbox and apply whatever is stored, a killed worker's earlier takings included."""
    try:
        taken = take(mailbox_key, ports)
    finally:
        # What lies here says what it says, however the visit went.
        applied = apply_stored(mailbox_key, ports)
    log.info(
        "received mailbox=%s stored=%d growing=%d applied=%d set_aside=%d left on the server: %s",
        mailbox_key,
        taken.stored,
        taken.still_growing,
        applied.applied,
        applied.set_aside,
        ", ".join(taken.left) or "none",
    )
    return taken


def counts_of(summary: BatchSummary) -> Counts:
    """Return what became of a batch as XCom may hold it."""
    return {
        "batch": summary.batch_id,
        "status": str(summary.status),
        "accepted": sum(summary.by_front_end.get(state, 0) for state in PASSED_CLEARINGHOUSE),
        "rejected": summary.by_front_end.get(FrontEnd.REJECTED_BY_CLEARINGHOUSE, 0),
        "awaiting": summary.awaiting,
        "not_taken": sum(summary.by_delivery.get(state, 0) for state in DEAD_ON_DELIVERY - GONE_ON),
        "contradicted": summary.contradicted,
    }


def _now() -> datetime:
    return datetime.now(UTC)
