"""
Claims that an earlier process sent, on their way into the ledger: what each may become is decided in one table.

    its number is, in the ledger          its claim's newest submission          what is done
    this claim's, told in the same words  any                                    KNOWN: nothing
    this claim's, told in other words     any                                    refused: what was sent stays as told
    another submission's                  any                                    refused: a number is given once
    nobody's                              none                                   kept as sent
    nobody's                              waits here: READY, HELD, WITHDRAWN     withdrawn, and kept as sent
    nobody's                              an earlier process's, sent before it   kept as sent, the newest now
    nobody's                              an earlier process's, sent after it    refused: submissions go forward
    nobody's                              any, but an earlier one left from here refused: a person must look
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from include.adapters.ledger.claim_rows import locked_claims
from include.adapters.ledger.columns import to_cents
from include.adapters.ledger.events import event_row, record, refold
from include.adapters.ledger.many import among, insert_many, insert_once
from include.adapters.ledger.submissions import insert_rows, line_row, submission_row
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION, EVENT, SUBMISSION, SUBMISSION_LINE
from include.claims.earlier import SentElsewhere
from include.claims.model import Fault
from include.claims.states import HAS_NOT_LEFT, Delivery, Event, Usage
from include.delivery.records import HistoryCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submission:
    """A submission as far as the table above asks for it."""

    id: int | None  # None: about to be written
    claim_key: str
    source: str
    clinic_key: str
    control_number: str
    number: int
    is_live: bool
    delivery: Delivery
    told: Mapping[str, str] | None  # by a history; None: we made it


@dataclass(slots=True)
class Importing:
    """One chunk of a history, in one transaction."""

    connection: Connection
    clinic_key: str
    now: datetime
    by_number: dict[str, _Submission] = field(default_factory=dict)
    latest: dict[tuple[str, str], _Submission] = field(default_factory=dict)
    left: dict[tuple[str, str], _Submission] = field(default_factory=dict)  # from here
    claims: dict[tuple[str, str], Any] = field(default_factory=dict)
    withdrawn: list[int] = field(default_factory=list)
    added: list[tuple[SentElsewhere, int]] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)
    known: int = 0

    def decide(self, chunk: Sequence[SentElsewhere]) -> None:
        """Decide on every claim, by what the ledger has of it now; what is there is locked."""
        self._look_up(chunk)
        for sent in chunk:
            self._plan(sent)

    def counts(self) -> HistoryCounts:
        """Return what becomes of the chunk."""
        return HistoryCounts(
            imported=len(self.added),
            known=self.known,
            kept_from_going=len(self.withdrawn),
            refused=tuple(self.refused),
        )

    def enter_claims(self) -> None:
        """Write the claims nobody knew, in one order everywhere, so that none is staged beside us."""
        keys = sorted({(sent.source, sent.claim_key): sent.revision for sent, _ in self.added}.items())
        rows = [
            {"source": source, "key": key, "clinic_key": self.clinic_key, "revision": revision}
            | {"first_seen_at": self.now}
            for (source, key), revision in keys
        ]
        insert_many(self.connection, insert_once(self.connection, CLAIM).on_conflict_do_nothing(), rows)

    def _look_up(self, chunk: Sequence[SentElsewhere]) -> None:
        self.claims = locked_claims(self.connection, {(one.source, one.claim_key) for one in chunk})
        for one in self._submissions(among(SUBMISSION.c.claim_id, [row.id for row in self.claims.values()])):
            self._remember(one)
        numbers = {one.control_number for one in chunk} - self.by_number.keys()
        for one in self._submissions(among(SUBMISSION.c.control_number, numbers)):
            self.by_number[one.control_number] = one

    def _submissions(self, condition: ColumnElement[bool]) -> Iterator[_Submission]:
        query = (
            select(SUBMISSION, CLAIM.c.source, CLAIM.c.key)
            .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
            .where(condition)
            .order_by(SUBMISSION.c.claim_id, SUBMISSION.c.number)
            .with_for_update(of=SUBMISSION, key_share=True)
        )
        rows = self.connection.execute(query).all()
        told = self._told([row.id for row in rows])
        for row in rows:
            yield _Submission(
                id=row.id,
                claim_key=row.key,
                source=row.source,
                clinic_key=row.clinic_key,
                control_number=row.control_number,
                number=row.number,
                is_live=row.usage == Usage.LIVE.value,
                delivery=Delivery(row.delivery),
                told=told.get(row.id),
            )

    def _told(self, ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
        query = select(EVENT.c.submission_id, EVENT.c.data).where(
            among(EVENT.c.submission_id, ids), EVENT.c.event == Event.SENT_ELSEWHERE.value
        )
        return {row.submission_id: json.loads(row.data)["told"] for row in self.connection.execute(query)}

    def _remember(self, one: _Submission) -> None:
        self.by_number[one.control_number] = one
        key = (one.source, one.claim_key)
        if one.is_live and (key not in self.latest or self.latest[key].number < one.number):
            self.latest[key] = one
        if one.is_live and one.told is None and one.delivery not in HAS_NOT_LEFT:
            self.left[key] = one

    def _plan(self, sent: SentElsewhere) -> None:
        key = (sent.source, sent.claim_key)
        same, latest = self.by_number.get(sent.control_number), self.latest.get(key)
        if same is not None and same.told == sent.told and (same.source, same.claim_key) == key:
            self.known += 1
            return
        if why := self._why_not(sent, same, latest):
            self.refused.append(why)
            return
        if latest is not None and latest.id is not None and latest.delivery in HAS_NOT_LEFT - {Delivery.WITHDRAWN}:
            self.withdrawn.append(latest.id)
        number = latest.number + 1 if latest else 1
        self.added.append((sent, number))
        self._remember(
            _Submission(
                id=None,
                claim_key=sent.claim_key,
                source=sent.source,
                clinic_key=self.clinic_key,
                control_number=sent.control_number,
                number=number,
                is_live=True,
                delivery=Delivery.SENT,
                told=sent.told,
            )
        )

    def _why_not(self, sent: SentElsewhere, same: _Submission | None, latest: _Submission | None) -> Fault | None:
        claim = self.claims.get((sent.source, sent.claim_key))
        if claim is not None and claim.clinic_key != self.clinic_key:
            return _refused(
                sent, "claim_of_clinic", "source_claim_key", f"the claim belongs to clinic {claim.clinic_key}",
                "import it for that clinic, or give each practice database its own source name",
            )  # fmt: skip
        if same is not None and (same.source, same.claim_key) == (sent.source, sent.claim_key) and same.told:
            other = ", ".join(name for name, value in sent.told.items() if same.told.get(name) != value)
            return _refused(
                sent, "told_once", "control_number", f"it was imported before and differs in {other}",
                "nothing is overwritten: see `./courier claim` and export again what was sent",
            )  # fmt: skip
        if same is not None:
            return _refused(
                sent, "control_number_free", "control_number",
                f"the number is that of claim {same.claim_key} of clinic {same.clinic_key}",
                "a number names one submission for ever; find out which claim was sent under it",
            )  # fmt: skip
        if latest is not None and latest.told and latest.told["sent_on"] > sent.sent_on.isoformat():
            return _refused(
                sent, "in_order_sent", "sent_on", f"a submission of {latest.told['sent_on']} was imported before it",
                "order the rows of a claim by the day they were sent",
            )  # fmt: skip
        if left := self.left.get((sent.source, sent.claim_key)):
            return _refused(
                sent, "sent_once", "source_claim_key",
                f"the claim is {left.delivery} from here, as {left.control_number}",
                "both processes may have sent it: ask the payer what it has, and void one of them",
            )  # fmt: skip
        return None

    def write(self) -> None:
        """Write what was decided, in a few statements."""
        words = "an earlier process has sent it"
        record(self.connection, [event_row(one, Event.WITHDRAWN, self.now, words=words) for one in self.withdrawn])
        refold(self.connection, self.withdrawn)
        revisions = {(row["claim_id"], row["hash"]): row for row in self._revisions()}
        known = insert_once(self.connection, CLAIM_REVISION).on_conflict_do_nothing()
        insert_many(self.connection, known, list(revisions.values()))
        by_number = insert_rows(self.connection, [self._submission_row(sent, number) for sent, number in self.added])
        lines = [
            line_row(by_number[sent.control_number], position, line.source_line_key, line.service_on, line.billed)
            for sent, _ in self.added
            for position, line in enumerate(sent.lines, start=1)
        ]
        insert_many(self.connection, insert(SUBMISSION_LINE), lines)
        events = [row for sent, _ in self.added for row in _events(by_number[sent.control_number], sent, self.now)]
        record(self.connection, events)
        refold(self.connection, by_number.values())

    def _revisions(self) -> Iterator[dict[str, Any]]:
        for sent, _ in self.added:
            yield {
                "claim_id": self.claims[sent.source, sent.claim_key].id,
                "hash": sent.revision,
                "document": None,
                "payer_id": sent.payer_id,
                "total_cents": to_cents(sent.total_charge),
                "first_service_on": sent.service_days[0] if sent.service_days else None,
                "last_service_on": sent.service_days[-1] if sent.service_days else None,
                "ready_at": None,
                "faults": "[]",
                "seen_at": self.now,
            }

    def _submission_row(self, sent: SentElsewhere, number: int) -> dict[str, Any]:
        row = submission_row(
            claim_id=self.claims[sent.source, sent.claim_key].id,
            source=sent.source,
            key=sent.claim_key,
            revision=sent.revision,
            number=number,
            usage=Usage.LIVE,
            clinic_key=self.clinic_key,
            payer_id=sent.payer_id,
            # What the source releases from then on is not what was sent.
            ready_at=sent.sent_before,
            total_cents=to_cents(sent.total_charge),
            frequency=sent.frequency,
        )
        return {**row, "control_number": sent.control_number, "payer_claim_number": sent.given_claim_number}


def _events(submission_id: int, sent: SentElsewhere, now: datetime) -> Iterable[dict[str, Any]]:
    """Yield what is known to have happened: it was sent, it lies at the payer, the payer has decided."""
    words = f"sent on {sent.sent_on} by an earlier process ({sent.place})"
    happened = [(Event.SENT_ELSEWHERE, sent.sent_on, words, {"told": sent.told})]
    if sent.given_claim_number:
        happened.append((Event.RECEIVED_BY_PAYER, sent.sent_on, "the payer has given it a number", {}))
    if sent.decision and sent.decided_on:
        happened.append((sent.decision, sent.decided_on, "as the earlier process knew it", {}))
    for event, on, said, data in happened:
        row = event_row(submission_id, event, now, words=said, data=data, dedupe=f"history:{event}")
        yield {**row, "answered_on": on.isoformat(), "file": sent.place}


def _refused(sent: SentElsewhere, rule: str, column: str, message: str, remedy: str) -> Fault:
    return Fault(rule=rule, place=f"{sent.place}, column {column}", message=message, remedy=remedy)


def import_chunk(
    connection: Connection, clinic_key: str, chunk: Sequence[SentElsewhere], now: datetime, *, dry_run: bool
) -> HistoryCounts:
    """Record some claims that an earlier process sent, or only say what would become of them."""
    found = Importing(connection, clinic_key, now)
    found.decide(chunk)
    if dry_run or not found.added:
        return found.counts()
    found.enter_claims()
    # Once more, now that every claim is there and locked.
    found = Importing(connection, clinic_key, now)
    found.decide(chunk)
    found.write()
    return found.counts()
