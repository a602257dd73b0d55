"""A test file is filled up with invented claims, whose payer is found or asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import BadSetting
from include.claims.invented import INVENTED
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import RuleBook
from include.claims.states import Delivery, FrontEnd, Usage
from include.delivery.collect import Collected
from include.delivery.invent import Parts, parts_of
from include.delivery.records import Kind, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.sandbox import Sandbox
from tests.builders import TODAY, a_claim, a_payer
from tests.enrollment_rows import an_enrollment_row
from tests.night import ACCOUNT, BILLING_ROW, CLINIC, PASSWORD, Night, some_claims
from tests.oracles import assert_both_accept

LISTED = {"claims_need_enrollment": "no"}
NEEDS = {"claims_need_enrollment": "yes"}


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def a_test_file(night: Night, run_id: str = "test-1", **changes) -> Collected:
    """Collect a test file that a person has asked for."""
    return night.collect(run_id, **{"kind": Kind.TEST, "is_test_asked_for": True, **changes})


def keep(night: Night, table: Table, *rows) -> None:
    """Keep rows of a table that people keep."""
    night.ports.ledger.clinics.put(table, rows)


def payers_of(night: Night, batch_id: int) -> list[tuple[str, str]]:
    """Return id and name of every payer that an invented claim of a file bills."""
    found = [item.claim for item in night.ports.ledger.batches.claims(batch_id)]
    return sorted({(claim.payer.id, claim.payer.name) for claim in found if claim.source == INVENTED})


def test_a_small_file_is_filled_up(night, sandbox):
    """Two claims go with three inventions to the payer of the two; the reports are applied to all five."""
    night.hold(some_claims(2))

    [batch_id] = a_test_file(night, is_test_asked_for=False).batch_ids
    render(batch_id, night.ports)
    upload(batch_id, night.ports)
    summary = night.until_settled(batch_id)

    assert Parts(own=2, invented=3) == parts_of(batch_id, night.ports)
    assert [("99999", "EXAMPLE HEALTH PLAN")] == payers_of(night, batch_id)
    assert {FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: 5} == {at: count for at, count in summary.by_front_end.items() if count}
    assert {False} == {claim.forwarded for file in sandbox.taken() for claim in file.claims}
    live = [line for line in night.ports.ledger.report.claim_lines() if line.usage is Usage.LIVE]
    assert [Delivery.READY] * 2 == [line.delivery for line in live]


def test_a_whole_file_is_not_filled_up(night):
    """Five claims of the clinic are enough, whether a payer is known or not."""
    night.hold(some_claims(5))

    [batch_id] = a_test_file(night).batch_ids

    assert Parts(own=5, invented=0) == parts_of(batch_id, night.ports)


@pytest.mark.parametrize("kind", [Kind.LIVE, Kind.DRY])
def test_nothing_else_is_filled_up(night, kind):
    """A night and a dry run have the clinic's claims alone."""
    night.hold(some_claims(2))

    [batch_id] = a_test_file(night, kind=kind).batch_ids

    assert Parts(own=2, invented=0) == parts_of(batch_id, night.ports)


def test_a_clinic_with_nothing_pending_can_test(night, sandbox):
    """Where a person asks for it the whole file is invented, as the clinic bills, and validators accept it."""
    keep(night, Table.PAYER, {"key": "TSTMD", "name": "TEST STATE MEDICAID", **LISTED})

    [batch_id] = a_test_file(night).batch_ids
    rendered = render(batch_id, night.ports)
    upload(batch_id, night.ports)

    assert Parts(own=0, invented=5) == parts_of(batch_id, night.ports)
    assert night.until_settled(batch_id).is_settled
    content = night.ports.vault.load(rendered.sha256).decode()
    assert_both_accept(content)
    assert {BILLING_ROW["npi"]} == {item.claim.billing.npi for item in night.ports.ledger.batches.claims(batch_id)}


def test_the_live_night_after_it_finds_nothing(night):
    """What was invented for a test is no claim that waits."""
    a_test_file(night, payer_id="99999")

    assert [] == night.collect("night-1").batch_ids


@pytest.mark.parametrize("changes", [{"is_test_asked_for": False}, {"claim_keys": ("C-1",)}])
def test_nobody_gets_a_file_nobody_asked_for(night, changes):
    """A scheduled night of a clinic in test mode ends with nothing, and so does a form whose claims are not there."""
    keep(night, Table.PAYER, {"key": "TSTMD", "name": "TEST STATE MEDICAID", **LISTED})

    collected = a_test_file(night, **changes)

    assert ([], "") == (collected.batch_ids, collected.refused)


@pytest.mark.parametrize(
    ("listed", "enrolled", "payer"),
    [
        ({}, {"payer_id": "TSTMD"}, ("TSTMD", "PAYER TSTMD")),
        ({"key": "TSTMD", "name": "TEST STATE MEDICAID", **NEEDS}, {"payer_id": "TSTMD"}, None),
        ({"key": "AAA01", "name": "EXAMPLE FIRST", **LISTED}, {}, ("AAA01", "EXAMPLE FIRST")),
    ],
    ids=["enrolled", "enrolled and listed", "listed"],
)
def test_a_payer_is_found(night, listed, enrolled, payer):
    """One the clinic is enrolled with, else one of the clearinghouse's list."""
    if listed:
        keep(night, Table.PAYER, listed)
    if enrolled:
        keep(night, Table.ENROLLMENT, an_enrollment_row(**enrolled))

    [batch_id] = a_test_file(night).batch_ids

    assert [payer or ("TSTMD", "TEST STATE MEDICAID")] == payers_of(night, batch_id)


def test_a_payer_that_has_not_consented_is_passed_over(night):
    """The pending claims' payer would hold them, one of the list wants an enrollment, the next takes them."""
    night.hold([a_claim(payer=a_payer(id="TSTMD", name="TEST STATE MEDICAID"))])
    keep(night, Table.ENROLLMENT, an_enrollment_row(payer_id="TSTMD", state="needed"))
    names = (("AAA01", NEEDS), ("TSTMD", NEEDS), ("ZZZ99", LISTED))
    keep(night, Table.PAYER, *({"key": key, "name": f"EXAMPLE {key}", **row} for key, row in names))

    [batch_id] = a_test_file(night).batch_ids

    assert [("ZZZ99", "EXAMPLE ZZZ99")] == payers_of(night, batch_id)
    assert Parts(own=0, invented=5) == parts_of(batch_id, night.ports)


@pytest.mark.parametrize(
    ("held", "name"), [([], "EXAMPLE LISTED"), (some_claims(1), "EXAMPLE HEALTH PLAN")], ids=["listed", "pending"]
)
def test_the_form_names_the_payer(night, held, name):
    """The run's form goes before all else, and the payer is called what it is known as."""
    night.hold(held)
    keep(night, Table.PAYER, {"key": "99999", "name": "EXAMPLE LISTED", **LISTED})
    keep(night, Table.ENROLLMENT, an_enrollment_row(key="other", payer_id="TSTMD"))

    [batch_id] = a_test_file(night, payer_id="99999").batch_ids

    assert [("99999", name)] == payers_of(night, batch_id)


def test_without_a_payer_it_says_what_to_give(night):
    """Nothing is sealed; the same run may be tried again once the list is there."""
    with pytest.raises(BadSetting, match=r"no payer is known.*payer in the run's form.*payers import payers\.csv"):
        a_test_file(night)
    keep(night, Table.PAYER, {"key": "TSTMD", "name": "TEST STATE MEDICAID", **LISTED})

    assert 1 == len(a_test_file(night).batch_ids)


def test_without_anybody_who_bills_it_says_so(night):
    """A payer alone is not enough."""
    keep(night, Table.BILLING_IDENTITY, {"key": "acorn", "clinic_key": "other"})

    with pytest.raises(BadSetting, match="nobody bills for it"):
        a_test_file(night, payer_id="99999")


def test_a_rule_that_blocks_is_named(night):
    """What a payer's own profile insists on holds an invented claim as it holds any other."""
    strict = read_profiles('[[payer]]\nkey = "strict"\npayer_ids = ["99999"]\nreferring_provider_required = true\n')
    night.ports = replace(night.ports, rule_book=lambda: RuleBook(payers=strict))

    with pytest.raises(BadSetting, match=r"one to payer 99999 would be held: .*who referred the patient"):
        a_test_file(night, payer_id="99999")


def test_a_clinic_is_tried_before_it_bills(night):
    """Of several who bill one in force is taken, and where none is yet, one that will be."""
    keep(night, Table.BILLING_IDENTITY, {**BILLING_ROW, "effective_from": str(TODAY + timedelta(days=30))})
    [first] = a_test_file(night, "test-1", payer_id="99999").batch_ids
    keep(night, Table.BILLING_IDENTITY, {**BILLING_ROW, "key": "today", "clinic_key": CLINIC, "name": "EXAMPLE TODAY"})
    [second] = a_test_file(night, "test-2", payer_id="99999").batch_ids

    bills = [{item.claim.billing.name for item in night.ports.ledger.batches.claims(one)} for one in (first, second)]

    assert [{BILLING_ROW["name"]}, {"EXAMPLE TODAY"}] == bills


def test_a_print_image_holds_them(tmp_path, ledger_url):
    """A mailbox of print images gets five forms, and their answers settle the file."""
    forms = {"format": "print-image"}
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, print_images={ACCOUNT: "A"}) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url, mailbox=forms)
        [batch_id] = a_test_file(night, payer_id="99999").batch_ids
        rendered = render(batch_id, night.ports)
        upload(batch_id, night.ports)
        summary = night.until_settled(batch_id)

    assert summary.is_settled
    assert b"EXAMPLE, TESTINA" in night.ports.vault.load(rendered.sha256)
