"""One session an account and one breaker, on every ledger, also under threads and processes."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from include.adapters.ledger import Ledger
from include.claims.errors import LeaseHeld, LoginRefused
from tests.contract.night import NOW

ACCOUNT = "harbor@sftp.example.test:22"
ROOT = Path(__file__).resolve().parents[2]

_TAKE_AND_HOLD = """
import sys
from include.adapters.ledger import Ledger
from include.claims.errors import LeaseHeld
try:
    print(Ledger(sys.argv[1]).accounts.acquire(sys.argv[2], sys.argv[3], 60, "credential").token)
except LeaseHeld:
    print("held")
"""


def test_an_account_has_one_holder(ledger: Ledger):
    """While one worker is in an account another waits, whatever its name; a release lets it in."""
    lease = ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "credential")

    for holder in ("worker-1", "worker-2"):
        with pytest.raises(LeaseHeld, match="worker-1"):
            ledger.accounts.acquire(ACCOUNT, holder, 60, "credential")

    ledger.accounts.release(lease)
    assert "worker-2" == ledger.accounts.acquire(ACCOUNT, "worker-2", 60, "credential").holder
    assert "worker-1" == ledger.accounts.acquire("other@sftp.example.test:22", "worker-1", 60, "credential").holder


def test_an_expired_lease_is_taken_over_and_stays_taken(ledger: Ledger):
    """A worker that died loses its lease; when it comes back it cannot give away what is another's."""
    dead = ledger.accounts.acquire(ACCOUNT, "worker-1", -1, "credential")
    alive = ledger.accounts.acquire(ACCOUNT, "worker-2", 60, "credential")

    ledger.accounts.release(dead)

    assert alive.token > dead.token
    with pytest.raises(LeaseHeld, match="worker-2"):
        ledger.accounts.acquire(ACCOUNT, "worker-3", 60, "credential")


def test_one_refused_login_stops_the_account(ledger: Ledger):
    """After a refusal no session opens with that credential; a person can close the breaker."""
    ledger.accounts.trip(ACCOUNT, "credential", "permission denied", NOW)

    with pytest.raises(LoginRefused, match="permission denied"):
        ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "credential")

    ledger.accounts.reset(ACCOUNT, "casey", NOW)
    assert 1 == ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "credential").token


def test_a_changed_credential_closes_the_breaker(ledger: Ledger):
    """Somebody who changed the password has mended it; the old one works no longer than the new one."""
    ledger.accounts.trip(ACCOUNT, "old", "permission denied", NOW)

    lease = ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "new")

    assert 1 == lease.token


def test_a_refused_login_is_known_without_taking_the_account(ledger: Ledger):
    """Who only asks is told since when and for which mailbox; no account is made, taken or mended by asking."""
    ledger.accounts.stop_refused(ACCOUNT, "credential", "harbor")
    assert [] == ledger.accounts.states()
    lease = ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "credential", "harbor")
    ledger.accounts.trip(ACCOUNT, "credential", "permission denied", NOW)

    with pytest.raises(LoginRefused, match=r"mailbox harbor, .* on 2026-03-06 03:00 UTC.*permission denied"):
        ledger.accounts.stop_refused(ACCOUNT, "credential", "harbor")
    ledger.accounts.stop_refused(ACCOUNT, "new", "harbor")

    [state] = ledger.accounts.states()
    assert (NOW, lease.holder) == (state.refused_at, state.holder)


def test_an_account_remembers_its_mailbox(ledger: Ledger):
    """Whose login was refused is known without asking any connection; who comes later is the one it is of."""
    for mailbox in ("old", "harbor"):
        ledger.accounts.release(ledger.accounts.acquire(ACCOUNT, "worker-1", 60, "credential", mailbox))

    [state] = ledger.accounts.states()

    assert "harbor" == state.mailbox_key
    assert state.visited_at


def test_of_many_threads_one_gets_in(ledger: Ledger):
    """Ten threads that ask at once get one lease between them."""
    got: list[int] = []
    held: list[str] = []

    def ask(holder):
        try:
            got.append(ledger.accounts.acquire(ACCOUNT, holder, 60, "credential").token)
        except LeaseHeld:
            held.append(holder)

    threads = [threading.Thread(target=ask, args=(f"worker-{number}",)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ([1], 9) == (got, len(held))


def test_of_several_processes_one_gets_in(ledger_url: str):
    """Three processes that ask at once get one lease between them."""
    commands = [[sys.executable, "-c", _TAKE_AND_HOLD, ledger_url, ACCOUNT, f"worker-{number}"] for number in range(3)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for command in commands]

    said = sorted(process.communicate()[0].strip() for process in processes)

    assert ["1", "held", "held"] == said
