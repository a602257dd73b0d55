"""Every page of the Claims page, as people see it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, TELEPHONE

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

PAGES = {
    "overview": "/",
    "queues": "/queues",
    "rejected": "/queues/rejected",
    "claim": "/claim?name={claim}",
    "batches": "/batches",
    "enrollments": "/enrollments",
    "clinics": "/clinics",
    "clinic": "/clinic/demo_harbor",
}
"""By the picture's name; `{claim}` is the claim whose life the demo tells."""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_for_everybody(claims, name, size, theme):
    """axe-core finds nothing serious, in either theme and size, and nothing is wider than the screen."""
    place = PAGES[name].format(claim=claims.told)
    with claims.opened(f"/claims{place}", size=size, theme=theme) as page:
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
        claims.picture(page, "airflow")
        page.evaluate("document.documentElement.className = 'dark'")

        frame.locator("html[data-theme=dark]").wait_for(state="attached")


@pytest.mark.parametrize(
    ("user", "status"), [("admin", 200), ("biller", 200), ("reader", 200), ("nobody", 403), ("", 401)]
)
def test_who_may_see_the_overview(claims, user, status):
    """Airflow's own users and roles decide; a stranger is asked to sign in."""
    with claims.opened("/claims/", user=user) as page:
        assert status == page.request.get(claims.address("/")).status


def test_why_a_claim_is_not_paid_in_three_clicks(claims):
    """As docs/claims-page.md has it: Claims, find, read."""
    with claims.opened("/", user="biller") as page:
        page.get_by_role("link", name="Claims", exact=True).click()
        frame = page.frame_locator("iframe[title=Claims]")
        frame.get_by_label("Find a claim").fill(claims.rejected)
        frame.get_by_role("button", name="Find").click()

        frame.get_by_role("heading", name="Why is it not paid?").wait_for()
        assert "rejected it" in frame.locator("section.answer").inner_text()
        assert frame.locator(".sheet svg").count() >= 1


def test_a_reader_sees_no_patient(claims):
    """Airflow's viewer sees where a claim stands, and no form."""
    with claims.opened(f"/claims/claim?name={claims.told}", user="reader") as page:
        assert page.get_by_role("heading", name="What became of it?").is_visible()
        assert 0 == page.locator(".sheet").count()
        assert 0 == page.locator("form.acts").count()


def test_a_reader_may_not_act(claims):
    """What the page does not offer, the server refuses."""
    with claims.opened("/claims/queues/rejected", user="reader") as page:
        answer = page.request.post(claims.address("/act/release"), form={"what": claims.rejected})
        assert 403 == answer.status


def test_an_act_is_done_by_keyboard(claims):
    """Choose, ask, give a reason, say yes: the claim is written off, by the name of who was signed in."""
    with claims.opened("/claims/queues/rejected", user="biller") as page:
        choose = page.locator("input[name=what]").first
        number = choose.get_attribute("value")
        choose.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Write off").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Why, or how you know").fill("too small to appeal")
        page.keyboard.press("Enter")
        page.get_by_text("done", exact=True).first.wait_for()

    [story] = claims.ledger.report.stories(number)
    assert ("written_off", "biller") == (story.incidents[-1].event, story.incidents[-1].who)
