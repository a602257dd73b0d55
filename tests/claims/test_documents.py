"""A claim in the ledger is the claim that was billed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from include.claims.documents import from_document, revision_of, to_document
from include.claims.errors import BadFile
from tests.builders import READY_AT, a_claim, a_dependent_claim, a_line, a_subscriber
from tests.strategies import EXAMPLES, claims

pytestmark = pytest.mark.pure


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims())
def test_a_claim_comes_back_as_it_was(claim):
    """Writing and reading a document loses nothing, the moment of release included."""
    back = from_document(to_document(claim))

    assert claim == back
    assert claim.ready_at == back.ready_at
    assert to_document(claim) == to_document(back)


def test_missing_people_come_back_missing():
    """What the source does not hold stays unheld."""
    bare = a_claim(rendering=None, subscriber=a_subscriber(address=None, birth_date=None))

    assert bare == from_document(to_document(bare))


@pytest.mark.parametrize("charge", ["240", "240.0", "240.00", "2.4E+2"])
def test_the_same_amount_is_the_same_revision(charge):
    """240 and 240.00 are one bill."""
    assert revision_of(a_claim()) == revision_of(a_claim(lines=(a_line(charge=Decimal(charge)),)))


def test_when_it_was_released_is_not_billed():
    """A claim the source releases again unchanged is the same revision."""
    later = a_claim(ready_at=READY_AT + timedelta(days=1))

    assert revision_of(a_claim()) == revision_of(later)


@pytest.mark.parametrize(
    "changed",
    [
        a_claim(lines=(a_line(units=Decimal(15)),)),
        a_claim(lines=(a_line(modifiers=()),)),
        a_claim(subscriber=a_subscriber(member_id="XYZ100200301")),
        a_claim(prior_authorization=""),
        a_dependent_claim(key="C-1"),
        a_claim(diagnoses=("F840", "F845")),
    ],
)
def test_whatever_is_billed_makes_a_revision(changed):
    """Any change of the bill is a new revision."""
    assert revision_of(a_claim()) != revision_of(changed)


def damaged(**changes):
    """Return a stored document with top-level fields replaced."""
    return json.dumps(json.loads(to_document(a_claim())) | changes)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (damaged(extra=1), "fields missing or unknown: extra"),
        (damaged(lines=[{}]), r"claim.lines\[0\]: fields missing or unknown"),
        (damaged(source=7), "claim.source: str expected, found int"),
        (damaged(payer=None), "claim.payer"),
        (damaged(payer="x"), "claim.payer"),
        (damaged(lines=None), "claim.lines"),
        (damaged(frequency="9"), "claim.frequency"),
        (damaged(ready_at="yesterday"), "claim.ready_at"),
        (damaged(ready_at=5), "claim.ready_at"),
        ("[]", "claim"),
        ("{", "not JSON"),
    ],
)
def test_a_damaged_document_is_named_by_its_field(document, message):
    """A document that is no claim raises BadFile with the field, never with what stood there."""
    with pytest.raises(BadFile, match=message) as refused:
        from_document(document)

    assert "yesterday" not in str(refused.value)


def test_the_moment_keeps_its_zone():
    """A zone-aware moment stays zone-aware."""
    claim = replace(a_claim(), ready_at=datetime(2026, 3, 8, 2, 30, tzinfo=UTC))

    assert claim.ready_at == from_document(to_document(claim)).ready_at
