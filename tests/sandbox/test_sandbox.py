"""The sandbox as a server: two clients, its collecting, and its own small life."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from include.adapters.sftp_connect import open_sftp
from include.claims.errors import BadSetting
from include.hcfa.layout import GRID_A
from include.hcfa.print_image import write_print_image
from include.officeally.names import ResponseKind, classify
from include.sandbox.host_key import host_key_line
from include.sandbox.misbehaviour import Misbehaviour, from_json
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.sandbox.uploads import LIVE_NAME, an_upload, some_claims

PASSWORDS = {"demo": "demo-password", "other": "other-password"}


@pytest.fixture
def sandbox(tmp_path):
    """Return a running sandbox with two accounts."""
    with Sandbox(tmp_path / "home", PASSWORDS, settle=0.05) as running:
        yield running


def login(sandbox: Sandbox, account: str = "demo"):
    """Open a session in an account."""
    return open_sftp(
        host=sandbox.host,
        port=sandbox.port,
        user=account,
        password=PASSWORDS[account],
        host_key=sandbox.host_key,
        timeout=10,
    )


def openssh(sandbox: Sandbox, tmp_path, *commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands in OpenSSH's own sftp, with the host key pinned."""
    (tmp_path / "known_hosts").write_text(f"[{sandbox.host}]:{sandbox.port} {sandbox.host_key}\n")
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\necho {PASSWORDS['demo']}\n")
    ask.chmod(0o700)
    options = [f"UserKnownHostsFile={tmp_path}/known_hosts", "StrictHostKeyChecking=yes", "PubkeyAuthentication=no"]
    return subprocess.run(
        [
            "sftp",
            "-P",
            str(sandbox.port),
            *(word for option in options for word in ("-o", option)),
            f"demo@{sandbox.host}",
        ],
        input="\n".join([*commands, "bye\n"]),
        env={**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_file_is_taken_and_answered(sandbox):
    """A complete file leaves inbound, is logged once, and its 999 and File Summary appear in outbound."""
    with login(sandbox) as server:
        server.put(LIVE_NAME, an_upload(*some_claims(2)), lambda: True)
        (taken,) = sandbox.wait_for_taken(1)
        sandbox.wait_for_answers("demo", 2)

        assert server.look(LIVE_NAME) is None
        kinds = {classify(file.name).kind for file in server.list_outbound()}
    assert {ResponseKind.FILE_SUMMARY, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999} == kinds
    assert ("demo", LIVE_NAME, True) == (taken.account, taken.name, taken.complete)


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp client is not installed")
def test_openssh_s_client_is_served(sandbox, tmp_path):
    """OpenSSH's sftp uploads, the file is taken, and the answers can be fetched."""
    (tmp_path / LIVE_NAME).write_bytes(an_upload(*some_claims(2)))

    sent = openssh(sandbox, tmp_path, f"put {tmp_path}/{LIVE_NAME} inbound/{LIVE_NAME}")
    (taken,) = sandbox.wait_for_taken(1)
    answers = sandbox.wait_for_answers("demo", 2)
    got = openssh(sandbox, tmp_path, f"get outbound/{answers[-1].name} {tmp_path}/answer", "ls /", "ls ../..")

    assert (0, 0) == (sent.returncode, got.returncode), sent.stderr + got.stderr
    assert (tmp_path / LIVE_NAME).stat().st_size == taken.size
    assert answers[-1].read_bytes() == (tmp_path / "answer").read_bytes()
    assert "accounts" not in got.stdout


def test_accounts_do_not_see_each_other(sandbox):
    """Each login has its own folders, whatever path it asks for."""
    with login(sandbox, "other") as server:
        server.put("CC000001.837P.dat", b"not finished", lambda: True)

        assert [] == list(sandbox.inbound("demo").iterdir())
        with pytest.raises(Exception, match="not a file name"):
            server.look("../../demo/inbound")


def test_an_unfinished_file_waits_for_its_tail(tmp_path):
    """A file without its IEA stays until it is completed, then it is taken once and whole."""
    content = an_upload(*some_claims(2))
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        server.put(LIVE_NAME, content[:700], lambda: True)
        server.put("CC000099.837P.txt", an_upload(*some_claims(1, first=9), first=9), lambda: True)
        sandbox.wait_for_taken(1)
        server.append_tail(LIVE_NAME, content, 700, lambda: True)
        taken = sandbox.wait_for_taken(2)

    assert ["CC000099.837P.txt", LIVE_NAME] == [one.name for one in taken]
    assert [True, True] == [one.complete for one in taken]


def test_patience_ends(tmp_path):
    """An incomplete file is taken in the end and fails."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02, patience=0.1) as sandbox, login(sandbox) as server:
        server.put(LIVE_NAME, an_upload()[:500], lambda: True)
        (taken,) = sandbox.wait_for_taken(1)
        (answer,) = sandbox.wait_for_answers("demo", 1)

    assert (False, "FF13") == (taken.complete, taken.failed[:4])
    assert ResponseKind.ERROR_REPORT is classify(answer.name).kind


def test_a_killed_sandbox_finishes_what_it_took(tmp_path):
    """A file that had left inbound when the sandbox died is judged at its next start, once."""
    taking = tmp_path / "taking" / "demo" / LIVE_NAME
    taking.parent.mkdir(parents=True)
    taking.write_bytes(an_upload(*some_claims(1)))

    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox:
        (taken,) = sandbox.wait_for_taken(1)
        sandbox.wait_for_answers("demo", 2)

    assert ("demo", LIVE_NAME) == (taken.account, taken.name)
    assert not taking.exists()


def test_a_sandbox_killed_after_its_log_takes_nothing_twice(tmp_path):
    """A file that is in the log already is not taken again, though its last trace was left behind."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        server.put(LIVE_NAME, an_upload(*some_claims(1)), lambda: True)
        sandbox.wait_for_taken(1)
    (tmp_path / "taking" / "demo" / LIVE_NAME).write_bytes(an_upload(*some_claims(1)))

    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        server.put("CC000043.837P.txt", an_upload(*some_claims(1, first=2), first=2), lambda: True)
        taken = sandbox.wait_for_taken(2)

    assert [LIVE_NAME, "CC000043.837P.txt"] == [one.name for one in taken]
    assert [] == list((tmp_path / "taking" / "demo").iterdir())


def test_the_host_key_is_kept(tmp_path):
    """The key is made once and is the same at every start, so that it can be pinned beforehand."""
    line = host_key_line(tmp_path)

    with Sandbox(tmp_path, PASSWORDS) as sandbox:
        assert line == sandbox.host_key
    assert line == host_key_line(tmp_path)


def test_every_password_shown_is_counted(sandbox):
    """Logins are counted by account, good and bad, in memory and in a log."""
    with login(sandbox):
        pass
    with login(sandbox):
        pass

    assert (2, 0) == (sandbox.logins("demo"), sandbox.logins("other"))
    assert 2 == len((sandbox.home / "logins.jsonl").read_text().splitlines())


def test_answers_can_be_late_or_missing(tmp_path):
    """Told so it takes the file and stays silent; answers it still owes are written when it stops."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        sandbox.misbehave(Misbehaviour(never_answer=True))
        server.put(LIVE_NAME, an_upload(*some_claims(1)), lambda: True)
        sandbox.wait_for_taken(1)
        sandbox.misbehave(Misbehaviour(answer_after=3600))
        server.put("CC000043.837P.txt", an_upload(*some_claims(1, first=2), first=2), lambda: True)
        sandbox.wait_for_taken(2)
        assert [] == list(sandbox.outbound("demo").iterdir())

    assert 2 == len(list(sandbox.outbound("demo").iterdir()))


def test_a_response_can_lie_half_written(tmp_path):
    """A response that is being written is seen short under its final name, and whole in the end."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        sandbox.misbehave(Misbehaviour(half_written_for=3600, sends_999=False))
        server.put(LIVE_NAME, an_upload(*some_claims(1)), lambda: True)
        (answer,) = sandbox.wait_for_answers("demo", 1)
        half = answer.read_bytes()

    whole = answer.read_bytes()
    assert whole.startswith(half)
    assert len(half) < len(whole)


def test_answers_can_come_backwards(tmp_path):
    """Told so, it writes the last answer to a file first: the File Summary lies there before the 999 does."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox, login(sandbox) as server:
        sandbox.misbehave(Misbehaviour(answer_backwards=True, half_written_for=3600))
        server.put(LIVE_NAME, an_upload(*some_claims(1)), lambda: True)
        (first,) = sandbox.wait_for_answers("demo", 1)

        assert ResponseKind.FILE_SUMMARY is classify(first.name).kind


def test_sizes_can_be_told_wrong(sandbox):
    """Told so, it lists and tells a size that is not the file's; what it gives is the file."""
    sandbox.place("demo", "answer.txt", b"twelve bytes")
    sandbox.misbehave(Misbehaviour(sizes_off_by=-5))

    with login(sandbox) as server:
        (listed,) = server.list_outbound()
        sandbox.behave()

        assert 7 == listed.size
        assert b"twelve bytes" == server.fetch("answer.txt", 12)


def test_a_test_can_have_everything_collected_now(tmp_path):
    """A part that would lie for a minute is taken at once where a test says so, and its answer is waited for."""
    with Sandbox(tmp_path, PASSWORDS) as sandbox:
        (sandbox.inbound("demo") / LIVE_NAME).write_bytes(an_upload(*some_claims(1))[:-40])
        sandbox.wait_until_idle()

        assert [1, 0] == [sandbox.sweep_now(), sandbox.sweep_now()]
        sandbox.wait_until_idle()
        (taken,) = sandbox.taken()
        assert not taken.complete
        assert 1 == len(list(sandbox.outbound("demo").iterdir()))


def test_switches_can_stand_in_a_file(tmp_path):
    """A file in its home tells the sandbox what to do wrong, at every use; half written it changes nothing."""
    with Sandbox(tmp_path, PASSWORDS, settle=0.02) as sandbox:
        (tmp_path / "misbehave.json").write_text(json.dumps({"never_answer": True, "accounts": ["demo"]}))

        assert (True, False) == (sandbox.mood("demo").never_answer, sandbox.mood("other").never_answer)
        (tmp_path / "misbehave.json").write_text('{"never_ans')
        assert sandbox.mood("demo").never_answer


def test_a_dead_sandbox_is_not_a_silent_one(tmp_path):
    """What ends the server is raised to whoever waits for it."""
    sandbox = Sandbox(tmp_path, PASSWORDS, settle=0.02)
    (sandbox.inbound("demo") / LIVE_NAME).write_bytes(an_upload(*some_claims(1)))
    (tmp_path / "misbehave.json").write_text('{"do_evil": true}')

    with pytest.raises(BadSetting, match="misbehave"), sandbox:
        sandbox.wait_for_taken(1)


@pytest.mark.parametrize("text", ['{"disk_full": 3}', "[]", "{"])
def test_an_unknown_switch_is_refused(text):
    """A switch nobody knows is named, not ignored."""
    with pytest.raises(BadSetting, match=r"misbehave\.json"):
        from_json(text)


def test_a_taken_port_is_said(sandbox, tmp_path):
    """A port that is in use is an error at the start."""
    with pytest.raises(BadSetting, match="cannot listen"), Sandbox(tmp_path / "second", PASSWORDS, port=sandbox.port):
        pass


def test_it_runs_from_a_shell(tmp_path):
    """`courier sandbox` says when it is ready and ends cleanly on SIGTERM."""
    (tmp_path / "accounts.json").write_text(json.dumps(PASSWORDS))
    command = [sys.executable, "-m", "include.cli", "sandbox", "--home", str(tmp_path / "home"), "--port", "0"]
    with subprocess.Popen(
        [*command, "--accounts", str(tmp_path / "accounts.json")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.terminate()
        rest = process.stdout.read()

    assert ready.startswith("sandbox ready on 127.0.0.1:")
    assert host_key_line(tmp_path / "home") in ready
    assert ("sandbox stopped\n", 0) == (rest, process.returncode)


def test_bad_accounts_are_said(tmp_path, capsys):
    """An accounts file that is not user names and passwords ends the command with a sentence."""
    from include.cli.__main__ import main

    (tmp_path / "accounts.json").write_text("[1]")

    status = main(["sandbox", "--home", str(tmp_path), "--accounts", str(tmp_path / "accounts.json")])

    assert 1 == status
    assert "user names and passwords" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["demo", "demo=B", "demo="])
def test_an_account_of_print_images_needs_a_known_grid(word, tmp_path, capsys):
    """Without its grid a map is none: the command says what to write."""
    from include.cli.__main__ import main

    (tmp_path / "accounts.json").write_text(json.dumps(PASSWORDS))

    status = main(["sandbox", "--home", str(tmp_path), "--accounts", str(tmp_path / "accounts.json"),
                   "--print-image", word])  # fmt: skip

    assert 1 == status
    assert "say USER=GRID, the grid A or NUCC" in capsys.readouterr().err


def test_an_account_may_take_print_images(tmp_path):
    """A form is taken once nobody writes it, for nothing in it says that it ends; the other account takes X12."""
    content = write_print_image([(1, "CN0001", a_claim())], GRID_A).content
    with Sandbox(tmp_path, PASSWORDS, settle=0.02, print_images={"demo": "A"}) as sandbox:
        with login(sandbox) as server:
            server.put("CC000042.HCFA.txt", content, lambda: True)
        with login(sandbox, "other") as server:
            server.put(LIVE_NAME, an_upload(*some_claims(1)), lambda: True)
        taken = sandbox.wait_for_taken(2)

    assert [(True, "", 1), (True, "", 1)] == [(one.complete, one.failed, len(one.claims)) for one in taken]
