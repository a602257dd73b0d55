"""The claim page: why it is not paid, on which box it is wrong, what was paid by line, and who may see the patient."""

from dataclasses import replace
from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from include.claims.model import Fault, UnreadableClaim
from include.claims.parties import PersonName
from include.claims.states import Event
from include.delivery.looks import Saw
from include.web.viewer import May
from tests import builders
from tests.contract.night import BLOCKED, Night, an_answer, claims
from tests.contract.test_money import Books, a_payment_of, remitted
from tests.web.queries import counted

SECRETS = ("EXAMPLE, TESTINA", "XYZ100200300", "07 15 1988")
SCRIPT = "<script>alert(1)</script>"


def looks(night: Night, key: str = "C-001"):
    """Return what was kept of looks at a claim, oldest first."""
    (found,) = night.ledger.console.find(key, None, 2)
    return [(one.who, one.what) for one in reversed(night.ledger.console.looks(found.claim_id, 50))]


def test_a_held_claim_says_why_what_mends_it_and_on_which_box(browser, night):
    """The first thing on the page is the answer; the fault's number stands on the form."""
    night.stage(*claims(1), faults=[BLOCKED])

    text = browser.get("/claim?name=C-001").text

    assert "It is not paid because it has not gone: it is blank." in text
    assert "<li>Fill it in.</li>" in text
    assert '<g class="mark"><title>1: it is blank</title>' in text


def test_the_patient_is_shown_to_who_may_see_patients_and_the_look_is_kept(browser, night):
    """The form is drawn with the data, and who looked stands on the page."""
    night.stage(*claims(1))

    text = browser.get("/claim?name=C-001").text

    assert all(secret in text for secret in SECRETS)
    assert [("Billa Example", Saw.CLAIM)] == looks(night)
    assert "Who looked at this claim" in text


def test_who_may_only_look_sees_no_patient_and_no_form(browser, night, somebody):
    """Counts, codes and dollars are theirs; nothing that names a patient is in the page's source, no look is kept."""
    batch_id = night.sent(*claims(1))
    said = an_answer(night.numbers(batch_id)[0], Event.REJECTED_BY_PAYER, payer_words="TESTINA IS NOT COVERED")
    night.respond(batch_id, [said])
    somebody.allowed = {May.LOOK}

    text = browser.get("/claim?name=C-001").text

    assert "rejected by payer" in text
    assert not any(secret in text for secret in (*SECRETS, "TESTINA", "2026-03-02", "/answer/"))
    assert [] == looks(night)


@pytest.mark.parametrize("what", ["form", "proof"])
def test_documents_are_for_who_may_see_patients(browser, night, somebody, what):
    """403 to who may only look, and nothing is kept as if they had seen it."""
    night.sent(*claims(1))
    somebody.allowed = {May.LOOK}

    assert 403 == browser.get(f"/claim/{what}.pdf?name=C-001").status_code
    assert [] == looks(night)


def test_the_form_is_handed_out_as_pdf(browser, night):
    """A file to keep, with the patient on it; the look is kept."""
    (number,) = night.numbers(night.sent(*claims(1)))

    answer = browser.get(f"/claim/form.pdf?name={number}")

    assert f"attachment; filename*=UTF-8''{number}.pdf" == answer.headers["content-disposition"]
    assert "EXAMPLE, TESTINA" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert [("Billa Example", Saw.FORM)] == looks(night)


def test_the_proof_names_when_where_and_who_has_it_each_with_its_source(browser, night):
    """First sending, numbers of the file, acceptances with file and position, then the form."""
    batch_id = night.sent(*claims(1))
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.SET_ACCEPTED, 6)], answered_on="2026-03-06T04:00")
    taken = an_answer(number, Event.ACCEPTED_BY_CLEARINGHOUSE, 31, clearinghouse_claim_id="CH-77")
    night.respond(batch_id, [taken])
    night.respond(batch_id, [an_answer(number, Event.ACCEPTED_BY_PAYER, 24, payer_claim_number="ICN-9")])

    answer = browser.get(f"/claim/proof.pdf?name={number}")
    sheets = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(" ".join(sheet.extract_text().split()) for sheet in sheets[:-1])

    for fact in (
        "First sent 2026-03-06 03:00 UTC", "837P_000000001.txt", "000000001 ISA13 of the file", "1 GS06 of the file",
        "sftp.example.test:22 as harbor", "SHA256:example", "answer_1.txt, at 6", "answer_2.txt, at 31",
        "answer_3.txt, at 24", "CH-77", "ICN-9", "Member id XYZ100200300", "Dates of service 2026-03-02 to 2026-03-02",
        "First at the payer 2026-03-06", "Days from first service to first sending 4", "by Billa Example",
    ):  # fmt: skip
        assert fact in text, fact
    assert "EXAMPLE, TESTINA" in sheets[-1].extract_text()
    assert [("Billa Example", Saw.PROOF)] == looks(night)


def test_what_was_never_sent_has_no_proof(browser, night):
    """It says so, in place of an empty document."""
    night.stage(*claims(1))

    answer = browser.get("/claim/proof.pdf?name=C-001")

    assert 409 == answer.status_code
    assert "there is no filing to prove" in answer.text


def test_a_refusal_is_not_left_out_of_a_proof(browser, night):
    """An honest proof tells what was refused too."""
    batch_id = night.sent(*claims(1))
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.REJECTED_BY_CLEARINGHOUSE, 31)])

    sheets = PdfReader(BytesIO(browser.get("/claim/proof.pdf?name=C-001").content)).pages

    assert "The clearinghouse rejected the claim" in " ".join(sheets[0].extract_text().split())


def test_money_is_told_by_line_with_codes_in_words(browser, night):
    """Charged, allowed, paid, and the reason why not all of it."""
    books = Books(night)
    books.post(remitted(a_payment_of(books.numbers[0])))

    text = browser.get("/claim?name=C-001").text

    assert "It is paid: $200.00 of $240.00" in text
    assert '<td class="n" data-label="Paid">$200.00</td>' in text
    assert "CO-45</code> $40.00 the charge exceeds the contract&#39;s rate" in text


def test_a_claim_sent_again_shows_both_and_the_form_of_the_one_that_is_named(browser, night):
    """The answer is of the newest; an earlier control number shows its own form and says so."""
    batch_id = night.sent(*claims(1))
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)])
    night.stage(replace(claims(1)[0], prior_authorization="AUTH2"))

    older, newer = browser.get(f"/claim?name={number}").text, browser.get("/claim?name=C-001").text

    assert "an earlier one" in older
    assert "AUTH778812" in older
    assert "AUTH2" in newer
    assert "AUTH778812" not in newer


def test_a_key_of_two_claims_lists_them(browser, night):
    """Nobody's patient is shown before one is chosen, and no document is handed out."""
    night.stage(builders.a_claim(key="X-1"), builders.a_claim(key="X-1", source="another_practice"))

    text = browser.get("/claim?name=X-1").text

    assert "Several claims are called X-1" in text
    assert "another_practice" in text
    assert [] == [secret for secret in SECRETS if secret in text]
    assert 422 == browser.get("/claim/form.pdf?name=X-1").status_code


def test_what_a_person_types_stands_in_no_address(browser, night):
    """The search is sent by POST; the address that follows names a claim, and there is none where nothing was found."""
    night.stage(*claims(1))

    found = browser.post("/find", data={"name": " C-001 "}, follow_redirects=False)
    nobody = browser.post("/find", data={"name": "TESTINA EXAMPLE"}, follow_redirects=False)

    assert (303, "/claim?name=C-001") == (found.status_code, found.headers["location"])
    assert 404 == nobody.status_code
    assert "location" not in nobody.headers
    assert 'action="/find" method="post"' in browser.get("/").text


@pytest.mark.parametrize("name", ["nothing", "%00", "%F0%9F%99%82", "'; DROP TABLE claim; --"])
def test_an_unknown_name_is_not_found(browser, night, name):
    """404 in words, whatever was typed."""
    assert 404 == browser.get(f"/claim?name={name}").status_code


def test_markup_in_names_and_reasons_is_shown_as_it_is_written(browser, night):
    """A name, a key, a reason and a payer's words are text, never a part of the page."""
    key = f"K{SCRIPT}"
    claim = builders.a_claim(key=key, subscriber=builders.a_subscriber(name=PersonName(last=SCRIPT, first="T")))
    fault = Fault(rule="odd", place=f"item 2{SCRIPT}", message=SCRIPT, remedy=SCRIPT)
    night.stage(replace(claim, payer=builders.a_payer(name=SCRIPT), prior_authorization=SCRIPT), faults=[fault])

    text = browser.get("/claim", params={"name": key}).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_claim_that_could_not_be_read_has_a_page_without_a_form(browser, night):
    """Why it is held stands there; the form is refused in words."""
    fault = Fault(rule="column_type", place="claim U-1, column charge", message="number expected", remedy="write one")
    night.stage(
        UnreadableClaim(source="s", key="U-1", ready_at=None, content_hash="1" * 32, faults=(fault,)), faults=[fault]
    )

    assert "so there is no form" in browser.get("/claim?name=U-1").text
    assert 422 == browser.get("/claim/form.pdf?name=U-1").status_code


def test_a_claims_page_asks_as_often_however_much_has_happened(browser, night):
    """Queries do not grow with events, payments and neighbours."""
    batch_id = night.sent(*claims(1))
    (number,) = night.numbers(batch_id)
    few = queries(night, browser, "/claim?name=C-001")
    for place in range(20):
        night.respond(batch_id, [an_answer(number, Event.ACCEPTED_BY_PAYER, place + 1)])
    night.stage(*claims(30))

    assert few == queries(night, browser, "/claim?name=C-001")
    assert few <= 30


def test_what_may_be_done_is_offered_to_who_may(browser, night, somebody):
    """A held claim can be released; who may not act is offered nothing."""
    night.stage(*claims(1), faults=[BLOCKED])

    offered = browser.get("/claim?name=C-001").text
    somebody.allowed.discard(May.ACT)

    assert "/act/" in offered
    assert "/act/" not in browser.get("/claim?name=C-001").text


def queries(night: Night, browser: TestClient, place: str) -> int:
    """Return how many statements a page asks the ledger."""
    with counted(night.ledger) as asked:
        assert 200 == browser.get(place).status_code
    return len(asked)
