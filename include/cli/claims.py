"""`./courier claims`: a person's word on a claim, what became of all of them, and what an earlier process has sent."""

import argparse
from datetime import UTC, datetime
from typing import Final

from include.claims.states import Event
from include.cli import claims_feed, history
from include.cli.wiring import add_settings_options, ledger_of, ports_of
from include.delivery.renew import renew_on_a_word
from include.delivery.story import KINDS

_AGAIN: Final = {words: frequency for frequency, words in KINDS.items()}
_WORDS: Final = {
    "appealed": Event.APPEALED,
    "written-off": Event.WRITTEN_OFF,
    "closed": Event.CLOSED,
    "open": Event.REOPENED,
}


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True)
    release = actions.add_parser("release", help="let a claim go that waits for a person")
    hold = actions.add_parser("hold", help="keep a claim from going until somebody releases it")
    again = actions.add_parser("again", help="send a claim again that has left, with the clinic's next run")
    again.add_argument("--as", dest="kind", choices=list(_AGAIN), required=True, help="what it is to the payer")
    again.add_argument("--number", default="", metavar="ICN", help="the payer's number, where no file told it")
    renew = actions.add_parser("renew", help="let what was refused before it was read go again, with the next run")
    renew.add_argument("name", metavar="FILE", help="the file as the report prints it, or one control number of it")
    mark = actions.add_parser("mark", help="say what is left to do for a claim that has left")
    mark.add_argument("--as", dest="word", choices=list(_WORDS), required=True, help="what it is")
    for action in (release, hold, again, mark):
        action.add_argument("control_number", metavar="CONTROL_NUMBER", help="CLM01, as the report prints it")
    for action in (release, hold, again, renew, mark):
        action.add_argument("--who", required=True, help="your name")
        action.add_argument("--why", required=True, help="how you know; no patient data")
        add_settings_options(action)
    command.set_defaults(run=run)
    feed = actions.add_parser("feed", help="what became of every claim that changed since, by rising change")
    claims_feed.configure(feed)
    history.configure(actions.add_parser("import-history", help="tell the ledger what an earlier process sent"))


def run(options: argparse.Namespace) -> int:
    """Do as the person says."""
    print(_DO[options.action](options))
    return 0


def _release(options: argparse.Namespace) -> str:
    number = options.control_number
    ledger_of(options).claims.release(number, options.who, options.why, datetime.now(UTC))
    return f"{number}: released; it goes with the clinic's next run"


def _hold(options: argparse.Namespace) -> str:
    number = options.control_number
    ledger_of(options).claims.hold(number, options.who, options.why, datetime.now(UTC))
    return f"{number}: held; it waits until somebody releases it"


def _again(options: argparse.Namespace) -> str:
    number = options.control_number
    following = ledger_of(options).claims.send_again(
        number,
        _AGAIN[options.kind],
        payer_claim_number=options.number,
        who=options.who,
        why=options.why,
        now=datetime.now(UTC),
    )
    return f"{number}: {following} goes as {options.kind} with the clinic's next run"


def _renew(options: argparse.Namespace) -> str:
    count = renew_on_a_word(options.name, options.who, options.why, ports_of(options))
    return f"{options.name}: {count} claims go with the clinic's next run under new control numbers"


def _mark(options: argparse.Namespace) -> str:
    number, word = options.control_number, _WORDS[options.word]
    ledger_of(options).claims.say(number, word, who=options.who, why=options.why, now=datetime.now(UTC))
    return f"{number}: {options.word}"


_DO: Final = {"release": _release, "hold": _hold, "again": _again, "renew": _renew, "mark": _mark}
