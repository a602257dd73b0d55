"""Every pair of state and event: what moves, what is kept, and that the rest is a contradiction."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.states import (
    ANSWERS,
    DEAD_ON_DELIVERY,
    DELIVERY,
    FRONT_END,
    KEPT,
    WORDS,
    WORK,
    Delivery,
    Event,
    FrontEnd,
    Happened,
    Standing,
    Work,
    after,
    fold,
)

pytestmark = pytest.mark.pure

NAMED = [(state, event) for state, row in DELIVERY.items() for event in row]
UNNAMED = [
    (state, event) for state in Delivery for event in Event if event not in DELIVERY[state] and event not in WORDS
]
FRONT_END_EVENTS = [event for event in Event if any(event in row for row in FRONT_END.values())]
UNNAMED_AT_FRONT_END = [
    (state, event) for state in FrontEnd for event in FRONT_END_EVENTS if event not in FRONT_END[state]
]


def test_every_state_has_its_row():
    """No state is forgotten by the tables."""
    assert set(Delivery) == set(DELIVERY)
    assert set(FrontEnd) == set(FRONT_END)
    assert set(Event) >= set(WORK)


@pytest.mark.parametrize(("state", "event"), UNNAMED)
def test_a_pair_the_delivery_table_lacks_is_a_contradiction(state, event):
    """Delivery and front end stay where they are, the event marks the submission, a person decides."""
    before = Standing(delivery=state, front_end=FrontEnd.PENDING)

    standing = after(before, event)

    assert (state, FrontEnd.PENDING) == (standing.delivery, standing.front_end)
    assert standing.contradicted
    assert Work.PERSON_MUST_DECIDE is standing.work


@pytest.mark.parametrize(("state", "event"), UNNAMED_AT_FRONT_END)
def test_a_pair_the_front_end_table_lacks_is_a_contradiction(state, event):
    """Accepted and rejected exclude each other: the first verdict stands and a person looks."""
    standing = after(Standing(delivery=Delivery.SENT, front_end=state), event)

    assert state is standing.front_end
    assert standing.contradicted
    assert Work.PERSON_MUST_DECIDE is standing.work


@pytest.mark.parametrize(("state", "event"), NAMED)
def test_a_pair_the_delivery_table_names_moves_as_it_says(state, event):
    """A named pair moves, or keeps, and contradicts nothing."""
    target = DELIVERY[state][event]

    standing = after(Standing(delivery=state), event)

    assert (state if target is KEPT else target) is standing.delivery
    assert not standing.contradicted


@pytest.mark.parametrize(("state", "event"), [(state, event) for state, row in FRONT_END.items() for event in row])
def test_a_pair_the_front_end_table_names_moves_as_it_says(state, event):
    """While sent, an answer about the claim moves the front end as its table says."""
    target = FRONT_END[state][event]

    standing = after(Standing(delivery=Delivery.SENT, front_end=state), event)

    assert (state if target is KEPT else target) is standing.front_end


def test_a_contradiction_is_remembered():
    """Later sound events do not make it forgotten."""
    standing = fold([Happened(Event.SENT, 1), Happened(Event.COLLECTED, 2)])

    assert standing.contradicted
    assert Delivery.READY is standing.delivery


def test_an_ordinary_night():
    """Collected, batched, begun, sent, set accepted, claim accepted."""
    ours = [Event.COLLECTED, Event.BATCHED, Event.BEGUN, Event.SENT]
    events = [Happened(event, number) for number, event in enumerate(ours, start=1)]
    answers = [
        Happened(Event.SET_ACCEPTED, 5, "2026-03-06", "a.999", 4),
        Happened(Event.ACCEPTED_BY_CLEARINGHOUSE, 6, "2026-03-06", "FS_HCFA_1.txt", 9),
    ]

    assert Standing(delivery=Delivery.SENT, front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, work=Work.NOBODY) == fold(
        events + answers
    )


def test_an_answer_takes_out_of_doubt():
    """A report that names the claim proves that the file arrived."""
    begun = [Happened(Event.COLLECTED, 1), Happened(Event.BATCHED, 2), Happened(Event.BEGUN, 3)]

    assert Delivery.IN_DOUBT is fold(begun).delivery
    assert Delivery.SENT is fold([*begun, Happened(Event.SET_ACCEPTED, 4, "2026-03-06", "a.999", 1)]).delivery


@pytest.mark.parametrize(
    ("change", "due"),
    [(Event.CHANGED_AT_SOURCE, Work.REPLACEMENT_DUE), (Event.CANCELLED_AT_SOURCE, Work.VOID_DUE)],
)
@pytest.mark.parametrize("at", [2, 3, 4])
def test_what_the_source_changed_on_the_way_stays_due(change, due, at):
    """Whether before or after it left, an accepted claim that changed needs its replacement or void."""
    ours = [Event.COLLECTED, Event.BATCHED, Event.BEGUN, Event.SENT]
    ours.insert(at, change)
    events = [Happened(event, number) for number, event in enumerate(ours)]
    unaccounted = Happened(Event.UNACCOUNTED, 8, "2026-03-06", "a.txt")
    accepted = Happened(Event.ACCEPTED_BY_CLEARINGHOUSE, 9, "2026-03-07", "b.txt")

    assert due is fold([*events, unaccounted, accepted]).work


def test_a_changed_claim_that_was_rejected_needs_a_correction():
    """A claim refused at the front end is sent again as an original: nothing is replaced."""
    ours = [Event.COLLECTED, Event.BATCHED, Event.BEGUN, Event.SENT, Event.CHANGED_AT_SOURCE]
    events = [Happened(event, number) for number, event in enumerate(ours)]

    standing = fold([*events, Happened(Event.REJECTED_BY_CLEARINGHOUSE, 9, "2026-03-07", "b.txt")])

    assert Work.SOURCE_MUST_CORRECT is standing.work


def test_a_change_of_a_batch_given_up_is_no_longer_due():
    """The claim went back and took the new content, which is what will go."""
    ours = [Event.COLLECTED, Event.BATCHED, Event.CHANGED_AT_SOURCE, Event.UNBATCHED, Event.REVISED, Event.BATCHED]
    events = [Happened(event, number) for number, event in enumerate([*ours, Event.BEGUN, Event.SENT])]

    assert Work.NOBODY is fold(events).work


@pytest.mark.parametrize("answer", ANSWERS)
def test_any_answer_after_it_did_not_arrive_calls_a_person(answer):
    """The dangerous case, a possible duplicate, is never resolved by itself."""
    standing = after(Standing(delivery=Delivery.NOT_ARRIVED), answer)

    assert standing.contradicted
    assert standing.delivery in DEAD_ON_DELIVERY


OURS = [Event.COLLECTED, Event.BATCHED, Event.BEGUN, Event.SENT, Event.RENEWED]
GOOD_WORDS = [one for one in ANSWERS if one not in {Event.SET_REFUSED, Event.FILE_FAILED, Event.UNACCOUNTED}]


@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-07"], ids=["dated before", "dated after"])
@pytest.mark.parametrize("answer", GOOD_WORDS)
def test_a_good_word_on_what_was_renewed_calls_a_person(answer, day):
    """Its claim goes again, so the refused copy must not live: whatever day the answer gives itself."""
    refused = Happened(Event.FILE_FAILED, 8, "2026-03-06", "a.txt")

    standing = fold([*map(Happened, OURS, range(1, 6)), refused, Happened(answer, 9, day, "b.txt")])

    assert (Delivery.RENEWED, True, Work.PERSON_MUST_DECIDE) == (
        standing.delivery, standing.contradicted, standing.work,
    )  # fmt: skip


def test_a_renewed_submission_is_nobodys_work():
    """The refusals that led to it are known, and what the source changed is what goes."""
    ours = [*OURS[:-1], Event.CHANGED_AT_SOURCE, Event.RENEWED]
    refusals = [Happened(one, 9, "2026-03-06", "a.txt") for one in (Event.SET_REFUSED, Event.FILE_FAILED)]

    standing = fold([*map(Happened, ours, range(1, 7)), *refusals])

    assert Standing(delivery=Delivery.RENEWED) == standing


happenings = st.lists(
    st.builds(
        Happened,
        event=st.sampled_from(Event),
        sequence=st.integers(1, 99),
        answered_on=st.sampled_from(["", "2026-03-06", "2026-03-07"]),
        file=st.sampled_from(["", "a.999", "b.txt"]),
        position=st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda happened: happened.sequence,
)


@given(happenings, st.randoms())
def test_the_order_of_arrival_changes_nothing(events, random):
    """Whatever order events come in, they add up to the same standing."""
    shuffled = list(events)
    random.shuffle(shuffled)

    assert fold(events) == fold(shuffled)


@given(happenings)
def test_events_never_raise(events):
    """Any set of events adds up to something; contradictions are marked, not thrown."""
    standing = fold(events)

    assert standing.delivery in Delivery
    has_a_word = any(one.event in WORDS for one in events)
    assert Work.PERSON_MUST_DECIDE is standing.work or has_a_word or not standing.contradicted


DENIED = [
    *(Happened(event, n) for n, event in enumerate((Event.COLLECTED, Event.BATCHED, Event.BEGUN, Event.SENT), start=1)),
    Happened(Event.ACCEPTED_BY_CLEARINGHOUSE, 5, "2026-03-07", "a.txt"),
    Happened(Event.DENIED, 6, "2026-03-20", "b.835"),
]


@pytest.mark.parametrize(("word", "work"), WORDS.items())
def test_a_person_s_word_ends_the_work_and_moves_nothing_else(word, work):
    """It counts although it bears no date of an answer."""
    before = fold(DENIED)
    said = fold([*DENIED, Happened(word, 7)])

    assert Work.PERSON_MUST_DECIDE is before.work
    assert replace(before, work=work) == said


def test_the_newest_word_counts():
    """Written off, then reopened."""
    words = [Happened(Event.REOPENED, 8), Happened(Event.WRITTEN_OFF, 7)]

    assert Work.PERSON_MUST_DECIDE is fold([*DENIED, *words]).work


@pytest.mark.parametrize(
    ("news", "work"),
    [
        (Happened(Event.DENIED, 8, "2026-04-01", "c.835"), Work.WRITTEN_OFF),  # told again
        (Happened(Event.ACCEPTED_BY_CLEARINGHOUSE, 8, "2026-03-08", "c.txt"), Work.WRITTEN_OFF),
        (Happened(Event.PAID, 8, "2026-04-01", "c.835"), Work.NOBODY),
        (Happened(Event.REVERSED, 8, "2026-04-01", "c.835"), Work.NOBODY),
        (Happened(Event.REJECTED_BY_CLEARINGHOUSE, 8, "2026-03-01", "c.txt"), Work.PERSON_MUST_DECIDE),
        (Happened(Event.CHANGED_AT_SOURCE, 8), Work.PERSON_MUST_DECIDE),
    ],
)
def test_a_word_holds_until_news_that_move_something(news, work):
    """Whatever date the news bears: it was not known when the word was said."""
    said = Happened(Event.WRITTEN_OFF, 7)

    assert work is fold([*DENIED, said, news]).work
    assert work is fold([news, said, *DENIED]).work
