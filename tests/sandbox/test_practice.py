import csv
import json
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from include.adapters.practice_source import SqlClaimSource
from include.claims.errors import BadSetting
from include.claims.identifiers import is_valid_npi
from include.claims.model import CancelledClaim, Claim, UnreadableClaim
from include.claims.scrub import scrub
from include.delivery.clinic_table import billing_identity_from_row, clinic_from_row, mailbox_from_row
from include.sandbox.practice import make_practice
from include.sandbox.practice_demo import make_demo
from include.sandbox.practice_people import CLINICS, invented_npi

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a folder with the demo's files."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo(folder, NOW)
    return folder


def rows_of(path):
    """Return a CSV's rows."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def claims(home):
    """Return every claim of the demo by clinic."""
    identities = [billing_identity_from_row(row) for row in rows_of(home / "billing_identities.csv")]
    source = SqlClaimSource(f"sqlite:///{home / 'practice.db'}", "practice_demo")
    return {
        clinic.key: list(
            source.pending(
                clinic.key, [who for who in identities if who.clinic_key == clinic.key], NOW - timedelta(days=90), NOW
            )
        )
        for clinic in CLINICS
    }


def of_kind(claims, kind):
    """Return the claims of a kind over all clinics."""
    return [claim for some in claims.values() for claim in some if isinstance(claim, kind)]


def test_the_demo_has_enough_to_show(claims):
    """Five clinics hold sixty claims and more; a sixth has nothing pending."""
    assert 60 <= sum(map(len, claims.values()))
    assert ["placeholder_pines"] == [key for key, some in claims.items() if not some]


def test_the_demo_has_all_sorts_of_claims(claims):
    """Dependents and subscribers, several payers, one line to eight."""
    whole = of_kind(claims, Claim)

    assert {True, False} == {claim.patient_is_subscriber for claim in whole}
    assert 4 <= len({claim.payer.id for claim in whole})
    assert {1, 8} <= {len(claim.lines) for claim in whole}


def test_what_must_not_go_is_held(claims):
    """The claims that must not go are held by rules of their own, one each, and nothing else is."""
    held = [fault.rule for claim in of_kind(claims, UnreadableClaim) for fault in claim.faults]
    held += [fault.rule for claim in of_kind(claims, Claim) for fault in scrub(claim, NOW.date()) if fault.blocks]

    assert ["claim_complete", "column_type", "member_id_present", "pointers_within_list", "rendering_npi"] == sorted(
        held
    )
    assert 1 == len(of_kind(claims, CancelledClaim))


def test_the_demo_says_more_than_the_form(claims):
    """Who worked and for how long, who is responsible, what was authorized, and for some who referred."""
    whole = of_kind(claims, Claim)
    lines = [line for claim in whole for line in claim.lines]

    assert all(line.minutes and line.performed_by and line.supervised_by for line in lines)
    assert all(claim.patient_key and len(claim.authorizations) == 1 for claim in whole)
    assert {True, False} == {claim.referring is None for claim in whole}
    for claim in whole:
        [allowed] = claim.authorizations
        assert claim.prior_authorization == allowed.number
        assert all(allowed.starts_on <= line.service_date <= allowed.ends_on for line in claim.lines)


def test_every_day_of_a_backfill_has_claims(claims):
    """Each clinic released claims on each of several past days."""
    for some in claims.values():
        days = {claim.ready_at.date() for claim in some if isinstance(claim, Claim)}
        assert not some or 4 <= len(days)


def test_no_service_lies_after_its_release(claims):
    """A claim bills what was done before it was released."""
    whole = of_kind(claims, Claim)

    assert all(line.service_date < claim.ready_at.date() for claim in whole for line in claim.lines)


def test_no_two_claims_bill_the_same(claims):
    """No line is there twice, for a clearinghouse would call it a duplicate."""
    services = Counter(
        (claim.subscriber.member_id, line.service_date, line.procedure, line.session_id)
        for claim in of_kind(claims, Claim)
        for line in claim.lines
    )

    assert 1 == max(services.values())


def test_the_tables_are_accepted(home):
    """Every row of the demo's three files is a row the clinic table takes; two clinics share a mailbox."""
    mailboxes = [mailbox_from_row(row) for row in rows_of(home / "mailboxes.csv")]
    clinics = [clinic_from_row(row) for row in rows_of(home / "clinics.csv")]

    assert {clinic.mailbox_key for clinic in clinics} == {mailbox.key for mailbox in mailboxes}
    assert len(clinics) == len(mailboxes) + 1
    assert {date(2026, 2, 4)} == {clinic.live_since for clinic in clinics}


def test_the_sandbox_knows_what_the_practice_bills(home, claims):
    """The payer list lacks one payer of the claims and wants enrollment for another, which one clinic lacks."""
    payers = json.loads((home / "payers.json").read_text())
    accounts = json.loads((home / "accounts.json").read_text())
    billed = {(claim.payer.id, claim.billing.npi) for claim in of_kind(claims, Claim)}

    assert {"99404"} == {payer for payer, _ in billed} - payers["payers"].keys()
    enrolled = payers["enrollment"]["TSTMD"]
    assert {True, False} == {npi in enrolled for payer, npi in billed if payer == "TSTMD"}
    mailboxes = [*rows_of(home / "mailboxes.csv"), *rows_of(home / "newcomer" / "mailboxes.csv")]
    assert accounts.keys() == {row["key"] for row in mailboxes}


def test_the_same_seed_makes_the_same_practice(tmp_path):
    """A demo can be told again, claim by claim."""
    for name in ("a.db", "b.db"):
        make_practice(tmp_path / name, NOW, claims_per_clinic=3)

    dumps = [list(sqlite3.connect(tmp_path / name).iterdump()) for name in ("a.db", "b.db")]
    assert dumps[0] == dumps[1]


def test_a_practice_is_not_written_over(tmp_path):
    """Claims that may have gone are not invented anew under the same keys."""
    make_practice(tmp_path / "a.db", NOW, claims_per_clinic=1)

    with pytest.raises(BadSetting, match="there is a practice already"):
        make_practice(tmp_path / "a.db", NOW)


def test_a_large_practice_says_what_it_made(tmp_path):
    """For measuring, any number of claims without a fault can be made."""
    made = make_practice(tmp_path / "a.db", NOW, claims_per_clinic=500, with_faults=False)

    assert 3000 == made.claims
    assert 2 * made.claims < made.lines


def test_invented_npis_pass_their_check():
    """An invented NPI has the right check digit, so that nothing but its owner is made up."""
    assert all(is_valid_npi(invented_npi(number)) for number in range(2000))
