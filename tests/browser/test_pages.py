"""Every page of the Claims page, as people see it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, TELEPHONE

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

PAGES = {"overview": "/"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_for_everybody(claims, name, size, theme):
    """axe-core finds nothing serious, in either theme and size, and nothing is wider than the screen."""
    with claims.opened(f"/claims{PAGES[name]}", size=size, theme=theme) as page:
        found = Axe().run(page).response["violations"]
        claims.picture(page, "-".join([name, *(["dark"] * (theme == "dark")), *(["telephone"] * (size == TELEPHONE))]))

        assert [] == [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_page_is_in_airflows_navigation(claims):
    """A click on Claims shows the overview inside Airflow, as dark as Airflow is."""
    with claims.opened("/dags") as page:
        page.get_by_role("link", name="Claims").click()
        frame = page.frame_locator("iframe[title=Claims]")

        frame.get_by_role("heading", name="Overview").wait_for()
        page.evaluate("document.documentElement.className = 'dark'")

        frame.locator("html[data-theme=dark]").wait_for(state="attached")


@pytest.mark.parametrize(
    ("user", "status"), [("admin", 200), ("biller", 200), ("reader", 200), ("nobody", 403), ("", 401)]
)
def test_who_may_see_the_overview(claims, user, status):
    """Airflow's own users and roles decide; a stranger is asked to sign in."""
    with claims.opened("/claims/", user=user) as page:
        assert status == page.request.get(claims.address("/")).status
