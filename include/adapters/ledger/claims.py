"""Claims, revisions and submissions on their way to a batch: `ports.ClaimLedger` on SQL."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from include.adapters.ledger import enrollments, holds, submissions
from include.adapters.ledger.claim_rows import content_of, locked_claims, revision_row
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import event_row, lock, record, refold, refuse_if_changed
from include.adapters.ledger.history import import_chunk
from include.adapters.ledger.many import among, insert_many, insert_once, update_each
from include.adapters.ledger.other_claims import others
from include.adapters.ledger.ready import ready_query
from include.adapters.ledger.staging import Action, Latest, Seen, decide, holds_of, may_live, seen
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION, LEDGER, SUBMISSION
from include.adapters.ledger.words import say, send_again
from include.claims.earlier import SentElsewhere, is_told_only
from include.claims.enrollment import Enrolled
from include.claims.errors import BadSetting, NotAllowed
from include.claims.facts import BilledLine, OtherClaims
from include.claims.model import Frequency
from include.claims.states import Delivery, Event, FrontEnd, Usage
from include.delivery.records import Billed, HistoryCounts, ReadyClaim, RunOrder, StageCounts, Staged

_WAITS = (Delivery.READY.value, Delivery.HELD.value)


class Claims:
    """The ledger's claims."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stage(self, clinic_key: str, chunk: Sequence[Staged], now: datetime) -> StageCounts:
        """Record what the source holds of a clinic's claims, idempotently and in one transaction."""
        # Sorted, so that two runs that stage the same claims queue instead of blocking each other.
        items = sorted({(item.claim.source, item.claim.key): item for item in chunk}.items())
        now_seen = [seen(item) for _, item in items]
        with self._database.write() as connection:
            counts, strangers = _Staging(connection, clinic_key, now).stage(now_seen)
        if strangers:
            raise BadSetting(
                f"clinic {clinic_key}: {len(strangers)} claim keys of the source belong to another clinic"
                f" ({', '.join(strangers[:10])}); a key is unique in its source, so give each practice database its own"
                " source name. The other claims were recorded"
            )
        return counts

    def sent_elsewhere(
        self, clinic_key: str, chunk: Sequence[SentElsewhere], now: datetime, *, dry_run: bool = False
    ) -> HistoryCounts:
        """Record claims that an earlier process sent, in one transaction: sent, under the numbers it gave them."""
        with self._database.read() if dry_run else self._database.write() as connection:
            return import_chunk(connection, clinic_key, chunk, now, dry_run=dry_run)

    def others(self, own: Sequence[BilledLine]) -> OtherClaims:
        """Return what the rules over time must know beside these lines, over all clinics."""
        with self._database.read() as connection:
            return others(connection, own)

    def enrolled(self, payer_ids: Collection[str], npis: Collection[str]) -> Enrolled:
        """Return what is kept of these payers and of these providers with them."""
        with self._database.read() as connection:
            return enrollments.enrolled(connection, payer_ids, npis)

    def billed(self, control_numbers: Collection[str]) -> Mapping[str, Billed]:
        """Return by whom and to whom these submissions are billed."""
        with self._database.read() as connection:
            return dict(enrollments.billed(connection, control_numbers))

    def ready(self, clinic_key: str, order: RunOrder) -> Iterator[ReadyClaim]:
        """Return the READY live submissions the order covers, oldest first."""
        query = ready_query(clinic_key, order).add_columns(
            CLAIM.c.source, CLAIM.c.key, SUBMISSION.c.revision, SUBMISSION.c.asked_by
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            yield ReadyClaim(
                submission_id=row.id,
                source=row.source,
                claim_key=row.key,
                revision=row.revision,
                is_asked_for=bool(row.asked_by),
            )

    def withdraw(self, submission_ids: Iterable[int], reason: str, now: datetime) -> int:
        """Withdraw READY or HELD submissions the source no longer holds as pending; return how many."""
        with self._database.write() as connection:
            ids = lock(connection, submission_ids)
            query = select(SUBMISSION.c.id).where(among(SUBMISSION.c.id, ids), SUBMISSION.c.delivery.in_(_WAITS))
            open_ids = list(connection.scalars(query))
            _withdraw(connection, open_ids, reason, now)
        return len(open_ids)

    def release(self, control_number: str, who: str, why: str, now: datetime, *, seen: int | None = None) -> None:
        """Let a person release a HELD submission; raise NotAllowed where it is not HELD or a blocking rule holds it."""
        with self._database.write() as connection:
            row = _locked(connection, control_number)
            refuse_if_changed(connection, row, seen)
            if row.delivery != Delivery.HELD.value:
                raise NotAllowed(f"claim {control_number} is {row.delivery}, not HELD: there is nothing to release")
            rules = [fault.rule for fault in holds.from_json(row.holds) if not holds.is_for_a_person(fault)]
            if rules:
                raise NotAllowed(
                    f"claim {control_number}: held by {', '.join(rules)}; mend what it names, nobody can release it"
                )
            record(connection, [event_row(row.id, Event.RELEASED, now, words=why, data={"who": who})])
            connection.execute(update(SUBMISSION).where(SUBMISSION.c.id == row.id).values(holds="[]"))
            refold(connection, [row.id])

    def hold(self, control_number: str, who: str, why: str, now: datetime, *, seen: int | None = None) -> None:
        """Let a person keep a submission from going until one releases it; raise NotAllowed where it is on its way."""
        with self._database.write() as connection:
            row = _locked(connection, control_number)
            refuse_if_changed(connection, row, seen)
            if row.usage != Usage.LIVE.value or row.delivery not in _WAITS:
                raise NotAllowed(f"claim {control_number} is {row.delivery}: only what waits to go can be held")
            submissions.hold(connection, [row.id], holds.by_person(who, why), now, who=who)

    def say(
        self, control_number: str, word: Event, *, who: str, why: str, now: datetime, seen: int | None = None
    ) -> None:
        """Record a person's word on what is left to do for a claim; raise NotAllowed where it has not left."""
        with self._database.write() as connection:
            say(connection, control_number, word, who=who, why=why, now=now, seen=seen)

    def send_again(
        self,
        control_number: str,
        frequency: Frequency,
        *,
        payer_claim_number: str = "",
        who: str,
        why: str,
        now: datetime,
        seen: int | None = None,
    ) -> str:
        """Make the claim's next submission as a person wants it; return its control number, or raise NotAllowed."""
        with self._database.write() as connection:
            return send_again(
                connection,
                control_number,
                frequency,
                payer_claim_number=payer_claim_number,
                who=who,
                why=why,
                now=now,
                seen=seen,
            )


def _locked(connection: Connection, control_number: str) -> Any:
    """Return a submission that has not left, locked."""
    query = select(SUBMISSION).where(SUBMISSION.c.control_number == control_number)
    row = connection.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotAllowed(f"claim {control_number}: the ledger has no submission of that number")
    return row


def _withdraw(connection: Connection, submission_ids: Sequence[int], reason: str, now: datetime) -> None:
    # Its holds stay: what comes back must still be asked about.
    record(connection, [event_row(one, Event.WITHDRAWN, now, words=reason) for one in submission_ids])
    refold(connection, submission_ids)


@dataclass(slots=True)
class _Staging:
    """One chunk on its way into the ledger, in one transaction."""

    connection: Connection
    clinic_key: str
    now: datetime
    revisions: list[dict[str, Any]] = field(default_factory=list)
    last_seen: list[dict[str, Any]] = field(default_factory=list)
    added: list[tuple[Seen, dict[str, Any]]] = field(default_factory=list)
    taken: list[tuple[Seen, Latest, dict[str, Any]]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    def stage(self, items: Sequence[Seen]) -> tuple[StageCounts, list[str]]:
        """Decide on every claim, then write everything in a few statements; name the keys of other clinics."""
        claims = self._claims(items)
        latest = self._latest([row.id for row in claims.values()])
        restored_at = self.connection.scalar(select(LEDGER.c.epoch_began_at))
        counts = StageCounts()
        strangers = []
        for item in items:
            claim = claims.get((item.source, item.key))
            if claim is None:  # taken back before it was ever seen
                counts += StageCounts(unchanged=1)
            elif claim.clinic_key != self.clinic_key:
                strangers.append(item.key)
            else:
                counts += self._plan(item, claim, latest.get(claim.id), restored_at)
        self._write()
        return counts, strangers

    def _claims(self, items: Sequence[Seen]) -> dict[tuple[str, str], Any]:
        """Return the claims by source and key, new ones added, all locked."""
        rows = [
            {
                "source": item.source,
                "key": item.key,
                "clinic_key": self.clinic_key,
                "revision": item.revision,
                "first_seen_at": self.now,
            }
            for item in items
            if not item.is_cancelled
        ]
        insert_many(self.connection, insert_once(self.connection, CLAIM).on_conflict_do_nothing(), rows)
        return locked_claims(self.connection, {(item.source, item.key) for item in items})

    def _latest(self, claim_ids: Sequence[int]) -> dict[int, Latest]:
        """Return the newest live submission of each claim, locked; told whether an older one may live."""
        found: dict[int, Latest] = {}
        query = (
            select(SUBMISSION)
            .where(among(SUBMISSION.c.claim_id, claim_ids), SUBMISSION.c.usage == Usage.LIVE.value)
            .order_by(SUBMISSION.c.claim_id, SUBMISSION.c.number)
        )
        for row in self.connection.execute(query.with_for_update(key_share=True)):
            found[row.claim_id] = _latest_of(row, found.get(row.claim_id))
        return found

    def _plan(self, item: Seen, claim: Any, latest: Latest | None, restored_at: datetime | None) -> StageCounts:
        action = decide(item, latest)
        if item.revision and claim.revision != item.revision:
            self.last_seen.append({"id": claim.id, "revision": item.revision})
        if action is Action.NOTHING:
            return StageCounts(unchanged=1)
        if action is Action.WITHDRAW and latest:
            self.withdrawn.append(latest.submission_id)
            return StageCounts(withdrawn=1)
        if action is Action.TELL_CANCELLED and latest:
            self.told.append(
                event_row(latest.submission_id, Event.CANCELLED_AT_SOURCE, self.now, dedupe="cancelled_at_source")
            )
            return StageCounts(after_sent=1)
        self.revisions.append(revision_row(item, claim.id, self.now))
        if action is Action.TELL_CHANGED and latest:
            return self._tell_changed(item, latest)
        held_by = holds_of(item, action, latest, restored_at)
        held = 1 if held_by else 0
        if action in {Action.TAKE, Action.RECOGNISE} and latest:
            content = content_of(item)
            if latest.is_asked_for:
                content["frequency"] = latest.frequency
            self.taken.append((item, latest, {**content, "holds": holds.to_json(held_by)}))
            return StageCounts(revised=1, held=held) if action is Action.TAKE else StageCounts(recognised=1)
        number = latest.number + 1 if latest else 1
        row = submissions.submission_row(
            claim_id=claim.id,
            source=item.source,
            key=item.key,
            number=number,
            usage=Usage.LIVE,
            clinic_key=self.clinic_key,
            held_by=held_by,
            **content_of(item),
        )
        self.added.append((item, row))
        if latest:
            is_void = action is Action.REPLACE and row["frequency"] == Frequency.VOID.value
            word = Event.VOIDED if is_void else Event.REPLACED
            words = f"changed at the source: {row['control_number']} takes its place"
            self.told.append(event_row(latest.submission_id, word, self.now, words=words))
        return StageCounts(resubmitted=1, held=held) if latest else StageCounts(new=1, held=held)

    def _tell_changed(self, item: Seen, latest: Latest) -> StageCounts:
        self.told.append(
            event_row(
                latest.submission_id,
                Event.CHANGED_AT_SOURCE,
                self.now,
                data={"revision": item.revision},
                dedupe=f"changed_at_source:{item.revision}",
            )
        )
        return StageCounts(after_sent=1)

    def _write(self) -> None:
        if self.revisions:
            upsert = insert_once(self.connection, CLAIM_REVISION)
            upsert = upsert.on_conflict_do_update(
                index_elements=["claim_id", "hash"], set_={"faults": upsert.excluded.faults}
            )
            insert_many(self.connection, upsert, self.revisions)
        update_each(self.connection, CLAIM, self.last_seen)
        self._write_added()
        self._write_taken()
        _withdraw(self.connection, self.withdrawn, "cancelled at the source", self.now)
        record(self.connection, self.told)
        refold(self.connection, [row["submission_id"] for row in self.told])

    def _write_added(self) -> None:
        ids = submissions.add(self.connection, [row for _, row in self.added], self.now)
        with_lines = [(ids[row["control_number"]], item.claim) for item, row in self.added if item.claim is not None]
        submissions.add_lines(self.connection, with_lines)

    def _write_taken(self) -> None:
        if not self.taken:
            return
        ids = [latest.submission_id for _, latest, _ in self.taken]
        taken = [{"id": latest.submission_id, **changes} for _, latest, changes in self.taken]
        update_each(self.connection, SUBMISSION, taken)
        submissions.drop_lines(self.connection, ids)
        with_lines = [(latest.submission_id, item.claim) for item, latest, _ in self.taken if item.claim is not None]
        submissions.add_lines(self.connection, with_lines)
        record(self.connection, [_taken_row(latest, changes, self.now) for _, latest, changes in self.taken])
        refold(self.connection, ids)


def _latest_of(row: Any, older: Latest | None) -> Latest:
    return Latest(
        submission_id=row.id,
        claim_id=row.claim_id,
        number=row.number,
        revision=row.revision,
        ready_at=row.ready_at,
        delivery=Delivery(row.delivery),
        front_end=FrontEnd(row.front_end),
        contradicted=row.contradicted,
        frequency=Frequency(row.frequency),
        is_asked_for=bool(row.asked_by),
        holds=holds.from_json(row.holds),
        has_living_sibling=older is not None
        and (older.contradicted or older.has_living_sibling or may_live(older.delivery, older.front_end)),
    )


def _taken_row(latest: Latest, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    data = {"revision": changes["revision"]}
    if is_told_only(latest.revision):
        words = "the source holds it as pending; an earlier process has sent it, so it is not sent again"
        return event_row(latest.submission_id, Event.RECOGNISED, now, words=words, data=data)
    if changes["holds"] == "[]":
        return event_row(latest.submission_id, Event.REVISED, now, data=data)
    return submissions.held_row(latest.submission_id, holds.from_json(changes["holds"]), now, data=data)
