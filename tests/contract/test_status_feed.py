"""The practice system gets what became of each claim, by a cursor that never passes over a change."""

import json
import random
import threading
import time
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import inspect, select, text

from include.adapters.ledger import Ledger
from include.adapters.ledger.changes import number_changes
from include.adapters.ledger.events import event_row, record, refold
from include.adapters.ledger.report import BAD_NEWS
from include.adapters.ledger.tables import SUBMISSION
from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Work
from include.delivery.records import Kind, StatusRow
from include.delivery.status_feed import STATUS_COLUMNS, VIEW
from tests.contract.night import BLOCKED, NOW, Night, an_answer, an_order, changed, claims
from tests.contract.test_money import Books, a_payment_of, remitted
from tests.databases import a_ledger
from tests.earlier import sent_elsewhere


def feed(night: Night, after: int = 0) -> dict[str, StatusRow]:
    """Return what changed after a cursor, by claim key."""
    return {row.claim_key: row for row in night.ledger.report.status_feed(after, 1000)}


def cursor(night: Night) -> int:
    """Return the last change."""
    return max((row.change_id for row in night.ledger.report.status_feed(0, 1000)), default=0)


def test_the_view_has_the_columns_that_are_told(ledger: Ledger):
    """The view, its documentation and the record agree on names and order, and PostgreSQL on types."""
    found = inspect(ledger.database.engine).get_columns(VIEW)

    names = [one.name for one in STATUS_COLUMNS]
    assert names == [one["name"] for one in found] == [one.name for one in fields(StatusRow)]
    if ledger.database.engine.dialect.name == "postgresql":
        query = text("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :view")
        with ledger.database.read() as connection:
            types = {row.column_name: row.data_type for row in connection.execute(query, {"view": VIEW})}
        assert {one.name: one.type for one in STATUS_COLUMNS} == types


def test_a_held_claim_says_why(night: Night):
    """The rule, and what is wrong with its remedy; amounts are exact."""
    night.stage(claims(1)[0], faults=[BLOCKED])

    row = feed(night)["C-001"]

    assert ("example_practice", "harbor", 1, "99999", Decimal("240.00"), Delivery.HELD) == (
        row.source, row.clinic_key, row.submission_number, row.payer_id, row.charge, row.delivery,
    )  # fmt: skip
    assert [{"event": "held", "codes": ["member_id_present"], "words": "it is blank; fill it in"}] == json.loads(
        row.reasons
    )
    assert (None, "", Decimal(0), Decimal(0), False) == (
        row.sent_at, row.file_name, row.paid, row.patient, row.contradicted,
    )  # fmt: skip


def test_every_step_moves_the_cursor(night: Night):
    """Collected, batched, begun, sent, answered, changed at the source: each is seen, and only what changed."""
    first, second = claims(2)
    night.stage(first)
    steps = [cursor(night)]
    (batch_id,) = night.seal(an_order())
    steps.append(cursor(night))
    night.render(batch_id)
    transmission = night.begin(batch_id)
    steps.append(cursor(night))
    night.ledger.batches.sent(transmission, "acknowledged", NOW)
    steps.append(cursor(night))
    night.stage(second)
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.REJECTED_BY_CLEARINGHOUSE, codes=("A7:187",))])

    row = feed(night, steps[-1])["C-001"]

    assert steps == sorted(set(steps))
    assert (Delivery.SENT, FrontEnd.REJECTED_BY_CLEARINGHOUSE, Work.SOURCE_MUST_CORRECT) == (
        row.delivery, row.front_end, row.work,
    )  # fmt: skip
    assert [{"event": "rejected_by_clearinghouse", "codes": ["A7:187"], "words": "because"}] == json.loads(row.reasons)
    assert (NOW, "837P_000000001.txt") == (row.sent_at, row.file_name)
    before = cursor(night)
    night.stage(changed(second))
    assert ["C-002"] == list(feed(night, before))


def test_a_second_submission_is_a_row_of_its_own(night: Night):
    """What was rejected and what goes in its place are two rows; the higher number is the newer."""
    (claim,) = claims(1)
    batch_id = night.sent(claim)
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.REJECTED_BY_PAYER)])
    night.stage(changed(claim))

    rows = night.ledger.report.status_feed(0, 100)

    assert {(1, Delivery.SENT), (2, Delivery.HELD)} == {(row.submission_number, row.delivery) for row in rows}


def test_money_adds_up_so_far(night: Night):
    """Paid, taken back and paid anew: what is in the posting feed is summed, what waits for a person is not."""
    books = Books(night)
    first = books.numbers[0]
    books.post(remitted(a_payment_of(first)._replace(patient_responsibility=Decimal("12.50"))))
    assert (Decimal(200), Decimal("12.50")) == (feed(night)["C-001"].paid, feed(night)["C-001"].patient)
    books.post(remitted(a_payment_of(first, status="22"), a_payment_of(first, 119)._replace(segment=30), trace="EFT2"))
    assert (Decimal(119), Adjudication.PAID) == (feed(night)["C-001"].paid, feed(night)["C-001"].adjudication)
    before = cursor(night)

    books.post(remitted(a_payment_of(books.numbers[1], off=5), trace="EFT3"))
    held = feed(night, before)["C-002"]
    (waiting,) = books.money.open()
    books.money.accept(waiting.payment_id, waiting.posting_id, "pat", "the payer confirmed it")

    assert Decimal(0) == held.paid
    assert Decimal(200) == feed(night, held.change_id)["C-002"].paid


def test_less_than_nothing_is_written_with_its_sign(night: Night):
    """More was taken back than was paid here: cents too."""
    books = Books(night)
    taken = a_payment_of(books.numbers[0], 0, status="22")
    cut = Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal("-239.93"))
    line = taken.lines[0]._replace(paid=Decimal("-0.07"), adjustments=(cut,))
    books.post(remitted(taken._replace(paid=Decimal("-0.07"), lines=(line,))))

    assert Decimal("-0.07") == feed(night)["C-001"].paid


def test_what_an_earlier_process_sent_is_there_too(night: Night):
    """With the day it was sent, and in no file of ours."""
    night.ledger.claims.sent_elsewhere("harbor", [sent_elsewhere()], NOW)

    row = feed(night)["C-1"]

    assert (datetime(2026, 3, 5, 12, tzinfo=UTC), "") == (row.sent_at, row.file_name)


def test_copies_for_a_test_file_are_not_shown(night: Night):
    """They are nobody's claim."""
    night.stage(*claims(1))
    before = cursor(night)

    night.seal(an_order("dry", kind=Kind.DRY))

    assert {} == feed(night, before)
    assert 1 == len(feed(night))


def test_one_clinic_reads_its_own(night: Night):
    """The other's changes are passed over, whatever number they have."""
    night.stage(*claims(2))

    assert [] == night.ledger.report.status_feed(0, 10, "elsewhere")
    assert 2 == len(night.ledger.report.status_feed(0, 10, "harbor"))
    assert 1 == len(night.ledger.report.status_feed(0, 1, "harbor"))


def test_it_holds_no_patient(night: Night):
    """No name, no member id, no birth date, no day of service, no authorization."""
    night.sent(*claims(1))

    said = repr([asdict(row) for row in night.ledger.report.status_feed(0, 10)])

    assert not [
        secret for secret in ("TESTINA", "XYZ100200300", "1988-07-15", "2026-03-02", "AUTH77") if secret in said
    ]


def test_every_bad_word_of_the_report_is_a_reason(night: Night):
    """The view and the night report name the same events."""
    batch_id = night.sent(*claims(1))
    number = night.numbers(batch_id)[0]
    words = [event for event in Event if event.value in BAD_NEWS]
    night.respond(batch_id, [an_answer(number, event, place) for place, event in enumerate(words, start=1)])

    said = json.loads(feed(night)["C-001"].reasons)

    assert [event.value for event in words] == [one["event"] for one in said]


def test_a_change_that_is_committed_late_is_numbered_late(postgres_url: str):
    """One transaction changes a claim first and commits last: a reader in between has not passed it over."""
    night = Night(a_ledger(postgres_url))
    night.stage(*claims(2))
    database = night.ledger.database
    early, late = (line.control_number for line in night.lines())

    with database.write() as slow:
        _withdraw(slow, early)
        with database.write() as quick:
            _withdraw(quick, late)
        between = cursor(night)
        assert "C-001" not in feed(night, between)

    assert {"C-001": Delivery.WITHDRAWN} == {key: row.delivery for key, row in feed(night, between).items()}


def test_whoever_has_numbers_commits_before_the_next_takes_any(postgres_url: str):
    """Between the numbers and the commit nobody else is numbered: a higher number is never seen before a lower one."""
    night = Night(a_ledger(postgres_url))
    night.stage(*claims(2))
    database = night.ledger.database
    first, second = (line.control_number for line in night.lines())

    def write() -> None:
        with database.write() as connection:
            _withdraw(connection, second)

    before = cursor(night)
    other = threading.Thread(target=write)
    with database.write() as connection:
        _withdraw(connection, first)
        number_changes(connection)
        other.start()
        other.join(0.5)
        assert other.is_alive()
        assert {} == feed(night, before)
    other.join()

    assert ["C-001", "C-002"] == list(feed(night, before))


def _withdraw(connection, control_number):
    one = connection.scalar(select(SUBMISSION.c.id).where(SUBMISSION.c.control_number == control_number))
    record(connection, [event_row(one, Event.WITHDRAWN, NOW)])
    refold(connection, [one])


def test_a_reader_misses_nothing_while_many_write(night: Night):
    """Writers that linger before they commit, and a reader that only goes forward: it ends with what the ledger has."""
    night.stage(*claims(24))
    numbers = [line.control_number for line in night.lines()]
    is_over = threading.Event()
    seen: dict[str, StatusRow] = {}

    def write(some: list[str], chance: random.Random) -> None:
        for number in some:
            with night.ledger.database.write() as connection:
                _withdraw(connection, number)
                time.sleep(chance.random() / 50)

    def read() -> None:
        after = 0
        while True:
            was_over = is_over.is_set()
            for row in night.ledger.report.status_feed(after, 5):
                seen[row.control_number], after = row, row.change_id
            if was_over and not night.ledger.report.status_feed(after, 1):
                return

    writers = [threading.Thread(target=write, args=(numbers[n::4], random.Random(n))) for n in range(4)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    reader.join()

    assert dict.fromkeys(numbers, Delivery.WITHDRAWN) == {key: row.delivery for key, row in seen.items()}


def test_what_fails_is_not_numbered(night: Night):
    """A transaction that is rolled back has changed nothing."""
    night.stage(*claims(1))
    before = feed(night)

    def killed() -> None:
        with night.ledger.database.write() as connection:
            _withdraw(connection, night.line("C-001").control_number)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        killed()

    assert before == feed(night)
    assert {} == feed(night, cursor(night))
