"""Files on the page: listed, one with its life, and handed out to who may see the patients in them."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from include.claims.model import Claim
from include.claims.states import Event
from include.delivery.ageing import let_go
from include.delivery.looks import Saw
from include.delivery.records import Kind, RemoteFile, Table
from include.web.viewer import May
from tests import builders
from tests.contract.night import CLINIC_ROW, Night, an_answer, an_order, claims
from tests.web.test_claim import looks, queries
from tests.web.world import world_of

RAW = b"ISA*TESTINA~"


def kept(night: Night, content: bytes = RAW) -> str:
    """Keep bytes in the vault; return their hash."""
    return world_of(night).vault.store(content)


def a_file(night: Night, *items: Claim) -> int:
    """Seal and render a batch whose bytes are in the vault; return it."""
    night.stage(*(items or claims(1)))
    (batch_id,) = night.seal()
    ids = [item.submission_id for item in night.ledger.batches.claims(batch_id)]
    starts = {one: (f"{place:04d}", 10 * place) for place, one in enumerate(ids, start=1)}
    night.ledger.batches.rendered(batch_id, kept(night), len(RAW), starts)
    return batch_id


def an_answer_file(night: Night, batch_id: int, size: int = len(RAW)) -> int:
    """Take a file that speaks of the first claim; return it."""
    file = RemoteFile(name="1026_CC'1 Ä.999", size=size, modified=1)
    response_id = night.ledger.responses.store("harbor", file, kept(night), night.now)
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.SET_ACCEPTED, 6)], response_id=response_id)
    return response_id


def test_files_are_listed_newest_first_and_filtered(browser, night):
    """By clinic and by status; a status that is none is refused."""
    night.sent(*claims(2))
    night.rendered(builders.a_claim(key="N-1"), run_id="run-2")

    text = browser.get("/batches").text

    assert text.index("837P_000000002.txt") < text.index("837P_000000001.txt")
    assert "2 awaiting" in text
    assert "837P_000000001.txt" not in browser.get("/batches?clinic=harbor&status=RENDERED").text
    assert 422 == browser.get("/batches?status=LOST").status_code


def test_no_file_says_so(browser):
    """A page without files is no error."""
    assert "No file is there." in browser.get("/batches").text


def test_another_clinics_files_are_not_listed_and_refused(browser, night, somebody):
    """Who may not look at a clinic learns of no file of it."""
    batch_id = night.sent(*claims(1))
    somebody.only = {"another"}

    assert "837P_" not in browser.get("/batches").text
    assert 403 == browser.get("/batches?clinic=harbor").status_code
    assert [404, 404] == [browser.get(f"/batch/{batch_id}{part}").status_code for part in ("", "/file")]


def test_a_file_is_shown_with_its_life_keys_and_claims(browser, night):
    """What support asks for stands on one page, and the run is a link to Airflow."""
    batch_id = night.sent(*claims(2))
    first, second = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(one, Event.SET_ACCEPTED, 6) for one in (first, second)])

    text = browser.get(f"/batch/{batch_id}").text

    for words in (
        "<strong>sent</strong>", "837P_000000001.txt", "<code>000000001</code>", "SHA256:example", "0" * 64,
        "harbor@sftp.example.test:22", "2 accepted", "answer_1.txt", "not yet", first, second,
        'href="/dags/deliver_claims__harbor/runs/run-1" target="_top"',
    ):  # fmt: skip
        assert words in text, words


def test_a_dry_run_is_said_to_be_never_sent(browser, night):
    """Its life ends with its bytes."""
    night.stage(*claims(1))
    (batch_id,) = night.seal(an_order(kind=Kind.DRY))

    text = browser.get(f"/batch/{batch_id}").text

    assert "a dry run, never sent" in text
    assert "<strong>sent</strong>" not in text


def test_a_file_is_handed_out_as_it_was_sent_and_the_look_is_kept(browser, night):
    """The same bytes, as an attachment."""
    batch_id = a_file(night)

    answer = browser.get(f"/batch/{batch_id}/file")

    assert (RAW, "application/octet-stream") == (answer.content, answer.headers["content-type"])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert [("Billa Example", Saw.SENT_FILE)] == looks(night)


def test_an_answer_is_handed_out_under_its_own_name(browser, night):
    """Marks in a server's file name break no header."""
    answer_id = an_answer_file(night, a_file(night))

    answer = browser.get(f"/answer/{answer_id}")

    assert RAW == answer.content
    assert "attachment; filename*=UTF-8''1026_CC%271%20%C3%84.999" == answer.headers["content-disposition"]
    assert [("Billa Example", Saw.ANSWER)] == looks(night)


def test_an_answer_is_for_who_may_see_every_clinic_of_its_mailbox(browser, night, somebody):
    """It may name patients of all of them."""
    answer_id = an_answer_file(night, a_file(night))
    night.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "meadow"}])
    somebody.only = {"harbor"}

    assert 403 == browser.get(f"/answer/{answer_id}").status_code
    assert [] == looks(night)


@pytest.mark.parametrize("part", ["/batch/{}/file", "/answer/{}"])
def test_files_are_for_who_may_see_patients(browser, night, somebody, part):
    """403 to who may only look; their page has no link to them."""
    batch_id = a_file(night)
    answer_id = an_answer_file(night, batch_id)
    somebody.allowed = {May.LOOK}

    place = part.format(answer_id if "answer" in part else batch_id)

    assert 403 == browser.get(place).status_code
    assert place not in browser.get(f"/batch/{batch_id}").text


def test_what_is_too_large_is_not_handed_out(browser, night):
    """A page keeps what it hands out in memory."""
    answer_id = an_answer_file(night, a_file(night), size=50_000_000)

    assert 413 == browser.get(f"/answer/{answer_id}").status_code


@pytest.mark.parametrize("place", ["/batch/77", "/batch/77/file", "/answer/77"])
def test_what_is_not_there_is_not_found(browser, night, place):
    """404 in words."""
    assert 404 == browser.get(place).status_code


def test_a_number_no_database_holds_is_refused(browser):
    """422, in place of an error of the database."""
    assert 422 == browser.get(f"/batch/{10**30}").status_code


def test_a_long_file_is_read_a_page_at_a_time(browser, night):
    """Sixty claims are two pages, and the second begins where the first ends."""
    batch_id = night.sent(*claims(60))
    numbers = night.numbers(batch_id)

    first, second = (browser.get(f"/batch/{batch_id}?page={page}").text for page in (1, 2))

    assert "Page 1 of 2" in first
    assert (True, False) == (numbers[49] in first, numbers[50] in first)
    assert (False, True) == (numbers[49] in second, numbers[50] in second)


def test_pages_of_files_ask_as_often_however_many_there_are(browser, night):
    """Queries grow neither with files nor with claims and answers."""
    batch_id = night.sent(*claims(1))
    few = [queries(night, browser, place) for place in ("/batches", f"/batch/{batch_id}")]
    for run in range(5):
        more = night.sent(*(builders.a_claim(key=f"N-{run}-{one}") for one in range(8)), run_id=f"more-{run}")
        night.respond(more, [an_answer(one, Event.SET_ACCEPTED, 6) for one in night.numbers(more)])

    assert few == [queries(night, browser, place) for place in ("/batches", f"/batch/{more}")]
    assert max(few) <= 15


def test_a_file_that_was_let_go_says_so(browser, night):
    """Its page, the file itself and an answer: gone since when and why, and nothing fails."""
    batch_id = a_file(night)
    night.ledger.batches.sent(night.begin(batch_id), "acknowledged", night.now)
    (number,) = night.numbers(batch_id)
    file = RemoteFile(name="1.835", size=3, modified=1)
    paid = night.ledger.responses.store("harbor", file, kept(night, b"835"), night.now)
    night.respond(batch_id, [an_answer(number, Event.PAID)], response_id=paid)
    night.later(days=400)
    assert 2 == let_go(night.ledger.ageing, 365, "casey", night.now).files

    shown = browser.get(f"/batch/{batch_id}").text

    assert "let go on 2027-04-10" in shown
    assert f"/batch/{batch_id}/file" not in shown
    for address in (f"/batch/{batch_id}/file", f"/answer/{paid}"):
        answer = browser.get(address)
        assert (410, True) == (answer.status_code, "a backup of before that day has them" in answer.text)
    proof = browser.get(f"/claim/proof.pdf?name={number}")
    pages = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(proof.content)).pages)
    assert "let go on 2027-04-10" in " ".join(pages.split())
