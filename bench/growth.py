"""
How large a ledger grows: claims through their whole life on PostgreSQL, then the bytes a claim of every table.

`python -m bench.growth [CLINICS] [CLAIMS]`: that many clinics with that many claims each, in one file each, go over
SFTP to the sandbox; 49 days of its answers are taken and applied. Nobody else keeps this: there is no peer.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg

from bench.load import _PASSWORD, World, a_night, a_world
from include.delivery.apply import apply_stored
from include.delivery.take import take
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.databases import a_postgres_server

DAYS: Final = (0, 2, 1, 2, 9, 7, 14, 14)
"""How far the sandbox's clock is turned ahead before each look."""

_QUIET: Final = 3
"""Looks at every mailbox after each turn, a second apart: payers answer one after another."""

_SIZES: Final = """
    SELECT relname, reltuples, pg_table_size(pg_class.oid), pg_indexes_size(pg_class.oid)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND nspname = 'public' ORDER BY pg_total_relation_size(pg_class.oid) DESC
"""


def live(world: World, keys: list[str], sandbox: Sandbox) -> int:
    """Send every clinic's claims and apply what becomes of them; return how many there are."""
    claims = sum(a_night(world, key, sends=True).claims for key in keys)
    ports = world.ports()
    for days in DAYS:
        sandbox.turn(days=days)
        for _ in range(_QUIET):
            time.sleep(1)
            for key in keys:
                take(key, ports)
                apply_stored(key, ports)
    return claims


def report(url: str, claims: int) -> None:
    """Print what every table takes, a claim."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        rows = connection.execute(_SIZES).fetchall()
    print(f"{claims} claims, bytes a claim\n\n{'table':<22}{'rows':>10}{'rows/claim':>12}{'table':>8}{'indexes':>9}")
    for name, count, heap, indexes in rows:
        print(f"{name:<22}{count:>10.0f}{count / claims:>12.2f}{heap / claims:>8.0f}{indexes / claims:>9.0f}")
    print(f"\nall: {sum(heap + indexes for _, _, heap, indexes in rows) / claims:,.0f} bytes a claim")


def main() -> int:
    """Let claims live and print what they left."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__)
    parser.add_argument("clinics", nargs="?", type=int, default=20)
    parser.add_argument("claims", nargs="?", type=int, default=1000, help="of each clinic")
    options = parser.parse_args()
    keys = [f"clinic_{number:03d}" for number in range(options.clinics)]
    with ExitStack() as stack:
        server = stack.enter_context(a_postgres_server())
        server.run("CREATE DATABASE growth")
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="courier-growth-")))
        world = a_world(home, server.url("growth"), keys, options.claims)
        accounts = dict.fromkeys(keys, _PASSWORD)
        sandbox = stack.enter_context(Sandbox(home / "sandbox", accounts, settle=0.2, answers=EVERY_ANSWER))
        world = replace(world, host=sandbox.host, port=sandbox.port, host_key=sandbox.host_key)
        report(server.url("growth"), live(world, keys, sandbox))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
