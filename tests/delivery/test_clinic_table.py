from datetime import date

import pytest

from include.claims.errors import BadSetting
from include.claims.states import Usage
from include.delivery.clinic_table import (
    Mode,
    RowRefused,
    billing_identity_from_row,
    clinic_from_row,
    cron_fault,
    mailbox_from_row,
)
from include.hcfa.layout import GRID_A, Grid, Layout, Totals
from include.officeally.names import FileFormat
from tests.builders import BILLING_NPI, NPI_WITH_A_BAD_CHECK_DIGIT

pytestmark = pytest.mark.pure


def a_clinic_row(**changes):
    """Return the row of a live clinic."""
    row = {
        "key": "example_harbor",
        "name": "Example Harbor ABA",
        "mailbox_key": "example_harbor",
        "source_connection_id": "practice_demo",
        "timezone": "America/New_York",
        "delivery_cron": "0 20 * * *",
        "response_cron": "*/30 6-20 * * 1-5",
        "mode": "live",
        "live_since": "2026-02-01",
    }
    return {**row, **changes}


def a_mailbox_row(**changes):
    """Return the row of a mailbox."""
    row = {
        "key": "example_harbor",
        "connection_id": "sftp_example_harbor",
        "submitter_id": "731234567",
        "submitter_name": "EXAMPLE HARBOR ABA LLC",
        "contact_name": "BILLING DESK",
        "contact_phone": "5035550100",
    }
    return {**row, **changes}


def an_identity_row(**changes):
    """Return the row of who bills."""
    row = {
        "key": "example_harbor_main",
        "clinic_key": "example_harbor",
        "name": "EXAMPLE HARBOR ABA LLC",
        "npi": BILLING_NPI,
        "tax_id": "731234567",
        "taxonomy": "103K00000X",
        "street": "1200 EXAMPLE PKWY",
        "city": "PORTLAND",
        "state": "OR",
        "postal_code": "972010001",
    }
    return {**row, **changes}


def faults_of(read, row):
    """Return the columns a row is refused for."""
    with pytest.raises(RowRefused) as refused:
        read(row)
    # A cell may break two rules; its column counts once.
    return list(dict.fromkeys(fault.split(":")[0].removeprefix("column ") for fault in refused.value.faults))


def test_a_clinic_row_is_a_clinic():
    """What is blank has the value the documentation says."""
    clinic = clinic_from_row(a_clinic_row())

    assert (Mode.LIVE, date(2026, 2, 1)) == (clinic.mode, clinic.live_since)
    assert (1000, 24, 90, 7) == (
        clinic.claims_per_file,
        clinic.answer_within_hours,
        clinic.lookback_days,
        clinic.oldest_batch_days,
    )


def test_cells_may_come_typed_or_padded():
    """A row written with SQL has numbers, dates and nulls where a CSV has text."""
    from_sql = a_clinic_row(live_since=date(2026, 2, 1), lookback_days=90, contact=None, name=" Example Harbor ABA ")

    assert clinic_from_row(a_clinic_row()) == clinic_from_row(from_sql)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("key", "Example Harbor"),
        ("key", "1st"),
        ("key", "a" * 41),
        ("key", ""),
        ("name", ""),
        ("mailbox_key", "A"),
        ("source_connection_id", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../etc/passwd"),
        ("timezone", ""),
        ("delivery_cron", "@daily"),
        ("delivery_cron", "0 24 * * *"),
        ("response_cron", "0 20 * *"),
        ("mode", "alive"),
        ("live_since", "02/01/2026"),
        ("live_since", ""),
        ("claims_per_file", "0"),
        ("claims_per_file", "5001"),
        ("lookback_days", "-1"),
        ("answer_within_hours", "a day"),
        ("colour", "blue"),
    ],
)
def test_a_wrong_cell_of_a_clinic_is_named(column, cell):
    """A wrong cell is refused with its column, and nothing else is."""
    assert [column] == faults_of(clinic_from_row, a_clinic_row(**{column: cell}))


def test_every_fault_of_a_row_is_named_at_once():
    """A person mends a row in one go."""
    row = a_clinic_row(timezone="Mars", mode="alive", lookback_days="many", colour="blue")

    assert ["colour", "mode", "timezone", "lookback_days"] == faults_of(clinic_from_row, row)


def test_a_refused_row_says_whose_it_is():
    """The message begins with the row, so that a log line is enough."""
    with pytest.raises(BadSetting, match=r"^clinic example_harbor: column timezone: 'Mars' is not an IANA time zone"):
        clinic_from_row(a_clinic_row(timezone="Mars"))


def test_only_a_live_clinic_needs_a_day():
    """A clinic that is being set up has no first day yet."""
    assert clinic_from_row(a_clinic_row(mode="onboarding", live_since="")).live_since is None


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("npi", NPI_WITH_A_BAD_CHECK_DIGIT),
        ("npi", "123"),
        ("tax_id", "73-1234567"),
        ("tax_id_kind", "EIN"),
        ("taxonomy", "BCBA"),
        ("postal_code", "97201"),
        ("state", "Oregon"),
        ("phone", "555-0100"),
        ("effective_from", "soon"),
        ("street", ""),
    ],
)
def test_a_wrong_cell_of_who_bills_is_named(column, cell):
    """Who bills is checked as items 25 and 33 are printed: NPI, tax id, street address with ZIP+4."""
    assert [column] == faults_of(billing_identity_from_row, an_identity_row(**{column: cell}))


def test_who_bills_is_read():
    """A row gives the provider of loop 2010AA, open at both ends where no day is said."""
    identity = billing_identity_from_row(an_identity_row())

    assert (BILLING_NPI, "EI", None, None) == (
        identity.provider.npi,
        identity.provider.tax_id_kind,
        identity.effective_from,
        identity.effective_to,
    )


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("submitter_id", "73-1234567"),
        ("submitter_id", "1"),
        ("contact_phone", "1235550100"),
        ("profile", "other"),
        ("format", "print_image"),
        ("grid", "a"),
        ("totals", "each page"),
        ("connection_id", ""),
        ("password", "s3cret"),
    ],
)
def test_a_wrong_cell_of_a_mailbox_is_named(column, cell):
    """A mailbox is checked too, and a password has no column there."""
    assert [column] == faults_of(mailbox_from_row, a_mailbox_row(**{column: cell}))


def test_a_mailbox_is_office_allys_837p_unless_said():
    """Profile and format have the values of the only clearinghouse there is."""
    mailbox = mailbox_from_row(a_mailbox_row())

    assert ("office_ally", "837p", GRID_A) == (mailbox.profile, mailbox.format, mailbox.layout)


def test_a_mailbox_says_how_its_print_images_are_mapped():
    """The grid, and what items 28 and 29 say where a claim takes several forms."""
    mailbox = mailbox_from_row(a_mailbox_row(format="print-image", grid="NUCC", totals="last-page"))

    assert FileFormat.PRINT_IMAGE is mailbox.format
    assert Layout(grid=Grid.NUCC, totals=Totals.LAST_PAGE) == mailbox.layout


@pytest.mark.parametrize("cron", ["0 20 * * *", "*/15 * * * *", "0,30 6-20/2 1,15 * 1-5", "59 23 31 12 7"])
def test_a_cron_of_five_fields_is_accepted(cron):
    """Numbers, ranges, lists and steps are cron."""
    assert "" == cron_fault(cron)


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("", "five fields"),
        ("0 20 * * * *", "five fields"),
        ("60 * * * *", "minute"),
        ("0 20-6 * * *", "hour"),
        ("0 0 0 * *", "day of month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * mon", "day of week"),
        ("*/0 * * * *", "minute"),
    ],
)
def test_a_cron_that_is_none_says_which_field(cron, words):
    """What is wrong with a schedule is said with its field."""
    assert words in cron_fault(cron)


@pytest.mark.parametrize(
    ("mode", "allowed"),
    [
        (Mode.ONBOARDING, set()),
        (Mode.TEST, {Usage.TEST}),
        (Mode.LIVE, {Usage.LIVE, Usage.TEST}),
        (Mode.PAUSED, set()),
        (Mode.ARCHIVED, set()),
    ],
)
def test_a_mode_says_what_may_leave(mode, allowed):
    """Nothing live leaves for a clinic that is not live."""
    assert allowed == {usage for usage in Usage if mode.allows(usage)}
