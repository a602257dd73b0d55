import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from types import UnionType
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings

from include.claims.circumstances import DateKind
from include.claims.coordination import Adjustment, LineAdjudication, OtherPayer
from include.claims.model import Authorization, Claim, ServiceLine
from include.delivery.claim_columns import COLUMNS
from include.delivery.column import Scope
from include.delivery.side_columns import ADJUSTMENT_COLUMNS, AUTHORIZATION_COLUMNS, OTHER_PAYER_COLUMNS, SIDE_VIEWS
from tests.builders import a_claim
from tests.contract_rows import read_back
from tests.scenarios import SCENARIOS
from tests.strategies import EXAMPLES, claims

pytestmark = pytest.mark.pure

NOT_THE_PRACTICES = {
    "source": "the name of the source",
    "key": "source_claim_key, taken as it stands",
    "billing": "the billing identity of the clinic table",
    "lines": "the rows themselves",
    "other_payers": "claim_other_payers",
    "adjustments": "claim_line_adjustments",
    "adjudications": "claim_line_adjustments",
    "authorizations": "the view authorizations",
    "parts": "made for a payer, never at the source",
}
"""Fields that no column of their own row fills, each with what does."""

NEVER_SENT = {f"{who}.taxonomy" for who in ("referring", "primary_care", "supervising", "ordering")}
"""The guide has a PRV segment of who rendered the service, and of nobody else."""


def leaves(kind, path=""):
    """Yield the path of every plain field of a dataclass, without numbers and kinds of date."""
    for one in fields(kind):
        if one.name in NOT_THE_PRACTICES and not path:
            continue
        hint = get_type_hints(kind)[one.name]
        inner = get_args(hint)[0] if get_origin(hint) in {UnionType, tuple} else hint
        here = f"{path}{one.name}"
        if is_dataclass(inner):
            yield from leaves(inner, f"{here}.")
        elif here != "dates.kind" and here not in NEVER_SENT:
            yield here


def paths(columns, prefix=""):
    """Return where columns lead, without numbers and kinds of date."""
    kinds = "|".join(DateKind.__members__)
    plain = {re.sub(rf"\.(\d+|{kinds})(?=\.|$)", "", column.path) for column in columns if column.path}
    return {path.removeprefix(prefix) for path in plain if path.startswith(prefix)}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Claim, paths(column for column in COLUMNS if column.scope is Scope.CLAIM)),
        (ServiceLine, paths(column for column in COLUMNS if column.scope is Scope.LINE)),
        (OtherPayer, paths(OTHER_PAYER_COLUMNS)),
        (LineAdjudication, paths(ADJUSTMENT_COLUMNS, "decision.")),
        (Adjustment, paths(ADJUSTMENT_COLUMNS, "adjustment.")),
        (Authorization, paths(AUTHORIZATION_COLUMNS)),
    ],
)
def test_every_field_has_its_column(kind, said):
    """What the model can hold a practice can say, and no column leads nowhere."""
    assert set(leaves(kind)) == said


def test_every_kind_of_date_has_its_column():
    """A date the guide knows is a column of its own."""
    named = {column.path.split(".")[1] for column in COLUMNS if column.path.startswith("dates.")}

    assert set(DateKind.__members__) == named


@pytest.mark.parametrize("table", [COLUMNS, *(view.columns for view in SIDE_VIEWS.values())])
def test_no_two_columns_are_one(table):
    """A name and a path stand in a table once for the claim and once for the line."""
    names = [column.name for column in table]
    found = [(column.scope, column.path) for column in table if column.path]

    assert len(names) == len(set(names))
    assert len(found) == len(set(found))


def as_read(claim):
    """Return the claim as the reader gives it: text trimmed, dates in the guide's order, no place said twice."""
    order = list(DateKind)
    lines = [
        replace(line, place_of_service="") if line.place_of_service == claim.place_of_service else line
        for line in claim.lines
    ]
    dates = sorted(claim.dates, key=lambda one: order.index(one.kind))
    return trimmed(replace(claim, dates=tuple(dates), lines=tuple(lines)))


def trimmed(value):
    """Return a claim, or a part of one, without blanks around any text."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: trimmed(getattr(value, one.name)) for one in fields(value)})
    if type(value) is tuple:
        return tuple(map(trimmed, value))
    return value.strip() if type(value) is str else value


OF_A_SOURCE = [name for name, make in SCENARIOS.items() if not any(line.parts for line in make().lines)]
"""All but those that a payer's profile has changed: what it made of a line stands in no row."""


@pytest.mark.parametrize("name", OF_A_SOURCE)
def test_a_scenario_comes_back_from_its_rows(name):
    """Every claim a clinic meets can be said in rows, and the rows say that claim."""
    claim = as_read(SCENARIOS[name]())

    assert claim == read_back(claim)


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims())
def test_any_claim_comes_back_from_its_rows(claim):
    """Whatever goes can be said in rows, and the rows say it."""
    claim = as_read(claim)

    assert claim == read_back(claim)


def test_authorizations_are_read():
    """What was authorized comes with the claim, earliest first, and is no part of the bill."""
    early = Authorization(number="A-1", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    late = Authorization(number="A-2", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30), procedure="97153")

    claim = read_back(a_claim(authorizations=(late, early)))

    assert isinstance(claim, Claim)
    assert (early, late) == claim.authorizations
    assert a_claim() == claim
