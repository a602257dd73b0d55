"""Lists and profiles from a folder: what is there is asked, what is wrong is refused with its place."""

from datetime import date

import pytest

from include.adapters.code_lists import code_lists, open_rule_book
from include.adapters.settings import Connection
from include.claims.errors import BadSetting
from include.claims.payer_profile import DEFAULT
from include.claims.scrub import NO_BOOK, RuleBook, scrub
from tests.builders import TODAY, a_claim, a_line, a_payer

LISTS = {
    "procedures.csv": "code,words\n97155,direction\n",
    "taxonomies.csv": "code\n106S00000X\n",
    "payer_ids.csv": "id,name\n88888,EXAMPLE BLUE PLAN\n",
    "unit_limits.csv": "table,procedure,effective_from,effective_to,units\nmedicaid,97153,2026-01-01,,15\n",
}


@pytest.fixture(name="mounted")
def _mounted(tmp_path):
    for name, text in LISTS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_without_a_folder_nothing_is_listed():
    """Only shapes are looked at, and the medically unlikely edits we have read."""
    assert NO_BOOK.lists == code_lists(None)


def test_codes_that_are_on_no_list_warn(mounted):
    """Each mounted list has its rule, and a code that is missing lets the claim go."""
    faults = scrub(a_claim(), TODAY, lists=code_lists(mounted))

    listed = {fault.rule: fault.blocks for fault in faults if fault.rule.endswith("_listed")}
    assert {"procedure_listed": False, "taxonomy_listed": False, "payer_id_listed": False} == listed


def test_codes_that_are_on_their_lists_pass(mounted):
    """The same claim with listed codes is sound."""
    claim = a_claim(payer=a_payer(id="88888"), lines=(a_line(procedure="97155"),))

    faults = {fault.rule for fault in scrub(claim, TODAY, lists=code_lists(mounted))}

    assert {"taxonomy_listed"} == {rule for rule in faults if rule.endswith("_listed")}


def test_a_mounted_table_of_limits_replaces_ours(mounted):
    """CMS's own file counts, by the day of service."""
    limits = code_lists(mounted).unit_limits

    assert 15 == limits.most("medicaid", "97153", date(2026, 3, 2))
    assert limits.most("medicaid", "97153", date(2025, 3, 2)) is None
    assert limits.most("medicare", "97153", date(2026, 3, 2)) is None


def test_our_own_limits_hold_by_day():
    """The groups' limit rose in 2021."""
    limits = code_lists(None).unit_limits

    assert (12, 18) == (limits.most("medicare", "97154", date(2020, 6, 1)), limits.most("medicare", "97154", TODAY))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("procedures.csv", "kode\n97153\n", "procedures.csv: column code is missing"),
        ("procedures.csv", "", "procedures.csv: column code is missing"),
        ("payer_ids.csv", "id,name\n88888\n", "payer_ids.csv line 2: 2 cells expected, found 1"),
        ("taxonomies.csv", "code,x\n,1\n", "taxonomies.csv line 2: a code is missing"),
        ("unit_limits.csv", LISTS["unit_limits.csv"].replace("medicaid", "both"), "unit_limits.csv line 2: table is"),
        ("unit_limits.csv", LISTS["unit_limits.csv"].replace("2026-01-01", "1/1/26"), "unit_limits.csv line 2: "),
        ("unit_limits.csv", LISTS["unit_limits.csv"].replace(",15", ",many"), "unit_limits.csv line 2: "),
    ],
)
def test_a_list_that_is_wrong_is_refused_with_its_row(tmp_path, name, text, place):
    """A list cut in half would hold good claims."""
    (tmp_path / name).write_text(text)

    with pytest.raises(BadSetting, match=place):
        code_lists(tmp_path)


def test_a_list_in_another_encoding_is_refused(tmp_path):
    """Bytes that are not UTF-8 are no codes."""
    (tmp_path / "procedures.csv").write_bytes(b"code\n\xff\xfe\n")

    with pytest.raises(BadSetting, match=r"procedures\.csv: cannot be read as UTF-8"):
        code_lists(tmp_path)


def test_the_icd_list_knows_what_is_billable():
    """A code that exists but has finer ones below it is not billable, and neither is one that does not exist."""
    is_diagnosis = code_lists(None, icd=True).is_diagnosis

    assert is_diagnosis is not None
    assert [True, False, False] == [is_diagnosis(code) for code in ("F840", "F84", "A99Z9")]


def test_a_diagnosis_that_does_not_exist_warns():
    """An outdated list must not hold a claim."""
    faults = scrub(a_claim(diagnoses=("F840", "A99Z9")), TODAY, lists=code_lists(None, icd=True))

    assert [(False, "diagnosis 2: no billable ICD-10-CM code of the list")] == [
        (fault.blocks, fault.message) for fault in faults if fault.rule == "diagnosis_exists"
    ]


def test_a_connection_names_the_folder(mounted):
    """Profiles and lists lie beside each other."""
    (mounted / "payers.toml").write_text('[[payer]]\nkey = "example"\npayer_ids = ["99999"]\n')
    book = open_rule_book(Connection(id="claims_rules", type="fs", extra={"path": str(mounted)}))

    assert "example" == book.payers.profile_for("99999", TODAY).key
    assert frozenset({"97155"}) == book.lists.procedures


def test_an_empty_folder_is_the_rules_alone(tmp_path):
    """Nothing mounted, nothing peculiar."""
    book = open_rule_book(Connection(id="claims_rules", type="fs", extra={"path": str(tmp_path)}))

    assert DEFAULT is book.payers.profile_for("99999", TODAY)
    assert RuleBook().lists == book.lists


def test_a_folder_that_is_not_there_is_named():
    """A worker without the project's folder must not judge by fewer rules than the others."""
    with pytest.raises(BadSetting, match="connection claims_rules: its extra names no folder"):
        open_rule_book(Connection(id="claims_rules", type="fs", extra={"path": "nowhere"}))
