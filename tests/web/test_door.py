"""Nobody comes past the door who is not signed in, or may not."""

import pytest
from fastapi.routing import APIRoute

from include.web.viewer import May
from tests.contract.night import claims

PLACES = ["/", "/overview.csv", "/metrics", "/claim?name=C-001", "/batches", "/static/claims.css", "/static/console.js"]


@pytest.mark.parametrize("place", PLACES)
def test_a_stranger_sees_nothing(browser, place):
    """Every address answers 401 to who is not signed in."""
    assert 401 == browser.get(place, headers={"stranger": "yes"}).status_code


def test_every_address_is_tried_as_a_stranger(browser):
    """An address without the door's answer cannot be added: all of the application's stand behind it."""
    for route in browser.app.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods:
            answer = browser.request(method, route.path.replace("{", "").replace("}", ""), headers={"stranger": "yes"})
            assert 401 == answer.status_code, route.path


@pytest.mark.parametrize("place", PLACES)
def test_who_may_not_look_is_refused(browser, somebody, place):
    """Signed in is not enough: without the permission every address says 403."""
    somebody.allowed.clear()

    assert 403 == browser.get(place).status_code


def test_a_claim_of_another_clinic_is_refused(browser, night, somebody):
    """Who may not look at a clinic learns nothing of its claims."""
    night.sent(*claims(1))
    somebody.only = {"another"}

    answer = browser.get("/claim?name=C-001")

    assert 403 == answer.status_code
    assert "C-001" not in browser.get("/").text


def test_a_form_of_another_site_is_refused(browser):
    """The cookie is sent by other sites' forms too; the browser says where a form comes from."""
    places = [route.path for route in browser.app.routes if "POST" in route.methods]

    answers = [browser.post(place, headers={"Sec-Fetch-Site": "cross-site"}) for place in places]

    assert [403] * len(places) == [answer.status_code for answer in answers]


def test_nothing_is_kept_or_framed_elsewhere(browser):
    """Pages with patients in them stay out of caches and of other sites' frames."""
    headers = browser.get("/").headers

    assert "no-store" == headers["cache-control"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_may_is_ordered_from_less_to_more():
    """Whoever adds a permission decides what it is worth."""
    assert ["look", "see patients", "act on claims", "set clinics up"] == [str(one) for one in May]
