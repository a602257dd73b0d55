"""A claim's whole life at the sandbox, weeks in seconds, as whoever looks into its folders sees it."""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.claims.errors import BadSetting
from include.claims.model import Claim, Frequency
from include.cli.__main__ import main
from include.officeally.names import ResponseKind, classify
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.clock import Clock, turn_clock
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line
from tests.oracles import assert_both_accept, oxedi_complaints
from tests.sandbox.uploads import LIVE_NAME, NOW, an_upload

TAKEN_BACK_CENTS = Decimal("0.21")


@pytest.fixture
def sandbox(tmp_path):
    """Return a running sandbox that gives every answer, on a day in March."""
    with a_sandbox(tmp_path) as running:
        yield running


def a_sandbox(home: Path) -> Sandbox:
    """Return such a sandbox, not yet running."""
    return Sandbox(home, {"demo": "demo-password"}, settle=0.02, answers=EVERY_ANSWER, now=lambda: NOW)


def put(sandbox: Sandbox, name: str, content: bytes) -> None:
    """Lay a file into `inbound`, as an upload does."""
    (sandbox.inbound("demo") / name).write_bytes(content)


def kinds(paths: list[Path]) -> list[ResponseKind]:
    """Return what lies in `outbound`, by name."""
    return sorted((classify(path.name).kind for path in paths), key=lambda kind: kind.name)


def clp(path: Path) -> list[list[str]]:
    """Return the claims of a remittance that all validators accept."""
    with zipfile.ZipFile(path) as archive:
        text = next(archive.read(name).decode() for name in archive.namelist() if name.endswith(".835"))
    assert_both_accept(text)
    assert [] == oxedi_complaints(text)
    return [segment.split("*") for segment in text.split("~") if segment.startswith("CLP*")]


def zips(sandbox: Sandbox) -> list[Path]:
    """Return the remittances, oldest first."""
    return sorted(sandbox.outbound("demo").glob("*.zip"), key=lambda path: path.name[-12:])


def taken_back(**changes: Any) -> Claim:
    """Return a claim that is paid, and taken back after four weeks."""
    return a_claim(lines=(a_line(charge=240 + TAKEN_BACK_CENTS),), **changes)


def test_a_claim_s_whole_life(sandbox):
    """Uploaded, acknowledged, reported, paid, taken back, replaced: each answer comes when its day has passed."""
    put(sandbox, LIVE_NAME, an_upload(taken_back()))
    at_once = sandbox.wait_for_answers("demo", 3)
    assert [
        ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA,
        ResponseKind.FILE_SUMMARY,
        ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999,
    ] == kinds(at_once)

    sandbox.turn(days=2)
    sandbox.wait_for_answers("demo", 4)
    sandbox.turn(days=1)
    reported = sandbox.wait_for_answers("demo", 5)
    assert ResponseKind.EDI_STATUS in kinds(reported)

    sandbox.turn(days=11)
    sandbox.wait_for_answers("demo", 6)
    ((_, number, status, _, paid, _, _, payer_number, *_),) = clp(zips(sandbox)[-1])
    assert ("CN0001", "1", "172.95") == (number, status, paid)

    sandbox.turn(days=28)
    sandbox.wait_for_answers("demo", 7)
    reversal, corrected = clp(zips(sandbox)[-1])
    assert (("22", "-172.95", payer_number), "1") == ((reversal[2], reversal[4], reversal[7]), corrected[2])

    again = taken_back(frequency=Frequency.REPLACEMENT, payer_claim_number=corrected[7])
    put(sandbox, "CC000043.837P.txt", an_upload(again, first=2, interchange_number=43))
    sandbox.wait_for_answers("demo", 10)
    sandbox.turn(days=14)
    sandbox.wait_for_answers("demo", 13)
    assert [("CN0001", "22"), ("CN0002", "1")] == [(one[1], one[2]) for one in clp(zips(sandbox)[-1])]


def test_a_zip_may_lie_half_written(tmp_path):
    """A remittance that is being written cannot be opened, and is whole in the end."""
    with a_sandbox(tmp_path) as sandbox:
        put(sandbox, LIVE_NAME, an_upload())
        sandbox.wait_for_answers("demo", 3)
        sandbox.turn(days=13)
        sandbox.wait_for_answers("demo", 5)
        sandbox.misbehave(Misbehaviour(half_written_for=3600))
        sandbox.turn(days=1)
        sandbox.wait_for_answers("demo", 6)
        (half,) = zips(sandbox)
        assert not zipfile.is_zipfile(io.BytesIO(half.read_bytes()))

    assert 1 == len(clp(half))


def test_another_process_turns_the_clock(sandbox, capsys):
    """`courier sandbox --turn` makes due answers of a running sandbox appear."""
    put(sandbox, LIVE_NAME, an_upload())
    sandbox.wait_for_answers("demo", 3)

    status = main(["sandbox", "--home", str(sandbox.home), "--turn", "14"])

    assert (0, "the sandbox's clock is 14 days ahead\n") == (status, capsys.readouterr().out)
    assert 6 == len(sandbox.wait_for_answers("demo", 6))


def test_what_is_owed_survives_a_restart(tmp_path):
    """A sandbox that was stopped pays afterwards what it took before."""
    with a_sandbox(tmp_path) as sandbox:
        put(sandbox, LIVE_NAME, an_upload())
        sandbox.wait_for_answers("demo", 3)

    with a_sandbox(tmp_path) as sandbox:
        sandbox.turn(days=14)
        sandbox.wait_for_answers("demo", 6)
        (paid,) = zips(sandbox)

    assert "1" == clp(paid)[0][2]


def test_the_clock_adds_up(tmp_path):
    """Turned twice it is ahead by both, whoever asks; half written it stays where it was."""
    clock = Clock(tmp_path, lambda: NOW)
    turn_clock(tmp_path, timedelta(days=1))
    turn_clock(tmp_path, timedelta(hours=2))
    assert NOW + timedelta(days=1, hours=2) == clock.now()

    (tmp_path / "clock.json").write_text('{"seconds_')

    assert NOW + timedelta(days=1, hours=2) == clock.now()


@pytest.mark.parametrize("content", [{}, {"seconds_ahead": "soon"}, {"seconds_ahead": 1e300}])
def test_a_broken_clock_is_said(tmp_path, content):
    """A clock file that is no clock is an error with a name."""
    (tmp_path / "clock.json").write_text(json.dumps(content))

    with pytest.raises(BadSetting, match=r"clock\.json"):
        Clock(tmp_path, lambda: NOW).now()


def test_time_does_not_go_back(tmp_path):
    """The clock is turned ahead only, and only where a sandbox is."""
    with pytest.raises(BadSetting, match="never back"):
        turn_clock(tmp_path, timedelta(-1))
    with pytest.raises(BadSetting, match="no sandbox"):
        turn_clock(tmp_path / "nowhere", timedelta(1))


def test_serving_needs_accounts(tmp_path, capsys):
    """Without accounts there is only the clock to turn."""
    assert 1 == main(["sandbox", "--home", str(tmp_path)])
    assert "--accounts is needed" in capsys.readouterr().err
