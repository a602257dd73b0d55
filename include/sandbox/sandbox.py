"""
The sandbox clearinghouse, running: `with Sandbox(home, {"user": "password"}) as sandbox:`.

For demos, dry runs and tests. It serves in a thread of its own; all it keeps lies under its home folder:
`accounts/<user>/inbound` and `outbound`, the host key, `taken/` with the files it took, and its logs.
"""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from weakref import WeakSet

import asyncssh

from include.claims.errors import BadSetting
from include.sandbox import BANNER
from include.sandbox.answers import Answer
from include.sandbox.clearinghouse import Clearinghouse, Taken
from include.sandbox.clock import Clock, turn_clock
from include.sandbox.host_key import host_key_line, host_key_path
from include.sandbox.misbehaviour import Misbehaviour, Mood
from include.sandbox.payers import PayerList
from include.sandbox.reports import Report
from include.sandbox.sftp_server import Box, Door
from include.sandbox.taken import TakenFile, read_taken


class Sandbox:
    """A clearinghouse to play with; see the module's first lines."""

    def __init__(
        self,
        home: Path,
        accounts: Mapping[str, str],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        payers: PayerList | None = None,
        print_images: Mapping[str, str] = MappingProxyType({}),
        settle: float = 0.3,
        patience: float = 60.0,
        id_digits: int | None = None,
        answers: frozenset[Answer] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Prepare the folders; nothing listens before `with`.

        `settle` is how long a complete file lies before it is taken, `patience` how long an incomplete one does, in
        seconds; `id_digits` is 9, 10 or None for both in turn; `answers` come beyond 999 and File Summary.
        `print_images` has the grid of each account that is set to print image, whose files are taken for complete once
        nobody writes them, and whose payers never answer.
        """
        if odd := [name for name in accounts if "/" in name or name.startswith(".") or not name]:
            raise BadSetting(f"sandbox accounts: {odd[0]!r} cannot be a folder's name")
        self.home = home
        self.host = host
        self.port = port
        self.host_key = host_key_line(home)
        self._accounts = dict(accounts)
        for name in accounts:
            for folder in (self.inbound(name), self.outbound(name)):
                folder.mkdir(parents=True, exist_ok=True)
        self._now = Clock(home, now).now
        self._clearinghouse = Clearinghouse(
            home, payers=payers, print_images=print_images, id_digits=id_digits, answers=answers, now=self._now
        )
        self._mood = Mood(home)
        self._settle = settle
        self._patience = patience
        self._open: Counter[Path] = Counter()
        self._logins: Counter[str] = Counter()
        self._connections: WeakSet[asyncssh.SSHServerConnection] = WeakSet()
        self._ready = threading.Event()
        self._failure: Exception | None = None

    # --- what a test asks ---

    def inbound(self, account: str) -> Path:
        """Return the folder the account's uploads lie in."""
        return self.folder(account) / "inbound"

    def outbound(self, account: str) -> Path:
        """Return the folder the account's answers lie in."""
        return self.folder(account) / "outbound"

    def folder(self, account: str) -> Path:
        """Return the account's root."""
        return self.home / "accounts" / account

    def taken(self) -> list[TakenFile]:
        """Return every file it ever took, oldest first."""
        return read_taken(self._clearinghouse.log)

    def logins(self, account: str) -> int:
        """Count the passwords shown for an account since the start, refused ones included."""
        return self._logins[account]

    def give_password(self, account: str, password: str) -> None:
        """Let an account have another password from now on."""
        self._accounts[account] = password

    def is_password(self, account: str, password: str) -> bool:
        """Tell whether this is the account's password now."""
        return self._accounts.get(account) == password

    def turn(self, *, days: float) -> None:
        """Turn the clock ahead: what is due until then appears in `outbound`."""
        turn_clock(self.home, timedelta(days))

    def misbehave(self, misbehaviour: Misbehaviour) -> None:
        """Do wrong from now on."""
        self._mood.set(misbehaviour)

    def behave(self) -> None:
        """Do right again."""
        self._mood.set(Misbehaviour())

    def wait_for_taken(self, files: int, *, within: float = 20.0) -> list[TakenFile]:
        """Wait until that many files were taken in all, and return them."""
        self._wait(lambda: len(self.taken()) >= files, within, f"{files} files taken")
        return self.taken()

    def wait_for_answers(self, account: str, files: int, *, within: float = 20.0) -> list[Path]:
        """Wait until that many answers lie in `outbound`, and return them by name."""
        self._wait(lambda: len(list(self.outbound(account).iterdir())) >= files, within, f"{files} answers")
        return sorted(self.outbound(account).iterdir())

    def wait_until_idle(self, *, within: float = 20.0) -> None:
        """Wait until no finished file lies in an `inbound` and every answer is written."""
        self._wait(lambda: not self._has_work(), within, "an idle server")

    def sweep_now(self) -> int:
        """Take all away that lies in an `inbound`, finished or not, and return how many files it was."""
        lying = [(account, path) for account in self._accounts for path in self.inbound(account).iterdir()]
        for account, path in lying:
            asyncio.run_coroutine_threadsafe(self.sweep(account, path), self._loop).result()
        return len(lying)

    def check(self) -> None:
        """Say in the caller's thread what ended the server's: a dead sandbox must not look like a silent one."""
        if self._failure is not None:
            raise self._failure

    def _has_work(self) -> bool:
        return bool(self._answering) or self._taking.locked() or any(self._whole_files())

    def _whole_files(self) -> Iterator[Path]:
        for account in self._accounts:
            for path in self.inbound(account).iterdir():
                with suppress(FileNotFoundError):  # taken just now
                    if not self._is_open(path) and self._clearinghouse.looks_whole(account, _tail(path)):
                        yield path

    def _wait(self, happened: Callable[[], bool], within: float, what: str) -> None:
        deadline = time.monotonic() + within
        while not happened():
            self.check()
            if time.monotonic() > deadline:
                raise TimeoutError(f"sandbox: waited {within:g} s for {what}")
            time.sleep(0.02)

    # --- what its SFTP side asks ---

    def may_log_in(self, account: str, password: str) -> bool:
        """Tell whether the password is right and logins are not refused; every try is counted."""
        self._logins[account] += 1
        accepted = self.is_password(account, password) and not self.mood(account).refuse_logins
        with (self.home / "logins.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps({"at": self._now().isoformat(), "account": account, "accepted": accepted}) + "\n")
        return accepted

    def mood(self, account: str) -> Misbehaviour:
        """Return how the account is treated now."""
        return self._mood.towards(account)

    def opened(self, path: Path) -> None:
        """Note that a client writes there."""
        self._open[path] += 1

    def closed(self, path: Path) -> None:
        """Note that a client has let go of it."""
        self._open[path] -= 1

    def connected(self, connection: asyncssh.SSHServerConnection) -> None:
        """Note a connection, so that none outlives the sandbox."""
        self._connections.add(connection)

    async def sweep(self, account: str, path: Path) -> None:
        """Take the file away at once, finished or not, and answer in the mood it was taken in."""
        mood = self.mood(account)
        async with self._taking:
            taken = await asyncio.to_thread(self._take, account, path, mood)
        if taken is not None:
            self._begin(self._deliver(account, taken.reports, mood))

    def _take(self, account: str, path: Path, mood: Misbehaviour) -> Taken | None:
        # It may have been swept in mid-write since it was listed.
        return self._clearinghouse.take(account, path, mood) if path.exists() else None

    # --- running ---

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name="sandbox clearinghouse", daemon=True)
        self._thread.start()
        self._ready.wait()
        if isinstance(self._failure, OSError):
            self._thread.join()
            raise BadSetting(f"sandbox: cannot listen on {self.host}:{self.port}") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(RuntimeError):  # it has ended by itself, and its loop with it
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if error is None:
            self.check()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 -- carried to whoever waits in the other thread
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._taking = asyncio.Lock()
        self._answering: set[asyncio.Task[None]] = set()
        server = await asyncssh.listen(
            self.host,
            self.port,
            server_factory=lambda: Door(self),
            server_host_keys=[str(host_key_path(self.home))],
            server_version=f"{BANNER}_1",
            sftp_factory=lambda channel: Box(channel, self),
            allow_scp=False,
            # Loopback gains nothing by it, and it costs two thirds of the speed.
            compression_algs=None,
        )
        self.port = server.get_port()
        self._ready.set()
        try:
            await self._collect()
        finally:
            server.close()
            for connection in list(self._connections):
                connection.abort()
            await asyncio.gather(*self._answering)
            await server.wait_closed()

    async def _collect(self) -> None:
        for account, path in self._clearinghouse.unfinished():
            await self.sweep(account, path)
        while not self._stop.is_set():
            for account in self._accounts:
                for path in sorted(self.inbound(account).glob("*")):
                    if self._is_due(account, path):
                        await self.sweep(account, path)
            await self._say_what_is_due()
            await self._pause(self._settle / 3)

    def _is_due(self, account: str, path: Path) -> bool:
        try:
            status = path.stat()
            age = time.time() - status.st_mtime
            if age < self._settle or not path.is_file():
                return False
            return age >= self._patience or (
                not self._is_open(path) and self._clearinghouse.looks_whole(account, _tail(path))
            )
        except FileNotFoundError:
            return False

    def _is_open(self, path: Path) -> bool:
        return self._open[path.resolve()] > 0

    # --- answering ---

    async def _say_what_is_due(self) -> None:
        async with self._taking:
            said = await asyncio.to_thread(self._close_days)
        if said:
            self._begin(self._deliver_days(said))

    def _close_days(self) -> dict[date, dict[str, list[Report]]]:
        books = self._clearinghouse.books
        return {day: books.close(day, self.mood) for day in books.days_due(self._now())}

    def _begin(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(delivery)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _deliver_days(self, said: Mapping[date, Mapping[str, Sequence[Report]]]) -> None:
        for day, by_account in said.items():
            for account, reports in by_account.items():
                await self._deliver(account, reports, self.mood(account))
            self._clearinghouse.books.keep(day)

    async def _deliver(self, account: str, reports: Sequence[Report], mood: Misbehaviour) -> None:
        if mood.never_answer:
            return
        await self._pause(mood.answer_after)
        for report in reversed(reports) if mood.answer_backwards else reports:
            path = self.outbound(account) / report.name
            if mood.half_written_for:
                path.write_bytes(report.content[: len(report.content) // 2])
                await self._pause(mood.half_written_for)
            self._place(path, report.content)

    async def _pause(self, seconds: float) -> None:
        # Ended early by the sandbox's own end: what it owes it still writes.
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def place(self, account: str, name: str, content: bytes) -> None:
        """Put any file into an account's `outbound`, as the clearinghouse might."""
        self._place(self.outbound(account) / name, content)

    def _place(self, path: Path, content: bytes) -> None:
        made = self.home / "making" / path.name
        made.parent.mkdir(exist_ok=True)
        made.write_bytes(content)
        made.replace(path)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 200))
        return file.read()
