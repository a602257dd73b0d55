"""Ages, filing limits and rates, worked out from what the database has summed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.claims.payer_profile import NO_PAYERS, Filing, PayerBook, PayerProfile
from include.delivery.figures import Owed, Verdicts, aging, by_clinic, by_payer, filing_risk
from include.delivery.file_hops import Hop

pytestmark = pytest.mark.pure

TODAY = date(2026, 3, 6)


def owed(days: int | None, **changes) -> Owed:
    """Return one claim whose first service was so many days ago."""
    given: dict[str, Any] = {
        "payer_id": "99999",
        "service_on": None if days is None else TODAY - timedelta(days=days),
        "other_decided_on": None,
        "is_at_payer": False,
        "claims": 1,
        "charge": Decimal(100),
    }
    return Owed(**(given | changes))


@pytest.mark.parametrize(
    ("days", "bucket"), [(0, "0-30"), (30, "0-30"), (31, "31-60"), (60, "31-60"), (90, "61-90"), (91, "90+")]
)
def test_a_claim_ages_from_its_first_service(days, bucket):
    """The last day of a bucket is in it."""
    ages = aging([owed(days)], TODAY)

    assert {bucket: Hop(1, Decimal(100))} == {name: hop for name, hop in ages.items() if hop.claims}


def test_a_claim_without_a_day_is_the_oldest():
    """Nobody can say how old it is, so nobody may overlook it."""
    assert 1 == aging([owed(None)], TODAY)["90+"].claims


@pytest.mark.parametrize(
    ("days", "place"), [(91, "over"), (90, "week"), (83, "week"), (82, "month"), (60, "month"), (59, None)]
)
def test_the_last_day_of_a_filing_limit_may_still_be_used(days, place):
    """With 90 days to file, day 90 is urgent and day 91 is too late."""
    payers = PayerBook((PayerProfile(payer_ids=("99999",), filing=Filing(original_days=90)),))

    [risk] = filing_risk([owed(days)], payers, TODAY)

    assert [place] * bool(place) == [one for one in ("over", "week", "month", "unknown") if getattr(risk, one).claims]


def test_what_another_payer_decided_first_counts_from_that_day():
    """Where the payer's profile has a limit for it."""
    filing = Filing(original_days=90, secondary_days=30)
    payers = PayerBook((PayerProfile(payer_ids=("99999",), filing=filing),))

    [risk] = filing_risk([owed(200, other_decided_on=TODAY - timedelta(days=25))], payers, TODAY)

    assert (0, 1) == (risk.over.claims, risk.week.claims)


def test_a_payer_without_a_limit_is_told_as_such():
    """No limit known is no limit kept; what is proved to be at the payer is in no column."""
    [risk] = filing_risk([owed(200), owed(200, is_at_payer=True)], NO_PAYERS, TODAY)

    assert (1, Decimal(0)) == (risk.unknown.claims, risk.dollars)


def test_payers_are_told_by_the_money_at_risk():
    """Most dollars within a month first, not known last."""
    payers = PayerBook((PayerProfile(payer_ids=("A", "B"), filing=Filing(original_days=90)),))

    risks = filing_risk(
        [owed(95, payer_id="A"), owed(95, payer_id="B", charge=Decimal(500)), owed(95, payer_id="C")], payers, TODAY
    )

    assert ["B", "A", "C"] == [risk.payer_id for risk in risks]


def test_rates_are_summed_by_payer_and_by_clinic():
    """Payers with most claims first, clinics with the lowest first pass first, what has no rate last."""
    verdicts = [
        Verdicts(clinic_key="a", payer_id="P", first=10, first_passed=9, decided=4, denied=1),
        Verdicts(clinic_key="b", payer_id="P", first=10, first_passed=5),
        Verdicts(clinic_key="c", payer_id="Q"),
    ]

    payers, clinics = by_payer(verdicts), by_clinic(verdicts)

    assert [("P", 0.7, 0.25), ("Q", None, None)] == [
        (one.payer_id, one.first_pass_rate, one.denial_rate) for one in payers
    ]
    assert ["b", "a", "c"] == [one.clinic_key for one in clinics]
