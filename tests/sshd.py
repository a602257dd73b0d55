"""
OpenSSH's own server, as a clearinghouse may run it: one account, shut in a chroot, served by internal-sftp.

What our sandbox does is what we believed when we wrote it. What is tested against both cannot be our belief alone.
A real local user is needed for it, and root to make one; elsewhere these tests are skipped aloud, on CI they fail.
"""

import os
import pwd
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.machine import free_port, lacking

HOST = "127.0.0.1"
_START_WITHIN_SECONDS = 20
_PRIVILEGE_SEPARATION = Path("/run/sshd")

_CONFIG = """
ListenAddress {host}:{port}
HostKey {home}/host_key
PidFile none
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication yes
AuthorizedKeysFile {home}/authorized_keys
StrictModes no
LogLevel VERBOSE
MaxAuthTries 3
Subsystem sftp internal-sftp
ChrootDirectory {home}/chroot
ForceCommand internal-sftp
AllowTcpForwarding no
X11Forwarding no
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sshd:
    """A running sshd with one account; answers what tests ask of the sandbox, so that both can be asked the same."""

    home: Path
    port: int
    user: str
    password: str
    pid: int
    host: str = HOST

    @property
    def host_key(self) -> str:
        """The key it shows, as the line to pin."""
        return _line(self.home / "host_key.pub")

    @property
    def inbound(self) -> Path:
        """Where uploads lie."""
        return self.home / "chroot" / "inbound"

    @property
    def outbound(self) -> Path:
        """Where answers lie."""
        return self.home / "chroot" / "outbound"

    @property
    def private_key(self) -> str:
        """The key that the account lets in beside its password."""
        return (self.home / "user_key").read_text()

    @property
    def logins(self) -> int:
        """How many logins were accepted or refused, by sshd's own log."""
        log = (self.home / "log").read_text()
        return sum(log.count(f"{word} password for {self.user} ") for word in ("Accepted", "Failed"))

    def let_no_file_grow_beyond(self, size: int) -> None:
        """Let the kernel refuse every byte after so many, as a full disk does, in sessions that begin from now on."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def give_room(self) -> None:
        """Let files grow again, in sessions that begin from now on."""
        self.let_no_file_grow_beyond(resource.RLIM_INFINITY)

    def cut(self) -> None:
        """End every session at once, as a broken line does."""
        for pid in _descendants(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def tidy(self) -> None:
        """Empty both folders, and give room; the account may write into `inbound`, and only read `outbound`."""
        self.give_room()
        for folder in (self.inbound, self.outbound):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o755)
        shutil.chown(self.inbound, self.user)


@contextmanager
def an_sshd() -> Iterator[Sshd]:
    """Start sshd with an account of its own; raise where this machine cannot."""
    program = find_sshd()
    if program is None or os.geteuid() != 0:
        raise FileNotFoundError("no sshd, or not root")
    # sshd wants every folder above a chroot to be root's and nobody else's to write: not so of /tmp.
    with tempfile.TemporaryDirectory(prefix="courier-sshd-", dir="/run", ignore_cleanup_errors=True) as folder:
        home, user, password = Path(folder), f"courier{secrets.token_hex(4)}", secrets.token_urlsafe(12)
        home.chmod(0o755)
        with _a_local_user(user, password):
            yield from _serve(program, home, user, password)


def find_sshd() -> Path | None:
    """Return the server's program, or None."""
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


@pytest.fixture(scope="session")
def sshd_server() -> Iterator[Sshd]:
    """Start sshd once; skip aloud where this machine cannot, fail on CI."""
    if find_sshd() is None or os.geteuid() != 0:
        lacking("OpenSSH's sshd cannot be tried here: it has to be installed, and a chroot needs root")
    with an_sshd() as server:
        yield server


@pytest.fixture
def sshd(sshd_server: Sshd) -> Sshd:
    """Return sshd with nothing in its folders."""
    sshd_server.tidy()
    return sshd_server


@contextmanager
def _a_local_user(user: str, password: str) -> Iterator[None]:
    options = ("--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", "--no-user-group")
    subprocess.run(["useradd", *options, user], check=True, capture_output=True)
    try:
        subprocess.run(["chpasswd"], input=f"{user}:{password}", text=True, check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["userdel", user], check=True, capture_output=True)


def _serve(program: Path, home: Path, user: str, password: str) -> Iterator[Sshd]:
    (home / "chroot").mkdir(mode=0o755)
    _PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    for name in ("host_key", "user_key"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(home / name)]
        subprocess.run(make, check=True, capture_output=True)
    shutil.copy(home / "user_key.pub", home / "authorized_keys")
    port = free_port()
    (home / "config").write_text(_CONFIG.format(host=HOST, port=port, home=home))
    # It is started with SIGXFSZ ignored, as Python has it: a file that may not grow is an error, not the session's end.
    process = subprocess.Popen(
        [str(program), "-D", "-f", str(home / "config"), "-E", str(home / "log")],
        stdin=subprocess.DEVNULL,
        restore_signals=False,
    )
    server = Sshd(home=home, port=port, user=user, password=password, pid=process.pid)
    try:
        _wait_for(server, process)
        yield server
    finally:
        server.cut()
        process.terminate()
        process.wait(10)
        _let_go_of(user)


def _wait_for(server: Sshd, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_WITHIN_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((server.host, server.port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"sshd did not start: {(server.home / 'log').read_text()}")
        time.sleep(0.05)


def _let_go_of(user: str) -> None:
    """Wait until no process of the user is left: a user who runs something cannot be removed."""
    uid = pwd.getpwnam(user).pw_uid
    deadline = time.monotonic() + _START_WITHIN_SECONDS
    while time.monotonic() < deadline and any(_owner(process) == uid for process in Path("/proc").glob("[0-9]*")):
        time.sleep(0.05)


def _owner(process: Path) -> int:
    try:
        return process.stat().st_uid
    except FileNotFoundError:
        return -1


def _descendants(pid: int) -> list[int]:
    """Return the processes below one, as Linux lists them."""
    try:
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [one for child in children for one in (child, *_descendants(child))]


def _line(public_key: Path) -> str:
    return " ".join(public_key.read_text().split()[:2])
