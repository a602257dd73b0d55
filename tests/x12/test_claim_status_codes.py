"""The codes of a claim status in words a biller understands."""

import pytest

from include.x12.claim_status import CATEGORY_VERDICTS, DUPLICATES, Status, StatusCode
from include.x12.claim_status_codes import CATEGORIES, ENTITIES, STATUSES, remedies_of, words_of

pytestmark = pytest.mark.pure


def a_status(*codes: str) -> Status:
    """Return a status of these codes, each as `A7:562:85`."""
    made = (StatusCode(**dict(zip(("category", "status", "entity"), code.split(":"), strict=True))) for code in codes)
    return Status(codes=tuple(made), effective_on=None, action=None, amount=None, payer_words="")


def test_a_status_reads_as_a_sentence_with_its_remedy():
    """What happened, why, and whom it is about; and what to do."""
    status = a_status("A7:562:85", "A3:33:")

    assert (
        "rejected, something is invalid: NPI of the billing provider; "
        "returned, it cannot be processed as it is: subscriber and member id not found" == words_of(status)
    )
    assert (
        "Check the NPI, and that the payer has it on file with this tax id.",
        "Check member id, name and birth date against the card and the payer's eligibility answer.",
    ) == remedies_of(status)


def test_the_same_is_said_once():
    """Two codes with one remedy name it once."""
    status = a_status("A7:158:QC", "A7:164:IL")

    assert 1 == len(remedies_of(status))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("A7:9999:85", "rejected, something is invalid: status 9999 of the billing provider"),
        ("Z9:20:", "category Z9: accepted for processing"),
        ("A7:562:X9", "rejected, something is invalid: NPI of entity X9"),
        ("A7:562:", "rejected, something is invalid: NPI of somebody"),
        ("A7:TESTINA EXAMPLE:", "rejected, something is invalid: an unreadable status"),
    ],
)
def test_a_code_nobody_knows_is_shown_as_it_came(code, words):
    """New codes do not stop a reading; what is no code is not shown."""
    status = a_status(code)

    assert words == words_of(status)


def test_every_category_has_words_and_a_verdict():
    """The two tables know the same categories."""
    assert CATEGORIES.keys() == CATEGORY_VERDICTS.keys()


def test_every_sentence_can_be_said():
    """Words take an entity or none, remedies are sentences, and what counts as a duplicate is in the list."""
    assert [] == [code for code, (words, _) in STATUSES.items() if "{" in words.format(entity="the payer")]
    assert [] == [code for code, (_, remedy) in STATUSES.items() if remedy and not remedy.endswith(".")]
    assert DUPLICATES <= STATUSES.keys()
    assert {"1P", "40", "41", "77", "82", "85", "87", "IL", "PR", "QC"} <= ENTITIES.keys()
