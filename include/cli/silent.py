"""`./courier silent`: claims nobody has answered in time, and clinics whose runs did not happen."""

import argparse
import json
import os
from datetime import UTC, datetime

from include.claims.deadlines import Waits
from include.claims.enrollment import Patience
from include.claims.errors import BadSetting
from include.cli.wiring import add_settings_options, ledger_of, payers_of
from include.delivery.login_age import longest_life
from include.delivery.silence import as_document, as_text, silence


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_settings_options(command)
    command.add_argument("--clinic", default="", metavar="KEY", help="only this clinic")
    command.add_argument("--json", action="store_true", help="print one JSON document with every claim")
    command.add_argument("--heard", metavar="ID", help="tell no more of this claim, clinic, account or enrollment")
    command.add_argument("--who", help="your name, with --heard")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what was not heard; exit 1 where something is overdue."""
    now = datetime.now(UTC)
    if options.heard:
        return _heard(options)
    patience, life = Patience.of(os.environ), longest_life(os.environ)
    found = silence(
        ledger_of(options),
        payers_of(options),
        Waits.of(os.environ),
        now,
        patience=patience,
        only=options.clinic,
        password_life=life,
    )
    print(json.dumps(as_document(found), indent=2) if options.json else as_text(found).rstrip())
    return 1 if found.is_overdue else 0


def _heard(options: argparse.Namespace) -> int:
    """Keep alarms quiet that somebody has heard."""
    if not options.who:
        raise BadSetting("--heard: say --who has heard it")
    if not (count := ledger_of(options).silence.acknowledge(options.heard, options.who)):
        raise BadSetting(f"{options.heard}: no alarm was told of it; see the log of chase_silent_claims")
    print(f"{options.heard}: {count} alarms are quiet until they get worse")
    return 0
