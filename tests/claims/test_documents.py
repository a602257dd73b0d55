"""What a stored claim keeps, and what makes it another bill."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from include.claims.documents import described, from_document, revision_of, to_document
from include.claims.errors import BadFile
from tests import builders

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("claim", [builders.a_claim(), builders.a_dependent_claim(), builders.the_worked_example()])
def test_a_claim_comes_back_whole(claim):
    """Writing and reading a claim loses nothing, not even when the source released it."""
    document = to_document(claim)

    again = from_document(document)

    assert claim == again
    assert claim.ready_at == again.ready_at
    assert (revision_of(claim), document) == described(claim)


def test_a_document_is_canonical():
    """One claim has one document: keys sorted, no blanks, amounts as text."""
    document = to_document(builders.a_claim())

    assert json.dumps(json.loads(document), sort_keys=True, separators=(",", ":")) == document
    assert "240" == json.loads(document)["lines"][0]["charge"]


def test_equal_amounts_are_one_revision():
    """240, 240.0 and 240.00 are one bill; so is the same bill released at another time."""
    claim = builders.a_claim()
    amounts = [replace(claim, lines=(builders.a_line(charge=Decimal(text)),)) for text in ("240", "240.0", "2.4E+2")]
    later = replace(claim, ready_at=claim.ready_at + timedelta(days=1))

    assert {revision_of(claim)} == {revision_of(one) for one in (*amounts, later)}


@pytest.mark.parametrize(
    "change",
    [
        {"prior_authorization": "OTHER"},
        {"rendering": None},
        {"diagnoses": ("F840", "F88")},
        {"lines": builders.lines(2)},
        {"subscriber": builders.a_subscriber(member_id="OTHER")},
    ],
)
def test_another_bill_is_another_revision(change):
    """Whatever is billed differently makes another revision."""
    claim = builders.a_claim()

    assert revision_of(claim) != revision_of(replace(claim, **change))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"extra": 1}, "claim: fields missing or unknown: extra"),
        ({"source": 3}, r"claim\.source: str expected, found int"),
        ({"ready_at": "yesterday"}, r"claim\.ready_at: it is no datetime"),
        ({"lines": [{}]}, r"claim\.lines: fields missing"),
        ({"payer": {"id": "1", "name": None, "filing_indicator": "CI"}}, r"claim\.payer\.name: str expected"),
        ({"frequency": "9"}, r"claim\.frequency: it is no Frequency"),
        ({"diagnoses": "F840"}, r"claim\.diagnoses: list expected"),
    ],
)
def test_what_does_not_fit_is_refused(change, place):
    """A stored claim of another shape names the place and the rule, and none of its values."""
    document = json.loads(to_document(builders.a_claim()))

    with pytest.raises(BadFile, match=place) as caught:
        from_document(json.dumps({**document, **change}))

    assert "TESTINA" not in str(caught.value)
