"""A mailbox whose account takes print images: the night is the same, and what paper cannot carry stays behind."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import SUBMISSION
from include.claims.errors import BadSetting, InDoubt, NotAllowed, RetryLater
from include.claims.parties import PersonName
from include.claims.states import BatchStatus, Delivery, FrontEnd, Usage
from include.delivery.apply import apply_stored
from include.delivery.doubt import it_did_not_arrive
from include.delivery.judge import judged
from include.delivery.records import Kind, RemoteFile, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.hcfa.layout import GRID_A, Grid, Layout, Totals
from include.hcfa.print_image import RENDERER
from include.hcfa.read_print_image import read_print_image
from include.officeally.names import FileFormat
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line, a_subscriber, lines
from tests.night import ACCOUNT, NOW, PASSWORD, Night, some_claims, times_taken

FORMS = {"format": "print-image"}
LONG_NAME = a_subscriber(name=PersonName(last="EXAMPLE-OF-A-VERY-LONG-FAMILY", first="TESTINA"))


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.2, print_images={ACCOUNT: "A"}) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url, mailbox=FORMS)


def claims(*keys: str):
    """Return claims of one line each, no two of them the same bill."""
    return [
        a_claim(key=key, lines=(a_line(source_line_key=key, session_id=key, charge=Decimal(100 + n)),))
        for n, key in enumerate(keys)
    ]


def standings(night: Night):
    lines_of = night.ports.ledger.report.claim_lines()
    return {line.claim_key: (line.delivery, line.front_end) for line in lines_of if line.usage is Usage.LIVE}


def set_mailbox(night: Night, **cells: str):
    night.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, **cells}])


def rendered(night: Night, batch_id: int) -> bytes:
    return night.ports.vault.load(render(batch_id, night.ports).sha256)


def test_a_night_of_forms_is_settled_by_its_file_summary(night, sandbox):
    """No 999 comes and none is waited for: taken once, accepted claim by claim, the batch is answered."""
    night.hold([*claims("C-1", "C-2"), a_claim(key="C-3", lines=lines(13, charge=Decimal(90)))])

    [batch_id] = night.deliver()
    summary = night.until_settled(batch_id)

    accepted = (Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE)
    assert dict.fromkeys(("C-1", "C-2", "C-3"), accepted) == standings(night)
    assert (True, BatchStatus.ANSWERED) == (summary.is_settled, night.ports.ledger.batches.get(batch_id).status)
    assert [1, 1, 1] == list(times_taken(sandbox).values())
    assert ["FS_HCFA"] == [path.name[:7] for path in sandbox.outbound(ACCOUNT).iterdir()]


def test_what_the_form_cannot_hold_is_held_and_the_others_go(night):
    """Every fault of the claim at once, the rule book's beside the form's, each with its remedy."""
    both = a_claim(
        key="C-2",
        subscriber=replace(LONG_NAME, member_id=""),
        lines=(a_line(source_line_key="L-2", prior_authorization="ANOTHER1"),),
    )
    night.hold([*claims("C-1"), both])

    [batch_id] = night.collect().batch_ids

    assert (Delivery.HELD, FrontEnd.NONE) == standings(night)["C-2"]
    assert 1 == night.ports.ledger.batches.get(batch_id).claim_count
    reasons = next(line.reasons for line in night.ports.ledger.report.claim_lines() if line.claim_key == "C-2")
    found = {reason.partition(":")[0] for reason in reasons}
    assert {"member_id_present", "form_fits", "form_cannot_say_line_authorization"} <= found


def test_the_same_claim_goes_as_an_837p(tmp_path, sandbox):
    """What holds a claim on paper holds nothing where the account takes X12."""
    night = Night.prepare(tmp_path, sandbox)
    night.hold([a_claim(subscriber=LONG_NAME)])

    night.collect()

    assert {"C-1": (Delivery.BATCHED, FrontEnd.NONE)} == standings(night)


def test_a_claim_corrected_for_the_form_goes_by_itself(night):
    """HELD for its length, it goes once the source has shortened it."""
    night.hold([a_claim(subscriber=LONG_NAME)])
    night.collect("night-1")
    night.hold([a_claim()])

    night.collect("night-2")

    assert {"C-1": (Delivery.BATCHED, FrontEnd.NONE)} == standings(night)


def test_the_layout_is_frozen_with_the_batch(night):
    """Format, grid, totals and renderer stand in its settings, and the bytes follow them, whatever the mailbox says."""
    set_mailbox(night, grid="NUCC", totals="last-page")
    night.hold([a_claim(lines=lines(13, charge=Decimal(90))), *claims("C-2")])
    [batch_id] = night.collect().batch_ids
    set_mailbox(night, grid="A", totals="each-page")

    content = rendered(night, batch_id)

    batch = night.ports.ledger.batches.get(batch_id)
    frozen = {"format": "print-image", "grid": "NUCC", "totals": "last-page", "renderer": RENDERER}
    assert frozen == {name: batch.settings[name] for name in frozen}
    read = read_print_image(content, Layout(grid=Grid.NUCC, totals=Totals.LAST_PAGE))
    assert ((), [3, 1]) == (read.faults, sorted((len(form.pages) for form in read.forms), reverse=True))


def test_each_submission_knows_its_first_page(night):
    """The ledger keeps the page where a claim begins, and no set."""
    night.hold([a_claim(key="C-1", lines=lines(13, charge=Decimal(90))), *claims("C-2")])
    [batch_id] = night.collect().batch_ids

    rendered(night, batch_id)

    query = select(SUBMISSION.c.set_number, SUBMISSION.c.first_segment).order_by(SUBMISSION.c.position)
    with night.ports.ledger.database.read() as connection:
        assert [("", 1), ("", 4)] == [tuple(row) for row in connection.execute(query)]


def test_a_batch_of_another_renderer_is_refused(night, monkeypatch):
    """Bytes are made by the version they were sealed for, or not at all."""
    night.hold(claims("C-1"))
    [batch_id] = night.collect().batch_ids
    monkeypatch.setattr("include.delivery.render_forms.RENDERER", "print-image-0")

    with pytest.raises(BadSetting, match=RENDERER):
        render(batch_id, night.ports)


def test_a_test_file_of_forms_works_on_copies(night, sandbox):
    """Its name says OATEST beside HCFA, it is answered, and the claims stay READY for the real one."""
    night.hold(claims("C-1", "C-2"))

    [batch_id] = night.collect("by-hand", kind=Kind.TEST).batch_ids
    render(batch_id, night.ports)
    upload(batch_id, night.ports)
    summary = night.until_settled(batch_id)

    assert summary.file_name.endswith(".OATEST.HCFA.txt")
    assert summary.is_settled
    assert {"C-1": (Delivery.READY, FrontEnd.NONE), "C-2": (Delivery.READY, FrontEnd.NONE)} == standings(night)
    assert {False} == {claim.forwarded for file in sandbox.taken() for claim in file.claims}


@pytest.mark.parametrize(("mailbox", "sent"), [(FORMS, "HCFA"), ({}, "837P")], ids=["forms", "837P"])
def test_a_file_of_the_wrong_format_fails_whole(tmp_path, ledger_url, mailbox, sent):
    """Forms to an account set to X12, or X12 to one set to print image: FILE FAILED, for a person to mend."""
    maps = {} if mailbox else {ACCOUNT: "A"}
    passwords = {ACCOUNT: PASSWORD}
    with Sandbox(tmp_path / "sandbox", passwords, settle=0.1, patience=0.5, print_images=maps) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url, mailbox=mailbox)
        night.hold(claims("C-1", "C-2"))
        [batch_id] = night.deliver()
        summary = night.until_settled(batch_id)

    assert {"C-1", "C-2"} == {key for key, (state, _) in standings(night).items() if state is Delivery.FILE_FAILED}
    assert (True, True) == (sent in summary.file_name, summary.is_settled)
    [taken] = sandbox.taken()
    assert "THE ACCOUNT IS SET TO" in taken.failed


def test_a_file_of_the_wrong_format_goes_again_in_the_right_one(tmp_path, ledger_url):
    """Once the mailbox says what the account takes, other bytes would go: they do, when it has been quiet."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, patience=0.5) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url, mailbox=FORMS)
        night.hold(claims("C-1", "C-2"))
        [batch_id] = night.deliver()
        night.until_settled(batch_id)
        set_mailbox(night, format="837p")
        quiet = Night(night.home, now=lambda: NOW + timedelta(days=4))
        quiet.source = night.source

        [again] = quiet.deliver("night-4")
        quiet.until_settled(again)

        assert FileFormat.X12 is night.ports.ledger.batches.get(again).file_format
        assert [1, 1] == list(times_taken(sandbox).values())


@pytest.fixture(name="cut")
def _cut(tmp_path, ledger_url):
    """Return a night whose file broke off in inbound, with its batch and a sandbox that leaves it there."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=60, print_images={ACCOUNT: "A"}) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url, mailbox=FORMS)
        night.hold(some_claims(60))
        [batch_id] = night.collect().batch_ids
        render(batch_id, night.ports)
        sandbox.misbehave(Misbehaviour(cut_after=40_000))
        with pytest.raises(RetryLater):
            upload(batch_id, night.ports)
        sandbox.behave()
        yield night, batch_id, sandbox


def test_a_cut_print_image_goes_in_doubt(cut):
    """Nothing is written after a part that may be taken for the whole; a person learns why and what to do."""
    night, batch_id, sandbox = cut
    [lying] = sandbox.inbound(ACCOUNT).iterdir()
    before = lying.read_bytes()

    with pytest.raises(InDoubt, match=r"bytes lie in inbound\. A print image has no trailer.*courier doubt"):
        upload(batch_id, night.ports)

    assert before == lying.read_bytes()
    assert BatchStatus.BEGUN is night.ports.ledger.batches.get(batch_id).status
    assert {(Delivery.IN_DOUBT, FrontEnd.NONE)} == set(standings(night).values())


def test_a_cut_print_image_a_person_took_away_goes_again(cut):
    """While it lies there nobody may say that it did not arrive; deleted, and its time over, the claims are READY."""
    night, batch_id, sandbox = cut
    night = night.a_day_later()
    with pytest.raises(NotAllowed, match="lies in inbound"):
        it_did_not_arrive(batch_id, "Operator Example", "the part was seen", night.ports)
    for path in sandbox.inbound(ACCOUNT).iterdir():
        path.unlink()

    assert 60 == it_did_not_arrive(batch_id, "Operator Example", "the part was deleted", night.ports)


@pytest.mark.parametrize("reads_incomplete", [True, False], ids=["reads half a file", "fails half a file"])
def test_forms_taken_in_mid_write_are_accounted_for(night, sandbox, reads_incomplete):
    """Whatever the clearinghouse makes of a part, no claim it did not take passes for accepted."""
    night.hold(some_claims(60))
    sandbox.misbehave(Misbehaviour(sweep_after=40_000, reads_incomplete_files=reads_incomplete))

    [batch_id] = night.deliver()
    summary = night.until_settled(batch_id)

    taken = sum(len(file.claims) for file in sandbox.taken())
    assert summary.is_settled
    assert taken == summary.by_front_end.get(FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, 0)
    dead = Delivery.UNACCOUNTED if reads_incomplete else Delivery.FILE_FAILED
    assert 60 - taken == summary.by_delivery[dead] > 0


def test_a_batch_sealed_for_another_format_does_not_go(night, sandbox):
    """The account was switched after the seal: the upload refuses, and the next run seals the claims anew."""
    night.hold(claims("C-1"))
    [stale] = night.collect("night-1").batch_ids
    render(stale, night.ports)
    set_mailbox(night, format="837p")
    with pytest.raises(NotAllowed, match="sealed as print-image"):
        upload(stale, night.ports)
    night = night.a_day_later()

    [fresh] = night.collect("night-2").batch_ids

    batches = night.ports.ledger.batches
    assert (BatchStatus.RELEASED, FileFormat.X12) == (batches.get(stale).status, batches.get(fresh).file_format)
    assert [] == list(sandbox.inbound(ACCOUNT).iterdir())


def test_a_ready_claim_is_held_when_the_account_is_switched_to_forms(tmp_path, sandbox, ledger_url):
    """What waited for an 837P is judged for the form before it goes on one."""
    night = Night.prepare(tmp_path, sandbox, url=ledger_url)
    night.hold([a_claim(subscriber=LONG_NAME)])
    night.collect("night-1", claim_keys=("another",))
    set_mailbox(night, format="print-image")

    collected = night.collect("night-2")

    assert [] == collected.batch_ids
    assert {"C-1": (Delivery.HELD, FrontEnd.NONE)} == standings(night)


def test_no_999_is_believed_of_forms(night, sandbox):
    """A 999 that happens to name a number of ours answers another program's file."""
    night.hold(claims("C-1"))
    [batch_id] = night.deliver()
    number = night.ports.ledger.batches.get(batch_id).group_number
    answer = _a_999_of(number)
    file = RemoteFile(name="443130028_OTHER_999.999", size=len(answer), modified=1)
    night.ports.ledger.responses.store(ACCOUNT, file, night.ports.vault.store(answer), night.ports.now())

    apply_stored(ACCOUNT, night.ports)

    assert {"C-1": (Delivery.SENT, FrontEnd.NONE)} == standings(night)


def _a_999_of(number: int) -> bytes:
    return (
        "ISA*00*          *00*          *ZZ*330897513      *ZZ*731234567      *260306*0930*^*00501*"
        f"{number:09d}*0*P*:~GS*FA*330897513*731234567*20260306*0930*1*X*005010X231A1~ST*999*0001*005010X231A1~"
        f"AK1*HC*{number}*005010X222A1~AK9*A*1*1*1~SE*4*0001~GE*1*1~IEA*1*{number:09d}~"
    ).encode()


def test_judging_for_the_form_says_what_judging_for_x12_says(night):
    """A claim that fits is judged the same for both, and its warnings name what the form leaves out."""
    ports = night.ports
    book = ports.rule_book()
    claim = a_claim(special_program="02")

    [x12] = judged([claim], night.ports.now().date(), book, ports.ledger.claims)
    [form] = judged([claim], night.ports.now().date(), book, ports.ledger.claims, GRID_A)

    added = set(form.faults) - set(x12.faults)
    assert {("form_leaves_out_program", False)} == {(fault.rule, fault.blocks) for fault in added}
