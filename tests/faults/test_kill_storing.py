"""A worker killed while it stores a file outside the ledger: no row without its bytes, and a retry works."""

import hashlib
import subprocess
import sys

import pytest
from upath import UPath

from include.adapters.ledger.payloads import look
from include.adapters.objects import Objects
from include.adapters.vault import LedgerVault
from include.claims.errors import BadFile
from tests.databases import PAYLOAD_KEY, a_ledger
from tests.faults.storing_victim import CONTENT, POINTS

NAME = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_store_is_finished_by_a_retry(ledger_url, tmp_path, point):
    """Before the commit the ledger knows nothing of the file, after it all; what is torn never passes for whole."""
    place = f"file://{tmp_path}/payloads"
    command = [sys.executable, "-m", "tests.faults.storing_victim", ledger_url, place, PAYLOAD_KEY, point]
    victim = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert -9 == victim.returncode, victim.stdout + victim.stderr
    objects, database = Objects(UPath(place)), a_ledger(ledger_url).database
    vault = LedgerVault(database, [PAYLOAD_KEY], outside=lambda: objects)

    left = look(database, objects)
    if point == "after the commit":
        assert CONTENT == vault.load(NAME)
    else:
        with pytest.raises(BadFile, match="does not have it"):
            vault.load(NAME)
    vault.store(CONTENT)

    assert () == left.lost
    assert (left.outside == 1) == (point == "after the commit")
    assert CONTENT == vault.load(NAME)
    assert (1, ()) == (look(database, objects).outside, look(database, objects).lost)
