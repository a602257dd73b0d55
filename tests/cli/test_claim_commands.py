import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from include.claims.documents import from_document
from include.claims.parties import PersonName
from include.cli.__main__ import main
from include.hcfa.layout import Grid, Layout, Totals
from include.hcfa.read_print_image import read_print_image
from include.officeally.names import usage_of
from include.x12.as_billed import as_billed
from include.x12.read_837p import read_837p
from tests.contract_rows import rows_of
from tests.golden import as_837p
from tests.oracles import assert_both_accept
from tests.scenarios import SCENARIOS, secondary_after_primary
from tests.source_rows import a_row, csv_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "samples"
TABLES = ("billing_identities.csv", "clinics.csv", "mailboxes.csv")
SOUND = ("minimal", "claims", "secondary")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the clinic table of the samples."""
    for name in TABLES:
        shutil.copy(SAMPLES / name, tmp_path / name)
    return tmp_path


def scrub(path, *words):
    """Judge a file on the day of the samples and return the exit status."""
    return main(["scrub", str(path), "--today", "2026-03-06", *map(str, words)])


def render(path, out, *words):
    """Render a file's claims and return the exit status."""
    options = ["--clinic", "example_harbor", "--out", str(out), "--today", "2026-03-06"]
    return main(["render", str(path), *options, *map(str, words)])


def contents(folder):
    """Return the bytes of every file of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", SOUND)
def test_the_samples_are_sound(name, capsys):
    """What is shipped to be tried goes."""
    assert 0 == scrub(SAMPLES / f"{name}.csv")
    assert " 0 blocked, 0 unreadable" in capsys.readouterr().out


@pytest.mark.parametrize("name", SOUND)
def test_a_rendered_sample_is_an_837p(name, tmp_path):
    """The file of each sample is judged by two validators we did not write."""
    assert 0 == render(SAMPLES / f"{name}.csv", tmp_path)

    [content] = contents(tmp_path).values()
    assert_both_accept(content.decode())


@pytest.mark.parametrize("grid", ["A", "NUCC"])
@pytest.mark.parametrize("name", SOUND)
def test_a_rendered_print_image_reads_back(name, grid, tmp_path):
    """Each sample's forms follow their layout, and there is one for every claim."""
    assert 0 == render(SAMPLES / f"{name}.csv", tmp_path, "--format", "print-image", "--grid", grid)

    [content] = contents(tmp_path).values()
    read = read_print_image(content, Layout(grid=Grid(grid)))
    with (SAMPLES / f"{name}.csv").open() as file:
        claims = {row["source_claim_key"] for row in csv.DictReader(file)}
    assert ((), len(claims)) == (tuple(read.faults), len(read.forms))


def test_a_clinic_s_files_are_what_its_mailbox_takes(tmp_path):
    """Where nothing is said, a mailbox of print images gets them in its own layout; 837P can still be asked for."""
    for file in SAMPLES.glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "mailboxes.csv").write_text(
        (SAMPLES / "mailboxes.csv")
        .read_text()
        .replace("format\n", "format,grid,totals\n")
        .replace("837p\n", "print-image,NUCC,last-page\n")
    )

    assert 0 == render(tmp_path / "claims.csv", tmp_path / "forms")
    assert 0 == render(tmp_path / "claims.csv", tmp_path / "x12", "--format", "837p")

    [(file, content)] = contents(tmp_path / "forms").items()
    assert file.endswith(".HCFA.txt")
    assert () == read_print_image(content, Layout(grid=Grid.NUCC, totals=Totals.LAST_PAGE)).faults
    assert_both_accept(next(iter(contents(tmp_path / "x12").values())).decode())


@pytest.mark.parametrize("name", SOUND)
def test_a_rendered_pdf_has_a_page_for_every_claim(name, tmp_path):
    """Each sample's forms can be opened by a reader of other people."""
    assert 0 == render(SAMPLES / f"{name}.csv", tmp_path, "--format", "pdf")

    [(file, content)] = contents(tmp_path).items()
    assert file.endswith(".HCFA.pdf")
    assert all("EXAMPLE HEALTH PLAN" in page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_what_the_form_has_no_room_for_is_left_out_and_named(folder, capsys):
    """A name of 45 letters goes as 837P and not on paper; what is too long is said by box, not by name."""
    path = csv_of(folder / "claims.csv", a_row(subscriber_last_name="LONGNAMED" * 5))

    assert 0 == render(path, folder / "as_837p")
    assert 1 == render(path, folder / "as_form", "--format", "print-image")

    said = capsys.readouterr().err
    assert "item 2" in said
    assert "LONGNAMED" not in said


def test_mounted_lists_are_asked(tmp_path, capsys):
    """A procedure that is not on the mounted list is warned of."""
    (tmp_path / "procedures.csv").write_text("code\n97155\n")

    assert 0 == scrub(SAMPLES / "minimal.csv", "--lists", tmp_path)
    assert "procedure_listed" in capsys.readouterr().out


def test_the_secondary_sample_says_what_the_scenario_does(tmp_path):
    """The rows and the files beside them are the secondary claim of the scenarios."""
    render(SAMPLES / "secondary.csv", tmp_path)

    [content] = contents(tmp_path).values()
    [found] = read_837p([content.decode()])
    assert as_billed(secondary_after_primary()) == found.claim


def test_mistakes_are_named_by_claim_and_box(capsys):
    """Every fault has its claim, its place and its remedy; claims that cannot be read are among them."""
    assert 1 == scrub(SAMPLES / "mistakes.csv")

    said = capsys.readouterr().out
    assert "claim no_member_id, clinic example_harbor: blocked\n  member_id_present: item 1a" in said
    assert "claim wrong_date, clinic example_harbor: unreadable" in said
    assert "(mistakes.csv row 5), line L-1, column service_date" in said
    assert "4 claims: 0 sound, 2 blocked, 2 unreadable, 0 cancelled" in said


def test_json_says_the_same(capsys):
    """A program gets what a person reads."""
    assert 1 == scrub(SAMPLES / "mistakes.csv", "--json")

    said = json.loads(capsys.readouterr().out)
    assert (0, 2, 2, 0) == (said["sound"], said["blocked"], said["unreadable"], said["cancelled"])
    first = said["claims"][0]
    assert ("bad_npi", "blocked") == (first["claim"], first["state"])
    assert {"rule", "blocks", "place", "message", "remedy"} == set(first["faults"][0])


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_no_patient_is_printed(folder, capsys, words):
    """Whatever is wrong, what is printed holds no cell of a patient."""
    rows = [
        a_row(subscriber_birth_date="Jul 15 88"),
        a_row(
            source_claim_key="C-2", subscriber_member_id="", subscriber_last_name="PLANTED", subscriber_state="Oregon"
        ),
        a_row(source_claim_key="C-3", subscriber_sex="TESTINA", units="PLANTED"),
    ]

    scrub(csv_of(folder / "claims.csv", *rows), *words)
    render(folder / "claims.csv", folder / "out")

    said = "".join(capsys.readouterr())
    assert not [cell for cell in ("PLANTED", "TESTINA", "XYZ100200300", "1988", "Jul", "SAMPLE LN") if cell in said]


def test_warnings_alone_let_claims_go(folder):
    """The exit status is 0 where nothing blocks."""
    assert 0 == scrub(csv_of(folder / "claims.csv", a_row(), a_row(source_claim_key="C-2", cancelled="true")))


def test_rows_apart_from_each_other_are_no_two_claims(folder, capsys):
    """A claim whose rows do not follow each other would be billed twice, so it is blocked."""
    path = csv_of(folder / "claims.csv", a_row(), a_row(source_claim_key="C-2"), a_row())

    assert 1 == scrub(path)
    assert "claim_order" in capsys.readouterr().out
    render(path, folder / "out")
    [content] = contents(folder / "out").values()
    assert 2 == content.count(b"~CLM*")


def test_one_clinic_of_several(folder, capsys):
    """`--clinic` looks at one clinic of the file."""
    path = csv_of(folder / "claims.csv", a_row(), a_row(source_claim_key="C-2", clinic_key="other"))

    assert 0 == scrub(path, "--clinic", "example_harbor")
    assert 1 == scrub(path)
    assert "billing_identity_known" in capsys.readouterr().out


@pytest.mark.parametrize("missing", TABLES)
def test_a_missing_table_is_named_with_its_columns(folder, capsys, missing):
    """Who lacks a file is told which, what stands in it, and what writes it."""
    csv_of(folder / "claims.csv", a_row())
    (folder / missing).unlink()

    assert 1 == render(folder / "claims.csv", folder / "out")

    said = capsys.readouterr().err
    assert f"{missing}: there is no such file" in said
    assert "with the columns key, " in said
    assert "--clinics" in said


@pytest.mark.parametrize("place", ["tables", "tables/billing_identities.csv"])
def test_the_clinics_may_lie_elsewhere(folder, place):
    """`--clinics` names their folder, or the file of billing identities in it."""
    (folder / "tables").mkdir()
    for name in TABLES:
        (folder / name).rename(folder / "tables" / name)
    path = csv_of(folder / "claims.csv", a_row())

    assert 0 == scrub(path, "--clinics", folder / place)
    assert 0 == render(path, folder / "out", "--clinics", folder / place)


def test_a_wrong_row_of_a_table_is_named(folder, capsys):
    """A clinic table with a fault is refused with row and column."""
    path = folder / "billing_identities.csv"
    path.write_text(path.read_text().replace("731234567", "73-1234567"))

    assert 1 == scrub(csv_of(folder / "claims.csv", a_row()))
    assert "billing_identities.csv row 2: column tax_id" in capsys.readouterr().err


def test_the_same_claims_give_the_same_bytes(tmp_path):
    """Neither clock nor chance is in a file: made twice it is the same, under the same name."""
    render(SAMPLES / "claims.csv", tmp_path / "one")
    render(SAMPLES / "claims.csv", tmp_path / "two")

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_claim_gives_another_file(folder):
    """A file is numbered by what it bills, so two bills never share a number."""
    render(csv_of(folder / "claims.csv", a_row()), folder / "out")
    render(csv_of(folder / "claims.csv", a_row(charge="241.00", claim_total="241.00")), folder / "out")

    assert 2 == len(contents(folder / "out"))


def test_a_test_file_says_so(tmp_path):
    """A test file has the keyword in its name and control numbers of its own."""
    render(SAMPLES / "minimal.csv", tmp_path / "live")
    render(SAMPLES / "minimal.csv", tmp_path / "test", "--test")

    [(live_name, live)] = contents(tmp_path / "live").items()
    [(test_name, test)] = contents(tmp_path / "test").items()
    assert ("live", "test") == (usage_of(live_name), usage_of(test_name))
    numbers = [next(read_837p([content.decode()])).control_number for content in (live, test)]
    assert numbers[0] != numbers[1]


def test_a_file_holds_no_more_than_the_clinic_says(folder):
    """Many claims are several files."""
    clinics = folder / "clinics.csv"
    clinics.write_text(clinics.read_text().replace(",1000,", ",2,"))
    rows = [a_row(source_claim_key=f"C-{number}") for number in range(5)]

    assert 0 == render(csv_of(folder / "claims.csv", *rows), folder / "out")

    assert [1, 2, 2] == sorted(content.count(b"~CLM*") for content in contents(folder / "out").values())


def test_what_cannot_go_is_left_out_and_named(folder, capsys):
    """The rest is written, and the exit status tells."""
    rows = [a_row(), a_row(source_claim_key="C-2", subscriber_member_id=""), a_row(source_claim_key="C-3", charge="x")]

    assert 1 == render(csv_of(folder / "claims.csv", *rows), folder / "out")

    printed = capsys.readouterr()
    assert "claim C-2: left out for member_id_present" in printed.err
    assert "claim C-3: left out for column_type" in printed.err
    assert "1 claims written, 2 left out" in printed.out


def test_a_payer_gets_what_its_profile_asks_for(folder):
    """A profile that names the technician as who rendered changes the bill."""
    profiles = folder / "payers.toml"
    profiles.write_text(
        '[[payer]]\nkey = "example"\npayer_ids = ["99999"]\n'
        'rendering = { technician_work = "technician", technicians = ["RBT"], apply = true }\n'
    )

    render(SAMPLES / "claims.csv", folder / "out", "--profiles", profiles)

    [content] = contents(folder / "out").values()
    first = next(read_837p([content.decode()])).claim
    assert first.rendering is not None
    assert PersonName(last="HELPER", first="JO") == first.rendering.name


@pytest.mark.parametrize(
    "words",
    [
        ["scrub"],
        ["scrub", "x.csv", "--today", "yesterday"],
        ["render", "x.csv", "--out", "y"],
        ["render", "x.csv", "--clinic", "a", "--out", "y", "--format", "fax"],
        ["render", "x.csv", "--clinic", "a", "--out", "y", "--created", "2026-03-06T17:15"],
        ["read"],
    ],
)
def test_a_wrong_command_line_is_status_2(words):
    """What cannot be meant is not a fault of the claims."""
    with pytest.raises(SystemExit) as stop:
        main(words)

    assert 2 == stop.value.code


@pytest.mark.parametrize("words", [["scrub"], ["render", "--clinic", "example_harbor", "--out", "out"]])
def test_a_file_that_is_not_there_is_named(folder, capsys, monkeypatch, words):
    """No file of claims, no traceback."""
    monkeypatch.chdir(folder)

    assert 1 == main([words[0], "gone.csv", *words[1:]])
    assert "gone.csv: there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["self", "dependent", "everything"])
def test_read_gives_the_claims_of_a_file(tmp_path, capsys, name):
    """A line of JSON is the claim the file bills, with its number and place."""
    claim = SCENARIOS[name]()
    (tmp_path / "claims.837p").write_text(as_837p(claim))

    assert 0 == main(["read", str(tmp_path / "claims.837p")])

    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert as_billed(claim) == from_document(json.dumps(found["claim"]))
    assert ("0001", len(claim.lines)) == (found["set_number"], len(found["line_control_numbers"]))


def test_read_takes_standard_input(capsys, monkeypatch):
    """`-` stands for what is piped in."""
    stdin: Any = io.TextIOWrapper(io.BytesIO(as_837p(SCENARIOS["self"]()).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert 0 == main(["read", "-"])
    assert 1 == len(capsys.readouterr().out.splitlines())


def test_a_broken_claim_is_named_and_the_others_read(tmp_path, capsys):
    """One claim that cannot be read costs neither the others nor a patient's privacy."""
    rows = [row for key in ("C-1", "C-2") for row in rows_of(replace(SCENARIOS["self"](), key=key))]
    for name in TABLES:
        shutil.copy(SAMPLES / name, tmp_path / name)
    render(csv_of(tmp_path / "claims.csv", *rows), tmp_path / "out")
    [path] = (tmp_path / "out").iterdir()
    path.write_text(path.read_text().replace("D8*19880715", "D8*1988JULY", 1))
    capsys.readouterr()

    assert 1 == main(["read", str(path)])

    read, broken = map(json.loads, capsys.readouterr().out.splitlines())
    assert "claim" in read
    assert "0001" == broken["unreadable"]["set_number"]
    assert "JULY" not in json.dumps(broken)


def test_what_is_no_837p_is_refused(tmp_path, capsys):
    """Any other file is named with the reason."""
    (tmp_path / "letter.txt").write_text("Dear payer,")

    assert 1 == main(["read", str(tmp_path / "letter.txt")])
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'letter.txt'}: ")


def test_a_reader_that_has_enough_ends_the_command_quietly(tmp_path):
    """`./courier read FILE | head` is no error anybody must read."""
    path = tmp_path / "many.837p"
    path.write_text(as_837p(SCENARIOS["fifty_lines"]()))
    command = [sys.executable, "-m", "include.cli", "read", str(path)]

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"" == process.stderr.read()
