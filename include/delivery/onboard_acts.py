"""
What is done for a clinic while it is set up: the request written, the login seen, the clinic set live.

Each act leaves a note of who did it; `onboard` reads the notes and the world, and says what is next.
"""

from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from include.claims.errors import BadSetting, NotAllowed
from include.claims.states import Delivery, Usage
from include.delivery.clinic_table import Clinic, Mode
from include.delivery.cron import last_due, next_due
from include.delivery.login_check import Seen, look_around
from include.delivery.onboard import DRAFTED, State, World, evidence_of, lacking_for_request, onboarding
from include.delivery.ports import Ports
from include.delivery.records import (
    ClaimLine,
    Kind,
    OnboardingNote,
    RunKey,
    RunOrder,
    Step,
    Table,
)
from include.officeally.sftp_request import SftpRequest


def remember(clinic_key: str, step: Step, ports: Ports, *, who: str, note: str = "", evidence: str = "") -> None:
    """Keep what was done or said, with who said it."""
    word = OnboardingNote(step=step, at=ports.now(), who=who, note=note, evidence=evidence)
    ports.ledger.onboarding.say(clinic_key, word)


def write_request(clinic_key: str, ports: Ports, *, software: str, support: str, who: str = "") -> bytes:
    """Return the mail that asks for SFTP, a copy of it kept; raise BadSetting where a fact it needs is missing."""
    world = World(clinic_key, ports)
    if faults := lacking_for_request(world.clinic, world.mailbox):
        raise BadSetting("; ".join(faults))
    asked = SftpRequest(
        user_name=world.mailbox.user_name,
        contact_name=world.mailbox.contact_name,
        contact_email=world.clinic.contact,
        file_format=world.mailbox.format,
        software=software,
        support=support,
    )
    mail = asked.mail(ports.now()).as_bytes()
    remember(clinic_key, Step.REQUEST, ports, who=who, note=DRAFTED, evidence=ports.vault.store(mail))
    return mail


def verify(clinic_key: str, who: str, ports: Ports) -> Seen:
    """
    Log in once, see both folders, write nothing, and remember for which login and host key that is true.

    It is true of the mailbox, so every clinic that shares it has seen it: nobody logs in twice for one password.
    """
    world = World(clinic_key, ports)
    seen = look_around(world.mailbox, ports)
    evidence = evidence_of(seen.identity, world.login[0])
    note = f"{seen.identity.account}, key {seen.identity.key_fingerprint}"
    for sharing in ports.ledger.clinics.rows(Table.CLINIC):
        if sharing["mailbox_key"] == world.mailbox.key:
            remember(str(sharing["key"]), Step.CONNECTION, ports, who=who, note=note, evidence=evidence)
    return seen


def open_for_tests(clinic_key: str, ports: Ports) -> bool:
    """Let a clinic whose connection was verified send test files, by a DAG of its own; False where nothing changes."""
    clinic = ports.ledger.clinics.clinic(clinic_key)
    seen = {one.step for one in onboarding(clinic_key, ports) if one.state is State.DONE}
    if clinic.mode is not Mode.ONBOARDING or Step.CONNECTION not in seen:
        return False
    ports.ledger.clinics.put(Table.CLINIC, [{"key": clinic_key, "mode": Mode.TEST.value}])
    return True


def first_run(clinic: Clinic, on: date, now: datetime) -> datetime:
    """Return when a clinic that goes live on a day runs first; raise NotAllowed where Airflow could run it at once."""
    zone = ZoneInfo(clinic.timezone)
    last = last_due(clinic.delivery_cron, zone, now)
    if last and last.date() >= on:
        raise NotAllowed(
            f"clinic {clinic.key}: a run of its schedule was due on {last:%Y-%m-%d %H:%M}, so that a clinic live since"
            f" {on} could run at once; say a day after {last.date()}"
        )
    midnight = datetime.combine(on, time(), zone) - timedelta(microseconds=1)
    first = next_due(clinic.delivery_cron, zone, max(now, midnight, key=datetime.timestamp))
    if first is None:
        raise BadSetting(f"clinic {clinic.key}: column delivery_cron: {clinic.delivery_cron!r} is never due")
    return first


def first_night(clinic: Clinic, ports: Ports) -> list[ClaimLine]:
    """Return the claims that would go first now, as far as the ledger knows them, in the order in which they go."""
    key = RunKey(dag_id="", run_id="")
    order = RunOrder(key=key, clinic_key=clinic.key, window_end=ports.now(), kind=Kind.LIVE)
    lines = {
        (line.source, line.claim_key): line
        for line in ports.ledger.report.claim_lines(clinic.key)
        if line.usage is Usage.LIVE and line.delivery is Delivery.READY
    }
    ready = ports.ledger.claims.ready(clinic.key, order)
    going = (lines[claim.source, claim.claim_key] for claim in ready if (claim.source, claim.claim_key) in lines)
    return list(islice(going, clinic.first_night_claims or None))


def goes_nowhere(clinic: Clinic, ports: Ports) -> str:
    """Return a warning where the clinic's mailbox is a sandbox's, blank where it is a clearinghouse's."""
    mailbox = ports.ledger.clinics.mailbox(clinic.mailbox_key)
    if not ports.mailboxes.identity(mailbox).sandbox_expected:
        return ""
    return f"Mailbox {mailbox.key} is a sandbox's: nothing that goes there reaches a payer."


def approve(clinic_key: str, on: date, ports: Ports, *, who: str, why: str) -> datetime:
    """Let a person set a clinic live from a day on; return when its first night is, in its own zone."""
    undone = [one for one in onboarding(clinic_key, ports) if one.step is not Step.APPROVAL and one.state != State.DONE]
    if undone:
        first = undone[0]
        raise NotAllowed(f"clinic {clinic_key}: {first.step} is {first.state}: {first.why}; {first.remedy}")
    clinic = ports.ledger.clinics.clinic(clinic_key)
    run = first_run(clinic, on, ports.now())
    # The word first: a clinic is never live without one.
    remember(clinic_key, Step.APPROVAL, ports, who=who, note=why)
    live = {"key": clinic_key, "mode": Mode.LIVE.value, "live_since": on.isoformat()}
    ports.ledger.clinics.put(Table.CLINIC, [live])
    return run
