"""What people keep of payers, on every ledger."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from include.claims.enrollment import NO_LIST, Enrolled, State
from include.claims.errors import BadSetting
from include.claims.model import UnreadableClaim
from include.delivery.payer_table import ENROLLMENT_COLUMNS, HOLD_COLUMNS, PAYER_COLUMNS
from include.delivery.records import Billed, Table
from tests import builders
from tests.builders import BILLING_NPI, OTHER_BILLING_NPI, RENDERING_NPI
from tests.contract.night import Night, claims
from tests.enrollment_rows import an_enrollment_row

PAYER_ROWS = [
    {"key": "99999", "name": "EXAMPLE HEALTH PLAN", "claims_need_enrollment": "yes"},
    {"key": "88888", "name": "SPECIMEN MUTUAL", "eligibility_id": "77777"},
]
HOLD_ROW = {"key": "audit", "payer_id": "99999", "ends_on": "2026-12-15", "reason": "recredentialing"}


def known(night: Night, payer_ids=("99999",), npis=(BILLING_NPI,)) -> Enrolled:
    """Return what the ledger knows of payers and providers."""
    return night.ledger.claims.enrolled(set(payer_ids), set(npis))


def test_a_ledger_without_rows_knows_nothing(night: Night):
    """No list, no enrollment, no hold; and nobody asks is no error."""
    found = known(night)

    assert ({}, (), {}, ()) == (found.payers, found.whole_list.listed, found.enrollments, found.holds)
    assert Enrolled(payers={}, enrollments={}) == known(night, (), ())


@pytest.mark.parametrize(
    ("table", "columns", "row"),
    [
        (Table.PAYER, PAYER_COLUMNS, PAYER_ROWS[0]),
        (Table.ENROLLMENT, ENROLLMENT_COLUMNS, an_enrollment_row()),
        (Table.HOLD, HOLD_COLUMNS, HOLD_ROW),
    ],
)
def test_rows_are_kept_as_people_write_them(night: Night, table, columns, row):
    """By key, as the clinic table's, and without a new shape for the clinics' DAGs."""
    before = night.ledger.clinics.revision()

    counts = [night.ledger.clinics.put(table, [row]) for _ in range(2)]

    assert [(1, 0), (0, 0)] == counts
    [kept] = night.ledger.clinics.rows(table)
    assert {**dict.fromkeys(columns, ""), **row} == kept
    assert before == night.ledger.clinics.revision()


def test_a_long_list_is_taken_at_once(night: Night):
    """A clearinghouse lists thousands; a second import changes what changed."""
    rows = [{"key": f"P{number:05d}", "name": "EXAMPLE"} for number in range(2000)]
    night.ledger.clinics.put(Table.PAYER, rows)

    counts = night.ledger.clinics.put(Table.PAYER, [*rows, {"key": "P00001", "name": "OTHER"}, PAYER_ROWS[0]])

    assert (1, 1) == counts
    assert {"OTHER"} == {one.name for one in known(night, ["P00001"]).payers.values()}


def test_enrollments_are_found_by_payer_and_provider(night: Night):
    """Those of other payers and other providers are not."""
    rows = [
        an_enrollment_row(),
        an_enrollment_row(key="other_payer", payer_id="88888"),
        an_enrollment_row(key="other_clinic", npi=OTHER_BILLING_NPI),
        an_enrollment_row(key="sampler", npi=RENDERING_NPI, what="credentialing", effective_from="2026-03-03"),
    ]
    night.ledger.clinics.put(Table.ENROLLMENT, rows)

    found = known(night, npis=[BILLING_NPI, RENDERING_NPI]).enrollments

    assert {("99999", BILLING_NPI): ["harbor_claims"], ("99999", RENDERING_NPI): ["sampler"]} == {
        where: [one.key for one in some] for where, some in found.items()
    }


def test_the_whole_list_comes_only_where_a_payer_is_not_in_it(night: Night):
    """Near names need all of it; a night of listed payers does not."""
    night.ledger.clinics.put(Table.PAYER, PAYER_ROWS)

    assert {"99999": True} == {one.id: one.claims_need for one in known(night).payers.values()}
    assert NO_LIST is known(night).whole_list
    assert ["88888", "99999"] == [one.id for one in known(night, ["99999", "12345"]).whole_list.listed]


def test_holds_are_of_payer_provider_or_both(night: Night):
    """A blank is everybody."""
    holds = [
        HOLD_ROW,
        {**HOLD_ROW, "key": "both", "npi": RENDERING_NPI},
        {**HOLD_ROW, "key": "provider", "payer_id": "", "npi": RENDERING_NPI},
        {**HOLD_ROW, "key": "elsewhere", "payer_id": "88888"},
    ]
    night.ledger.clinics.put(Table.HOLD, holds)

    assert ["audit"] == [hold.key for hold in known(night).holds]
    assert ["audit", "both", "provider"] == [hold.key for hold in known(night, npis=[RENDERING_NPI]).holds]


def test_a_row_that_cannot_be_read_is_left_out(night: Night):
    """What somebody typed into the database stops no clinic's night."""
    night.ledger.clinics.put(Table.ENROLLMENT, [an_enrollment_row(), an_enrollment_row(key="b", state="needed")])
    night.ledger.clinics.put(Table.HOLD, [HOLD_ROW])
    with night.ledger.database.write() as connection:
        connection.execute(text("UPDATE enrollment SET state = 'perhaps' WHERE key = 'b'"))
        connection.execute(text("UPDATE payer_hold SET ends_on = 'some day'"))

    [[found]] = known(night).enrollments.values()

    assert ("harbor_claims", State.APPROVED) == (found.key, found.state)
    assert () == known(night).holds


def test_who_bills_whom_is_known_by_control_number(night: Night):
    """Of several claims at once; of one that could not be read, and by a stranger's number, nobody."""
    first, second = claims(2)
    other = replace(second, billing=builders.a_billing_provider(npi=OTHER_BILLING_NPI))
    numbers = night.numbers(night.sent(first, other))

    unread = UnreadableClaim(source=first.source, key="C-9", ready_at=None, content_hash="1", faults=())
    night.stage(unread)
    found = night.ledger.claims.billed({*numbers, night.line("C-9").control_number, "STRANGER1"})

    assert [BILLING_NPI, OTHER_BILLING_NPI] == [found[number].npi for number in numbers]
    assert Billed(payer_id="99999", npi=BILLING_NPI, tax_id="731234567") == found[numbers[0]]
    assert len(numbers) == len(found)


def test_a_column_nobody_knows_is_refused(night: Night):
    """As in the clinic table."""
    with pytest.raises(BadSetting, match="colour"):
        night.ledger.clinics.put(Table.PAYER, [{"key": "99999", "colour": "red"}])
