"""The payer list, enrollments and holds from a shell."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from include.adapters.ledger import Ledger, migrate
from include.cli.__main__ import main
from include.delivery.records import Table
from tests.builders import BILLING_NPI, OTHER_BILLING_NPI, RENDERING_NPI
from tests.enrollment_rows import an_enrollment_row
from tests.night import BILLING_ROW, CLINIC_ROW, MAILBOX_ROW

PAYER_ROW = {"key": "99999", "name": "EXAMPLE HEALTH PLAN", "claims_need_enrollment": "yes"}
TODAY = datetime.now(UTC).date()


@pytest.fixture(name="home")
def _home(tmp_path):
    """Return a folder with a ledger of one clinic."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    migrate(url)
    clinics = Ledger(url).clinics
    clinics.put(Table.MAILBOX, [MAILBOX_ROW])
    clinics.put(Table.BILLING_IDENTITY, [BILLING_ROW])
    clinics.put(Table.CLINIC, [CLINIC_ROW])
    return tmp_path


def courier(home, *words):
    """Run `./courier payers` on the folder's ledger."""
    return main(["payers", *map(str, words), "--ledger", f"sqlite:///{home / 'ledger.db'}"])


def kept(home, *rows, table=Table.ENROLLMENT):
    """Keep rows in the folder's ledger."""
    Ledger(f"sqlite:///{home / 'ledger.db'}").clinics.put(table, rows)


def write(path, *rows):
    """Write rows as a CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_files_come_in_and_go_out_again(home, capsys):
    """Three files, each known by its header; what is written out changes nothing when it is read."""
    payers, enrollments = write(home / "a.csv", PAYER_ROW), write(home / "b.csv", an_enrollment_row())
    holds = write(home / "c.csv", {"key": "audit", "npi": RENDERING_NPI, "ends_on": "2026-12-15", "reason": "audit"})

    assert 0 == courier(home, "import", payers, enrollments, holds)
    assert 0 == courier(home, "export", home / "out")
    assert 0 == courier(home, "import", *(home / "out" / f"{name}.csv" for name in ("payers", "enrollments", "holds")))

    said = capsys.readouterr().out
    assert "b.csv: 1 enrollments added" in said
    assert 3 == said.count("nothing to change")
    assert not (home / "out" / "clinics.csv").exists()


def test_one_wrong_row_changes_nothing(home, capsys):
    """Every fault is named with its row and column."""
    payers = write(home / "payers.csv", PAYER_ROW)
    enrollments = write(home / "enrollments.csv", an_enrollment_row(), an_enrollment_row(key="b", state="requested"))

    assert 1 == courier(home, "import", payers, enrollments)

    assert "enrollments.csv row 3: column requested_on: is empty" in capsys.readouterr().err
    assert [] == Ledger(f"sqlite:///{home / 'ledger.db'}").clinics.rows(Table.PAYER)


def test_the_clinic_table_is_not_imported_here(home, capsys):
    """A file of clinics is no file of payers."""
    assert 1 == courier(home, "import", write(home / "clinics.csv", CLINIC_ROW))
    assert "clinics.csv: these are clinics, which another command imports" in capsys.readouterr().err


def test_a_check_names_what_is_not_there(home, capsys):
    """Payers the list has not, NPIs nobody bills under, rows that cannot be read."""
    kept(home, PAYER_ROW, table=Table.PAYER)
    kept(home, {"key": "audit", "payer_id": "88888", "ends_on": "2026-12-15", "reason": "x"}, table=Table.HOLD)
    kept(
        home,
        an_enrollment_row(),
        an_enrollment_row(key="b", payer_id="88888", npi=OTHER_BILLING_NPI),
        an_enrollment_row(key="c", npi=RENDERING_NPI, what="credentialing"),
        an_enrollment_row(key="d", state="perhaps"),
    )

    assert 1 == courier(home, "check")

    assert {
        "enrollment d: column state: 'perhaps' is not one of unknown, not needed, needed, requested, approved, refused",
        "enrollment b: column payer_id: the payer list has no '88888' for claims",
        "hold audit: column payer_id: the payer list has no '88888' for claims",
        f"enrollment b: column npi: no billing identity has '{OTHER_BILLING_NPI}'",
        "1 payers, 4 enrollments, 1 holds: 4 problems",
    } == set(capsys.readouterr().out.splitlines())


def test_the_list_says_what_is_to_be_done(home, capsys):
    """Requests that wait, banks that changed, moves, whom to wait with; with --open only what needs somebody."""
    long_ago = (TODAY - timedelta(days=40)).isoformat()
    kept(home, PAYER_ROW, table=Table.PAYER)
    kept(
        home,
        an_enrollment_row(key="done", tax_id="731234567", note="paper in the drawer"),
        an_enrollment_row(key="asked", state="requested", requested_on=long_ago, requested_by="Example", note="call"),
        an_enrollment_row(key="bank", what="eft", bank_changed_on=long_ago),
        an_enrollment_row(key="moved", what="remittances", moves_from="Example Clearing"),
        an_enrollment_row(key="broken", state="perhaps"),
    )
    holds = [
        {"key": "now", "payer_id": "99999", "npi": BILLING_NPI, "ends_on": TODAY.isoformat(), "reason": "audit"},
        {"key": "over", "payer_id": "99999", "ends_on": long_ago, "reason": "audit"},
    ]
    kept(home, *holds, table=Table.HOLD)

    assert 0 == courier(home, "list")
    captured = capsys.readouterr()
    assert f"asked  99999 EXAMPLE HEALTH PLAN  NPI {BILLING_NPI}  claims: requested" in captured.out
    assert f"    it was requested on {long_ago} and is not approved yet\n" in captured.out
    assert "    enrollment request: requested on" in captured.out
    assert "    bank change: the bank account changed on" in captured.out
    assert "    it moved from Example Clearing" in captured.out
    assert "    note: call\n" in captured.out
    assert "    note: paper in the drawer\n" in captured.out
    assert f"hold now  payer 99999 and NPI {BILLING_NPI} until {TODAY}: audit\n" in captured.out
    assert "4 of 4 enrollments, 1 holds in force" in captured.out
    assert "enrollment broken: column state" in captured.err

    courier(home, "list", "--open")
    assert "\ndone  " not in f"\n{capsys.readouterr().out}"


def test_a_letter_is_printed_or_written_as_a_mail(home, capsys):
    """From the rows of clinic, mailbox and who bills; a payer that is not listed has its name left open."""
    kept(home, an_enrollment_row(state="needed"), an_enrollment_row(key="era", what="remittances"))

    assert 0 == courier(home, "letter", "harbor_claims", "era")
    assert 0 == courier(home, "letter", "era", "--folder", home / "drafts")

    said = capsys.readouterr().out
    assert 2 == said.count("Subject: Enrollment for ")
    assert "(the payer's name), payer id 99999" in said
    assert (home / "drafts" / "era.eml").read_bytes().startswith(b"Subject: Enrollment for remittances")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"key": "other"}, "enrollment 'harbor_claims': there is no such row"),
        ({"npi": OTHER_BILLING_NPI}, "no billing identity has NPI"),
        ({"npi": RENDERING_NPI, "what": "credentialing", "tax_id": "999999999"}, "no billing identity has tax id"),
        ({"npi": RENDERING_NPI, "what": "credentialing"}, "give the row its tax_id"),
    ],
)
def test_a_letter_that_cannot_be_written_says_why(home, capsys, row, said):
    """No such row, nobody bills under it, several do."""
    kept(home, {**BILLING_ROW, "key": "second", "tax_id": "739999999"}, table=Table.BILLING_IDENTITY)
    kept(home, an_enrollment_row(**row))

    assert 1 == courier(home, "letter", "harbor_claims")
    assert said in capsys.readouterr().err


def test_of_who_billed_before_and_bills_now_the_newest_writes(home, capsys):
    """An address that ended is not written to a payer."""
    moved = {**BILLING_ROW, "key": "moved", "effective_from": "2026-01-01", "street": "9 NEW STREET"}
    kept(home, moved, table=Table.BILLING_IDENTITY)
    kept(home, an_enrollment_row(npi=RENDERING_NPI, what="credentialing"))

    courier(home, "letter", "harbor_claims")

    assert "9 NEW STREET" in capsys.readouterr().out


def test_a_row_typed_by_hand_is_read_as_it_is(home):
    """Null is blank."""
    with Ledger(f"sqlite:///{home / 'ledger.db'}").database.write() as connection:
        connection.execute(text("INSERT INTO payer (key, name) VALUES ('99999', 'EXAMPLE')"))

    assert 0 == courier(home, "check")
