"""
Setting a clinic up, step by step, from its facts to its first live night.

Where a step stands is looked up in the world each time it is asked: rows, connection, test file, mode. Only what the
world does not show is remembered: that the mail went, that a login was seen and with which key, a person's word. So
whoever stops anywhere goes on from there, and a changed password or host key asks for another look by itself.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from include.claims.errors import BadSetting, LoginRefused, NeedsRepair
from include.claims.states import PASSED_CLEARINGHOUSE, BatchStatus
from include.delivery.clinic_table import Clinic, Mailbox, Mode
from include.delivery.login_age import login_since, mark_of
from include.delivery.ports import Ports
from include.delivery.records import Batch, Kind, OnboardingNote, ServerIdentity, Step
from include.delivery.render_forms import is_as_agreed
from include.delivery.session import stop_refused


class State(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NEXT = "next"  # somebody has to do it now
    WAITING = "waiting"  # for somebody else
    FAILED = "failed"
    LATER = "later"  # something else comes first


@dataclass(frozen=True, slots=True)
class Found:
    """How a step was found."""

    state: State
    why: str
    remedy: str = ""  # where another than the step's own helps


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """A step as people are shown it."""

    step: Step
    state: State
    why: str
    sentence: str  # what the step is
    remedy: str  # what to do about it


class World:
    """A clinic as it is now, each part looked up when it is first asked for."""

    def __init__(self, clinic_key: str, ports: Ports) -> None:
        self.key = clinic_key
        self.ports = ports
        self.notes = ports.ledger.onboarding.notes(clinic_key)

    @cached_property
    def clinic(self) -> Clinic:
        """Its row."""
        return self.ports.ledger.clinics.clinic(self.key)

    @cached_property
    def mailbox(self) -> Mailbox:
        """Its mailbox's row."""
        return self.ports.ledger.clinics.mailbox(self.clinic.mailbox_key)

    @cached_property
    def login(self) -> tuple[str, str]:
        """A mark of the login its connection has and nothing, or nothing and what is missing."""
        try:
            return mark_of(self.ports.mailboxes.credential(self.mailbox)), ""
        except BadSetting as missing:
            return "", str(missing)

    @property
    def mailbox_key(self) -> str:
        """Its mailbox's key, or a word for it where the clinic's row cannot be read."""
        try:
            return self.clinic.mailbox_key
        except NeedsRepair:
            return "MAILBOX"

    def last(self, step: Step) -> OnboardingNote | None:
        """Return what was said last of a step."""
        return next((note for note in reversed(self.notes) if note.step is step), None)


def onboarding(clinic_key: str, ports: Ports) -> list[StepState]:
    """Return where each step of a clinic's setting up stands, in order, with what to do next and why."""
    world = World(clinic_key, ports)
    found: dict[Step, Found] = {}
    for step, plan in STEPS.items():
        here = _look(plan, world)
        missing = [need for need in plan.needs if found[need].state is not State.DONE]
        found[step] = Found(State.LATER, f"after {missing[0]}") if missing and here.state is not State.DONE else here
    mailbox = world.mailbox_key
    return [
        StepState(
            step=step,
            state=found[step].state,
            why=found[step].why,
            sentence=plan.sentence,
            remedy=(found[step].remedy or plan.remedy).format(clinic=clinic_key, mailbox=mailbox),
        )
        for step, plan in STEPS.items()
    ]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a step is, what to do about it, how it is looked up, and what has to be done before it."""

    sentence: str
    remedy: str
    look: Callable[[World], Found]
    needs: tuple[Step, ...] = ()


def _look(plan: Plan, world: World) -> Found:
    try:
        return plan.look(world)
    except NeedsRepair as wrong:
        return Found(State.FAILED, str(wrong))


# --- how each step is found -------------------------------------------------------------------------------------


def _facts(world: World) -> Found:
    clinic, mailbox = world.clinic, world.mailbox
    bills = world.ports.ledger.clinics.billing_identities(clinic.key)
    faults = [] if bills else [f"clinic {clinic.key}: nobody bills for it; add a row to billing_identities.csv"]
    # Whoever has the SFTP login already need not ask for it.
    if not world.login[0]:
        faults += lacking_for_request(clinic, mailbox)
    if faults:
        return Found(State.FAILED, "; ".join(faults))
    return Found(State.DONE, f"bills as {', '.join(one.provider.npi for one in bills)}")


def lacking_for_request(clinic: Clinic, mailbox: Mailbox) -> list[str]:
    """Return which facts the mail to the clearinghouse would lack."""
    faults = []
    if not mailbox.user_name:
        faults.append(f"mailbox {mailbox.key}: column user_name: is empty; the account's name on the website")
    if not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+", clinic.contact):
        faults.append(f"clinic {clinic.key}: column contact: an e-mail address is asked for, the one it signed up with")
    return faults


def _request(world: World) -> Found:
    note = world.last(Step.REQUEST)
    if note and note.note == SENT:
        return Found(State.DONE, f"sent on {note.at:%Y-%m-%d}, says {note.who}")
    if world.login[0]:
        return Found(State.DONE, "the login it asks for is here")
    drafted = f"drafted on {note.at:%Y-%m-%d}; send it and say so with --sent" if note else "not written yet"
    return Found(State.NEXT, drafted)


def _credentials(world: World) -> Found:
    mark, missing = world.login
    if missing:
        return Found(State.WAITING, missing)
    since = login_since(world.notes, mark)
    return Found(State.DONE, f"this login is known since {since:%Y-%m-%d}" if since else "a login is there")


def _connection(world: World) -> Found:
    try:
        identity = world.ports.mailboxes.identity(world.mailbox)
    except BadSetting as unpinned:
        return Found(State.NEXT, str(unpinned))
    note = world.last(Step.CONNECTION)
    if world.login[0]:
        try:
            stop_refused(world.mailbox, world.ports)
        except LoginRefused as refused:
            remedy = "mend the login, then ./courier onboard {clinic} verify --who NAME"
            return Found(State.FAILED, str(refused), remedy)
    if note and note.evidence == evidence_of(identity, world.login[0]):
        return Found(State.DONE, f"login seen on {note.at:%Y-%m-%d} by {note.who}: {note.note}")
    return Found(State.NEXT, "another login or host key than was seen" if note else "nobody has logged in yet")


def _test_file(world: World) -> Found:
    batch = last_test(world.clinic, world.ports)
    if batch is None or batch.status is BatchStatus.NOT_ARRIVED:
        return Found(State.NEXT, "no test file of this format has gone to this server")
    if batch.status in {BatchStatus.SEALED, BatchStatus.RENDERED}:
        return Found(State.WAITING, f"{batch.file_name} is not sent yet; look at its run in Airflow")
    if batch.status is BatchStatus.BEGUN:
        return Found(State.FAILED, f"{batch.file_name} is in doubt: ./courier doubt {batch.id}")
    summary = world.ports.ledger.batches.summary(batch.id)
    passed = sum(summary.by_front_end.get(state, 0) for state in PASSED_CLEARINGHOUSE)
    where = "" if batch.mailbox_key == world.mailbox.key else f" at mailbox {batch.mailbox_key} of this server"
    said = f"{batch.file_name}: {passed} of {batch.claim_count} claims accepted{where}"
    if not summary.is_settled:
        return Found(State.WAITING, f"{said}, {summary.awaiting} not answered")
    return Found(State.DONE if passed else State.FAILED, said)


def _history(world: World) -> Found:
    note = world.last(Step.HISTORY)
    if note is None:
        return Found(State.NEXT, "nobody has said that what an earlier process sent is known here, or that none did")
    return Found(State.DONE, f"{note.who} on {note.at:%Y-%m-%d}: {note.note}")


def _approval(world: World) -> Found:
    clinic, note = world.clinic, world.last(Step.APPROVAL)
    if clinic.mode not in {Mode.LIVE, Mode.PAUSED, Mode.ARCHIVED} or clinic.live_since is None:
        return Found(State.NEXT, f"mode is {clinic.mode}")
    by = f", says {note.who}: {note.note}" if note else ""
    return Found(State.DONE, f"mode {clinic.mode}, live since {clinic.live_since}{by}")


STEPS: Final[Mapping[Step, Plan]] = {
    Step.FACTS: Plan(
        "Who bills, whom the clearinghouse calls, and the account's user name are written down.",
        "mend the rows, ./courier clinics import FILE.csv",
        _facts,
    ),
    Step.REQUEST: Plan(
        "The clinic asks the clearinghouse by mail for SFTP, and for 999 and 277CA reports.",
        "./courier onboard {clinic} request; once it is sent, the same with --sent --who NAME",
        _request,
        (Step.FACTS,),
    ),
    Step.CREDENTIALS: Plan(
        "Two mails bring the SFTP user name and password; both go into the mailbox's connection.",
        "./courier clinics credentials {mailbox}",
        _credentials,
        (Step.REQUEST,),
    ),
    Step.CONNECTION: Plan(
        "The server's key is pinned by a person's yes, and a login sees inbound and outbound.",
        "./courier clinics pin {mailbox}, then ./courier onboard {clinic} verify --who NAME",
        _connection,
        (Step.CREDENTIALS,),
    ),
    Step.TEST_FILE: Plan(
        "A test file goes, of the clinic's claims and invented ones, and its reports come back.",
        "./courier onboard {clinic} test",
        _test_file,
        (Step.CONNECTION,),
    ),
    Step.HISTORY: Plan(
        "What an earlier process sent is known here, so that it does not go twice.",
        "./courier claims import-history FILE.csv --clinic {clinic} --who NAME; where none went,"
        " ./courier onboard {clinic} history --who NAME --why TEXT",
        _history,
        (Step.FACTS,),
    ),
    Step.APPROVAL: Plan(
        "A person has seen what would go first, and the clinic is live.",
        "./courier onboard {clinic} approve; then the same with --on DATE --who NAME --why TEXT",
        _approval,
        (Step.FACTS, Step.REQUEST, Step.CREDENTIALS, Step.CONNECTION, Step.TEST_FILE, Step.HISTORY),
    ),
}
"""Every step, in the order in which a clinic goes through them."""

SENT: Final = "sent"
DRAFTED: Final = "drafted"
"""What a note on the request says became of the mail."""


def last_test(clinic: Clinic, ports: Ports) -> Batch | None:
    """
    Return the clinic's newest test file that shows what its present mailbox does, and was not given up.

    It went to the server the mailbox is on, perhaps by another account, and is of the format the mailbox takes: what a
    sandbox accepted says nothing of a clearinghouse.
    """
    mailbox = ports.ledger.clinics.mailbox(clinic.mailbox_key)
    server = ports.mailboxes.identity(mailbox).server
    tests = [
        batch
        for batch in ports.ledger.report.batches(clinic.key)
        if batch.kind is Kind.TEST and batch.status is not BatchStatus.RELEASED and is_as_agreed(batch, mailbox)
    ]
    for batch in sorted(tests, key=lambda batch: batch.id, reverse=True):
        went_to = ports.ledger.batches.server_of(batch.id)
        if went_to == server or (not went_to and batch.mailbox_key == mailbox.key):
            return batch
    return None


def evidence_of(identity: ServerIdentity, mark: str) -> str:
    """Return what a seen login is true of: account, host key and password."""
    return f"{identity.account} {identity.key_fingerprint} {mark}"
