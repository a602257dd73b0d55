"""The chain over events and looks: what somebody changes by hand is found, whoever wrote when."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, func, select, text

from include.adapters.ledger import Ledger
from include.adapters.ledger.audit_check import Head
from include.adapters.ledger.events import event_row, record
from include.adapters.ledger.tables import AUDIT_LINK, EVENT
from include.claims.errors import BadSetting
from include.claims.states import Event
from include.delivery.looks import Look, Saw
from include.delivery.records import Staged
from tests import builders
from tests.contract.night import NOW, Night, an_answer, claims


def a_history(night: Night) -> None:
    """Deliver two claims, answer one, and let somebody look at it."""
    batch_id = night.sent(*claims(2))
    first, _ = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(first, Event.ACCEPTED_BY_PAYER, payer_claim_number="ICN1")])
    night.ledger.console.looked(Look(at=NOW, who="casey", what=Saw.CLAIM, claim_id=1))


@contextmanager
def an_attacker(night: Night) -> Iterator[Connection]:
    """Write past the program, with the triggers taken away first."""
    engine = night.ledger.database.engine
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in ("event", "claim_look", "audit_link"):
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                continue
            for change in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {table}_refuses_{change}"))
        yield connection


def test_what_nobody_touched_is_whole(night: Night):
    """Every event and look is in the chain, and the head of before is still on it."""
    a_history(night)
    before = night.ledger.audit.verify()
    night.stage(builders.a_claim(key="C-3"))

    after = night.ledger.audit.verify(before.head)

    with night.ledger.database.read() as connection:
        events = connection.scalar(select(func.count()).select_from(EVENT))
    assert ("", "") == (before.fault, after.fault)
    assert {"event": events, "claim_look": 1} == after.rows
    assert before.head
    assert after.head
    assert before.head.number + 1 == after.head.number
    assert after.head == Head.read(str(after.head))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE event SET words = 'it was paid' WHERE id = 3", "event 3 was changed"),
        ("UPDATE event SET recorded_at = '2026-01-01 00:00:00' WHERE id = 4", "event 4 was changed"),
        ("DELETE FROM event WHERE id = 3", "event 3 was removed"),
        ("UPDATE claim_look SET who = 'robin'", "claim_look 1 was changed"),
        ("DELETE FROM claim_look", "claim_look 1 was removed"),
        (
            "INSERT INTO event (id, submission_id, event, recorded_at) VALUES (99, 1, 'paid', '2026-01-01 00:00:00')",
            "event 99 was put in by hand",
        ),
        (
            "UPDATE audit_link SET rows_of = 'claim_look' WHERE id = 1",
            "link 1 was changed",
        ),
        ("DELETE FROM audit_link WHERE id = 2", "link 2 is missing"),
        ("UPDATE audit SET events_before = 99", "link 1 was changed"),
    ],
)
def test_what_was_changed_by_hand_is_found(night: Night, statement: str, fault: str):
    """A row changed, removed or put in, and a chain that was tampered with, are named by the first broken id."""
    a_history(night)

    with an_attacker(night) as connection:
        connection.execute(text(statement))

    assert night.ledger.audit.verify().fault.startswith(fault)


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_kept(night: Night):
    """The last events with their links leave a whole chain behind; only whoever kept its head can tell."""
    a_history(night)
    kept = night.ledger.audit.verify().head
    assert kept is not None

    with an_attacker(night) as connection:
        connection.execute(text("DELETE FROM claim_look"))
        connection.execute(text(f"DELETE FROM audit_link WHERE id = {kept.number}"))
    cut = night.ledger.audit.verify(kept)
    night.ledger.console.looked(Look(at=NOW, who="robin", what=Saw.CLAIM, claim_id=1))
    grown_again = night.ledger.audit.verify(kept)

    assert "" == night.ledger.audit.verify().fault
    assert "its end is gone" in cut.fault
    assert "made anew" in grown_again.fault


def test_a_transaction_that_ends_halfway_leaves_a_whole_chain(night: Night):
    """What was not committed is in no link, and the next one goes on where the chain ended."""
    a_history(night)
    before = night.ledger.audit.verify().head

    with pytest.raises(BadSetting, match="killed here"):
        tell_and_die(night)

    assert before == night.ledger.audit.verify().head
    night.stage(builders.a_claim(key="C-3"))
    assert "" == night.ledger.audit.verify(before).fault


def tell_and_die(night: Night) -> None:
    """Record an event, and end before it is committed."""
    with night.ledger.database.write() as connection:
        record(connection, [event_row(1, Event.CLOSED, NOW, words="because", data={"who": "casey"})])
        raise BadSetting("killed here")


def test_writers_side_by_side_make_one_chain(night: Night):
    """Whoever commits takes a turn: no number is given twice, none is left out."""
    writers = 4

    def work(number: int) -> None:
        for step in range(5):
            claim = builders.a_claim(key=f"W-{number}-{step}")
            night.ledger.claims.stage("harbor", [Staged(claim=claim, faults=())], NOW)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = night.ledger.audit.verify()
    assert ("", writers * 5, writers * 5) == (found.fault, found.rows["event"], found.links)


def test_without_the_key_nothing_is_verified(night: Night):
    """The chain is keyed, so that nobody who may only write to the database can make it anew."""
    a_history(night)
    url = night.ledger.database.url.render_as_string(hide_password=False)

    with pytest.raises(BadSetting, match="claims_payload_key"):
        Ledger(url).audit.verify()


def test_events_of_before_the_chain_are_told_apart(night: Night):
    """What a ledger held when it was upgraded is counted as not verified."""
    with an_attacker(night) as connection:
        connection.execute(text("UPDATE audit SET events_before = 7, looks_before = 2"))

    found = night.ledger.audit.verify()

    assert ({"event": 7, "claim_look": 2}, None) == (found.before, found.head)


@pytest.mark.parametrize("written", ["", "12", "x:y", "3:abc"])
def test_what_is_no_head_is_refused(written: str):
    """A head is what verify prints."""
    with pytest.raises(BadSetting, match="NUMBER:HASH"):
        Head.read(written)


def test_links_are_kept_for_ever(night: Night):
    """No statement changes or removes one."""
    a_history(night)
    engine = night.ledger.database.engine

    for statement in ("UPDATE audit_link SET hash = ''", "DELETE FROM audit_link"):
        with engine.connect() as connection, pytest.raises(Exception, match="kept for ever"):
            connection.execute(text(statement))

    with night.ledger.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(AUDIT_LINK))
