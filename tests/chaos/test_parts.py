"""The harness itself: a referee that sees nothing, or a line that does not break, would find every night well."""

import json
import re
import socket
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from tests.chaos.moments import Killed, Trap, die
from tests.chaos.proxy import Manners, Proxy
from tests.chaos.referee import Bill, judge

ONE = Bill("EXAMPLE TESTINA", "20260302", "97153", Decimal(240), key="C-1")
OTHER = Bill("EXAMPLE TESTO", "20260302", "97153", Decimal(240), key="C-2")
ISA = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'A':15}*ZZ*{'B':15}*260306*0400*^*00501*000000001*0*P*:~"


def a_set(number, bill, *, closed=True):
    """Return a set that bills one service."""
    last, first = bill.patient.split()
    segments = [
        "ST*837*0001",
        f"NM1*IL*1*{last}*{first}",
        f"CLM*{number}*{bill.charge}",
        f"SV1*HC:{bill.procedure}:HM*{bill.charge}",
        f"DTP*472*D8*{bill.day}",
        *(["SE*6*0001"] if closed else []),
    ]
    return "".join(f"{segment}~" for segment in segments)


def a_taken_file(home, name, *numbered, failed="", verdict="accepted", **options):
    """Let a clearinghouse in this folder have taken a file."""
    kept = home / "taken" / "acorn" / f"1_{name}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(ISA + "".join(a_set(number, bill, **options) for number, bill in numbered))
    closed = options.get("closed", True)
    claims = [{"control_number": number, "verdict": verdict} for number, _ in numbered if closed]
    row = {"account": "acorn", "name": name, "file_id": "1", "size": 9, "failed": failed, "claims": claims}
    with (home / "taken.jsonl").open("a") as log:
        log.write(json.dumps(row) + "\n")


def test_the_referee_lets_a_sound_night_pass(tmp_path):
    """Each bill taken once: nothing is wrong."""
    a_taken_file(tmp_path, "CC1.837P.txt", ("A", ONE), ("B", OTHER))

    assert judge([ONE, OTHER], tmp_path).is_clean


def test_the_referee_sees_a_bill_that_was_lost(tmp_path):
    """A bill in no file, in a failed file, in a refused set, in a cut set or in a test file alone is lost."""
    a_taken_file(tmp_path, "CC1.837P.txt", ("A", OTHER))
    a_taken_file(tmp_path, "CC2.837P.txt", ("B", ONE), failed="FF13 - THE FILE ENDS BEFORE ITS IEA")
    a_taken_file(tmp_path, "CC3.837P.txt", ("C", ONE), verdict="refused")
    a_taken_file(tmp_path, "CC4.837P.txt", ("D", ONE), closed=False)
    a_taken_file(tmp_path, "CC5_OATEST.837P.txt", ("E", ONE))

    assert ["C-1 was never taken"] == judge([ONE, OTHER], tmp_path).lost


def test_the_referee_sees_a_bill_that_was_sent_twice(tmp_path):
    """The same service under two numbers was sent twice, even where the clearinghouse rejected the second."""
    a_taken_file(tmp_path, "CC1.837P.txt", ("A", ONE))
    a_taken_file(tmp_path, "CC2.837P.txt", ("B", ONE), verdict="rejected")

    assert ["C-1 was taken 2 times: CC1.837P.txt as A, CC2.837P.txt as B"] == judge([ONE], tmp_path).twice


def test_the_referee_sees_a_bill_nobody_wanted(tmp_path):
    """What was taken and is not what the practice wanted is told."""
    a_taken_file(tmp_path, "CC1.837P.txt", ("A", ONE), ("B", OTHER))

    assert ["a bill nobody wanted was taken: CC1.837P.txt as B"] == judge([ONE], tmp_path).twice


@pytest.fixture(name="proxy")
def _proxy():
    """Lay a line to a server that answers each piece it gets by its length."""
    with socket.create_server(("127.0.0.1", 0)) as server, Proxy(server.getsockname()[1]) as proxy:
        threading.Thread(target=_answer, args=(server,), daemon=True).start()
        yield proxy


def _answer(server):
    while True:
        try:
            end, _ = server.accept()
        except OSError:
            return
        while piece := end.recv(1_000):
            end.sendall(str(len(piece)).encode())
        end.close()


def asked(proxy, size):
    """Send so many bytes and return what comes back."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=0.5) as line:
        line.sendall(b"x" * size)
        return line.recv(100)


@pytest.mark.parametrize(
    ("manners", "error"),
    [
        (Manners(refuses=True), ConnectionRefusedError),
        (Manners(resets_after=0), ConnectionResetError),
        (Manners(deafens_after=10), ConnectionResetError),
        (Manners(hangs_after=10), TimeoutError),
    ],
    ids=["refused", "reset", "answers lost", "hangs"],
)
def test_the_line_breaks_as_it_is_told(proxy, manners, error):
    """A line breaks behind its byte, says that it did, and is sound again after it."""
    with proxy.behaving(manners), pytest.raises(error):
        asked(proxy, 20)

    assert 1 == proxy.struck
    assert b"20" == asked(proxy, 20)


def test_a_slow_line_loses_nothing(proxy):
    """A line that delays and throttles passes on all that was said."""
    with proxy.behaving(Manners(delay=0.01, bytes_a_second=10_000.0)):
        assert b"20" == asked(proxy, 20)


def test_the_dead_do_nothing_more():
    """Once a worker died at its moment, every later moment of it fails too, clean-up included."""
    trap = Trap("before sent", 2, die)
    trap.moment("before sent")

    for moment in ("before sent", "before release", "statement"):
        with pytest.raises(Killed):
            trap.moment(moment)


@pytest.mark.parametrize("judge_of_it", ["referee", "auditor"])
def test_who_judges_shares_no_line_with_the_product(judge_of_it):
    """Referee and auditor import nothing of `include`: who shares our mistakes proves nothing."""
    source = Path(__file__).with_name(f"{judge_of_it}.py").read_text(encoding="utf-8")

    assert not re.search(r"^\s*(?:from|import) include\b", source, re.MULTILINE)
