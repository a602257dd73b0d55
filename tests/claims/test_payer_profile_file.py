"""A file of payer profiles is taken whole or refused with every fault named."""

from datetime import date

import pytest

from include.claims.errors import BadSetting
from include.claims.payer_profile import DEFAULT, AfterDenial, Rounding, Severity
from include.claims.payer_profile_file import read_profiles
from include.cli.profiles_page import EXAMPLE

pytestmark = pytest.mark.pure

TWO_YEARS = """
[[payer]]
key = "example_state_2025"
payer_ids = ["SKEX0", "SKEX1"]
effective_to = 2025-12-31
units = { rounding = "full" }

[[payer]]
key = "example_state_2026"
payer_ids = ["SKEX0"]
effective_from = 2026-01-01
units = { rounding = "midpoint", by_procedure = { 97151 = "up_to" }, apply = true }
denials = { wants = "appeal", within_days = 60 }
filing = { original_days = 95, warn_at = [0.5, 1e-1] }
severity = { modifiers_distinct = "block" }
modifiers.by_credential = [{ credential = "RBT", modifier = "HM" }]
"""


def test_a_payer_has_the_profile_of_the_day():
    """Two years of one payer are two profiles; a payer or a day nobody wrote down has the default."""
    book = read_profiles(TWO_YEARS)

    assert "example_state_2025" == book.profile_for("SKEX0", date(2025, 12, 31)).key
    assert "example_state_2026" == book.profile_for("SKEX0", date(2026, 1, 1)).key
    assert DEFAULT is book.profile_for("SKEX1", date(2026, 1, 1))
    assert DEFAULT is book.profile_for("99999", date(2026, 1, 1))


def test_every_word_becomes_what_it_means():
    """Words, numbers, lists and tables come out as the dataclass has them."""
    profile = read_profiles(TWO_YEARS).profile_for("SKEX0", date(2026, 2, 1))

    assert (Rounding.MIDPOINT, {"97151": Rounding.UP_TO}, True) == (
        profile.units.rounding, dict(profile.units.by_procedure), profile.units.apply,
    )  # fmt: skip
    assert (AfterDenial.APPEAL, 60, 95, (0.5, 0.1)) == (
        profile.denials.wants, profile.denials.within_days, profile.filing.original_days, profile.filing.warn_at,
    )  # fmt: skip
    assert ("RBT", "HM") == (profile.modifiers.by_credential[0].credential, profile.modifiers.by_credential[0].modifier)
    assert {"modifiers_distinct": Severity.BLOCK} == dict(profile.severity)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nunts={}", "payer a.unts: unknown (did you mean units?)"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nunits={rounding='ful'}", "payer a.units.rounding: one of as_billed,"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nunits={apply=1}", "payer a.units.apply: true or false expected"),
        ("[[payer]]\nkey='a'\npayer_ids='1'", "payer a.payer_ids: a list expected"),
        ("[[payer]]\nkey='a'\npayer_ids=[1]", "payer a.payer_ids 1: text expected"),
        ("[[payer]]\nkey='a'", "payer a: payer_ids is missing"),
        ("[[payer]]\npayer_ids=['1']", "payer 1: key is missing"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nunits=3", "payer a.units: a table expected"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nseverity=['x']", "payer a.severity: a table expected"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\neffective_from='2026'", "payer a.effective_from: a date expected"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nfiling={warn_at=[2]}", "payer a.filing.warn_at: shares lie between"),
        ("[[payer]]\nkey='a'\npayer_ids=['1']\nunits={most_per_day='x'}", "payer a.units.most_per_day: medicare or"),
        (
            "[[payer]]\nkey='a'\npayer_ids=['1']\nmodifiers={by_credential=[{credential='RBT'}]}",
            "payer a.modifiers.by_credential 1.modifier: is missing",
        ),
        (
            "[[payer]]\nkey='a'\npayer_ids=['1']\n[[payer]]\nkey='b'\npayer_ids=['1','2']",
            "payer a and payer b both hold for payer 1 on the same days",
        ),
        ("[payer]\nkey='a'", "write [[payer]] with two brackets"),
        ("payers=1", "payers: unknown"),
        ("[[payer", "this is not TOML"),
    ],
)
def test_a_fault_names_its_place(written, said):
    """What is misspelt, mistyped, missing or doubled is said with table and key, and nothing is taken."""
    with pytest.raises(BadSetting) as refused:
        read_profiles(written, "payer_profiles.toml")

    assert said in str(refused.value)
    assert str(refused.value).startswith("payer_profiles.toml: ")


def test_the_example_of_the_page_is_a_profile():
    """What people copy from the documentation is read, and says what its comments say."""
    profile = read_profiles(EXAMPLE).profile_for("99999", date(2026, 3, 2))

    assert ("example_state_plan", 95, "95") == (profile.key, profile.filing.original_days, profile.telehealth.modifier)
    assert (Rounding.FULL, Rounding.UP_TO) == (profile.units.rounding, profile.units.by_procedure["H2012"])
