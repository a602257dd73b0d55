"""Why the clearinghouse refused a claim, and what to do about it."""

import pytest

from include.officeally.claim_edits import explained
from include.sandbox.edits import EDITS

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("code", "words", "reason", "remedy"),
    [
        ("RC66", "", "a service line points to no diagnosis", "Give every line its diagnosis"),
        ("RC55", "X", "the payer has no enrollment", "Enroll the provider"),
        ("FE69", "SUBSCRIBER ADDRESS IS MISSING", "SUBSCRIBER ADDRESS IS MISSING", "Correct the address"),
        ("LC1762", "PAYER ID UNKNOWN", "PAYER ID UNKNOWN", "Correct the payer id"),
        ("LC1", "DUPLICATE CLAIM FOR PATIENT", "DUPLICATE CLAIM FOR PATIENT", "Do not send again"),
        ("LC2", "NOBODY HAS SEEN THIS", "NOBODY HAS SEEN THIS", "Ask the clearinghouse's support"),
        ("LC3", "", "code LC3, which the report does not explain", "Ask the clearinghouse's support"),
    ],
)
def test_a_reason_has_words_and_a_remedy(code, words, reason, remedy):
    """Ours where the code is known, else the report's own; there is always something to do."""
    said = explained([code], {code: words} if words else {})

    assert said.startswith(reason)
    assert remedy in said


def test_each_reason_is_said_once():
    """Two codes of one meaning are one reason."""
    errors = {"A1": "ADDRESS IS MISSING", "A2": "ADDRESS IS MISSING"}

    assert explained(["A1"], errors) == explained(["A1", "A2"], errors)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.code)
def test_the_sandboxs_words_have_remedies(edit):
    """Words as a clearinghouse writes them lead to something a clinic can do itself."""
    assert "support" not in explained([edit.code], {edit.code: edit.words})
