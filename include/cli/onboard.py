"""`./courier onboard`: a clinic set up step by step, from any point on; what is next, and why."""

import argparse
import os
from datetime import date
from pathlib import Path
from typing import Final

from include.claims.errors import BadSetting
from include.cli.wiring import add_settings_options, ports_of
from include.delivery.invent import parts_of
from include.delivery.onboard import SENT, State, last_test, onboarding
from include.delivery.onboard_acts import (
    approve,
    first_night,
    goes_nowhere,
    open_for_tests,
    remember,
    verify,
    write_request,
)
from include.delivery.ports import Ports
from include.delivery.records import ClaimLine, Step
from include.officeally.sftp_request import software_of, support_of

_WIDTH: Final = max(len(step) for step in Step)


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("clinic", metavar="KEY", help="the clinic's key")
    command.add_argument("action", nargs="?", choices=list(_ACTIONS), help="what to do; none lists the steps")
    command.add_argument("--sent", action="store_true", help="with request: the mail was sent")
    command.add_argument("--on", metavar="DATE", help="with approve: the day it goes live, YYYY-MM-DD")
    command.add_argument("--who", default="", help="your name")
    command.add_argument("--why", default="", help="how you know; no patient data")
    add_settings_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the steps, or do one."""
    ports = ports_of(options)
    if not options.action:
        return _list(options, ports)
    # Nothing is kept of a clinic that is not there.
    ports.ledger.clinics.clinic(options.clinic)
    return _ACTIONS[options.action](options, ports)


def _list(options: argparse.Namespace, ports: Ports) -> int:
    steps = onboarding(options.clinic, ports)
    for one in steps:
        print(f"{one.state.upper():8} {one.step:{_WIDTH}}  {one.sentence}")
        print(f"{'':{_WIDTH + 11}}{one.why}")
        if one.state in {State.NEXT, State.WAITING, State.FAILED}:
            print(f"{'':{_WIDTH + 11}}→ {one.remedy}")
    return 0


def _request(options: argparse.Namespace, ports: Ports) -> int:
    if options.sent:
        _named(options, "who")
        remember(options.clinic, Step.REQUEST, ports, who=options.who, note=SENT)
        print(f"{options.clinic}: the request was sent; two mails will bring user name and password")
        return 0
    support = support_of(os.environ)
    mail = write_request(options.clinic, ports, software=software_of(os.environ), support=support, who=options.who)
    path = Path(f"{options.clinic}.sftp-request.eml")
    path.write_bytes(mail)
    print(f"{path}: a draft to {support}, from the address the clinic signed up with")
    print("Open it in a mail program, send it, then say so with --sent --who NAME.")
    return 0


def _verify(options: argparse.Namespace, ports: Ports) -> int:
    _named(options, "who")
    seen = verify(options.clinic, options.who, ports)
    print(f"{seen.identity.account}: logged in; inbound is there, outbound holds {seen.files} files; nothing written")
    print(f"host key {seen.identity.key_fingerprint}" + (", the sandbox's" if seen.identity.is_sandbox else ""))
    return 0


def _test(options: argparse.Namespace, ports: Ports) -> int:
    """Say how a test file is sent, and show what came back."""
    clinic = ports.ledger.clinics.clinic(options.clinic)
    if open_for_tests(clinic.key, ports):
        print(f"{clinic.key}: mode is test now; its DAG appears with the next parse")
    if batch := last_test(clinic, ports):
        summary = ports.ledger.batches.summary(batch.id)
        made_of = f"{batch.claim_count} claims ({parts_of(batch.id, ports)})"
        print(f"{batch.file_name}: {batch.status}, {made_of}, {summary.awaiting} not answered")
        lines = ports.ledger.report.claim_lines(clinic.key)
        print(*(_said(line) for line in lines if line.file_name == batch.file_name), sep="\n")
    print(f"Trigger deliver_claims__{clinic.key} in Airflow with *test file*: copies of up to 100 pending claims;")
    print("fewer than five are filled up with claims of invented people. *Only this payer* says whom those bill.")
    return 0


def _history(options: argparse.Namespace, ports: Ports) -> int:
    """Take a person's word that what an earlier process sent is known, or that there was none."""
    _named(options, "who", "why")
    remember(options.clinic, Step.HISTORY, ports, who=options.who, note=options.why)
    print(f"{options.clinic}: history is done, says {options.who}")
    return 0


def _approve(options: argparse.Namespace, ports: Ports) -> int:
    """Show what would go first, or set the clinic live."""
    clinic = ports.ledger.clinics.clinic(options.clinic)
    if options.on or options.who or options.why:
        _named(options, "on", "who", "why")
        run = approve(clinic.key, _day(options.on), ports, who=options.who, why=options.why)
        print(f"{clinic.key}: live; its first night is {run:%A %Y-%m-%d %H:%M} {clinic.timezone}, and none before")
        print(f"Unpause deliver_claims__{clinic.key} in Airflow.")
        return 0
    going = first_night(clinic, ports)
    for line in going:
        print(_said(line))
    cap = f", {clinic.first_night_claims} at most" if clinic.first_night_claims else ""
    if warning := goes_nowhere(clinic, ports):
        print(warning)
    print(f"{len(going)} claims would go first{cap}, of those the ledger knows (a dry run reads the source anew).")
    return 0


def _said(line: ClaimLine) -> str:
    words = [line.control_number, line.claim_key, f"${line.charge:,.2f}", line.delivery, line.front_end, *line.reasons]
    return "  " + "  ".join(words)


def _named(options: argparse.Namespace, *names: str) -> None:
    if missing := [name for name in names if not getattr(options, name)]:
        wanted = " and ".join(f"--{name}" for name in missing)
        raise BadSetting(f"onboard {options.action}: say {wanted}; it is kept for ever")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"onboard approve: --on {text!r} is not a date (YYYY-MM-DD)") from None


_ACTIONS: Final = {
    "request": _request,
    "verify": _verify,
    "test": _test,
    "history": _history,
    "approve": _approve,
}
