"""The Claims page in a real Chromium, inside a real Airflow that has the demo's nights in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, ViewportSize, sync_playwright

from include.adapters.ledger import Ledger
from include.claims.states import FINISHED, REJECTED
from include.cli.demo import clinics_with_dags
from include.cli.stack import USERS, Stack
from include.delivery.records import Batch
from include.sandbox.practice_changes import told_claim
from tests.machine import lacking

DESK: Final[ViewportSize] = {"width": 1280, "height": 900}
TELEPHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_TALLEST: Final = 1500
QUICK_AND_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


class Claims:
    """Airflow with the page in it, as people open it."""

    def __init__(self, stack: Stack, chromium: Browser, pictures: Path) -> None:
        self.stack = stack
        self.chromium = chromium
        self.pictures = pictures

    @property
    def ledger(self) -> Ledger:
        """The ledger behind the page."""
        return self.stack.ledger()

    @property
    def told(self) -> str:
        """The claim whose life the demo tells."""
        return told_claim(self.stack.home / "practice.db")

    @property
    def rejected(self) -> str:
        """A claim that was rejected and waits for somebody, by its control number."""
        lines = self.ledger.report.claim_lines()
        return next(one.control_number for one in lines if one.front_end in REJECTED and one.work not in FINISHED)

    @property
    def file_of_told(self) -> Batch:
        """The first file of the claim whose life the demo tells."""
        [story] = self.ledger.report.stories(self.told)
        return self.ledger.batches.get(next(one.batch_id for one in story.chapters if one.batch_id))

    def address(self, place: str) -> str:
        """Return where a page of ours is served, outside Airflow's frame."""
        return f"{self.stack.url}/claims{place}"

    @contextmanager
    def opened(
        self, place: str, *, user: str = "admin", size: ViewportSize = DESK, theme: Any = "light"
    ) -> Iterator[Page]:
        """Open an address as somebody; blank: as a stranger. No page may write an error to the console."""
        context = self.chromium.new_context(viewport=size, color_scheme=theme)
        context.set_default_timeout(20_000)
        if user:
            self._sign_in(context, user)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{self.stack.url}{place}")
        yield page
        context.close()
        assert not [error for error in errors if "the server responded with a status of 4" not in error]

    def _sign_in(self, context: BrowserContext, user: str) -> None:
        form = {"username": user, "password": self.stack.secrets["password"]}
        answer = context.request.post(f"{self.stack.url}/auth/token", data=form)
        assert answer.ok, answer.text()
        context.add_cookies([{"name": "_token", "value": answer.json()["access_token"], "url": self.stack.url}])

    def picture(self, page: Page, name: str) -> None:
        """Keep what a page looks like, as far down as a document has room for."""
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        clip: FloatRect = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], _TALLEST)}
        page.screenshot(path=self.pictures / f"{name}.png", full_page=True, clip=clip)


@pytest.fixture(scope="session")
def claims(first_demo, tmp_path_factory) -> Iterator[Claims]:
    """Serve a copy of the demo's home to people of four kinds."""
    assert 0 == first_demo.ended.returncode, first_demo.ended.stdout[-3000:] + first_demo.ended.stderr[-3000:]
    home = tmp_path_factory.mktemp("page") / "courier"
    shutil.copytree(first_demo.home, home, ignore=shutil.ignore_patterns("logs", "log", "processes.json", "ports.json"))
    pictures = Path(os.environ.get("COURIER_PICTURES") or tmp_path_factory.mktemp("pictures"))
    with Stack(home, users={**USERS, "nobody": ""}) as stack, sync_playwright() as playwright:
        stack.start(datetime.now(UTC))
        clinics_with_dags(stack)
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(QUICK_AND_QUIET))
        yield Claims(stack, chromium, pictures)
        chromium.close()


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        lacking("no Chromium on this machine")
    return found
