"""A queue is a page of rows at a time, filtered, ordered and counted by the database, alike on both."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims.states import Event
from include.delivery.file_hops import Hop
from include.delivery.queues import QUEUES, Ask, Sort, Subject
from include.delivery.records import RemoteFile, ResponseStatus
from tests import builders
from tests.contract.night import BLOCKED, OTHER_BLOCKED, Night, an_answer, claims
from tests.contract.test_money import Books, a_payment_of, remitted

ASK = Ask(clinics=["harbor"], mailboxes=["harbor"])


def names(night: Night, queue: str, **asked) -> list[str]:
    """Return what a queue lists, by what people call it."""
    return [one.name for one in night.ledger.console.waiting(QUEUES[queue], replace(ASK, **asked))]


def of_days(*days: int):
    """Return claims of these days in March, each dearer than the one before."""
    made = []
    for number, day in enumerate(days, start=1):
        lines = (builders.a_line(service_date=date(2026, 3, day)),) * number
        made.append(builders.a_claim(key=f"C-{number}", lines=lines))
    return made


def test_a_queue_is_ordered_by_dollars_age_or_the_oldest_service(night: Night):
    """A claim that could not be read, of which no day is known, would stand first of all."""
    night.stage(*of_days(3, 1, 2), faults=[BLOCKED])

    assert ["C-3", "C-2", "C-1"] == names(night, "held")
    assert ["C-1", "C-2", "C-3"] == names(night, "held", sort=Sort.AGE)
    assert ["C-2", "C-3", "C-1"] == names(night, "held", sort=Sort.LIMIT)


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_and_none_is_told_twice(night: Night, sort: Sort):
    """Also where many rows are alike in what they are ordered by."""
    night.stage(*claims(7), faults=[BLOCKED])
    ask, found = replace(ASK, sort=sort, limit=3), []

    while page := night.ledger.console.waiting(QUEUES["held"], ask):
        found += [one.name for one in page]
        ask = replace(ask, after=page[-1].place)

    assert [one.key for one in claims(7)] == sorted(found)


def test_a_place_of_another_order_is_refused(night: Night):
    """An address that was written by hand is no error of the database."""
    for place in (("1",), ("x", "1"), ("1", "2", "3")):
        with pytest.raises(ValueError, match=r".+"):
            names(night, "held", after=place)


def test_a_queue_is_filtered_and_counted_alike(night: Night):
    """By clinic, payer, reason, and how a control number or key begins."""
    first, second, third = claims(3)
    night.stage(first, faults=[BLOCKED])
    night.stage(second, third, faults=[OTHER_BLOCKED])
    number = night.line("C-002").control_number

    for asked, expected in (
        ({"code": "member_id_present"}, ["C-001"]),
        ({"code": "member%"}, []),
        ({"named": "C-00"}, ["C-001", "C-002", "C-003"]),
        ({"named": number}, ["C-002"]),
        ({"named": "%"}, []),
        ({"payer": "nobody"}, []),
        ({"clinics": []}, []),
    ):
        assert expected == sorted(names(night, "held", **asked)), asked
        total = night.ledger.console.waiting_total(QUEUES["held"], replace(ASK, **asked))
        assert len(expected) == total.claims
    assert Hop(1, first.total_charge) == night.ledger.console.waiting_total(
        QUEUES["held"], replace(ASK, code="member_id_present")
    )


def test_a_rejected_claim_is_found_by_the_code_it_was_refused_with(night: Night):
    """As the clearinghouse gave it."""
    numbers = night.numbers(night.sent(*claims(2)))
    night.respond(None, [
        an_answer(numbers[0], Event.REJECTED_BY_CLEARINGHOUSE, codes=("A7:562",)),
        an_answer(numbers[1], Event.REJECTED_BY_PAYER, codes=("A3:116",)),
    ])  # fmt: skip

    (one,) = night.ledger.console.waiting(QUEUES["rejected"], replace(ASK, code="A7:562"))

    assert ("C-001", "REJECTED BY CLEARINGHOUSE", ("A7:562: because",)) == (one.name, one.stands, one.reasons)
    assert ["C-001", "C-002"] == sorted(names(night, "rejected"))


def test_what_a_person_said_is_what_stands_last(night: Night):
    """And what was seen before is no more what is there."""
    (number,) = night.numbers(night.sent(builders.a_claim()))
    night.respond(None, [an_answer(number, Event.DENIED)])
    (before,) = night.ledger.console.named(Subject.CLAIM, [number])

    night.ledger.claims.say(number, Event.APPEALED, who="casey", why="by letter", now=night.now)
    (after,) = night.ledger.console.named(Subject.CLAIM, [number])

    assert ("denied", "") == (before.last.what, before.last.who)
    assert ("appealed", "casey", night.now) == (after.last.what, after.last.who, after.last.at)
    assert before.seen != after.seen
    assert (["C-1"], []) == (names(night, "appealed"), names(night, "denied"))


def test_a_file_in_doubt_is_listed_until_somebody_says(night: Night):
    """And then says who."""
    batch_id = night.rendered(builders.a_claim())
    night.begin(batch_id)
    file_name = night.ledger.batches.get(batch_id).file_name
    assert [file_name] == names(night, "doubt", named=file_name[:6])

    night.ledger.batches.sent_by_look(batch_id, "casey says it arrived: called", night.now)

    (one,) = night.ledger.console.named(Subject.FILE, [str(batch_id)])
    assert [] == names(night, "doubt")
    assert ("sent", "casey") == (one.last.what, one.last.who)


def test_money_waits_as_a_payment_or_as_a_posting(night: Night):
    """What names no claim of ours by itself, what does not add up as a whole."""
    books = Books(night)
    books.post(remitted(a_payment_of("NOBODYS")))
    books.post(remitted(a_payment_of(books.numbers[0], icn="ICN9"), short=5, trace="EFT2"))

    found = night.ledger.console.waiting(QUEUES["unmatched"], ASK)
    pages = [names(night, "unmatched", limit=1, after=one.place) for one in found]

    assert {("EFT1", "unmatched", Decimal(200)), ("EFT2", "quarantined", Decimal(195))} <= {
        (one.name, one.stands, one.amount) for one in found
    }
    assert len(found) == 1 + sum(bool(page) for page in pages)
    assert found == [
        replace(one, place=old.place)
        for one, old in zip(night.ledger.console.named(Subject.MONEY, [one.id for one in found]), found, strict=True)
    ]
    assert [] == names(night, "unmatched", mailboxes=[])


def test_an_answer_that_was_set_aside_may_be_read_again(night: Night):
    """One that was applied may not, and one that was left on the server has no bytes here."""
    file = RemoteFile(name="odd.txt", size=3, modified=1)
    response_id = night.ledger.responses.store("harbor", file, "1" * 64, night.now)
    night.ledger.responses.set_aside(response_id, ResponseStatus.QUARANTINED, "no layout", night.now)
    assert ["odd.txt"] == names(night, "quarantined", code="quarantined")

    night.ledger.responses.read_again(response_id)

    assert [] == names(night, "quarantined")
    assert [response_id] == [one.id for one in night.ledger.responses.unapplied("harbor")]


def test_a_silent_claim_is_listed_until_somebody_has_heard(night: Night):
    """And again once it gets worse; by what is waited for."""
    (number,) = night.numbers(night.sent(builders.a_claim()))
    silence = night.ledger.silence
    silence.remember({f"answer:{number}": 100, f"filing:{number}": 50, "delivery:harbor": 100}, (), night.now)
    (one,) = night.ledger.console.waiting(QUEUES["silent"], replace(ASK, code="filing"))
    assert 2 == len(one.reasons)

    silence.acknowledge(number, "casey")

    assert [] == names(night, "silent")
    (heard,) = night.ledger.console.named(Subject.ALARM, [number])
    assert ("heard", "casey") == (heard.last.what, heard.last.who)
    silence.remember({f"filing:{number}": 75}, (), night.now)
    assert ["C-1"] == names(night, "silent")


def test_what_nobody_has_is_not_found(night: Night):
    """An address that was written by hand finds nothing, and breaks nothing."""
    for subject in Subject:
        assert [] == night.ledger.console.named(subject, ["NOSUCH", "1", "9" * 30, "1-2", "-", "²"])
