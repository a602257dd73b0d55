from pathlib import Path

import pytest

from include.claims.errors import LedgerUnreachable
from include.orchestration.snapshot import FILE_NAME, Snapshot, read_clinic, read_snapshot, refresh_snapshot
from tests.orchestration.clinic_rows import Row, TablesInMemory, a_billing_row, a_clinic_row

pytestmark = pytest.mark.pure


def stored(folder: Path) -> Snapshot:
    """Return the snapshot that must be there."""
    snapshot = read_snapshot(folder)
    assert snapshot is not None
    return snapshot


def test_the_snapshot_is_sorted_and_repeats_to_the_byte(tmp_path):
    """The same clinics make the same file, in whatever order the table gives them."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row("birch"), a_clinic_row("acorn_aba")]))
    first = (tmp_path / FILE_NAME).read_bytes()

    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row("acorn_aba"), a_clinic_row("birch")]))

    assert first == (tmp_path / FILE_NAME).read_bytes()
    assert ["acorn_aba", "birch"] == [clinic.key for clinic in stored(tmp_path).clinics()]


def test_a_bad_row_keeps_the_clinics_last_good_one(tmp_path):
    """A clinic whose row goes bad keeps its last good schedule, and the fault is told with its column."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row(delivery_cron="15 21 * * *")]))

    snapshot = refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row(delivery_cron="25 o'clock")]))

    assert ["15 21 * * *"] == [clinic.delivery_cron for clinic in snapshot.clinics()]
    assert "acorn_aba: column delivery_cron" in snapshot.faults[0]


def test_a_bad_row_that_was_never_good_costs_its_clinic_alone(tmp_path):
    """A new clinic with a bad row has no DAG; the others have theirs."""
    table = TablesInMemory([a_clinic_row("acorn_aba", timezone="Mars/Olympus"), a_clinic_row("birch")])

    snapshot = refresh_snapshot(tmp_path, table)

    assert ["birch"] == [clinic.key for clinic in snapshot.clinics()]
    assert 1 == len(snapshot.faults)


def test_a_mended_row_takes_its_fault_away(tmp_path):
    """A fault is gone with the first reading of the mended row."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row(timezone="Mars/Olympus")]))

    snapshot = refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row()]))

    assert () == snapshot.faults
    assert ["acorn_aba"] == list(snapshot.rows)


def test_a_bad_npi_costs_the_clinic_it_bills_for(tmp_path):
    """A billing identity whose NPI fails its check digit is told by row, and its clinic alone is lost."""
    bills: list[Row] = [a_billing_row("acorn_aba", npi="1234567890"), a_billing_row("birch")]
    table = TablesInMemory([a_clinic_row("acorn_aba"), a_clinic_row("birch")], identities=bills)

    snapshot = refresh_snapshot(tmp_path, table)

    assert ["birch"] == [clinic.key for clinic in snapshot.clinics()]
    assert any("column npi" in fault for fault in snapshot.faults)


def test_a_mailbox_that_is_not_there_is_a_bad_row(tmp_path):
    """A clinic that names a mailbox nobody has is told with its column."""
    snapshot = refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row(mailbox_key="nobody")]))

    assert {} == dict(snapshot.rows)
    assert "column mailbox_key" in snapshot.faults[0]


def test_a_clinic_taken_from_the_table_goes(tmp_path):
    """A row that a person deleted is not kept alive by the snapshot."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row("acorn_aba"), a_clinic_row("birch")]))

    snapshot = refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row("birch")]))

    assert ["birch"] == list(snapshot.rows)


def test_a_task_finds_its_own_clinic_alone(tmp_path):
    """One clinic is read by its whole key, and a key that begins like another does not find it."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row("acorn"), a_clinic_row("acorn_aba")]))

    own = read_clinic(tmp_path, "acorn")

    assert own is not None
    assert "acorn" == own.key
    assert read_clinic(tmp_path, "aco") is None


def test_a_database_that_is_down_leaves_the_snapshot_alone(tmp_path):
    """Nothing is written while the ledger does not answer."""
    table = TablesInMemory([a_clinic_row()])
    refresh_snapshot(tmp_path, table)
    before = (tmp_path / FILE_NAME).read_bytes()
    table.is_down = True

    with pytest.raises(LedgerUnreachable):
        refresh_snapshot(tmp_path, table)

    assert before == (tmp_path / FILE_NAME).read_bytes()


@pytest.mark.parametrize(
    "text", ["", "not json\n", "[]\n", '{"revision": "x"}\n', '{"revision": 1, "faults": []}\n{"ke']
)
def test_a_snapshot_that_cannot_be_read_is_none(tmp_path, text):
    """A file another program wrote, or half of one, counts as no snapshot and stops nobody."""
    (tmp_path / FILE_NAME).write_text(text)

    assert read_snapshot(tmp_path) is None


def test_no_half_written_snapshot_is_left(tmp_path):
    """After a refresh the folder holds the snapshot and nothing else."""
    refresh_snapshot(tmp_path, TablesInMemory([a_clinic_row()]))

    assert [FILE_NAME] == [path.name for path in tmp_path.iterdir()]
