"""
What a person may do about what waits: one table of acts, each with what it does in words, and how it is done to many.

An act is on what somebody saw. Done already, it says by whom; changed meanwhile, it says by what and is not done; one
that is refused never stops the rest. Every act goes by the same use case as the command of that name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from include.claims.errors import ChangedMeanwhile, ClaimsError, NotAllowed
from include.claims.model import Frequency
from include.claims.states import Event
from include.delivery.apply import apply_stored
from include.delivery.doubt import it_arrived, it_did_not_arrive, keep_waiting
from include.delivery.ports import Ports
from include.delivery.queues import RELEASABLE, Subject, Waiting
from include.delivery.records import Posted
from include.delivery.renew import renew_each

MOST: Final = 200
"""Things one act may be on."""


class Result(StrEnum):
    """What became of an act on one thing."""

    DONE = "done"
    ALREADY = "already done"
    CHANGED = "changed meanwhile"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an act on one thing, and in words why."""

    id: str
    name: str
    clinic_key: str
    result: Result
    words: str
    run_id: str = ""  # of the run that does it


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says with an act."""

    who: str
    why: str = ""
    number: str = ""  # the payer's number of a claim, or the control number that money is of


Do = Callable[[Waiting, Said, Ports], str]
DoAll = Callable[[Sequence[Waiting], Said, Ports], Iterator[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a person may do."""

    name: str  # in the address
    button: str
    effect: str  # what will happen, as the page that asks for confirmation says it
    do: DoAll | None = None  # None: a run of the clinic's delivery does it
    subject: Subject = Subject.CLAIM
    leaves: frozenset[str] = frozenset()  # what stands as last where it was done already
    number: str = ""  # what a number is asked for
    needs_number: bool = False
    fits: Callable[[Waiting], bool] = lambda _: True  # where not, it would be refused
    goes_next: bool = False  # what it is done to goes with the clinic's next run
    is_grave: bool = False  # money or a claim may be lost by it

    @property
    def asks_why(self) -> bool:
        """Whether a reason is kept with it."""
        return self.do is not None and self.subject is not Subject.ALARM


def carry_out(act: Act, wanted: Mapping[str, str], said: Said, ports: Ports) -> list[Outcome]:
    """Do an act to things, each as it was `seen`, and return what became of each, in the order given."""
    assert act.do is not None, "a run does it"
    there = {one.id: one for one in ports.ledger.console.named(act.subject, wanted)}
    found = {name: _before(act, name, seen, there.get(name)) for name, seen in wanted.items()}
    going = [there[name] for name, outcome in found.items() if outcome is None]
    for outcome in act.do(going, said, ports):
        found[outcome.id] = outcome
    late = [name for name, outcome in found.items() if outcome and outcome.result is Result.CHANGED]
    if late:
        now_there = {one.id: one for one in ports.ledger.console.named(act.subject, late)}
        found |= {name: _before(act, name, "", now_there.get(name)) for name in late}
    return [outcome for outcome in found.values() if outcome]


def start_runs(wanted: Sequence[Waiting], start: Callable[[str, Sequence[str]], str]) -> list[Outcome]:
    """Start one run a clinic for its claims among these, and return what became of each."""
    by_clinic: dict[str, list[Waiting]] = {}
    for one in wanted:
        by_clinic.setdefault(one.clinic_key, []).append(one)
    return [outcome for clinic_key, its in by_clinic.items() for outcome in _run_for(clinic_key, its, start)]


def _run_for(clinic_key: str, its: Sequence[Waiting], start: Callable[[str, Sequence[str]], str]) -> Iterator[Outcome]:
    try:
        run_id = start(clinic_key, list(dict.fromkeys(one.name for one in its)))
    except ClaimsError as refused:
        yield from (_outcome(one, Result.REFUSED, str(refused)) for one in its)
        return
    yield from (replace(_outcome(one, Result.DONE, "a run looks it up"), run_id=run_id) for one in its)


def is_done(act: Act, one: Waiting) -> bool:
    """Tell whether somebody has done it last."""
    return one.last.what in act.leaves and bool(one.last.who)


def _before(act: Act, name: str, seen: str, one: Waiting | None) -> Outcome | None:
    """Return what becomes of an act that is not to be begun; None where it is."""
    if one is None:
        return Outcome(id=name, name=name, clinic_key="", result=Result.REFUSED, words="the ledger has none of that id")
    if is_done(act, one):
        return _outcome(one, Result.ALREADY, str(one.last))
    return None if one.seen == seen else _outcome(one, Result.CHANGED, f"meanwhile: {one.last}")


def _outcome(one: Waiting, result: Result, words: str) -> Outcome:
    return Outcome(id=one.id, name=one.name, clinic_key=one.clinic_key, result=result, words=words)


def _each(do: Do) -> DoAll:
    """Return an act on one thing as an act on many: one that is refused is told, and the rest go on."""

    def do_all(going: Sequence[Waiting], said: Said, ports: Ports) -> Iterator[Outcome]:
        for one in going:
            try:
                yield _outcome(one, Result.DONE, do(one, said, ports))
            except ChangedMeanwhile as changed:
                yield _outcome(one, Result.CHANGED, str(changed))
            except ClaimsError as refused:
                yield _outcome(one, Result.REFUSED, str(refused).removeprefix(f"claim {one.id}: "))

    return do_all


def _release(one: Waiting, said: Said, ports: Ports) -> str:
    ports.ledger.claims.release(one.id, said.who, said.why, ports.now(), seen=int(one.seen))
    return "released; it goes with the clinic's next run"


def _hold(one: Waiting, said: Said, ports: Ports) -> str:
    ports.ledger.claims.hold(one.id, said.who, said.why, ports.now(), seen=int(one.seen))
    return "held until somebody releases it"


def _again(frequency: Frequency) -> Do:
    def again(one: Waiting, said: Said, ports: Ports) -> str:
        following = ports.ledger.claims.send_again(
            one.id,
            frequency,
            payer_claim_number=said.number,
            who=said.who,
            why=said.why,
            now=ports.now(),
            seen=int(one.seen),
        )
        return f"{following} takes its place, and goes with the clinic's next run unless a rule holds it"

    return again


def _say(word: Event, done: str) -> Do:
    def say(one: Waiting, said: Said, ports: Ports) -> str:
        ports.ledger.claims.say(one.id, word, who=said.who, why=said.why, now=ports.now(), seen=int(one.seen))
        return done

    return say


def _renew(going: Sequence[Waiting], said: Said, ports: Ports) -> Iterator[Outcome]:
    try:
        stopped = renew_each([one.id for one in going], said.who, said.why, ports)
    except ClaimsError as refused:
        stopped = dict.fromkeys((one.id for one in going), str(refused))
    for one in going:
        why_not = stopped.get(one.id)
        words = why_not or "it goes with the clinic's next run under a new control number"
        yield _outcome(one, Result.REFUSED if why_not else Result.DONE, words)


def _arrived(one: Waiting, said: Said, ports: Ports) -> str:
    it_arrived(int(one.id), said.who, said.why, ports)
    return "sent; its claims wait for their answers"


def _did_not_arrive(one: Waiting, said: Said, ports: Ports) -> str:
    ready = it_did_not_arrive(int(one.id), said.who, said.why, ports)
    return f"{ready} claims go with the clinic's next run under new control numbers"


def _keep_waiting(one: Waiting, said: Said, ports: Ports) -> str:
    until = keep_waiting(int(one.id), said.who, said.why, ports)
    return f"it waits on; a person is asked again from {until:%Y-%m-%d %H:%M} UTC on"


def _match(one: Waiting, said: Said, ports: Ports) -> str:
    _, _, posting = one.id.partition("-")
    if not posting:
        raise NotAllowed(f"payment {one.id}: it is matched a posting at a time")
    ports.ledger.money.match(int(posting), said.number, _in_words(said), ports.now())
    return f"of claim {said.number}"


def _accept(one: Waiting, said: Said, ports: Ports) -> str:
    payment, _, posting = one.id.partition("-")
    ports.ledger.money.accept(int(payment), int(posting) if posting else None, said.who, said.why)
    return "accepted; it is in the feed"


def _in_words(said: Said) -> str:
    return f"{said.who}: {said.why}"


def _retry(one: Waiting, _: Said, ports: Ports) -> str:
    ports.ledger.responses.read_again(int(one.id))
    apply_stored(one.mailbox_key, ports)
    (now,) = ports.ledger.console.named(Subject.ANSWER, [one.id])
    return f"read again: {now.stands}" + "".join(f"; {reason}" for reason in now.reasons)


def _heard(one: Waiting, said: Said, ports: Ports) -> str:
    if not ports.ledger.silence.acknowledge(one.id, said.who):
        raise NotAllowed(f"claim {one.id}: no alarm was told of it")
    return "quiet until it gets worse"


_AGAIN: Final = frozenset({Event.REPLACED.value, Event.VOIDED.value})
_NUMBER: Final = "The payer's number of the claim, where no answer told it"

ACTS: Final[Mapping[str, Act]] = {
    one.name: one
    for one in (
        Act(
            name="release",
            button="Release",
            effect="Each goes with its clinic's next run. What a rule holds stays held: that is mended at the source.",
            do=_each(_release),
            leaves=frozenset({Event.RELEASED.value}),
            fits=lambda one: one.work == RELEASABLE,
            goes_next=True,
        ),
        Act(
            name="hold",
            button="Hold",
            effect="None of them goes, whatever the source changes, until somebody releases it.",
            do=_each(_hold),
            leaves=frozenset({Event.HELD.value}),
        ),
        Act(
            name="collect",
            button="Collect now",
            effect="A run of each clinic starts now, for these claims alone. It looks each up at the source, takes what"
            " has changed there, and sends what is sound.",
        ),
        Act(
            name="corrected",
            button="Corrected at the source",
            effect="A run of each clinic starts now and looks each up at the source. One that has changed becomes a new"
            " original, and is held until somebody says that it was not corrected on the clearinghouse's website too:"
            " release it then. One that has not changed stays as it is.",
        ),
        Act(
            name="original",
            button="Send as original",
            effect="Each goes again as a new claim, as the source holds it now, with its clinic's next run. Refused"
            " where a claim of it may live at the payer.",
            do=_each(_again(Frequency.ORIGINAL)),
            leaves=_AGAIN,
            goes_next=True,
            is_grave=True,
        ),
        Act(
            name="replacement",
            button="Replace",
            effect="A replacement of each goes with its clinic's next run, as the source holds it now. It names the"
            " payer's own number of the claim.",
            do=_each(_again(Frequency.REPLACEMENT)),
            leaves=_AGAIN,
            number=_NUMBER,
            goes_next=True,
        ),
        Act(
            name="void",
            button="Void",
            effect="A void of each goes with its clinic's next run: the payer takes the claim back, and its money.",
            do=_each(_again(Frequency.VOID)),
            leaves=_AGAIN,
            number=_NUMBER,
            goes_next=True,
            is_grave=True,
        ),
        Act(
            name="appealed",
            button="Appealed",
            effect="Each waits for the payer to decide anew, with a clock of its own.",
            do=_each(_say(Event.APPEALED, "appealed; it waits for the payer")),
            leaves=frozenset({Event.APPEALED.value}),
        ),
        Act(
            name="written-off",
            button="Write off",
            effect="Nobody waits for them any more: no clock runs, no alarm is raised, until an answer comes.",
            do=_each(_say(Event.WRITTEN_OFF, "written off")),
            leaves=frozenset({Event.WRITTEN_OFF.value}),
            is_grave=True,
        ),
        Act(
            name="closed",
            button="Close",
            effect="Settled in a way no file tells. No clock runs over them any more, until an answer comes.",
            do=_each(_say(Event.CLOSED, "closed")),
            leaves=frozenset({Event.CLOSED.value}),
        ),
        Act(
            name="open",
            button="Open again",
            effect="What somebody said of each before holds no more: it waits for a person, and its clocks run.",
            do=_each(_say(Event.REOPENED, "open again")),
            leaves=frozenset({Event.REOPENED.value}),
        ),
        Act(
            name="renew",
            button="Send again",
            effect="The mailbox is read once more. What nothing else was heard of goes with its clinic's next run, as"
            " it is, under a new control number.",
            do=_renew,
            leaves=frozenset({Event.RENEWED.value}),
            goes_next=True,
            is_grave=True,
        ),
        Act(
            name="arrived",
            button="It arrived",
            effect="Each file counts as sent, and its claims wait for their answers. Nothing is sent again.",
            do=_each(_arrived),
            subject=Subject.FILE,
            leaves=frozenset({Event.SENT.value}),
            is_grave=True,
        ),
        Act(
            name="did-not-arrive",
            button="It did not arrive",
            effect="The clearinghouse's server is looked through once more. Where nothing of the file is there, and its"
            " deadline is over, its claims go again under new control numbers. Say it only if the clearinghouse said"
            " so.",
            do=_each(_did_not_arrive),
            subject=Subject.FILE,
            leaves=frozenset({Event.NOT_ARRIVED.value}),
            goes_next=True,
            is_grave=True,
        ),
        Act(
            name="keep-waiting",
            button="Keep waiting",
            effect="Nothing changes for its claims. Alarms of them are quiet, and a person is asked again once the time"
            " is over in which the clinic's answers are due.",
            do=_each(_keep_waiting),
            subject=Subject.FILE,
        ),
        Act(
            name="match",
            button="Match to a claim",
            effect="The posting is of the claim you name: what it decides is an answer to it, and its money is posted.",
            do=_each(_match),
            subject=Subject.MONEY,
            leaves=frozenset({Posted.POSTED.value, Posted.QUARANTINED.value}),
            number="Control number of the claim",
            needs_number=True,
        ),
        Act(
            name="accept",
            button="Accept as it is",
            effect="It counts although it does not add up, or says something else than before, and goes in the feed.",
            do=_each(_accept),
            subject=Subject.MONEY,
            leaves=frozenset({Posted.POSTED.value}),
            is_grave=True,
        ),
        Act(
            name="retry",
            button="Read again",
            effect="Each is read once more, by the readers as they are now. Read twice, it is applied once.",
            do=_each(_retry),
            subject=Subject.ANSWER,
            leaves=frozenset(),
        ),
        Act(
            name="heard",
            button="Heard",
            effect="No alarm is told of them any more, until it gets worse. Their clocks run on.",
            do=_each(_heard),
            subject=Subject.ALARM,
            leaves=frozenset({"heard"}),
        ),
    )
}
"""By name; the command line has the same words."""
