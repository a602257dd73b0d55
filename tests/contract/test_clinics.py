"""The clinic table as people keep it, on every ledger."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from include.claims.errors import BadSetting
from include.claims.states import Event
from include.delivery.clinic_table import BILLING_IDENTITY_COLUMNS, CLINIC_COLUMNS, Mode
from include.delivery.records import Answer, Kind, Table
from tests import builders
from tests.contract.night import CLINIC_ROW, MAILBOX_ROW, Night

IDENTITY_ROW = {
    "key": "harbor_main",
    "clinic_key": "harbor",
    "name": "EXAMPLE HARBOR ABA LLC",
    "npi": builders.BILLING_NPI,
    "tax_id": "731234567",
    "street": "1200 EXAMPLE PKWY",
    "city": "PORTLAND",
    "state": "OR",
    "postal_code": "972010001",
}


def test_rows_are_added_and_changed_by_key(night: Night):
    """An import counts what it added and changed; the same rows again change nothing, a missing row removes none."""
    clinics = night.ledger.clinics
    rows = [{**CLINIC_ROW, "name": "New Name"}, {**CLINIC_ROW, "key": "aspen"}]

    first = clinics.put(Table.CLINIC, rows)
    again = clinics.put(Table.CLINIC, rows[:1])

    assert ((1, 1), (0, 0)) == (first, again)
    assert ["aspen", "harbor"] == [row["key"] for row in clinics.rows(Table.CLINIC)]
    assert list(CLINIC_COLUMNS) == list(clinics.rows(Table.CLINIC)[0])
    assert "New Name" == clinics.clinic("harbor").name


def test_only_the_given_cells_change(night: Night):
    """A row with fewer columns leaves the others as they were."""
    night.ledger.clinics.put(Table.CLINIC, [{"key": "harbor", "mode": "paused", "contact": None}])

    clinic = night.ledger.clinics.clinic("harbor")

    assert (Mode.PAUSED, CLINIC_ROW["name"]) == (clinic.mode, clinic.name)


def test_an_unknown_column_changes_nothing(night: Night):
    """A column the table does not have is refused with all that came with it."""
    with pytest.raises(BadSetting, match="colour"):
        night.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "aspen"}, {"key": "harbor", "colour": "red"}])

    assert 1 == len(night.ledger.clinics.rows(Table.CLINIC))


def test_a_bad_row_is_kept_as_written_and_refused_when_read(night: Night):
    """What people write stays as they wrote it; reading it says what is wrong, and the others live."""
    night.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "aspen", "delivery_cron": "at night"}])

    with pytest.raises(BadSetting, match="column delivery_cron"):
        night.ledger.clinics.clinic("aspen")

    assert "at night" == night.ledger.clinics.rows(Table.CLINIC)[0]["delivery_cron"]
    assert "harbor" == night.ledger.clinics.clinic("harbor").key


def test_a_missing_row_is_named(night: Night):
    """A key nobody added is an error that names it."""
    with pytest.raises(BadSetting, match="clinic 'nowhere'"):
        night.ledger.clinics.clinic("nowhere")
    with pytest.raises(BadSetting, match="mailbox 'nowhere'"):
        night.ledger.clinics.mailbox("nowhere")


def test_billing_identities_belong_to_their_clinic(night: Night):
    """Who may bill for a clinic is read by clinic, in the order of their keys."""
    other = {**IDENTITY_ROW, "key": "aspen_main", "clinic_key": "aspen"}
    second = {**IDENTITY_ROW, "key": "harbor_annex", "npi": builders.OTHER_BILLING_NPI}
    night.ledger.clinics.put(Table.BILLING_IDENTITY, [IDENTITY_ROW, other, second])

    found = night.ledger.clinics.billing_identities("harbor")

    assert ["harbor_annex", "harbor_main"] == [identity.key for identity in found]
    assert builders.OTHER_BILLING_NPI == found[0].provider.npi
    assert list(BILLING_IDENTITY_COLUMNS) == list(night.ledger.clinics.rows(Table.BILLING_IDENTITY)[0])


def test_the_revision_rises_with_every_change(night: Night):
    """Imports and changes by hand raise the revision; an import that changes nothing, and a night, do not."""
    clinics = night.ledger.clinics
    revisions = [clinics.revision()]
    night.set_clinic(contact="casey@example.test")
    revisions.append(clinics.revision())
    with night.ledger.database.write() as connection:
        connection.execute(text("UPDATE clinic SET mode = 'paused' WHERE key = 'harbor'"))
        connection.execute(text("DELETE FROM mailbox WHERE key = 'nobody'"))
        connection.execute(text("UPDATE clinic SET mode = 'live'"))
    revisions.append(clinics.revision())

    night.set_clinic(contact="casey@example.test")
    night.sent(builders.a_claim())

    assert revisions == sorted(set(revisions))
    assert revisions[-1] == clinics.revision()


QUIET = timedelta(days=90)


def visited(night: Night, *, after: timedelta = timedelta(0)) -> list[str]:
    """Let the clinic move to another mailbox, and return which are visited some time later."""
    night.ledger.clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "new_one"}])
    night.set_clinic(mailbox_key="new_one")
    found = night.ledger.clinics.mailboxes_answering("harbor", night.now + after, QUIET)
    return [mailbox.key for mailbox in found]


def answered(night: Night, *events: Event) -> None:
    """Deliver a claim and have it answered."""
    batch_id = night.sent(builders.a_claim())
    [number] = [item.control_number for item in night.ledger.batches.claims(batch_id)]
    answers = [Answer(control_number=number, event=event, position=place) for place, event in enumerate(events)]
    night.respond(batch_id, answers, is_final=True)


def test_a_clinic_that_never_moved_has_one_mailbox(night: Night):
    """Its own is visited, owing or not."""
    assert ["harbor"] == [one.key for one in night.ledger.clinics.mailboxes_answering("harbor", night.now, QUIET)]


def test_an_old_mailbox_is_read_until_it_has_answered(night: Night):
    """A clinic that moved to another mailbox still hears from the one its unanswered batches went to."""
    night.sent(builders.a_claim())

    assert ["new_one", "harbor"] == visited(night, after=QUIET * 2)


@pytest.mark.parametrize("event", [Event.ACCEPTED_BY_CLEARINGHOUSE, Event.REJECTED_BY_CLEARINGHOUSE])
def test_an_old_mailbox_is_read_while_it_is_young(night: Night, event: Event):
    """Whatever became of its claims, something may come for some days after its last file."""
    answered(night, event)

    assert ["new_one", "harbor"] == visited(night, after=QUIET - timedelta(days=1))


@pytest.mark.parametrize(
    ("events", "is_visited"),
    [
        ((Event.ACCEPTED_BY_CLEARINGHOUSE,), True),
        ((Event.ACCEPTED_BY_CLEARINGHOUSE, Event.DENIED), False),
        ((Event.ACCEPTED_BY_CLEARINGHOUSE, Event.PAID), False),
        ((Event.ACCEPTED_BY_CLEARINGHOUSE, Event.PAID, Event.REVERSED), True),
        ((Event.REJECTED_BY_CLEARINGHOUSE,), False),
        ((Event.UNACCOUNTED,), False),
    ],
)
def test_an_old_mailbox_is_read_until_payers_have_decided(night: Night, events: Sequence[Event], is_visited: bool):
    """A remittance is waited for where the old account's claims went; what is decided waits for nothing."""
    answered(night, *events)

    assert (["new_one", "harbor"] if is_visited else ["new_one"]) == visited(night, after=QUIET * 2)


def test_an_old_mailbox_is_not_read_for_ever(night: Night):
    """A claim nobody ever decides does not keep an old account open."""
    answered(night, Event.ACCEPTED_BY_CLEARINGHOUSE)

    assert ["new_one"] == visited(night, after=timedelta(days=731))


def test_what_never_left_opens_no_old_mailbox(night: Night):
    """A dry run and a batch that was only sealed owe nothing to the account they never reached."""
    night.rendered(builders.a_claim(), kind=Kind.DRY)

    assert ["new_one"] == visited(night)
