"""Every page of the Claims page, as people see it."""

from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from include.delivery.acts import ACTS
from include.delivery.queues import QUEUES
from tests.browser.conftest import DESK, TELEPHONE

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900), pytest.mark.xdist_group("demo")]

PAGES = {
    "overview": "/",
    "queues": "/queues",
    "rejected": "/queues/rejected",
    "claim": "/claim?name={claim}",
    "why": "/claim?name={rejected}",
    "batches": "/batches",
    "batch": "/batch/{batch}",
    "enrollments": "/enrollments",
    "clinics": "/clinics",
    "clinic": "/clinic/demo_harbor",
}
"""By the picture's name; `{claim}` is the claim whose life the demo tells, `{batch}` the first file it went with."""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_for_everybody(claims, name, size, theme):
    """axe-core finds nothing serious, in either theme and size, and nothing is wider than the screen."""
    place = PAGES[name].format(claim=claims.told, rejected=claims.rejected, batch=claims.file_of_told.id)
    with claims.opened(f"/claims{place}", size=size, theme=theme) as page:
        found = Axe().run(page).response["violations"]
        claims.picture(page, "-".join([name, *(["dark"] * (theme == "dark")), *(["telephone"] * (size == TELEPHONE))]))

        assert [] == [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def in_navigation(page: Page) -> Locator:
    """Return the link in Airflow's navigation; DAGs and their tags have links of the same name."""
    return page.get_by_test_id("nav-sidebar").get_by_role("link", name="Claims")


def test_the_page_is_in_airflows_navigation(claims):
    """A click on Claims shows the overview inside Airflow, as dark as Airflow is."""
    with claims.opened("/dags") as page:
        in_navigation(page).click()
        frame = page.frame_locator("iframe[title=Claims]")

        frame.get_by_role("heading", name="Overview").wait_for()
        claims.picture(page, "airflow")
        page.evaluate("document.documentElement.className = 'dark'")

        frame.locator("html[data-theme=dark]").wait_for(state="attached")


def tab(page: Page) -> Locator:
    """Return the tab of a DAG or a run; the link in the navigation has the same name, and is there before it."""
    return page.get_by_role("link", name="Claims", exact=True).and_(page.locator("[href^='/dags/']"))


def test_a_dag_and_a_run_of_it_have_a_tab(claims):
    """The clinic stands on its DAG, and what a run delivered on the run."""
    run = claims.file_of_told.run
    with claims.opened(f"/dags/{run.dag_id}") as page:
        tab(page).click()
        page.frame_locator("iframe[title=Claims]").get_by_role("heading", name="DEMO HARBOR").wait_for()
    with claims.opened(f"/dags/{run.dag_id}/runs/{quote(run.run_id)}") as page:
        tab(page).click()
        page.frame_locator("iframe[title=Claims]").get_by_text(claims.file_of_told.file_name).first.wait_for()


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
        in_navigation(page).click()
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


@pytest.mark.parametrize("name", [one.name for one in QUEUES.values()])
def test_every_queue_asks_before_it_acts(claims, name):
    """Each act it offers says what will happen; leaving it changes nothing."""
    queue = QUEUES[name]
    with claims.opened(f"/claims/queues/{name}", user="biller") as page:
        assert page.get_by_role("heading", name=queue.title).is_visible()
        if not page.locator("input[name=what]").count():
            return
        for act in queue.acts:
            page.locator("input[name=what]").first.check()
            page.get_by_role("button", name=f"{ACTS[act].button}…").click()
            page.get_by_text(ACTS[act].effect.split(".")[0]).wait_for()
            page.get_by_role("link", name="Leave it").click()
            page.get_by_role("heading", name=queue.title).wait_for()


def test_a_reader_may_not_act(claims):
    """What the page does not offer, the server refuses."""
    with claims.opened("/claims/queues/rejected", user="reader") as page:
        answer = page.request.post(claims.address("/act/release"), form={"what": claims.rejected})
        assert 403 == answer.status


def test_what_a_person_takes_away_names_patients(claims):
    """The form, the proof of timely filing, the file as it was sent and an answer: for who may see patients alone."""
    with claims.opened(f"/claims/claim?name={claims.told}", user="biller") as page:
        places = [page.get_by_role("link", name=name).get_attribute("href") for name in ("The form", "Proof of timely")]
        places.append(page.locator(".events a").first.get_attribute("href"))
        page.get_by_role("link", name="Its file").click()
        places.append(page.get_by_role("link", name="The file as it was sent").get_attribute("href"))
        taken = [page.request.get(f"{claims.stack.url}{place}") for place in places]
        begins = [one.body()[:4] for one in taken]
    with claims.opened("/claims/", user="reader") as page:
        refused = {page.request.get(f"{claims.stack.url}{place}").status for place in places}

    assert [b"%PDF", b"%PDF", b"ISA*"] == [*begins[:2], begins[3]]
    assert all("attachment" in one.headers["content-disposition"] for one in taken)
    assert {403} == refused


def test_of_two_people_the_second_is_told(claims):
    """Both were asked about the same claim; the one who says yes later hears what the other did."""
    place = f"/claims/claim?name={claims.rejected}"
    with claims.opened(place, user="biller") as first, claims.opened(place, user="admin") as second:
        for page in (first, second):
            page.get_by_role("button", name="Close").click()
            page.get_by_label("Why, or how you know").fill("paid by cheque")
        first.get_by_role("button", name="Close").click()
        first.get_by_text("done", exact=True).first.wait_for()
        second.get_by_role("button", name="Close").click()

        second.get_by_text("closed by biller").first.wait_for()


def test_a_task_leads_to_its_file(claims):
    """Airflow's own API knows the button of every task of a batch, and it opens that batch."""
    file = claims.file_of_told
    tasks = f"/api/v2/dags/{file.run.dag_id}/dagRuns/{quote(file.run.run_id)}/taskInstances"
    with claims.opened("/claims/") as page:
        for task in ("render_hcfa", "upload", "await_acknowledgement", "apply_acknowledgements"):
            asked = f"{claims.stack.url}{tasks}/deliver_batch.{task}/links?map_index=0"
            [place] = page.request.get(asked).json()["extra_links"].values()
            page.goto(f"{claims.stack.url}{place}")
            frame = page.frame_locator("iframe[title=Claims]")
            frame.get_by_role("heading", name=f"File {file.file_name}").wait_for()


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
