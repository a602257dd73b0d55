"""One fault in a sound file: ours sees every one, also those that nobody else sees."""

import pytest

from tests.mutation_table import found_by_us, table, verdict, verdicts
from tests.mutations import MUTATIONS, sound_file
from tests.oracles import assert_both_accept

pytestmark = [
    pytest.mark.pure,
    # The list of ICD-10-CM opens its own data in the old way.
    pytest.mark.filterwarnings("ignore:.* is deprecated. Use files:DeprecationWarning"),
]

NOBODY_NOTICES = {
    "control number of 21 characters, on its lines too",
    "billing NPI's check digit",
    "rendering NPI's check digit",
    "SBR02 blank without a patient loop",
    "self-subscriber without DMG",
    "place 21 without an admission date",
    "replacement without the payer's number",
    "void without the payer's number",
    "pointer past the diagnoses",
    "ICD-9 qualifier",
    "a diagnosis that does not exist",
    "a procedure that does not exist",
    "a taxonomy that does not exist",
    "two claims with one number",
    "service the day after the file",
    "tax id of eight digits",
    "billing ZIP of five digits",
    "phone of nine digits",
    "billing phone of nine digits",
    "billing state ZZ",
}
"""Faults that claims are refused for and that both validators let pass."""

ONLY_WARNED = {
    "a diagnosis that does not exist",
    "a procedure that does not exist",
    "a taxonomy that does not exist",
}
"""Lists grow old, so what is not in one is a warning."""


@pytest.mark.parametrize("sample", sorted({one.sample for one in MUTATIONS}))
def test_a_sound_file_is_sound_to_all(sample):
    """Before the fault is put in, none of the three complains."""
    assert () == found_by_us(sound_file(sample))
    assert_both_accept(sound_file(sample))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_every_fault_is_noticed(mutation):
    """The structural check or a rule says something against the file, and it blocks unless a list may be too old."""
    ours = verdict(mutation).ours

    assert ours
    assert (mutation.name in ONLY_WARNED) is all(one.endswith("(warns)") for one in ours)


def test_what_nobody_else_notices_we_do():
    """The faults known to pass both validators still do, and none of them passes ours."""
    unnoticed = {one.mutation.name: one.ours for one in verdicts() if one.is_unnoticed_elsewhere}

    assert set() == NOBODY_NOTICES - set(unnoticed)
    assert all(unnoticed.values())


def test_there_are_as_many_faults_as_the_validators_were_measured_with():
    """No fewer than the 61 that other libraries were compared by, each with a name of its own."""
    assert len(MUTATIONS) >= 61
    assert len(MUTATIONS) == len({one.name for one in MUTATIONS})


def test_the_table_ends_in_the_totals():
    """The last row counts every fault once."""
    name, faults, ours, *_ = table().splitlines()[-1].split()

    assert ("all", str(len(MUTATIONS)), faults) == (name, faults, ours)
