"""The demo's Airflow, its nights run where none was, left running until Ctrl-C, with the login to the Airflow UI."""

import argparse
import time
from datetime import UTC, datetime

from include.cli import demo
from include.cli.demo import DELIVER, RECEIVE, clinics_with_dags, fill, say
from include.cli.processes import stop_on_signals
from include.cli.stack import Stack

_LOOK_SECONDS = 1.0


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options: those of the demo."""
    demo.configure(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Start everything, say where it is, and stop it when told."""
    stop_on_signals()
    with Stack(options.home) as stack:
        try:
            say("starting; this takes about half a minute")
            stack.start(datetime.now(UTC))
            clinics = clinics_with_dags(stack)
            if not stack.ledger().report.batches():
                say("no night has run yet: one begins, as in make demo; this takes about two minutes")
                fill(stack, clinics)
            for key in clinics:
                for prefix in (DELIVER, RECEIVE):
                    stack.rest.unpause(prefix + key)
            people = " or ".join(stack.users)
            say(f"\nAirflow:        {stack.url}   user {people}, password {stack.secrets['password']}")
            say(f"Claims page:    {stack.url}/plugin/claims")
            say(f"Night report:   COURIER_HOME={stack.home} ./courier report")
            say(f"Clearinghouse:  sftp port {stack.ports['sandbox']}, its log {stack.taken_log}")
            say(f"Logs:           {stack.home / 'log'}")
            say("Ctrl-C stops all of it.")
            while True:
                stack.processes.check()
                time.sleep(_LOOK_SECONDS)
        except KeyboardInterrupt:
            say("\nstopping")
    return 0
