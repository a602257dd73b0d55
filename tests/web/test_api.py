"""The JSON API: what it answers, to whom, and that it keeps its own description."""

import csv
import io
import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from include.claims.states import Event
from include.delivery.records import Table
from include.web.api import PREFIX
from include.web.app import build_app
from include.web.viewer import May
from tests import builders
from tests.contract.night import BLOCKED, Night, an_answer, claims
from tests.contract.test_clinics import IDENTITY_ROW
from tests.databases import a_ledger
from tests.enrollment_rows import an_enrollment_row
from tests.web.conftest import Somebody
from tests.web.queries import counted
from tests.web.world import world_of

EXAMPLES = 100 if os.environ.get("COURIER_LONG") else 8


def filled(night: Night) -> Night:
    """Fill a ledger with a bit of everything the API tells of."""
    batch_id = night.sent(*claims(3))
    number = night.numbers(batch_id)[0]
    bad = an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE, codes=("A3:24:85",), payer_words="TESTINA EXAMPLE")
    night.respond(batch_id, [bad])
    night.stage(builders.a_claim(key="C-004"), faults=[BLOCKED])
    put = night.ledger.clinics.put
    put(Table.BILLING_IDENTITY, [IDENTITY_ROW])
    put(Table.ENROLLMENT, [an_enrollment_row(), an_enrollment_row(key="remits", what="remittances", state="needed")])
    return night


def asked(browser, place):
    """Return what the API answers."""
    answer = browser.get(PREFIX + place)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_clinics_come_with_their_checks(browser, night):
    """A clinic says what is wrong with it, and when it runs next."""
    [clinic] = asked(browser, "/clinics")["clinics"]

    assert ("harbor", "live", "2026-03-05T20:00:00-08:00") == tuple(
        clinic[name] for name in ("key", "mode", "next_delivery")
    )
    assert ["clinic harbor: nobody bills for it; add a row to billing_identities.csv"] == clinic["problems"]


def test_stages_and_queues_are_counted(browser, night):
    """Claims and dollars by stage, and by what somebody has to do."""
    filled(night)

    [clinic] = asked(browser, "/overview")["clinics"]
    queues = {one["work"]: one["waiting"]["claims"] for one in asked(browser, "/queues")["queues"]}

    assert (1, 1) == (clinic["stages"]["held"]["claims"], clinic["stages"]["rejected"]["claims"])
    assert sum(queues.values()) == clinic["needs_person"]["claims"]
    assert {} == {one["work"]: one for one in asked(browser, "/queues?clinic=another")["queues"]}


def test_claims_are_paged_and_filtered(browser, night):
    """The last id of a page begins the next; the last page names none."""
    filled(night)

    first = asked(browser, "/claims?limit=2")
    rest = asked(browser, f"/claims?limit=3&after={first['next']}")
    rejected = asked(browser, "/claims?front_end=REJECTED%20BY%20CLEARINGHOUSE")

    assert ["C-001", "C-002", "C-003", "C-004"] == [one["claim"] for one in first["claims"] + rest["claims"]]
    assert rest["next"] is None
    assert [1, "C-001"] == [len(rejected["claims"]), rejected["claims"][0]["claim"]]


def test_a_claims_story_names_no_patient(browser, night):
    """Keys, codes and our words; what was billed and what a payer wrote stay away."""
    filled(night)

    answer = browser.get(f"{PREFIX}/claims/C-001")
    [story] = answer.json()["claims"]

    assert ["#1"] == [one["label"] for one in story["submissions"]]
    assert ["A3:24:85"] in [one["codes"] for one in story["events"]]
    billed = builders.a_claim().subscriber
    for secret in ("TESTINA", billed.name.first, billed.member_id, str(billed.birth_date)):
        assert secret
        assert secret.casefold() not in answer.text.casefold()


def test_batches_come_newest_first_and_one_by_one(browser, night):
    """A batch's claims add up in its detail."""
    filled(night)

    [batch] = asked(browser, "/batches?status=SENT")["batches"]
    detail = asked(browser, f"/batches/{batch['id']}")

    assert batch.items() <= detail.items()
    assert {"SENT": 3} == detail["delivery"]


def test_enrollments_say_what_they_do_to_claims(browser, night):
    """A record a line."""
    filled(night)

    found = asked(browser, "/enrollments")["enrollments"]

    assert [("claims", "goes"), ("remittances", "warns")] == [(one["what"], one["claims"]) for one in found]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("/claims/nothing", 404),
        ("/claims/%00", 422),
        ("/batches/999", 404),
        (f"/batches/{2**63}", 422),
        ("/claims?limit=0", 422),
        ("/claims?work=rest", 422),
        ("/enrollments?after=x", 422),
        ("/nowhere", 404),
    ],
)
def test_a_refusal_says_why_as_json(browser, place, status):
    """A browser too is answered in JSON: programs read this."""
    answer = browser.get(PREFIX + place)

    assert status == answer.status_code
    assert ["detail"] == list(answer.json())


LISTS = ["/clinics", "/overview", "/queues", "/claims", "/batches", "/enrollments"]


@pytest.mark.parametrize("place", [*LISTS, "/claims/C-001", "/batches/1", "/openapi.json"])
def test_the_door_stands_before_it(browser, night, somebody, place):
    """A stranger gets 401; who may not look gets 403."""
    assert 401 == browser.get(PREFIX + place, headers={"stranger": "yes"}).status_code
    somebody.allowed.clear()
    assert 403 == browser.get(PREFIX + place).status_code


def test_another_clinics_claims_are_not_told(browser, night, somebody):
    """Who may look at another clinic only finds nothing of this one, whatever they ask for."""
    filled(night)
    somebody.only = {"another"}
    somebody.allowed = {May.LOOK}

    for place in (*LISTS, *(f"{one}?format=csv" for one in LISTS), "/claims?clinic=harbor"):
        assert "harbor" not in browser.get(PREFIX + place).text, place
    assert 403 == browser.get(f"{PREFIX}/claims/C-001").status_code
    assert 404 == browser.get(f"{PREFIX}/batches/1").status_code


@pytest.mark.parametrize("place", LISTS)
def test_every_list_is_a_file_too(browser, night, place):
    """The same lines as CSV, with a header, whatever the page's limit."""
    filled(night)

    answer = browser.get(f"{PREFIX}{place}?format=csv&limit=1")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"].startswith("text/csv")
    assert {"/clinics": 1, "/claims": 4, "/batches": 1, "/enrollments": 2}.get(place, len(rows)) == len(rows) > 0


def test_a_page_of_claims_costs_the_same_however_many_they_are(browser, night):
    """A bounded number of queries, with filters or without."""
    filled(night)
    with counted(night.ledger) as few:
        browser.get(f"{PREFIX}/claims?limit=2")
    night.stage(*(builders.a_claim(key=f"D-{number}") for number in range(50)))

    with counted(night.ledger) as more:
        browser.get(f"{PREFIX}/claims?limit=50")

    assert len(few) == len(more) <= 6


def test_the_description_names_every_address(browser):
    """What is not described nobody finds, and no page is in it."""
    described = asked(browser, "/openapi.json")
    routes = {route.path.replace(":path", "") for route in browser.app.routes if route.path.startswith(PREFIX)}

    assert routes - {f"{PREFIX}/openapi.json"} == set(described["paths"])
    assert "401" in json.dumps(described["paths"][f"{PREFIX}/claims"]["get"]["responses"])


# --- whatever is asked -------------------------------------------------------------------------------------------


def test_whatever_is_asked_is_answered_as_described(ledger_url):
    """No parameter brings the server down, and every answer is one the description names."""
    night = filled(Night(a_ledger(ledger_url)))
    somebody = Somebody()
    app = build_app(lambda: world_of(night), lambda: somebody)
    operations = list(schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app).get_all_operations())

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def ask(operation, data):
        data.draw(operation.as_strategy()).call_and_validate()

    for one in operations:
        assert isinstance(one, Ok)
        ask(one.ok())
    assert 8 == len(operations)
