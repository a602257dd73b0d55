"""The demo's Airflow, clinics and clearinghouse, left running until Ctrl-C, with the login to the Airflow UI."""

import argparse
import time
from datetime import UTC, datetime

from include.cli import demo
from include.cli.demo import DELIVER, RECEIVE, clinics_with_dags, say
from include.cli.processes import stop_on_signals
from include.cli.stack import USER, Stack

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
            for key in clinics:
                for prefix in (DELIVER, RECEIVE):
                    stack.rest.unpause(prefix + key)
            say(f"\nAirflow:        {stack.url}   user {USER}, password {stack.secrets['password']}")
            say(f"Night report:   ./courier report --ledger {stack.ledger_url}")
            say(f"Clearinghouse:  sftp port {stack.ports['sandbox']}, its log {stack.taken_log}")
            say(f"Logs:           {stack.home / 'log'}")
            say("Ctrl-C stops all of it.")
            while True:
                stack.processes.check()
                time.sleep(_LOOK_SECONDS)
        except KeyboardInterrupt:
            say("\nstopping")
    return 0
