"""Old files: what goes is settled and old, what stays says so, and nothing but bytes goes."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select
from upath import UPath

from include.adapters.ledger.ageing import Ageing
from include.adapters.ledger.payloads import look
from include.adapters.ledger.tables import METADATA
from include.adapters.objects import Objects
from include.adapters.vault import LedgerVault
from include.claims.errors import AgedOut, BadSetting, NotAllowed, VaultUnreachable
from include.claims.states import Event
from include.delivery.ageing import CHUNK, SEVEN_YEARS, keep_days, let_go
from include.delivery.records import RemoteFile, ResponseStatus
from tests import builders
from tests.contract.night import NOW, Night, an_answer, an_order, changed, claims
from tests.contract.test_money import Books, a_payment_of, remitted

LATER = NOW + timedelta(days=SEVEN_YEARS + 60)


class Archive:
    """A ledger with a vault, in which files get old."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.vault = LedgerVault(night.ledger.database, [Fernet.generate_key().decode()], lambda: night.now)

    def sent(self, *items, run_id="run-1"):
        """Send claims in a file of which the vault has the bytes; return its batch."""
        self.night.stage(*items)
        (batch_id,) = self.night.seal(an_order(run_id))
        starts = {one.submission_id: ("0001", 10) for one in self.night.ledger.batches.claims(batch_id)}
        self.night.ledger.batches.rendered(batch_id, self.vault.store(run_id.encode()), len(run_id), starts)
        self.night.ledger.batches.sent(self.night.begin(batch_id), "acknowledged", self.night.now)
        return batch_id

    def came(self, content: bytes, name: str = "") -> int:
        """Let a file come back; return it."""
        file = RemoteFile(name=name or f"{content.decode()}.txt", size=len(content), modified=1)
        return self.night.ledger.responses.store("harbor", file, self.vault.store(content), self.night.now)

    def answer(self, batch_id, event, content: bytes = b"answer", number: int = 0) -> int:
        """Let a file say something of a claim of a batch; return it."""
        said = an_answer(self.night.numbers(batch_id)[number], event)
        return self.night.respond(batch_id, [said], response_id=self.came(content))

    def age(self, days=SEVEN_YEARS, **how):
        """Let go what is old, years later."""
        return let_go(self.night.ledger.ageing, days, "keep_house", LATER, **how).files

    def names(self):
        """Return what may go, years later."""
        return [one.name for one in self.night.ledger.ageing.may_go(LATER - timedelta(days=SEVEN_YEARS))]


@pytest.fixture(name="archive")
def _archive(night: Night) -> Archive:
    return Archive(night)


def rows(night: Night) -> dict[str, int]:
    """Count every table's rows."""
    with night.ledger.database.read() as connection:
        tables = METADATA.sorted_tables
        return {one.name: connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_what_is_settled_and_old_goes_and_nothing_else_does(archive, night):
    """The bytes of the file and of its answer; not one row beside them. A second round finds nothing."""
    batch_id = archive.sent(builders.a_claim())
    archive.answer(batch_id, Event.PAID)
    before, sha256 = rows(night), night.ledger.batches.get(batch_id).payload_sha256

    assert 2 == archive.age()

    assert {**before, "payload": 0, "payload_aged": 2} == rows(night)
    with pytest.raises(AgedOut, match=r"5 bytes were let go on 2033-05-05: they were older .*; a backup"):
        archive.vault.load(sha256)
    assert 0 == archive.age()


def test_what_is_young_stays(archive):
    """However settled it is."""
    archive.answer(archive.sent(builders.a_claim()), Event.PAID)

    assert 0 == archive.age(days=SEVEN_YEARS + 61)


@pytest.mark.parametrize("event", [Event.ACCEPTED_BY_PAYER, Event.DENIED, Event.REVERSED, Event.FILE_FAILED])
def test_what_speaks_of_an_open_claim_stays(archive, event):
    """One claim of it that waits for a payer or a person keeps the file, and every answer that names that claim."""
    batch_id = archive.sent(*claims(2))
    archive.answer(batch_id, Event.PAID, b"of the first")
    archive.answer(batch_id, event, b"of the second", number=1)

    assert ["of the first.txt"] == archive.names()


def test_an_earlier_file_of_an_open_claim_stays(archive, night):
    """Its claim was rejected, corrected and sent again, and the payer has not decided."""
    first = archive.sent(builders.a_claim())
    archive.answer(first, Event.REJECTED_BY_CLEARINGHOUSE)
    night.stage(changed(builders.a_claim()))
    night.ledger.claims.release(night.line("C-1", 2).control_number, "casey", "not corrected there", night.now)
    second = archive.sent(run_id="run-2")

    assert [] == archive.names()
    archive.answer(second, Event.PAID, b"paid")
    assert 4 == archive.age()


def test_a_file_that_may_still_leave_stays(archive, night):
    """Rendered and never sent, or in doubt."""
    night.stage(builders.a_claim())
    (batch_id,) = night.seal()
    starts = {one.submission_id: ("0001", 10) for one in night.ledger.batches.claims(batch_id)}
    night.ledger.batches.rendered(batch_id, archive.vault.store(b"ISA"), 3, starts)

    assert [] == archive.names()
    night.begin(batch_id)
    assert [] == archive.names()


def test_money_that_waits_keeps_its_file(archive, night):
    """A posting that names no claim of ours is not in the feed until somebody says whose it is."""
    books = Books(night)
    response_id = archive.came(b"remittance")
    night.ledger.responses.post(response_id, remitted(a_payment_of("NOBODYS")), night.now)

    assert [] == archive.names()
    (money,) = [one for one in books.money.open() if one.posting_id]
    night.ledger.money.match(money.posting_id, books.numbers[0], "casey", night.now)
    assert ["remittance.txt"] == archive.names()


def test_the_same_bytes_stay_while_one_of_them_must(archive, night):
    """A file that came twice, under two names, the second of them this year."""
    archive.came(b"twice", "old.txt")
    night.ledger.responses.set_aside(1, ResponseStatus.UNKNOWN, "no reader", night.now)
    night.now = LATER - timedelta(days=1)
    archive.came(b"twice", "new.txt")

    assert [] == archive.names()


def test_what_was_never_read_stays(archive):
    """An answer that is stored and not applied may say anything."""
    archive.came(b"unread")

    assert [] == archive.names()


def test_what_has_gone_is_not_read_again(archive, night):
    """Neither by the next collect, which looks at foreign files once more, nor on a person's word."""
    answer_id = archive.came(b"foreign")
    night.ledger.responses.set_aside(answer_id, ResponseStatus.FOREIGN, "names nothing of ours", night.now)
    assert 1 == archive.age()

    assert [] == night.ledger.responses.unapplied("harbor")
    with pytest.raises(NotAllowed, match="let go for its age"):
        night.ledger.responses.read_again(answer_id)
    archive.came(b"foreign")
    assert [answer_id] == [one.id for one in night.ledger.responses.unapplied("harbor")]


def test_the_file_s_page_keeps_its_story(archive, night):
    """When it was rendered, its hash and its size, and since when its bytes are gone."""
    batch_id = archive.sent(builders.a_claim())
    archive.answer(batch_id, Event.PAID)
    before = night.ledger.console.batch(batch_id)
    archive.age()

    after = night.ledger.console.batch(batch_id)

    assert (None, LATER) == (before.aged_at, after.aged_at)
    assert (before.rendered_at, before.batch) == (after.rendered_at, after.batch)


def test_a_round_may_end_anywhere(archive, night):
    """What went has gone, the next round takes the rest."""
    for number in range(CHUNK + 3):
        archive.came(b"%d" % number)
        night.ledger.responses.set_aside(number + 1, ResponseStatus.UNKNOWN, "no reader", night.now)
    times = iter([True, False])

    assert CHUNK == archive.age(has_time=lambda: next(times))
    assert 3 == archive.age()


def test_how_long_files_are_kept_is_a_setting():
    """Seven years; a slip of the pen is refused."""
    assert SEVEN_YEARS == keep_days({})
    assert 3650 == keep_days({"COURIER_KEEP_DAYS": "3650"})
    for slip in ("7", "forever"):
        with pytest.raises(BadSetting, match="COURIER_KEEP_DAYS"):
            keep_days({"COURIER_KEEP_DAYS": slip})


class Stubborn(Objects):
    """A store that deletes nothing."""

    def delete(self, name: str) -> None:
        raise VaultUnreachable(f"{name}: not now")


@pytest.fixture(name="outside")
def _outside(archive, night, tmp_path) -> Objects:
    """Return where the archive's files lie outside the ledger."""
    outside = Objects(UPath(f"file://{tmp_path}/payloads"))
    archive.vault = LedgerVault(
        night.ledger.database, [Fernet.generate_key().decode()], lambda: night.now, lambda: outside
    )
    night.ledger.ageing = Ageing(night.ledger.database, lambda: outside)
    return outside


def test_objects_go_with_their_files(archive, night, outside):
    """What lies outside the ledger goes by the same rules, bytes and all."""
    batch_id = archive.sent(builders.a_claim())
    archive.answer(batch_id, Event.PAID)
    archive.came(b"young and unread")
    sha256 = night.ledger.batches.get(batch_id).payload_sha256

    assert 2 == archive.age()

    assert 1 == len(list(outside.names()))
    assert ((), ()) == (look(night.ledger.database, outside).lost, look(night.ledger.database, outside).unnamed)
    with pytest.raises(AgedOut):
        archive.vault.load(sha256)


def test_a_round_that_stopped_before_the_objects_is_finished(archive, night, outside):
    """Where the store did not answer, no row is left without its bytes, and the next round deletes them."""
    archive.answer(archive.sent(builders.a_claim()), Event.PAID)
    night.ledger.ageing = Ageing(night.ledger.database, lambda: Stubborn(outside._folder))
    with pytest.raises(VaultUnreachable):
        archive.age()
    stopped = look(night.ledger.database, outside)
    night.ledger.ageing = Ageing(night.ledger.database)
    with pytest.raises(BadSetting, match="claims_payloads"):
        archive.age()
    night.ledger.ageing = Ageing(night.ledger.database, lambda: outside)

    assert 0 == archive.age()

    assert ((), 2) == (stopped.lost, len(stopped.unnamed))
    assert [] == list(outside.names())


def test_what_comes_again_before_its_object_went_stays(archive, night, outside):
    """The same bytes stored once more are no longer among those to delete."""
    archive.came(b"twice")
    night.ledger.responses.set_aside(1, ResponseStatus.UNKNOWN, "no reader", night.now)
    night.ledger.ageing = Ageing(night.ledger.database, lambda: Stubborn(outside._folder))
    with pytest.raises(VaultUnreachable):
        archive.age()
    night.ledger.ageing = Ageing(night.ledger.database, lambda: outside)

    sha256 = archive.vault.store(b"twice")
    night.ledger.ageing.finish()

    assert b"twice" == archive.vault.load(sha256)
