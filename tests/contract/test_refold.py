"""Whatever happens in whatever order, the cached states equal the fold of all events, on every ledger."""

import os
import random

import pytest
from sqlalchemy import func, select

from include.adapters.ledger.events import cached, happened
from include.adapters.ledger.tables import BATCH, EVENT, SUBMISSION
from include.claims.errors import ClaimsError
from include.claims.model import CancelledClaim, Claim
from include.claims.states import ANSWERS, BatchStatus, Delivery, FrontEnd, Usage, fold
from include.delivery.records import Kind
from tests.contract.night import BLOCKED, OTHER_BLOCKED, Night, an_answer, an_order, changed, claims

STEPS = 150 if os.environ.get("COURIER_LONG") else 60


class Chance:
    """A person, a source, a server and a clearinghouse that do anything at any time."""

    def __init__(self, night: Night, seed: int) -> None:
        self.night = night
        self.random = random.Random(seed)
        self.content: list[Claim] = claims(6)
        self.runs = 0
        self.begun: list[int] = []

    def step(self) -> None:
        """Do something; what the ledger refuses is refused."""
        self.night.later(minutes=self.random.choice([1, 1, 1, 60 * 30]))
        does = (self.stage, self.stage, self.seal, self.send, self.end, self.answer, self.answer, self.person)
        try:
            self.random.choice(does)()
        except ClaimsError:
            return

    def stage(self) -> None:
        place = self.random.randrange(len(self.content))
        claim = self.content[place]
        what = self.random.randrange(4)
        if what == 0:
            self.content[place] = claim = changed(claim)
        if what == 1:
            self.night.stage(CancelledClaim(source=claim.source, key=claim.key))
            return
        self.night.stage(claim, faults=self.random.choice([(), (), (BLOCKED,), (OTHER_BLOCKED,)]))

    def seal(self) -> None:
        self.runs += 1
        kind = self.random.choice([Kind.LIVE, Kind.LIVE, Kind.LIVE, Kind.TEST])
        for batch_id in self.night.seal(an_order(f"run-{self.runs}", kind=kind)):
            self.night.render(batch_id)

    def send(self) -> None:
        self.begun.append(self.night.begin(self.a_batch()))

    def end(self) -> None:
        batches = self.night.ledger.batches
        how = self.random.choice([batches.sent, batches.broken, batches.not_started])
        if self.begun:
            how(self.random.choice(self.begun), "so it ended", self.night.now)

    def answer(self) -> None:
        batch_id = self.a_batch()
        numbers = self.night.numbers(batch_id)
        some = self.random.sample(numbers, self.random.randint(0, len(numbers)))
        answers = [an_answer(one, self.random.choice(ANSWERS[:-1]), place) for place, one in enumerate(some)]
        day = f"2026-03-{self.random.randint(6, 20):02d}"
        self.night.respond(batch_id, answers, answered_on=day, is_final=self.random.random() < 0.3)

    def person(self) -> None:
        batches = self.night.ledger.batches
        if self.random.random() < 0.4:
            for line in self.night.lines():
                if line.delivery is Delivery.HELD:
                    self.night.ledger.claims.release(line.control_number, "casey", "so be it", self.night.now)
            return
        self.random.choice(
            [
                lambda one: batches.did_not_arrive(one, "casey", "so they say", self.night.now),
                lambda one: batches.give_up(one, "too old", self.night.now),
                lambda one: batches.sent_by_look(one, "seen", self.night.now),
            ]
        )(self.a_batch())

    def a_batch(self) -> int:
        known = [batch.id for batch in self.night.ledger.report.batches()]
        return self.random.choice(known) if known else 0


@pytest.mark.parametrize("seed", range(12 if os.environ.get("COURIER_LONG") else 3))
def test_states_are_the_fold_of_events(night: Night, seed: int):
    """After any history the cached columns of every submission equal the fold of its events, and batches agree."""
    chance = Chance(night, seed)

    for _ in range(STEPS):
        chance.step()

    with night.ledger.database.read() as connection:
        submissions = connection.execute(select(SUBMISSION)).all()
        events = connection.execute(select(EVENT)).all()
        alive = connection.execute(_alive_twice()).all()
    assert submissions
    for row in submissions:
        folded = fold(happened(one) for one in events if one.submission_id == row.id)
        columns = {name: getattr(row, name) for name in cached(folded)}
        assert cached(folded) == columns, row.control_number
        assert (row.delivery == Delivery.BATCHED) <= (row.batch_id is not None)
    assert [] == alive


def _alive_twice():
    """Return the claims with two submissions on their way or accepted, none of them contradicted: a double."""
    on_the_way = [Delivery.BATCHED.value, Delivery.IN_DOUBT.value, Delivery.SENT.value]
    return (
        select(SUBMISSION.c.claim_id)
        .outerjoin(BATCH, BATCH.c.id == SUBMISSION.c.batch_id)
        .where(
            SUBMISSION.c.usage == Usage.LIVE.value,
            SUBMISSION.c.delivery.in_(on_the_way),
            SUBMISSION.c.front_end != FrontEnd.REJECTED_BY_CLEARINGHOUSE.value,
            ~SUBMISSION.c.contradicted,
            BATCH.c.status != BatchStatus.RELEASED.value,
        )
        .group_by(SUBMISSION.c.claim_id)
        .having(func.count() > 1)
    )
