"""Acts: nothing happens unasked, one refusal stops no other, done twice is done once, and the second is told."""

import html
import re

import pytest
from sqlalchemy import func, select

from include.adapters.ledger.tables import EVENT
from include.claims.states import BatchStatus, Delivery, Event, Work
from include.delivery.acts import ACTS
from include.delivery.queues import QUEUES, Subject
from include.delivery.records import Posted, RemoteFile, ResponseStatus, Table
from include.web.viewer import May
from tests import builders
from tests.contract.night import BLOCKED, CLINIC_ROW, an_answer, changed, claims
from tests.contract.test_money import Books, a_payment_of, remitted

WHY = {"why": "looked it up"}


def tick(browser, act, *ids):
    """Ask for an act, and return the boxes of the page that asks back."""
    answer = browser.post(f"/act/{act}", data={"what": list(ids), "queue": "held"})
    assert 200 == answer.status_code, answer.text
    return [html.unescape(one) for one in re.findall(r'name="seen" value="([^"]*)"', answer.text)]


def confirm(browser, act, seen, **said):
    """Confirm an act, and return what the page tells of each: (result, words)."""
    answer = browser.post(f"/act/{act}/do", data={"seen": seen, **WHY, **said})
    assert 200 == answer.status_code, answer.text
    assert answer.history, "what was done is shown at an address of its own"
    return results(answer)


def results(answer):
    """Return what a page tells of each: (result, words)."""
    rows = re.findall(
        r'<span class="chip \w+">([^<]*)</span></td>\s*<td class="why">(.*?)</td>', answer.text, re.DOTALL
    )
    return [(result, html.unescape(words)) for result, words in rows]


def act(browser, name, *ids, **said):
    """Ask and confirm."""
    return confirm(browser, name, tick(browser, name, *ids), **said)


def events(night):
    """Count all that ever happened."""
    with night.ledger.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(EVENT))


def held_for_a_person(night):
    """Return the control number of a claim that waits for a word."""
    (number,) = night.numbers(night.sent(builders.a_claim()))
    night.respond(None, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)])
    night.stage(changed(builders.a_claim()))
    return night.line("C-1", 2).control_number


def denied(night, count=1):
    """Return the control numbers of claims that were denied."""
    numbers = night.numbers(night.sent(*claims(count)))
    night.respond(None, [an_answer(number, Event.DENIED, payer_claim_number="ICN1") for number in numbers])
    return numbers


@pytest.mark.parametrize("name", sorted(ACTS))
def test_asking_changes_nothing(browser, night, name):
    """The page that asks back says in words what will happen, and that is all."""
    books = Books(night)
    books.post(remitted(a_payment_of("NOBODYS")))
    (money,) = books.money.open()
    ids = dict.fromkeys(Subject, "1") | dict.fromkeys(("claim", "alarm"), books.numbers[0])
    ids["money"] = f"{money.payment_id}-{money.posting_id}"
    before = events(night)

    answer = browser.post(f"/act/{name}", data={"what": ids[ACTS[name].subject]})

    assert 200 == answer.status_code
    assert ACTS[name].effect in html.unescape(answer.text)
    assert (before, [money]) == (events(night), books.money.open())


def test_a_claim_is_released_with_who_and_why(browser, night):
    """And goes with the next run, which may be started from there."""
    number = held_for_a_person(night)

    ((result, words),) = act(browser, "release", number)

    assert ("done", True) == (result, "next run" in words)
    assert Delivery.READY is night.line("C-1", 2).delivery
    assert ("Billa Example", "looked it up") in {(one.who, one.words) for one in night.incidents("C-1")}


def test_one_that_is_refused_stops_no_other(browser, night):
    """Each has a line, with the reason."""
    sound, faulty = held_for_a_person(night), builders.a_claim(key="C-2")
    night.stage(faulty, faults=[BLOCKED])

    told = act(browser, "release", night.line("C-2").control_number, sound)

    assert ["refused", "done"] == [result for result, _ in told]
    assert "member_id_present" in told[0][1]


def test_what_is_done_already_says_by_whom(browser, night):
    """Whether the same form is sent again or somebody else did it."""
    number = held_for_a_person(night)
    seen = tick(browser, "release", number)
    confirm(browser, "release", seen)
    before = events(night)

    again = confirm(browser, "release", seen)

    assert [("already done", "released by Billa Example on 2026-03-06 03:00 UTC")] == again
    assert before == events(night)


def test_the_second_of_two_is_told_what_the_first_did_and_asked_anew(browser, night, somebody):
    """Casey closes what Billa is about to replace."""
    (number,) = denied(night)
    seen = tick(browser, "replacement", number)
    night.ledger.claims.say(number, Event.CLOSED, who="Casey Sample", why="settled", now=night.now)

    answer = browser.post("/act/replacement/do", data={"seen": seen, **WHY})

    assert [("changed meanwhile", "meanwhile: closed by Casey Sample on 2026-03-06 03:00 UTC")] == results(answer)
    assert f'name="what" value="{number}"' in answer.text
    assert 1 == len(night.lines())
    assert "done" == act(browser, "replacement", number)[0][0]


def test_an_answer_that_came_meanwhile_is_told(browser, night):
    """No person did it, so none is named."""
    (number,) = denied(night)
    seen = tick(browser, "written-off", number)
    night.respond(None, [an_answer(number, Event.PAID)], answered_on="2026-03-09")

    ((result, words),) = confirm(browser, "written-off", seen)

    assert ("changed meanwhile", True) == (result, words.startswith("meanwhile: paid on"))


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("appealed", Work.APPEAL),
        ("written-off", Work.WRITTEN_OFF),
        ("closed", Work.CLOSED),
        ("open", Work.PERSON_MUST_DECIDE),
        ("replacement", Work.REPLACED),
        ("void", Work.VOIDED),
        ("original", Work.REPLACED),
    ],
)
def test_a_denied_claim_is_ended_or_sent_again_in_bulk(browser, night, name, work):
    """By the same use cases as the command line."""
    numbers = denied(night, 3)

    told = act(browser, name, *numbers)

    assert ["done"] * 3 == [result for result, _ in told]
    assert {work} == {night.line(key).work for key in ("C-001", "C-002", "C-003")}
    assert ["already done"] * 3 == [result for result, _ in act(browser, name, *numbers)]


def test_a_ready_claim_is_held(browser, night):
    """Until somebody releases it."""
    night.stage(builders.a_claim())

    assert [("done", "held until somebody releases it")] == act(browser, "hold", night.line("C-1").control_number)

    assert "held_by_a_person" in browser.get("/queues/held").text


def test_a_run_is_started_for_each_clinic_and_linked(browser, night, runs):
    """As the person who asked, for their claims alone."""
    night.stage(*claims(2), faults=[BLOCKED])
    numbers = [one.control_number for one in night.lines()]

    answer = browser.post("/act/collect/do", data={"seen": tick(browser, "collect", *numbers)})

    assert [("harbor", ("C-001", "C-002"), "Billa Example")] == runs.started
    assert ["done", "done"] == [result for result, _ in results(answer)]
    assert 'href="/dags/deliver_claims__harbor/runs/run-1" target="_top"' in answer.text


def test_a_run_that_cannot_be_started_is_told(browser, night, runs):
    """As Airflow says why."""
    night.stage(*claims(1), faults=[BLOCKED])
    runs.refuse = "deliver_claims__harbor is paused in Airflow"

    assert [("refused", runs.refuse)] == act(browser, "collect", night.line("C-001").control_number)


def test_a_file_in_doubt_is_settled(browser, night):
    """With who said it; said twice, it was said by them."""
    batch_id = night.rendered(builders.a_claim())
    night.begin(batch_id)

    assert [("done", "sent; its claims wait for their answers")] == act(browser, "arrived", str(batch_id))

    assert BatchStatus.SENT is night.ledger.batches.get(batch_id).status
    assert "already done" == act(browser, "arrived", str(batch_id))[0][0]


def test_a_file_whose_deadline_is_not_over_did_not_not_arrive(browser, night):
    """An answer may still come."""
    batch_id = night.rendered(builders.a_claim())
    night.begin(batch_id)

    ((result, words),) = act(browser, "did-not-arrive", str(batch_id))

    assert ("refused", True) == (result, "may still come" in words)


def test_money_is_matched_to_a_claim_and_accepted(browser, night):
    """One that names no claim, one that does not add up."""
    books = Books(night)
    books.post(remitted(a_payment_of("NOBODYS")))
    books.post(remitted(a_payment_of(books.numbers[1], icn="ICN9"), short=5, trace="EFT2"))
    ids = {
        one.status: f"{one.payment_id}" + (f"-{one.posting_id}" if one.posting_id else "")
        for one in reversed(books.money.open())
    }

    matched = act(browser, "match", ids[Posted.UNMATCHED], number=books.numbers[0])
    accepted = act(browser, "accept", ids[Posted.QUARANTINED])

    assert [("done", f"of claim {books.numbers[0]}")] == matched
    assert "done" == accepted[0][0]
    assert {books.numbers[0], books.numbers[1], "NOBODYS"} & {number for _, number, _ in books.fed()}
    assert [] == books.money.open()


def test_money_is_matched_to_one_s_own_claims_only(browser, night, somebody):
    """A control number of another's clinic is none."""
    books = Books(night)
    books.post(remitted(a_payment_of("NOBODYS")))
    night.ledger.clinics.put(Table.CLINIC, [CLINIC_ROW | {"key": "pier", "mailbox_key": "other"}])
    night.set_clinic(mailbox_key="other")
    night.ledger.clinics.put(Table.CLINIC, [CLINIC_ROW | {"key": "pier", "mailbox_key": "harbor"}])
    somebody.only = {"pier"}
    (one,) = books.money.open()

    seen = tick(browser, "match", f"{one.payment_id}-{one.posting_id}")
    answer = browser.post("/act/match/do", data={"seen": seen, **WHY, "number": books.numbers[0]})

    assert 404 == answer.status_code
    assert 1 == len(books.money.open())


def test_an_answer_is_read_again(browser, night):
    """As nobody has it, that is told, and it stands where it stood."""
    file = RemoteFile(name="odd.txt", size=3, modified=1)
    sha256 = browser_vault(night).store(b"odd")
    response_id = night.ledger.responses.store("harbor", file, sha256, night.now)
    night.ledger.responses.set_aside(response_id, ResponseStatus.QUARANTINED, "no layout", night.now)

    ((result, words),) = act(browser, "retry", str(response_id))

    assert ("done", True) == (result, words.startswith("read again: unknown"))


def browser_vault(night):
    """Return the vault behind the page."""
    from tests.web.world import world_of

    return world_of(night).vault


def test_an_alarm_that_was_heard_is_quiet(browser, night):
    """And says who has heard it."""
    (number,) = night.numbers(night.sent(builders.a_claim()))
    night.ledger.silence.remember({f"answer:{number}": 100}, (), night.now)

    assert [("done", "quiet until it gets worse")] == act(browser, "heard", number)

    assert "Nothing waits here" in browser.get("/queues/silent").text
    assert [("already done", "heard by Billa Example")] == act(browser, "heard", number)


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("nonsense", {"seen": "X@1"}, 404),
        ("release", {}, 422),
        ("release", {"seen": ["X@1"] * 201}, 422),
        ("release", {"seen": "NOSUCH@1", "why": "x"}, 404),
        ("release", {"seen": "no place", "why": "x"}, 404),
        ("arrived", {"seen": "99999999999999999999@1", "why": "x"}, 404),
        ("release", {"seen": "C@1", "why": "x" * 501}, 422),
    ],
)
def test_a_form_written_by_hand_is_refused_in_words(browser, night, name, data, status):
    """Never an error of ours."""
    assert status == browser.post(f"/act/{name}/do", data=data).status_code


def test_a_reason_is_asked_for(browser, night):
    """And a number is of one claim."""
    numbers = denied(night, 2)
    seen = tick(browser, "replacement", *numbers)

    for said in ({"why": "  "}, {"why": "x", "number": "ICN9"}):
        assert 422 == browser.post("/act/replacement/do", data={"seen": seen, **said}).status_code

    assert 2 == len(night.lines())


def test_who_may_not_act_on_a_clinic_is_refused(browser, night, somebody):
    """Both where it is asked and where it is done."""
    number = held_for_a_person(night)
    seen = tick(browser, "release", number)
    somebody.allowed = {May.LOOK, May.PATIENTS}

    answers = [
        browser.post("/act/release", data={"what": number}),
        browser.post("/act/release/do", data={"seen": seen, **WHY}),
    ]

    assert [403, 403] == [answer.status_code for answer in answers]
    assert Delivery.HELD is night.line("C-1", 2).delivery


def test_a_claim_of_another_clinic_is_not_there(browser, night, somebody):
    """Nobody learns from an act whether it is."""
    number = held_for_a_person(night)
    somebody.only = {"another"}

    assert 404 == browser.post("/act/release", data={"what": number}).status_code


def test_what_became_of_an_act_is_shown_to_who_did_it(browser, night, somebody):
    """To nobody else; and no other file of the vault is."""
    number = held_for_a_person(night)
    answer = browser.post("/act/release/do", data={"seen": tick(browser, "release", number), **WHY})
    place = answer.url.path
    other = browser_vault(night).store(b'{"who": "Billa Example"}')

    assert 200 == browser.get(place).status_code
    assert [404, 404] == [browser.get(f"/act/done/{one}").status_code for one in (other, "0" * 64)]
    somebody.name = "Casey Sample"
    assert 404 == browser.get(place).status_code


def test_markup_in_a_reason_is_shown_as_it_is(browser, night):
    """Nobody's words become the page's own."""
    odd = "<script>alert(1)</script>"
    (number,) = denied(night)

    answer = browser.post("/act/closed/do", data={"seen": tick(browser, "closed", number), "why": odd})

    assert odd not in answer.text
    assert html.escape(odd) in answer.text


def test_every_act_is_in_a_queue_but_opening_again():
    """That one is where a claim's own page offers it: what is closed stands in no queue."""
    assert {"open"} == ACTS.keys() - {act for queue in QUEUES.values() for act in queue.acts}


def test_waiting_on_is_said_as_often_as_it_is_so(browser, night):
    """Each time with who and why; whoever looked before somebody else said it is told."""
    batch_id = str(night.rendered(builders.a_claim()))
    night.begin(int(batch_id))
    early = tick(browser, "keep-waiting", batch_id)
    ((first, words),) = confirm(browser, "keep-waiting", early)
    night.later(days=1)

    ((late, meanwhile),) = confirm(browser, "did-not-arrive", early)
    ((second, _),) = act(browser, "keep-waiting", batch_id)

    assert ("done", True) == (first, "asked again from 2026-03-07 03:00 UTC on" in words)
    assert ("changed meanwhile", "meanwhile: kept waiting by Billa Example on 2026-03-06 03:00 UTC") == (
        late, meanwhile,
    )  # fmt: skip
    assert "done" == second
    assert 2 == len([one for one in night.incidents("C-1") if one.event is Event.KEPT_WAITING])
