"""
The entry of `./courier`: one module a command, each of which adds its own sub-parser.

Exit status: 0 done, 1 something needs a person (said on standard error), 2 the command line is wrong.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from include.claims.errors import ClaimsError

# Imported when asked for, so that `./courier docs` does not pay for SQLAlchemy.
COMMANDS = {
    "accounts": "the logins at the clearinghouse, and a breaker a person closes",
    "audit": "whether events and looks are as they were written",
    "claim": "the whole history of one claim, by any of its numbers",
    "claims": "a person's word on a claim: let it go, send it again, say that nothing is left to do",
    "clinics": "the clinic table: import, export, check, pin a server's host key",
    "demo": "run one night for every demo clinic through Airflow and a sandbox clearinghouse",
    "docs": "write the generated documents, or check that they are fresh",
    "doubt": "files that may have left, and a person's word on one of them",
    "ledger": "make or update the ledger's tables, begin a new epoch",
    "onboard": "a clinic set up step by step, and what is next",
    "payers": "the payer list, enrollments and holds: import, export, check, list, draft a request",
    "read": "what any file of claims or answers says, as JSON lines",
    "remits": "payments for the practice's books, what waits for a person, what the bank got",
    "render": "the files a clinic's claims make, without sending them",
    "report": "the night report: what became of every claim, in claims and dollars",
    "sandbox": "the clearinghouse to play with",
    "scrub": "what is wrong with the claims of a file, by claim and box",
    "silent": "claims nobody has answered in time, and clinics whose runs did not happen",
    "source": "check an adopter's view of pending claims",
    "up": "the demo, left running with the Airflow UI open",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="courier", description="Claim Courier from a shell.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if words[:1] == [name]:
            importlib.import_module(f"include.cli.{name}").configure(command)
    options = parser.parse_args(words)
    try:
        status: int = options.run(options)
    except ClaimsError as error:
        print(f"courier: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read has read enough (`| head`); what is left in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
