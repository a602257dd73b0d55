"""Patients' data at rest: nothing of them stands in the database in clear, whoever wrote it and when."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from cryptography.fernet import Fernet
from sqlalchemy import make_url, select, text

from include.adapters.ledger import Ledger, holds, migrate
from include.adapters.ledger.engine import Database
from include.adapters.ledger.migration import alembic_config
from include.adapters.ledger.rotation import rotate
from include.adapters.ledger.tables import CLAIM_REVISION, EVENT
from include.claims.coordination import Responsibility
from include.claims.documents import described
from include.claims.errors import BadSetting
from include.claims.model import Claim
from include.claims.parties import PersonName
from include.claims.states import Event
from include.delivery.records import Posted, RemoteFile
from tests import builders
from tests.contract.night import BLOCKED, NOW, Night, an_answer
from tests.contract.test_money import a_payment_of, remitted
from tests.databases import PAYLOAD_KEY, PostgresServer, find_postgresql

MARKED = {
    "last": "ZQLASTNAME",
    "first": "ZQFIRSTNAME",
    "member": "ZQMEMBER77",
    "street": "ZQ STREET 5",
    "payer_words": "ZQPAYERSAID",
    "hold": "ZQHOLDWHY",
    "release": "ZQRELEASEWHY",
    "close": "ZQCLOSEWHY",
    "doubt": "ZQDOUBTWHY",
    "arrived": "ZQARRIVED",
    "accept": "ZQACCEPTWHY",
}
BIRTH = "1971-02-03"
NEW_KEY = Fernet.generate_key().decode()
_NUMBERS = count(1)


def a_marked_claim(key: str = "C-1") -> Claim:
    """Return a claim whose patient is marked in every field."""
    return builders.a_claim(
        key=key,
        subscriber=builders.a_subscriber(
            name=PersonName(last=MARKED["last"], first=MARKED["first"]),
            member_id=MARKED["member"],
            birth_date=date.fromisoformat(BIRTH),
            address=builders.an_address(street=MARKED["street"]),
        ),
    )


def a_marked_life(night: Night) -> None:
    """Let a payer and people say all they can say of marked claims."""
    night.stage(a_marked_claim())
    held = night.line("C-1").control_number
    night.ledger.claims.hold(held, "casey", MARKED["hold"], NOW)
    night.stage(replace(a_marked_claim(), prior_authorization="OTHER"))
    night.ledger.claims.release(held, "casey", MARKED["release"], NOW)
    batch_id = night.sent(a_marked_claim("C-2"))
    first, second = night.numbers(batch_id)
    words = an_answer(first, Event.ACCEPTED_BY_PAYER, payer_words=MARKED["payer_words"])
    night.respond(batch_id, [words])
    night.ledger.claims.say(second, Event.CLOSED, who="casey", why=MARKED["close"], now=NOW)
    doubted = night.rendered(a_marked_claim("C-3"), run_id="run-2")
    night.begin(doubted)
    night.ledger.batches.sent_by_look(doubted, f"casey says it arrived: {MARKED['arrived']}", NOW)
    lost = night.rendered(a_marked_claim("C-4"), run_id="run-3")
    night.begin(lost)
    night.later(days=3)
    night.ledger.batches.did_not_arrive(lost, "casey", MARKED["doubt"], night.now)
    a_payment_that_is_accepted(night, first)
    night.stage(a_marked_claim("C-5"))
    night.ledger.claims.hold(night.line("C-5").control_number, "casey", MARKED["hold"], night.now)


def a_payment_that_is_accepted(night: Night, number: str) -> None:
    """Pay a claim a dollar too little, and let somebody accept that."""
    file = RemoteFile(name="paid.835", size=1, modified=1)
    response_id = night.ledger.responses.store("harbor", file, "f" * 64, NOW)
    night.ledger.responses.post(response_id, remitted(a_payment_of(number, off=1)), NOW)
    for waiting in night.ledger.money.open():
        if waiting.status is Posted.QUARANTINED:
            night.ledger.money.accept(waiting.payment_id, waiting.posting_id, "casey", MARKED["accept"])


def dumped(url: str) -> bytes:
    """Return all a database holds, as text or as its file."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite":
        return b"".join(path.read_bytes() for path in Path(str(parsed.database)).parent.glob("ledger.db*"))
    socket = str(parsed.query["host"])
    dump = [f"{find_postgresql()}/pg_dump", "-h", socket, "-U", "courier", str(parsed.database)]
    return subprocess.run(dump, check=True, capture_output=True).stdout


def url_of(night: Night) -> str:
    """Return where a night's ledger is."""
    return night.ledger.database.url.render_as_string(hide_password=False)


def found_in(content: bytes) -> list[str]:
    """Return what of the marked patients stands in there."""
    return [mark for mark in (*MARKED.values(), BIRTH) if mark.encode() in content]


def test_nothing_of_a_patient_lies_in_clear(night: Night):
    """Names, birth dates, members, addresses, a payer's and people's own words: none is in file, log or dump."""
    a_marked_life(night)

    assert [] == found_in(dumped(url_of(night)))
    shown = str([(chapter.claim, chapter.held_by) for key in ("C-1", "C-5") for chapter in chapters(night, key)])
    assert {"last", "first", "member", "street", "hold"} == {name for name, mark in MARKED.items() if mark in shown}
    said = str([(one.words, one.payer_words) for key in ("C-1", "C-2", "C-3", "C-4") for one in night.incidents(key)])
    assert {MARKED[name] for name in ("payer_words", "hold", "release", "close", "doubt", "arrived")} == {
        mark for mark in MARKED.values() if mark in said
    }


def chapters(night: Night, key: str) -> Any:
    """Return a claim's submissions as its page shows them."""
    (story,) = night.ledger.report.stories(key)
    return story.chapters


def test_the_status_feed_shows_no_person_s_words(night: Night):
    """Where they are the reason it says that a person has said so; rules and payers' codes keep their words."""
    a_marked_life(night)
    night.stage(builders.a_claim(key="C-9"), faults=[BLOCKED])

    rows = list(night.ledger.report.status_feed(0, 100))

    assert [] == found_in(str(rows).encode())
    assert "enc1." not in str(rows)
    assert 2 == str(rows).count("a person has said so")
    assert "it is blank; fill it in" in str(rows)


def test_without_a_key_what_needs_no_patient_works(night: Night):
    """The clinic table and the counts do; a claim is refused with the connection's name and without a patient's."""
    night.stage(a_marked_claim())
    keyless = Ledger(url_of(night))

    assert "harbor" == keyless.clinics.clinic("harbor").key
    assert keyless.identity() == night.ledger.identity()
    with pytest.raises(BadSetting, match="claims_payload_key") as reading:
        keyless.report.stories("C-1")
    with pytest.raises(BadSetting, match="claims_payload_key") as writing:
        Night(keyless).stage(a_marked_claim("C-2"))
    assert [] == found_in((str(reading.value) + str(writing.value)).encode())
    assert 1 == len(night.lines())


def test_another_key_is_told_from_none(night: Night):
    """The message names the key that is missing."""
    night.stage(a_marked_claim())
    other = Ledger(url_of(night), [NEW_KEY])

    with pytest.raises(BadSetting, match=r"encrypted with key [0-9a-f]{8},"):
        other.report.stories("C-1")


def test_an_encrypted_column_is_not_compared():
    """It would never be equal to anything; whoever writes it finds out at once."""
    with pytest.raises(TypeError, match="cannot be compared"):
        select(EVENT).where(EVENT.c.data == "{}")


def test_a_rotation_that_is_stopped_goes_on(night: Night):
    """Halfway both keys are needed, at the end the new one is enough; the chain is whole throughout."""
    a_marked_life(night)
    url = url_of(night)
    both = Ledger(url, [NEW_KEY, PAYLOAD_KEY])
    before = night.ledger.audit.verify()

    stopped = rotate(both.database)
    assert next(stopped)[1]
    del stopped
    assert "" == both.audit.verify(before.head).fault
    with pytest.raises(BadSetting, match="encrypted with key"):
        Ledger(url, [NEW_KEY]).report.stories("C-1")
    assert sum(rows for _, rows in rotate(both.database))

    assert [] == list(rotate(both.database))
    new = Ledger(url, [NEW_KEY])
    assert before == new.audit.verify(before.head)
    assert MARKED["doubt"] in str(new.report.stories("C-4"))
    with pytest.raises(BadSetting, match="encrypted with key"):
        night.ledger.report.stories("C-1")


@pytest.fixture(name="old_url", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def _old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a ledger as it was before columns were encrypted, with a claim that was held, sent and closed in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/ledger.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = f"old_{next(_NUMBERS)}"
        server.run(f"CREATE DATABASE {name}")
        url = server.url(name)
    database = Database(url)
    with database.engine.connect().execution_options(writes=True) as connection:
        with connection.begin():
            command.upgrade(alembic_config(connection), "0012")
        with connection.begin():
            fill_as_before(connection)
    yield url
    if request.param == "postgres":
        server.run(f"DROP DATABASE {name} WITH (FORCE)")


def fill_as_before(connection: Any) -> None:
    """Write as the program of before did."""
    claim = replace(a_marked_claim(), responsibility=Responsibility.SECONDARY)
    revision, document = described(claim)
    rows = {
        "claim": {"id": 1, "source": "s", "key": "C-1", "clinic_key": "harbor", "revision": revision, "at": NOW},
        "revision": {"hash": revision, "document": document, "at": NOW},
        "submission": {"hash": revision, "holds": holds.to_json([holds.by_person("casey", MARKED["hold"])])},
    }
    statements = {
        "claim": "INSERT INTO claim VALUES (:id, :source, :key, :clinic_key, :revision, :at)",
        "revision": "INSERT INTO claim_revision (claim_id, hash, document, total_cents, faults, seen_at)"
        " VALUES (1, :hash, :document, 24000, '[]', :at)",
        "submission": "INSERT INTO submission (id, claim_id, revision, number, usage, control_number, frequency,"
        " clinic_key, total_cents, delivery, front_end, work, contradicted, holds) VALUES (1, 1, :hash, 1, 'live',"
        " 'P1', '1', 'harbor', 24000, 'HELD', '-', 'nobody', false, :holds)",
    }
    for name, statement in statements.items():
        connection.execute(text(statement), rows[name])
    told = "INSERT INTO event (submission_id, event, recorded_at, words, data) VALUES (1, :event, :at, :words, :data)"
    for event, words, data in (
        ("collected", "", '{"revision": "r"}'),
        ("closed", MARKED["close"], '{"who": "casey"}'),
        ("accepted_by_payer", "ours", json.dumps({"payer_words": MARKED["payer_words"]})),
        ("not_arrived", MARKED["doubt"], '{"who": "casey"}'),
    ):
        connection.execute(text(told), {"event": event, "at": NOW, "words": words, "data": data})
    connection.execute(text("INSERT INTO submission_change VALUES (1, 1, :at)"), {"at": NOW})


def test_a_ledger_of_before_is_read_and_then_encrypted(old_url: str):
    """Upgraded it reads as it did, in clear still; after the rotation nothing of a patient is left in clear."""
    migrate(old_url)
    ledger = Ledger(old_url, [PAYLOAD_KEY])
    before, in_clear = ledger.report.stories("C-1"), found_in(dumped(old_url))

    assert sum(rows for _, rows in rotate(ledger.database))

    assert {"hold", "close", "payer_words", "doubt", "member"} <= {n for n, mark in MARKED.items() if mark in in_clear}
    assert before == ledger.report.stories("C-1")
    assert [] == found_in(dumped(old_url))
    assert "a person has said so" in str(list(ledger.report.status_feed(0, 100)))
    assert [] == list(rotate(ledger.database))


def test_what_is_asked_of_a_document_in_sql_has_a_column_of_its_own(old_url: str):
    """Whose turn it is to pay was in the document; the upgrade takes it from there."""
    migrate(old_url)

    with Database(old_url).read() as connection:
        turns = list(connection.scalars(select(CLAIM_REVISION.c.responsibility)))

    assert [Responsibility.SECONDARY] == turns


def test_events_of_before_are_older_than_the_chain(old_url: str):
    """They are told apart from those that are verified."""
    migrate(old_url)

    found = Ledger(old_url, [PAYLOAD_KEY]).audit.verify()

    assert ({"event": 4, "claim_look": 0}, "") == (found.before, found.fault)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET data = '{}'",
        "UPDATE event SET data = 'enc1.x', position = 9",
        "UPDATE event SET event = 'paid'",
    ],
)
def test_an_event_is_changed_by_nothing_but_encryption(night: Night, statement: str):
    """Its words may be encrypted anew; a text in clear, or any other column, is refused."""
    night.stage(builders.a_claim())

    with night.ledger.database.engine.connect() as connection, pytest.raises(Exception, match="kept for ever"):
        connection.execute(text(statement))
