from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.errors import BadSetting
from include.claims.model import CancelledClaim, Claim, UnreadableClaim
from include.claims.parties import Relationship
from include.delivery.claim_columns import COLUMNS
from include.delivery.claim_source import NO_KEY, ClaimRows
from include.delivery.column import Need
from tests.builders import a_claim, a_dependent
from tests.source_rows import ANY_CELL, SOURCE, a_row, an_identity, assemble

pytestmark = pytest.mark.pure


def faults_of(claim):
    """Return the rules and columns an unreadable claim is held for."""
    assert isinstance(claim, UnreadableClaim)
    return [(fault.rule, fault.place.rpartition("column ")[2]) for fault in claim.faults]


def hash_of(claim):
    """Return the hash of an unreadable claim."""
    assert isinstance(claim, UnreadableClaim)
    return claim.content_hash


def test_a_row_is_a_claim():
    """A row of the contract reads as the claim a biller would write."""
    claim = assemble(a_row())

    assert a_claim() == claim


def test_typed_cells_read_as_their_text():
    """A database's own dates, numbers, booleans and times make the same claim as their text in a CSV."""
    typed = a_row(
        cancelled=False,
        line_count=1,
        claim_total=Decimal(240),
        ready_at=datetime(2026, 3, 5, 18, 30, tzinfo=UTC),
        subscriber_birth_date=date(1988, 7, 15),
        service_date=date(2026, 3, 2),
        charge=240,
        units=Decimal(16),
        started_at=time(9, 0),
    )

    claim = assemble(typed)

    assert assemble(a_row(started_at="09:00")) == claim


def test_the_patient_columns_count_for_a_dependent():
    """A patient who is not the subscriber comes from the patient columns."""
    row = a_row(
        patient_relationship="19",
        patient_last_name="EXAMPLE",
        patient_first_name="TESTO",
        patient_birth_date="2019-04-12",
        patient_sex="M",
        patient_street="45 SAMPLE LN",
        patient_city="BEAVERTON",
        patient_state="OR",
        patient_postal_code="97005",
    )

    claim = assemble(row)

    assert isinstance(claim, Claim)
    assert a_dependent(relationship=Relationship.CHILD) == claim.dependent


def test_the_patient_columns_are_ignored_for_a_subscriber():
    """A practice that always fills the patient's columns still bills a subscriber as 18."""
    claim = assemble(a_row(patient_last_name="EXAMPLE", patient_first_name="TESTINA"))

    assert isinstance(claim, Claim)
    assert claim.patient_is_subscriber


def test_lines_go_by_number_then_date_then_key():
    """Lines come in the order the practice numbers them, whatever order the rows have."""
    rows = [
        a_row(source_line_key=key, line_number=number, line_count="3", claim_total="720.00")
        for key, number in (("L-10", "3"), ("L-2", "2"), ("L-1", "1"))
    ]

    claim = assemble(*rows)

    assert isinstance(claim, Claim)
    assert ["L-1", "L-2", "L-10"] == [line.source_line_key for line in claim.lines]


def test_an_unknown_column_stops_the_source():
    """A column nobody knows is an error of the whole source, with the name that was probably meant."""
    row = a_row(subscribr_street2="APT 3")

    with pytest.raises(BadSetting, match=r"column subscribr_street2 is unknown \(did you mean subscriber_street2\?\)"):
        ClaimRows(SOURCE, list(row), [])


def test_a_missing_column_stops_the_source():
    """A needed column that is not there is named, together with every other."""
    names = [name for name in a_row() if name not in {"charge", "ready_at"}]

    with pytest.raises(BadSetting, match="column ready_at is missing; column charge is missing"):
        ClaimRows(SOURCE, names, [])


def test_a_column_there_twice_stops_the_source():
    """Two columns of one name would bill one of them by chance."""
    with pytest.raises(BadSetting, match="column charge is there twice"):
        ClaimRows(SOURCE, [*a_row(), "CHARGE"], [])


def test_only_needed_columns_are_needed():
    """A source with nothing but the needed columns is read."""
    needed = {column.name for column in COLUMNS if column.need is not Need.NOTHING}
    row = {name: cell for name, cell in a_row().items() if name in needed}

    assert isinstance(assemble(row), Claim)


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("charge", 240.0, "amount_exact"),
        ("charge", "240.001", "amount_exact"),
        ("charge", "1,240.00", "column_type"),
        ("charge", "-240.00", "column_type"),
        ("charge", "$240.00", "column_type"),
        ("charge", Decimal("NaN"), "column_type"),
        ("charge", True, "column_type"),
        ("units", 16.0, "amount_exact"),
        ("service_date", "03/02/2026", "column_type"),
        ("service_date", "2026-02-30", "column_type"),
        ("service_date", "20260302", "column_type"),
        ("service_date", datetime(2026, 3, 2, tzinfo=UTC), "column_type"),
        ("subscriber_birth_date", "15.07.1988", "column_type"),
        ("ready_at", "2026-03-05T18:30:00", "column_type"),
        ("ready_at", datetime(2026, 3, 5, 18, 30), "column_type"),  # noqa: DTZ001 - the fault under test
        ("ready_at", "yesterday", "column_type"),
        ("ready_at", 1772735400, "column_type"),
        ("ready_at", "0001-01-01T00:00:00+14:00", "column_type"),
        ("service_date", "0206-03-02", "column_type"),
        ("charge", Decimal("1E+30"), "column_type"),
        ("billing_npi", 1222333449, "column_type"),
        ("cancelled", "perhaps", "column_type"),
        ("line_count", "one", "column_type"),
        ("diagnosis_pointers", "A,B", "column_type"),
        ("started_at", "25:00", "column_type"),
        ("patient_relationship", "child", "code_known"),
        ("subscriber_sex", "female", "code_known"),
        ("frequency", "9", "code_known"),
        ("contract_version", "2", "code_known"),
        ("source_line_key", None, "column_value_present"),
        ("service_date", "", "column_value_present"),
        ("subscriber_last_name", "EX\0AMPLE", "text_storable"),
        ("source_line_key", "L\0", "text_storable"),
        ("session_id", "\udce9", "text_storable"),
    ],
)
def test_a_wrong_cell_holds_its_claim(column, cell, rule):
    """A cell that is not what its column says holds the claim, naming the column and the rule."""
    claim = assemble(a_row(**{column: cell}))

    assert [(rule, column)] == faults_of(claim)


@given(column=st.sampled_from([column.name for column in COLUMNS]), cell=ANY_CELL)
def test_no_cell_stops_the_source(column, cell):
    """Whatever a database holds in whatever column, the claim is read, cancelled or held, and no other is lost."""
    row = a_row(**{column: cell})

    claim = assemble(row)

    assert claim.key
    assert isinstance(claim, Claim | CancelledClaim) or claim.faults


def test_all_faults_of_a_claim_come_at_once():
    """A person mends a claim in one go, so every wrong cell of every row is named."""
    rows = [a_row(charge=1.5, source_line_key="L-1"), a_row(service_date="2/3/26", source_line_key="L-2")]

    claim = assemble(*rows)

    assert [("amount_exact", "charge"), ("column_type", "service_date")] == faults_of(claim)


def test_no_cell_is_ever_shown():
    """A message shows what a wrong value looks like, never the value: any cell may be about a patient."""
    claim = assemble(a_row(subscriber_birth_date="July 15 1988", subscriber_sex="Testina"))

    assert isinstance(claim, UnreadableClaim)
    said = " ".join(f"{fault.place} {fault.message} {fault.remedy}" for fault in claim.faults)
    assert "aaaa 99 9999" in said
    assert not [word for word in ("July", "1988", "Testina") if word in said]


@pytest.mark.parametrize("changes", [{"line_count": "2"}, {"claim_total": "480.00"}])
def test_a_half_written_claim_waits(changes):
    """A claim whose rows or charges are not all there is held as incomplete."""
    claim = assemble(a_row(**changes))

    assert ["claim_complete"] == [rule for rule, _ in faults_of(claim)]


def test_rows_that_disagree_hold_the_claim():
    """What is said of the claim must be the same on each of its rows."""
    claim = assemble(
        a_row(line_count="2", claim_total="480.00"),
        a_row(line_count="2", claim_total="480.00", source_line_key="L-2", payer_id="88888"),
    )

    assert [("claim_fields_agree", "payer_id")] == faults_of(claim)


def test_a_line_key_used_twice_holds_the_claim():
    """A join that doubles rows is seen by its line keys, even where the totals agree."""
    row = a_row(line_count="2", claim_total="480.00")

    assert [("line_keys_unique", "source_line_key")] == faults_of(assemble(row, row))


def test_a_gap_in_the_diagnoses_holds_the_claim():
    """Closing a gap would let the lines point to other diagnoses than the practice meant."""
    claim = assemble(a_row(diagnosis_2="", diagnosis_3="F900"))

    assert [("diagnoses_without_gap", "diagnosis_3")] == faults_of(claim)


def test_a_cancelled_claim_needs_no_whole_rows():
    """A claim the practice takes back is cancelled even where its lines are already gone."""
    claim = assemble(a_row(cancelled="true", line_count="7"))

    assert CancelledClaim(source=SOURCE, key="C-1") == claim


def test_a_claim_without_key_is_held():
    """A claim whose rows do not say its key is held under a name, not lost."""
    claim = assemble(a_row(source_claim_key=None))

    assert [("column_value_present", "source_claim_key")] == faults_of(claim)
    assert claim.key == NO_KEY


@pytest.mark.parametrize(("key", "name"), [("C\0", r"'C\x00'"), ("\udce9", r"'\udce9'")])
def test_a_claim_whose_key_no_database_can_keep_is_held(key, name):
    """Such a claim is held under its key spelt out, so that the ledger can keep it beside the others."""
    claim = assemble(a_row(source_claim_key=key))

    assert [("text_storable", "source_claim_key")] == faults_of(claim)
    assert claim.key == name


def test_the_same_rows_have_the_same_hash():
    """A claim that stays unreadable in the same way is no news; a mended cell is."""
    broken = a_row(charge=1.5)
    columns_moved = dict(reversed(broken.items()))

    hashes = [hash_of(assemble(row)) for row in (broken, columns_moved, a_row(charge=2.5))]

    assert hashes[0] == hashes[1] != hashes[2]


def test_the_billing_identity_of_the_service_date_bills():
    """After a clinic's tax id changed, old services are still billed under the old one."""
    before = an_identity(effective_to=date(2026, 3, 2), tax_id="111111111")
    after = an_identity(effective_from=date(2026, 3, 3), tax_id="222222222")

    old = assemble(a_row(), identities=[before, after])
    new = assemble(a_row(service_date="2026-03-03"), identities=[before, after])

    assert isinstance(old, Claim)
    assert isinstance(new, Claim)
    assert ("111111111", "222222222") == (old.billing.tax_id, new.billing.tax_id)


def test_a_claim_over_a_change_of_identity_is_held():
    """No billing identity may bill for a day it was not in force."""
    before = an_identity(effective_to=date(2026, 3, 2))
    after = an_identity(effective_from=date(2026, 3, 3))
    rows = [
        a_row(line_count="2", claim_total="480.00"),
        a_row(line_count="2", claim_total="480.00", source_line_key="L-2", service_date="2026-03-03"),
    ]

    claim = assemble(*rows, identities=[before, after])

    assert [("billing_identity_known", "billing_npi")] == faults_of(claim)


@pytest.mark.parametrize("identities", [[], [an_identity(), replace(an_identity(), key="other")]])
def test_nobody_or_several_who_bill_holds_the_claim(identities):
    """A claim goes under exactly one billing identity, or not at all."""
    assert [("billing_identity_known", "billing_npi")] == faults_of(assemble(a_row(), identities=identities))


def test_a_line_place_that_is_the_claims_is_not_repeated():
    """SV105 is for lines given elsewhere than the claim says."""
    claim = assemble(a_row(line_place_of_service="11"))

    assert isinstance(claim, Claim)
    assert claim.lines[0].place_of_service == ""


def test_rows_make_claims_by_key():
    """Rows that follow each other under one key are one claim."""
    rows = [a_row(source_claim_key=key) for key in ("C-1", "C-2")]
    reader = ClaimRows(SOURCE, list(rows[0]), [an_identity()])

    claims = list(reader.claims(tuple(row.values()) for row in rows))

    assert ["C-1", "C-2"] == [claim.key for claim in claims]
