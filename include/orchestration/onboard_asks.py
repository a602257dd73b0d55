"""
What setting a clinic up asks of people: what a machine does first, what is shown, and what an answer means.

Airflow keeps and shows every word of it, so nothing here holds a password or a patient; a claim is named by its key.
"""

# ruff: noqa: PLC0415
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from os import environ
from typing import Any, Final
from zoneinfo import ZoneInfo

from airflow.sdk import Param

from include.claims.errors import BadSetting, ServerUnreachable
from include.delivery.clinic_table import Clinic
from include.delivery.collect import collect
from include.delivery.cron import last_due
from include.delivery.onboard import SENT
from include.delivery.onboard_acts import approve, first_night, first_run, goes_nowhere, remember, verify, write_request
from include.delivery.ports import Ports
from include.delivery.records import Kind, RunKey, RunOrder, Step
from include.delivery.render import render
from include.officeally.sftp_request import software_of, support_of
from include.orchestration.connections import airflow_connection
from include.orchestration.mail import may_send, send
from include.orchestration.operators import take_and_apply

DAY: Final = "live_since"
WHY: Final = "why"
PAYER: Final = "payer"
AGAIN: Final = "Look again"
UNLOCKED: Final = "This login is right"
SENT_IT: Final = "It was sent"
ENTERED: Final = "They are entered"
KNOWN: Final = "It is known here"
GO_LIVE: Final = "Go live"
NOT_NOW: Final = "Not now"

_MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A clinic, the run that sets it up, and who answered or else started it."""

    clinic_key: str
    run: RunKey
    who: str
    ports: Ports
    form: Mapping[str, Any]  # as answered; before there is an answer, the run's own
    option: str = ""  # of those that were to choose from

    @property
    def clinic(self) -> Clinic:
        """The clinic's row, as it is now."""
        return self.ports.ledger.clinics.clinic(self.clinic_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a step is done: each part is missing where there is nothing to do."""

    act: Callable[[Asked], None] = lambda _: None  # what a machine can do
    show: Callable[[Asked], str] = lambda _: ""  # what a person should see before answering
    heard: Callable[[Asked], None] = lambda _: None  # what an answer means
    options: tuple[str, ...] = (AGAIN,)
    form: Mapping[str, Param] = field(default_factory=dict)


def _request(asked: Asked) -> None:
    """Send the mail from the clinic's address where there is a connection for it; else write it once, as a draft."""
    key, ports = asked.clinic_key, asked.ports
    drafted = any(note.step is Step.REQUEST for note in ports.ledger.onboarding.notes(key))
    mail = _draft(asked) if not drafted or may_send() else b""
    if mail and send(mail):
        remember(key, Step.REQUEST, ports, who=asked.who, note=SENT)


def _draft(asked: Asked) -> bytes:
    software, support = software_of(environ), support_of(environ)
    return write_request(asked.clinic_key, asked.ports, software=software, support=support, who=asked.who)


def _was_sent(asked: Asked) -> None:
    if asked.option == SENT_IT:
        remember(asked.clinic_key, Step.REQUEST, asked.ports, who=asked.who, note=SENT)


def _verify(asked: Asked) -> None:
    verify(asked.clinic_key, asked.who, asked.ports)


def _right_after_all(asked: Asked) -> None:
    """Take a person's word that a refused login is right now, so that it is tried once more."""
    if asked.option == UNLOCKED:
        mailbox = asked.ports.ledger.clinics.mailbox(asked.clinic.mailbox_key)
        account = asked.ports.mailboxes.identity(mailbox).account
        asked.ports.ledger.accounts.reset(account, asked.who, asked.ports.now())


def _host_key(asked: Asked) -> str:
    """Return which key the server shows now, so that a person may compare it and pin it."""
    # Here, because every parse of the DAG imports this module.
    from include.adapters.sftp_connect import fingerprint, parse_host_key, read_host_key

    mailbox = asked.ports.ledger.clinics.mailbox(asked.clinic.mailbox_key)
    connection = airflow_connection(mailbox.connection_id, wanted_by=f"mailbox {mailbox.key}")
    pinned = connection.extra.get("host_key")
    try:
        line = read_host_key(connection.host, connection.port or 22)
    except ServerUnreachable:
        if pinned:
            return ""  # the look has met and said it already
        raise
    shown = f"The server shows the key {fingerprint(parse_host_key(line))}"
    if line == pinned:
        return f"{shown}, which is pinned."
    return (
        f"{shown}, which is not pinned. Call the clearinghouse and compare. Where it is theirs, pin it by"
        f" `./courier clinics pin {mailbox.key} --yes`, or in Admin, Connections, `{connection.id}`, in the extra:"
        f'\n\n    "host_key": "{line}"'
    )


def _take(asked: Asked) -> None:
    """Fetch what has come since the run itself waited for it."""
    take_and_apply(asked.clinic.mailbox_key, asked.ports)


def _history(asked: Asked) -> None:
    remember(asked.clinic_key, Step.HISTORY, asked.ports, who=asked.who, note=_why(asked))


def _first_night(asked: Asked) -> str:
    """Return what a dry run of now would send first, in counts, dollars and claim keys, and when that would be."""
    now, clinic = asked.ports.now(), asked.clinic
    key = RunKey(dag_id=asked.run.dag_id, run_id=f"{asked.run.run_id} dry {now:%Y-%m-%dT%H:%M:%S}")
    order = RunOrder(key=key, clinic_key=clinic.key, window_end=now, kind=Kind.DRY)
    for batch_id in collect(order, asked.ports).batch_ids:
        render(batch_id, asked.ports)
    going, day = first_night(clinic, asked.ports), proposed_day(asked)
    cap = f", {clinic.first_night_claims} at most" if clinic.first_night_claims else ""
    lines = [f"- `{line.claim_key}` ${line.charge:,.2f}" for line in going[:_MOST_SHOWN]]
    if len(going) > _MOST_SHOWN:
        lines.append(f"- and {len(going) - _MOST_SHOWN} more")
    dollars = sum(line.charge for line in going)
    first = first_run(clinic, day, now)
    return (
        f"{len(going)} claims, ${dollars:,.2f}, would go first{cap}. Live since {day} means: first run"
        f" {first:%A %Y-%m-%d %H:%M} {clinic.timezone}, and none before."
        f" {goes_nowhere(clinic, asked.ports)}".rstrip()
        + "\n\n"
        + "\n".join(lines)
    )


def proposed_day(asked: Asked) -> date:
    """Return the day the form names, else the first one whose run is still to come."""
    if named := asked.form.get(DAY):
        return _day(str(named))
    now, zone = asked.ports.now(), ZoneInfo(asked.clinic.timezone)
    today, last = now.astimezone(zone).date(), last_due(asked.clinic.delivery_cron, zone, now)
    return today + timedelta(days=1) if last and last.date() >= today else today


def _approve(asked: Asked) -> None:
    if asked.option == GO_LIVE:
        approve(asked.clinic_key, proposed_day(asked), asked.ports, who=asked.who, why=_why(asked))


def _why(asked: Asked) -> str:
    why = str(asked.form.get(WHY) or "").strip()
    if not why:
        raise BadSetting("field *why* is empty; it is kept for ever")
    return why


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"field *live since*: {text!r} is not a date (YYYY-MM-DD)") from None


def day_param(description: str) -> Param:
    """Return the field for the day a clinic goes live."""
    return Param(None, type=["null", "string"], format="date", title="Live since", description=description)


_WHY: Final = Param("", type="string", title="Why", description="How you know; kept for ever, so no patient data.")

ASKING: Final[Mapping[Step, Asking]] = {
    Step.FACTS: Asking(),
    Step.REQUEST: Asking(act=_request, heard=_was_sent, options=(SENT_IT, AGAIN)),
    Step.CREDENTIALS: Asking(options=(ENTERED,)),
    Step.CONNECTION: Asking(act=_verify, show=_host_key, heard=_right_after_all, options=(AGAIN, UNLOCKED)),
    Step.TEST_FILE: Asking(act=_take, show=lambda _: "For another test file end this run and start it anew."),
    Step.HISTORY: Asking(heard=_history, options=(KNOWN,), form={WHY: _WHY}),
    Step.APPROVAL: Asking(
        show=_first_night,
        heard=_approve,
        options=(GO_LIVE, AGAIN, NOT_NOW),
        form={DAY: day_param("Blank: the day shown above."), WHY: _WHY},
    ),
}
"""Every step of `include.delivery.onboard`."""
