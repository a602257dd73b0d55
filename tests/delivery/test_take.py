"""Taking from a server that is careless or hostile: what is new is stored once, what cannot be is said once."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from asyncssh.sftp import SFTPName, SFTPPermissionDenied

from include.claims.errors import AccountClosed, BadSetting, LoginRefused
from include.delivery.apply import apply_stored
from include.delivery.records import ResponseStatus, Table
from include.delivery.take import Taken, clinic_has_news, has_news, take, visit_each
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from include.sandbox.sftp_server import Box
from tests.builders import a_claim
from tests.night import ACCOUNT, CLINIC, MAILBOX_ROW, PASSWORD, Night

KEPT = "1234567890_HCFA_FULL_20260306.txt"


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url) -> Night:
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def visit(night: Night) -> Taken:
    """Take and apply, as a task does."""
    taken = take(ACCOUNT, night.ports)
    apply_stored(ACCOUNT, night.ports)
    return taken


def shown(night: Night) -> dict[str, list[str]]:
    """Return what the night report shows as quarantined, with every reason it gives."""
    found: dict[str, list[str]] = {}
    for item in night.ports.ledger.report.set_aside():
        if item.status is ResponseStatus.QUARANTINED:
            found.setdefault(item.name, []).append(item.reason)
    return found


def test_an_empty_mailbox_is_no_news(night, sandbox):
    """Where the ledger knows everything that lies there, a look finds nothing."""
    before = has_news(ACCOUNT, night.ports)
    sandbox.place(ACCOUNT, KEPT, b"?")
    new = has_news(ACCOUNT, night.ports)
    visit(night)

    assert (False, True, False) == (before, new, has_news(ACCOUNT, night.ports))


def test_what_a_killed_worker_stored_is_news(night, sandbox):
    """A file that was stored and not applied wants a worker, though the server has nothing new."""
    sandbox.place(ACCOUNT, KEPT, b"?")
    take(ACCOUNT, night.ports)

    assert has_news(ACCOUNT, night.ports)
    apply_stored(ACCOUNT, night.ports)
    assert not has_news(ACCOUNT, night.ports)


def test_a_refused_login_is_raised_where_nothing_is_new(night, sandbox):
    """A look that was refused is never taken for a mailbox without news."""
    sandbox.misbehave(Misbehaviour(refuse_logins=True))

    for _ in range(2):
        with pytest.raises(LoginRefused):
            clinic_has_news(CLINIC, night.ports)

    assert 1 == sandbox.logins(ACCOUNT)


def test_a_huge_file_is_left_and_told_once(night, sandbox):
    """A gigabyte is not fetched; every visit names it, the night report has it once, the rest is taken."""
    with (sandbox.outbound(ACCOUNT) / "huge.835").open("wb") as file:
        file.truncate(1 << 30)
    sandbox.place(ACCOUNT, KEPT, b"?")

    first, second = visit(night), visit(night)

    assert (1, 0) == (first.stored, second.stored)
    assert [("huge.835",)] * 2 == [first.left, second.left]
    [reason] = shown(night)["huge.835"]
    assert "1073741824 bytes" in reason
    assert not has_news(ACCOUNT, night.ports)


def test_a_file_that_is_longer_than_its_listing_is_left(night, sandbox, monkeypatch):
    """A server that lists ten bytes and sends more is read for eleven, and the file is looked at again later."""
    sandbox.place(ACCOUNT, KEPT, b"x" * 100_000)
    listed = Box.scandir

    async def scandir(box: Box, path: bytes) -> AsyncIterator[SFTPName]:
        async for name in listed(box, path):
            name.attrs.size = 10
            yield name

    monkeypatch.setattr(Box, "scandir", scandir)

    taken = take(ACCOUNT, night.ports)

    assert (0, 1) == (taken.stored, taken.still_growing)
    assert has_news(ACCOUNT, night.ports)


def test_a_name_no_file_has_is_left_and_told_once(night, sandbox):
    """A file that cannot be asked for keeps no other from being taken."""
    (sandbox.outbound(ACCOUNT) / "\udcff.txt").write_bytes(b"?")
    (sandbox.outbound(ACCOUNT) / "line\nbreak.txt").write_bytes(b"?")
    sandbox.place(ACCOUNT, KEPT, b"?")

    first, second = visit(night), visit(night)

    assert (1, 0) == (first.stored, second.stored)
    assert {"\\udcff.txt": 1, "line\\nbreak.txt": 1} == {name: len(reasons) for name, reasons in shown(night).items()}
    assert set(first.left) == set(shown(night))


def test_a_file_nobody_may_read_is_said_and_stops_no_other(night, sandbox, monkeypatch):
    """What the server forbids is raised once all the others are stored; it may be mended, so it is asked for again."""
    sandbox.place(ACCOUNT, "forbidden.txt", b"?")
    sandbox.place(ACCOUNT, KEPT, b"?")
    allowed = Box.open

    def open_unless_forbidden(box: Box, path: bytes, *mode: Any) -> Any:
        if path.endswith(b"forbidden.txt"):
            raise SFTPPermissionDenied("no")
        return allowed(box, path, *mode)

    monkeypatch.setattr(Box, "open", open_unless_forbidden)

    with pytest.raises(BadSetting, match="permission denied"):
        take(ACCOUNT, night.ports)

    assert {KEPT} == {name for name, _, _ in night.ports.ledger.responses.known(ACCOUNT)}
    assert has_news(ACCOUNT, night.ports)


def test_a_bomb_is_quarantined(night, sandbox):
    """An archive that unpacks to a thousand times its size is kept as it came and never unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.835", b"\0" * (64 << 20))
    name = "1234567890_ERA_STATUS_5010_20260320.zip"
    sandbox.place(ACCOUNT, name, packed.getvalue())

    visit(night)

    assert "times its size" in shown(night)[name][0]


def test_the_same_answers_again_do_nothing_new(night, sandbox):
    """Redelivered under its own name an answer writes no event, under another name it moves no claim."""
    night.hold([a_claim()])
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 2)
    visit(night)
    lines, events = standing(night)

    contents = {path: path.read_bytes() for path in sandbox.outbound(ACCOUNT).iterdir()}
    for path, content in contents.items():
        path.unlink()
        sandbox.place(ACCOUNT, path.name, content)
    visit(night)
    assert (lines, events) == standing(night)
    for path, content in contents.items():
        sandbox.place(ACCOUNT, another_name(path.name), content)
    again = visit(night)

    assert len(contents) == again.stored
    assert lines == standing(night)[0]
    assert {} == shown(night)


def another_name(name: str) -> str:
    """Return a name of the same kind, as a clearinghouse that sends again may choose."""
    return name.replace("FS_HCFA_4", "FS_HCFA_9") if name.startswith("FS_") else f"9{name[1:]}"


def standing(night: Night):
    """Return where the claims stand, and what happened to them."""
    lines = list(night.ports.ledger.report.claim_lines())
    return lines, [night.ports.ledger.report.stories(line.control_number) for line in lines]


def test_a_corrected_file_under_an_old_name_is_read(night, sandbox):
    """A File Summary that was cut off and comes again whole, under its name, says what it says."""
    night.hold([a_claim()])
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 2)
    [path] = sandbox.outbound(ACCOUNT).glob("FS_*")
    whole = path.read_bytes()
    sandbox.place(ACCOUNT, path.name, whole[:40])
    visit(night)
    awaiting = [line.front_end for line in night.ports.ledger.report.claim_lines()]

    sandbox.place(ACCOUNT, path.name, whole)
    visit(night)

    assert awaiting != [line.front_end for line in night.ports.ledger.report.claim_lines()]


def test_an_account_that_was_closed_is_left_alone(night, sandbox):
    """A clinic that moved on is not red for ever; one whose own account is closed is."""
    night.hold([a_claim()])
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 2)
    clinics = night.ports.ledger.clinics
    clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "new_one", "connection_id": "sftp_new"}])
    open_one = night.ports.mailboxes._connection("")
    closed = replace(open_one, extra={**open_one.extra, "closed": True})
    night.ports.mailboxes._connection = lambda name: closed if name == "sftp_acorn" else open_one
    with pytest.raises(AccountClosed, match="mailbox acorn"):
        clinic_has_news(CLINIC, night.ports)

    clinics.put(Table.CLINIC, [{"key": CLINIC, "mailbox_key": "new_one"}])

    assert clinic_has_news(CLINIC, night.ports)
    assert [] == visit_each(CLINIC, has_news, night.ports)[1]
