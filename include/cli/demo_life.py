"""
The life of one claim, in the demo: refused for a line, corrected, sent again, paid in part, replaced, paid.

What comes next is read off the ledger and never remembered, so that a demo that was stopped goes on where it was. The
months that all of this takes pass on the sandbox's clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from include.adapters.ledger import Ledger
from include.claims.model import Frequency
from include.claims.states import REJECTED, Adjudication, Delivery
from include.cli.processes import StackFailed
from include.cli.stack import Stack
from include.delivery.records import ClaimLine
from include.sandbox.clock import turn_clock
from include.sandbox.fates import Fate
from include.sandbox.practice import TOLD
from include.sandbox.practice_changes import correct, told_claim

WHO: Final = "Casey Sample"
_DAYS: Final = 17
"""Until a payer has answered and decided; see docs/sandbox.md."""

_MOST_STEPS: Final = 20
_RESTS_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Life:
    """One claim and the world it lives in."""

    stack: Stack
    deliver: Callable[[str], None]  # run the clinic's delivery DAG
    receive: Callable[[str], None]  # run the clinic's receiving DAG

    @property
    def clinic(self) -> str:
        """Whose claim it is."""
        return TOLD[0]

    @property
    def key(self) -> str:
        """The practice's own key of the claim."""
        return told_claim(self.stack.home / "practice.db")

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.stack.ledger()

    def correct_line(self, _line: ClaimLine) -> None:
        """Mend the line in the practice; the next run finds the claim changed and asks a person first."""
        self._correct(Fate.LINE_DENIED, "AUTH-OLD")
        self.deliver(self.clinic)

    def release(self, line: ClaimLine) -> None:
        """Say that a person has looked: nobody corrected it on the clearinghouse's website."""
        why = "not corrected on the clearinghouse's website"
        self.ledger.claims.release(line.control_number, WHO, why, datetime.now(UTC))

    def send(self, _line: ClaimLine) -> None:
        """Let it go with the clinic's next run."""
        self.deliver(self.clinic)

    def let_weeks_pass(self, _line: ClaimLine) -> None:
        """Wait for the payer, which answers in its own time."""
        sandbox = self.stack.taken_log.parent
        turn_clock(sandbox, timedelta(days=_DAYS))
        self._wait_until_it_rests()
        self.receive(self.clinic)

    def replace(self, line: ClaimLine) -> None:
        """Enter the right authorization in the practice, and send the claim as a replacement."""
        self._correct(Fate.CONTRACT, "AUTH-NEW")
        self.deliver(self.clinic)
        why = "the authorization was missing"
        self.ledger.claims.send_again(
            line.control_number, Frequency.REPLACEMENT, who=WHO, why=why, now=datetime.now(UTC)
        )

    def _correct(self, fate: Fate, authorization: str) -> None:
        correct(
            self.stack.home / "practice.db", self.key, fate=fate, authorization=authorization, now=datetime.now(UTC)
        )

    def _wait_until_it_rests(self) -> None:
        outbound = self.stack.taken_log.parent / "accounts"
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < _RESTS_SECONDS:
            now = sum(1 for _ in outbound.glob("*/outbound/*"))
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the claim where it stands."""

    words: str
    is_next: Callable[[ClaimLine], bool]
    do: Callable[[Life, ClaimLine], None]


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "its payer refuses a line; the practice corrects it", lambda one: one.front_end in REJECTED, Life.correct_line
    ),
    Step("a person lets the corrected claim go", lambda one: one.delivery is Delivery.HELD, Life.release),
    Step("it goes with the clinic's next run", lambda one: one.delivery is Delivery.READY, Life.send),
    Step(
        "paid in part, a line is denied; the practice enters the authorization, a person sends a replacement",
        lambda one: one.adjudication is Adjudication.PAID_WITH_DENIED_LINES,
        Life.replace,
    ),
    Step(f"{_DAYS} days pass", lambda one: one.adjudication is Adjudication.NONE, Life.let_weeks_pass),
)
"""The first that fits is next; a claim that is paid has nothing more to come."""


def tell(life: Life, say: Callable[[str], None]) -> None:
    """Let the claim live until it is paid; raise StackFailed where it does not come to that."""
    for _ in range(_MOST_STEPS):
        (story,) = life.ledger.report.stories(life.key)
        line = story.chapters[-1].line
        if line.adjudication is Adjudication.PAID:
            return
        step = next((one for one in STEPS if one.is_next(line)), None)
        if step is None:
            break
        say(f"  claim {life.key}: {step.words}")
        step.do(life, line)
    raise StackFailed(f"claim {life.key} was to be paid and is {line.delivery}, {line.front_end}, {line.adjudication}")
