"""Setting a clinic up by Airflow's tasks, with a real ledger and a real server; only Airflow's side is made here."""

from dataclasses import replace

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.claims.errors import BadSetting, NotAllowed
from include.delivery.clinic_table import Mode
from include.delivery.onboard import SENT
from include.delivery.onboard_acts import remember, verify
from include.delivery.records import Step, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.orchestration import onboard_tasks
from include.orchestration.onboard_asks import AGAIN, DAY, ENTERED, GO_LIVE, KNOWN, NOT_NOW, PAYER, SENT_IT, WHY
from include.orchestration.onboard_tasks import begin, collect_test_claims
from include.sandbox.host_key import host_key_line
from tests.night import ACCOUNT, CLINIC, some_claims
from tests.orchestration.desk import DONE


def test_wrong_facts_are_asked_for_until_they_are_right(desk):
    """The question names row and column; an answer that changed nothing is asked again."""
    desk.night.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "user_name": ""}])

    first = desk.run(Step.FACTS)
    second = desk.answer(Step.FACTS, AGAIN)
    desk.night.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "user_name": "acorn_web"}])

    assert "column user_name: is empty" in first
    assert first == second
    assert DONE == desk.answer(Step.FACTS, AGAIN)


def test_the_mail_is_drafted_once_and_sent_by_a_person(desk):
    """Without a server for it the draft is kept; the step is done by the word of whoever answered."""
    first, again = desk.run(Step.REQUEST), desk.run(Step.REQUEST)

    assert "./courier onboard acorn_aba request" in first
    assert first == again
    assert 1 == len(desk.night.ports.ledger.onboarding.notes(CLINIC))
    assert DONE == desk.answer(Step.REQUEST, SENT_IT)
    assert ("robin", SENT) == (desk.word(Step.REQUEST).who, desk.word(Step.REQUEST).note)


def test_the_mail_goes_by_itself_where_there_is_a_server(desk, post):
    """From the clinic's address, once; a server that refuses is asked about, and tried again when a person says so."""
    post.refuse = "550 no"
    assert "SMTPSenderRefused" in desk.run(Step.REQUEST)
    post.refuse = ""

    assert DONE == desk.answer(Step.REQUEST, AGAIN)
    assert DONE == desk.run(Step.REQUEST)

    assert ["billing@example.org"] == [letter.mail_from for letter in post.letters]
    assert ("robin", SENT) == (desk.word(Step.REQUEST).who, desk.word(Step.REQUEST).note)


def test_credentials_are_waited_for(desk):
    """That they are entered is looked up, not believed."""
    remember(CLINIC, Step.REQUEST, desk.ports, who="casey", note=SENT)

    assert "clinics credentials" in desk.run(Step.CREDENTIALS)
    assert "waiting: " in desk.answer(Step.CREDENTIALS, ENTERED)
    desk.connect()
    assert DONE == desk.answer(Step.CREDENTIALS, ENTERED)


def test_a_host_key_is_shown_and_nobody_logs_in_before_it_is_pinned(desk):
    """The question shows the key to compare, and where it goes; once it is there, one login is enough."""
    desk.connect(extra={"sandbox": True})

    asked = desk.run(Step.CONNECTION)

    assert f'"host_key": "{desk.sandbox.host_key}"' in asked
    assert 0 == desk.sandbox.logins(ACCOUNT)
    desk.connect()
    assert DONE == desk.answer(Step.CONNECTION, AGAIN)
    assert (1, "robin") == (desk.sandbox.logins(ACCOUNT), desk.word(Step.CONNECTION).who)


def test_a_refused_password_is_tried_once(desk):
    """The question says what it may be, and never the password; looking again without a change tries nothing."""
    desk.connect(password="the-web-password")

    first = desk.run(Step.CONNECTION)
    second = desk.answer(Step.CONNECTION, AGAIN)

    assert "refused" in first
    assert "refused" in second
    assert "the-web-password" not in first + second
    assert 1 == desk.sandbox.logins(ACCOUNT)
    desk.connect()
    assert DONE == desk.answer(Step.CONNECTION, AGAIN)
    assert 2 == desk.sandbox.logins(ACCOUNT)


def test_a_changed_host_key_is_shown_beside_the_pinned_one(desk, tmp_path):
    """A login that was good is asked about once the server shows another key; no password goes there."""
    desk.connect()
    assert DONE == desk.run(Step.CONNECTION)
    desk.connect(extra={"host_key": host_key_line(tmp_path / "other"), "sandbox": True})

    asked = desk.run(Step.CONNECTION)

    assert "which is not pinned" in asked
    assert f'"host_key": "{desk.sandbox.host_key}"' in asked
    assert 1 == desk.sandbox.logins(ACCOUNT)


def test_what_else_may_be_wrong_is_asked_about(desk):
    """A host that is not there, a folder of another name: the question says which."""
    desk.connect(host="nowhere.invalid")
    assert "no server of that name" in desk.run(Step.CONNECTION)

    desk.connect(extra={"host_key": desk.sandbox.host_key, "outbound": "reports", "sandbox": True})
    assert "reports" in desk.run(Step.CONNECTION)


def test_a_step_that_is_done_asks_nothing(desk):
    """A run that is started anew goes on where the last one stopped."""
    desk.all_but_approved()

    steps = (Step.FACTS, Step.REQUEST, Step.CREDENTIALS, Step.CONNECTION, Step.TEST_FILE, Step.HISTORY)

    assert [DONE] * 6 == [desk.run(step) for step in steps]
    assert [] == desk.call(collect_test_claims, "manual__2")
    assert {} == desk.asked


def test_a_test_file_under_way_is_gone_on_with(desk):
    """Whoever starts anew before the first run's file has gone sends that one, not another."""
    desk.connect()
    verify(CLINIC, "casey", desk.ports)
    desk.night.hold(some_claims(2))

    first, second = desk.call(collect_test_claims), desk.call(collect_test_claims, "manual__2")

    assert first == second
    assert 1 == len(first)
    assert Mode.TEST is desk.night.ports.ledger.clinics.clinic(CLINIC).mode


def test_a_test_that_failed_goes_again_with_a_new_run(desk):
    """The question says how many were accepted and what to do; the next run sends another file."""
    desk.connect()
    verify(CLINIC, "casey", desk.ports)
    desk.night.hold(replace(claim, payer=replace(claim.payer, id="99404")) for claim in some_claims(2))
    [first] = desk.call(collect_test_claims)
    render(first, desk.ports)
    upload(first, desk.ports)
    desk.night.until_settled(first)

    asked = desk.run(Step.TEST_FILE)
    desk.night.hold(some_claims(2))
    [second] = desk.call(collect_test_claims, "manual__2")

    assert "failed: CC000001.OATEST.837P.txt: 0 of 5 claims accepted" in asked
    assert "end this run and start it anew" in asked
    assert first != second


def test_a_practice_without_claims_tests_with_invented_ones(desk, caplog):
    """The form of the run names the payer; the task's log says what the file is made of."""
    desk.connect()
    verify(CLINIC, "casey", desk.ports)
    desk.form = {PAYER: "99999"}

    with caplog.at_level("INFO"):
        [batch_id] = desk.call(collect_test_claims)

    assert 5 == desk.night.ports.ledger.batches.get(batch_id).claim_count
    assert f"the test file of batch={batch_id} has 0 of the clinic's own, 5 invented" in caplog.text


def test_without_claims_and_payer_the_form_is_asked_for_one(desk):
    """The task is red and says what to give; a refusal of the clinic's mode says how to go on."""
    desk.connect()
    verify(CLINIC, "casey", desk.ports)

    with pytest.raises(BadSetting, match=r"no payer is known.*as the payer in the run's form"):
        desk.call(collect_test_claims)
    desk.night.ports.ledger.clinics.put(Table.CLINIC, [{"key": CLINIC, "mode": "paused"}])
    with pytest.raises(BadSetting, match=r"is paused.*start onboard_clinic anew"):
        desk.call(collect_test_claims, "manual__2")


def test_answers_that_come_late_are_fetched(desk):
    """The step looks for reports itself; a clinic that is paused in Airflow need not be unpaused for its test."""
    desk.connect()
    verify(CLINIC, "casey", desk.ports)
    desk.night.hold(some_claims(2))
    [batch_id] = desk.call(collect_test_claims)
    render(batch_id, desk.ports)
    upload(batch_id, desk.ports)

    stands = desk.run(Step.TEST_FILE)
    for _ in range(50):
        if stands == DONE:
            break
        stands = desk.answer(Step.TEST_FILE, AGAIN)

    assert DONE == stands


def test_history_needs_a_reason(desk):
    """A yes without one is asked again; with one it is kept with the name of whoever said it."""
    assert "nobody has said" in desk.run(Step.HISTORY)
    assert "field *why* is empty" in desk.answer(Step.HISTORY, KNOWN)

    assert DONE == desk.answer(Step.HISTORY, KNOWN, **{WHY: "a new clinic"})

    assert ("robin", "a new clinic") == (desk.word(Step.HISTORY).who, desk.word(Step.HISTORY).note)


def test_the_approval_shows_what_would_go_first_and_when(desk):
    """Counts, dollars and claim keys up to the cap, no patient; and the day's first run in the clinic's zone."""
    desk.all_but_approved()

    shown = desk.run(Step.APPROVAL)

    assert "2 claims, $201.00, would go first, 2 at most. Live since 2026-03-06" in shown
    assert "first run Friday 2026-03-06 20:00 America/Los_Angeles" in shown
    assert "- `C-0` $100.00\n- `C-1` $101.00" in shown
    assert some_claims(1)[0].subscriber.name.last not in shown
    assert "2026-03-06" == desk.asked["params"][DAY]["value"]


def test_a_person_sets_the_clinic_live(desk):
    """A day whose run was due already, or a yes without a reason, is asked again; then the clinic is live."""
    desk.all_but_approved()
    desk.run(Step.APPROVAL)

    assert "say a day after 2026-03-05" in desk.answer(Step.APPROVAL, GO_LIVE, **{DAY: "2026-03-05", WHY: "now"})
    assert "field *why* is empty" in desk.answer(Step.APPROVAL, GO_LIVE, **{DAY: "2026-03-09"})
    assert DONE == desk.answer(Step.APPROVAL, GO_LIVE, **{DAY: "2026-03-09", WHY: "the test was good"})

    clinic = desk.night.ports.ledger.clinics.clinic(CLINIC)
    assert (Mode.LIVE, "2026-03-09") == (clinic.mode, str(clinic.live_since))
    assert "robin" == desk.word(Step.APPROVAL).who


def test_looking_again_is_no_yes(desk):
    """Neither a second look nor *not now* sets a clinic live."""
    desk.all_but_approved()

    desk.answer(Step.APPROVAL, AGAIN, **{WHY: "curious"})
    with pytest.raises(AirflowSkipException):
        desk.answer(Step.APPROVAL, NOT_NOW)

    assert Mode.TEST is desk.night.ports.ledger.clinics.clinic(CLINIC).mode


def test_one_run_a_clinic(desk):
    """The second run says which is open and stops; one that is over keeps nobody out."""
    desk.call(begin, "manual__1")
    desk.open_runs = ("manual__1", "manual__2")

    with pytest.raises(NotAllowed, match=r"another run sets it up \(manual__1\)"):
        desk.call(begin, "manual__2")
    desk.open_runs = ("manual__2",)

    assert CLINIC == desk.call(begin, "manual__2")
    desk.open_runs = ("manual__1", "manual__2")
    with pytest.raises(NotAllowed, match="manual__2"):
        desk.call(begin, "manual__1")


def test_a_clinic_nobody_knows_is_not_set_up(desk):
    """A key without a row fails at once and leaves no note."""
    desk.monkeypatch.setattr(onboard_tasks, "get_current_context", desk.context)

    with pytest.raises(BadSetting, match="nowhere"):
        begin("nowhere")

    assert [] == desk.night.ports.ledger.onboarding.notes("nowhere")
