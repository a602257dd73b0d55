"""The database below the ledger: migrations, kept events, errors in our words, a restored backup."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from include.adapters.ledger import Ledger, migrate
from include.adapters.ledger.engine import ledger_url as checked_url
from include.adapters.ledger.tables import EVENT, METADATA
from include.claims.errors import BadSetting, LedgerRestored, LedgerUnreachable
from include.claims.states import Delivery, Event, FrontEnd
from include.cli.__main__ import main
from include.delivery.clinic_table import Mode
from tests import builders
from tests.contract.night import BLOCKED, NOW, Night, an_answer, an_order, changed, claims

ROOT = Path(__file__).resolve().parents[2]


def test_the_migrations_make_the_tables_the_program_knows(ledger: Ledger):
    """Alembic finds no difference between the migrated database and `tables.py`."""
    with ledger.database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert [] == differences


def test_migrating_again_changes_nothing(ledger_url: str, capsys):
    """A second migration finds the ledger as it is, also from the shell."""
    before = Ledger(ledger_url).identity()

    again = migrate(ledger_url)
    status = main(["ledger", "migrate", "--ledger", ledger_url])

    assert (0, before) == (status, Ledger(ledger_url).identity())
    assert f"ledger: tables are at revision {again}\n" == capsys.readouterr().out
    assert 0 == main(["ledger", "identity", "--ledger", ledger_url])
    assert before.instance_id in capsys.readouterr().out


def test_twins_that_migrate_at_once_make_one_ledger(tmp_path: Path):
    """Two processes that create the same ledger at the same time both find it made."""
    url = f"sqlite:///{tmp_path}/new/ledger.db"
    command = [sys.executable, "-m", "include.cli", "ledger", "migrate", "--ledger", url]
    twins = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]

    said = [twin.communicate()[0] for twin in twins]

    assert [0, 0] == [twin.returncode for twin in twins]
    assert said[0] == said[1]
    assert 0o600 == (tmp_path / "new" / "ledger.db").stat().st_mode & 0o777


@pytest.mark.parametrize("statement", ["UPDATE event SET words = 'other'", "DELETE FROM event"])
def test_events_are_kept_for_ever(night: Night, statement: str):
    """No statement changes or removes an event, not even one typed by hand."""
    night.stage(builders.a_claim())

    with night.ledger.database.engine.connect() as connection, pytest.raises(DBAPIError, match="kept for ever"):
        connection.execute(text(statement))

    assert 1 == len(night.incidents("C-1"))


def test_a_database_without_tables_says_what_to_run(tmp_path: Path):
    """A ledger that was never migrated is a thing to repair, not to retry."""
    with pytest.raises(BadSetting, match="courier ledger migrate"):
        Ledger(f"sqlite:///{tmp_path}/empty.db").identity()


def test_an_unreachable_database_is_tried_again_later():
    """A server that does not answer is the world being busy; the address is named, the password is not."""
    with pytest.raises(LedgerUnreachable, match=r"127\.0\.0\.1:1/ledger") as caught:
        Ledger("postgresql://courier:secret@127.0.0.1:1/ledger").identity()

    assert "secret" not in str(caught.value)


def test_a_refused_row_shows_no_patient(night: Night):
    """What the database says of a row it refuses never reaches a message."""
    claim = replace(builders.a_claim(), key="C\x00-1", subscriber=builders.a_subscriber(member_id="SECRETMEMBER"))
    with pytest.raises((BadSetting, LedgerUnreachable)) as caught, night.ledger.database.write() as connection:
        connection.execute(
            EVENT.insert(),
            {"submission_id": 99, "event": "held", "recorded_at": NOW, "words": claim.subscriber.member_id},
        )

    assert "SECRETMEMBER" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_databases_are_refused(url: str):
    """Only a SQLite file or a PostgreSQL database can be a ledger."""
    with pytest.raises(BadSetting, match="ledger's URL"):
        Ledger(url)


def test_the_usual_postgresql_addresses_are_taken():
    """All spellings of a PostgreSQL address lead to the one driver we ship."""
    urls = ["postgresql://host/name", "postgres://host/name", "postgresql+psycopg://host/name"]

    assert {"postgresql+psycopg"} == {checked_url(url).drivername for url in urls}


def test_every_sealed_batch_gives_out_a_number(night: Night):
    """How far the ledger has come rises with every batch, whichever mailbox it is in."""
    before = night.ledger.identity()

    night.sent(builders.a_claim())

    after = night.ledger.identity()
    assert before.instance_id == after.instance_id
    assert before.numbers_given_out + 1 == after.numbers_given_out


def test_a_new_epoch_sends_nothing_by_itself(night: Night):
    """After a restore numbers jump, clinics are paused, what was READY is held, old batches are in doubt."""
    night.stage(claims(3)[0])
    rendered = night.rendered(claims(3)[1], run_id="run-1")  # takes both
    night.stage(claims(3)[2])
    before = night.ledger.identity()

    after = night.ledger.new_epoch(before.instance_id, 500, "casey", NOW + timedelta(minutes=1))

    assert (before.epoch + 1, 1500) == (after.epoch, after.highest_interchange_number)
    assert Mode.PAUSED == night.ledger.clinics.clinic("harbor").mode
    assert Delivery.HELD == night.line("C-003").delivery
    night.set_clinic(mode="live")
    with pytest.raises(LedgerRestored, match="epoch 1"):
        night.begin(rendered)
    assert not night.ledger.batches.give_up(rendered, "looked for it", NOW)
    assert [Delivery.IN_DOUBT, Delivery.IN_DOUBT, Delivery.HELD] == [line.delivery for line in night.lines()]
    assert [] == night.seal(an_order("run-2"))


def test_a_batch_of_before_a_restore_is_settled_by_an_answer_or_a_person(night: Night):
    """What names one of its claims proves that the file went; a person's word lets the claims go as new ones."""
    went, stayed = (night.rendered(one, run_id=one.key) for one in claims(2))
    night.ledger.new_epoch(night.ledger.identity().instance_id, 0, "casey", NOW)

    night.respond(went, [an_answer(night.numbers(went)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])
    again = night.ledger.batches.did_not_arrive(stayed, "casey", "support says so", NOW)

    assert (Delivery.SENT, False) == (night.line("C-001").delivery, night.line("C-001").contradicted)
    assert (1, Delivery.READY) == (again, night.line("C-002", 2).delivery)


def test_an_answer_proves_that_a_held_claim_went_before_the_restore(night: Night):
    """It is sent, and held no more, whatever rule holds it too; one that no answer names waits for a person."""
    night.stage(*claims(2))
    night.ledger.new_epoch(night.ledger.identity().instance_id, 0, "casey", NOW)
    night.stage(claims(3)[2], faults=[BLOCKED])
    night.set_clinic(mode="live")

    for key in ("C-001", "C-003"):
        night.respond(None, [an_answer(night.line(key).control_number, Event.ACCEPTED_BY_PAYER)])

    accepted, waiting, blocked = (night.line(key) for key in ("C-001", "C-002", "C-003"))
    assert (Delivery.SENT, FrontEnd.ACCEPTED_BY_PAYER, False) == (
        accepted.delivery, accepted.front_end, accepted.contradicted,
    )  # fmt: skip
    assert Delivery.HELD is waiting.delivery
    assert Delivery.SENT is blocked.delivery
    assert [] == night.seal(an_order("run-2"))


def test_what_was_ready_before_a_restore_is_held(night: Night):
    """A claim the restored ledger does not know may have gone: it waits for a person; a newer one does not."""
    night.ledger.new_epoch(night.ledger.identity().instance_id, 0, "casey", builders.READY_AT + timedelta(hours=1))
    night.set_clinic(mode="live")
    old, new = claims(2)

    night.stage(old, replace(new, ready_at=builders.READY_AT + timedelta(hours=2)))

    assert [Delivery.HELD, Delivery.READY] == [line.delivery for line in night.lines()]
    night.stage(changed(old))
    assert Delivery.HELD == night.line(old.key).delivery
    night.ledger.claims.release(night.line(old.key).control_number, "casey", "not at the clearinghouse", NOW)
    (batch_id,) = night.seal()
    assert 2 == night.ledger.batches.get(batch_id).claim_count
    assert 1001 == night.ledger.batches.get(batch_id).number


def test_lines_are_kept_with_their_fingerprints(night: Night):
    """A submission's lines are kept by what other claims compare them by, and again when the claim changes."""
    night.stage(replace(builders.a_claim(), lines=builders.lines(3)))
    night.stage(replace(builders.a_claim(), lines=builders.lines(2)))

    lines = METADATA.tables["submission_line"]
    with night.ledger.database.read() as connection:
        found = connection.execute(select(lines).order_by(lines.c.position)).all()

    assert [("L-1", 24000, "HM"), ("L-2", 24000, "HM")] == [(r.source_line_key, r.cents, r.modifiers) for r in found]
    assert {32} == {len(row.fingerprint) for row in found}
