"""The page of one claim."""

from dataclasses import replace

import pytest

from include.claims.model import Fault
from include.claims.states import Event
from include.web.viewer import May
from tests.contract.night import BLOCKED, an_answer, claims

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def rejected(night):
    """Return a claim that the clearinghouse rejected, by its control number."""
    batch_id = night.sent(*claims(1))
    [number] = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE, codes=("A7:562:85",), words=MARKUP)])
    return number


def test_it_says_why_a_claim_is_not_paid_and_what_to_do(browser, rejected):
    """The answer is the first thing on the page: the sentence, the reason, the remedy."""
    text = browser.get(f"/claim?name={rejected}").text

    assert "The clearinghouse rejected it, so the payer never got it." in text
    assert "A7:562:85" in text
    assert "Correct it in the practice system" in text


def test_markup_in_an_answer_is_only_text(browser, rejected):
    """Whatever an answer holds is shown, never run."""
    text = browser.get(f"/claim?name={rejected}").text

    assert MARKUP not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("name", ["C-001", "the number"])
def test_a_claim_is_found_by_key_and_number(browser, rejected, name):
    """A biller has either."""
    assert "<h1>Claim C-001" in browser.get("/claim", params={"name": rejected if name == "the number" else name}).text


def test_a_name_nobody_knows_is_said(browser):
    """404 names what was asked for."""
    answer = browser.get("/claim?name=nobody")

    assert 404 == answer.status_code
    assert "nobody: no claim has this number or key" in answer.text


def test_the_box_that_holds_it_is_marked(browser, night):
    """A biller sees where on the form the fault is."""
    night.stage(*claims(1), faults=[BLOCKED])

    text = browser.get("/claim?name=C-001").text

    assert "It is held here and was not sent." in text
    assert BLOCKED.remedy in text
    assert "<title>item 1a</title>" in text
    assert "<title>item 24J</title>" not in text


def test_who_may_not_see_patients_sees_none(browser, night, somebody):
    """Without the permission the page has keys, codes and dollars, and no form."""
    [claim] = claims(1)
    night.stage(claim, faults=[Fault(rule="r", place="item 2", message="m", remedy="mend it")])
    somebody.allowed.discard(May.PATIENTS)

    text = browser.get("/claim?name=C-001").text

    assert "mend it" in text
    assert "<svg" not in text
    assert claim.patient.name.last not in text
    assert claim.subscriber.member_id not in text
    assert [] == night.ledger.console.looks(claim.source, claim.key)


def test_who_was_shown_a_patient_is_written_down(browser, night):
    """Every look leaves a line, with who and when."""
    [claim] = claims(1)
    night.stage(claim)

    browser.get("/claim?name=C-001")
    text = browser.get("/claim?name=C-001").text

    looks = night.ledger.console.looks(claim.source, claim.key)
    assert [("Billa Example", "claim page", night.now)] * 2 == [(look.who, look.what, look.at) for look in looks]
    assert "Billa Example, claim page" in text


def test_a_name_with_markup_is_only_text_on_the_form(browser, night):
    """A patient may be called anything."""
    [claim] = claims(1)
    named = replace(claim.subscriber, name=replace(claim.subscriber.name, last="O<B>BRIEN"))
    night.stage(replace(claim, subscriber=named))

    assert "O<B>BRIEN" not in browser.get("/claim?name=C-001").text


def test_what_may_be_done_is_offered_to_who_may(browser, night, somebody):
    """A held claim can be released; who may not act is offered nothing."""
    night.stage(*claims(1), faults=[BLOCKED])

    offered = browser.get("/claim?name=C-001").text
    somebody.allowed.discard(May.ACT)

    assert "/act/" in offered
    assert "/act/" not in browser.get("/claim?name=C-001").text
