"""What payers have consented to: the record that counts, near payers, and what people are reminded of."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.claims.enrollment import (
    STATES,
    About,
    Effect,
    Enrolled,
    ListedPayer,
    Patience,
    PayerList,
    State,
    What,
    npis_of,
    reminders,
)
from include.claims.errors import BadSetting
from include.claims.parties import Practitioner
from tests.builders import BILLING_NPI, OTHER_RENDERING_NPI, RENDERING_NPI, TODAY, a_claim, a_line
from tests.enrollment_rows import an_enrollment

pytestmark = pytest.mark.pure

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)

LISTED = PayerList(
    (
        ListedPayer(id="SKUT0", name="Utah Medicaid", eligibility_id="UTMCD"),
        ListedPayer(id="99999", name="Example Health Plan"),
        ListedPayer(id="88888", name="Example Health Plan of Idaho"),
    )
)


def counting(*kept, tax_id="731234567", what=What.CLAIMS):
    """Return the key of the record that counts today."""
    known = Enrolled(enrollments={("99999", BILLING_NPI): kept})
    found = known.counting(what, "99999", BILLING_NPI, tax_id, TODAY)
    return found.key if found else None


def test_every_state_says_what_it_does():
    """The table is whole, and what does not let a claim go says why."""
    assert set(State) == set(STATES)
    assert [Effect.GOES] * 2 == [STATES[one].effect for one in State if not STATES[one].words]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.NEEDED, State.REQUESTED, State.REFUSED])
def test_an_approval_counts_whatever_was_before(state):
    """Nobody has to take old rows away."""
    old = an_enrollment(key="old", state=state, requested_on=TODAY)

    assert "new" == counting(old, an_enrollment(key="new", state=State.APPROVED, effective_from=YESTERDAY))


def test_without_an_approval_the_newest_record_counts():
    """A second request is the one that is told."""
    first = an_enrollment(key="b_first", state=State.REFUSED, requested_on=YESTERDAY)
    second = an_enrollment(key="a_second", state=State.REQUESTED, requested_on=TODAY)

    assert "a_second" == counting(second, first)


def test_a_record_is_of_one_transaction_and_tax_id():
    """Claims, remittances and payments are asked for each by itself; a blank tax id is any."""
    assert counting(an_enrollment(what=What.EFT)) is None
    assert counting(an_enrollment(tax_id="999999999")) is None
    assert counting(an_enrollment(tax_id="731234567")) == counting(an_enrollment(tax_id="")) == "harbor_claims"


@pytest.mark.parametrize(
    ("first", "last", "effect"),
    [
        (None, None, Effect.GOES),
        (TODAY, TODAY, Effect.GOES),
        (TOMORROW, None, Effect.HOLDS),
        (None, YESTERDAY, Effect.HOLDS),
    ],
)
def test_an_approval_holds_on_its_own_days(first, last, effect):
    """Approved from tomorrow on is not approved today, and an approval that ended is none."""
    approved = an_enrollment(state=State.APPROVED, effective_from=first, effective_to=last)

    assert effect is approved.meaning(TODAY).effect
    assert (effect is Effect.GOES) == (not approved.sentence(TODAY))


def test_sentences_do_not_change_from_day_to_day():
    """A claim that waits is not held anew every night because a number in its reason has risen."""
    for state in State:
        one = an_enrollment(state=state, requested_on=YESTERDAY, effective_to=YESTERDAY - timedelta(days=9))
        assert one.sentence(TODAY) == one.sentence(TOMORROW)


def test_the_id_of_another_transaction_is_told_before_names():
    """Who bills the id for eligibility hears the one for claims."""
    assert ["SKUT0 (Utah Medicaid)"] == LISTED.near("UTMCD", "EXAMPLE HEALTH PLAN")


def test_names_are_compared_as_people_write_them():
    """Case, accents and punctuation do not count; what is unlike is not offered."""
    assert "99999 (Example Health Plan)" == LISTED.near("12345", "EXAMPLÉ HEALTH-PLAN, INC.")[0]
    assert [] == LISTED.near("12345", "Nowhere Benefits")


def test_the_providers_of_a_claim_are_all_who_may_be_named():
    """A profile may name technician or supervisor as rendering, so they are looked up too."""
    people = {"performed_by": "1", "supervised_by": OTHER_RENDERING_NPI}
    line = a_line(**{role: Practitioner(key="K", npi=npi) for role, npi in people.items()})

    assert {BILLING_NPI, RENDERING_NPI, "1", OTHER_RENDERING_NPI} == npis_of(a_claim(lines=(line,)))
    assert {BILLING_NPI} == npis_of(a_claim(rendering=None))


REQUESTED = an_enrollment(state=State.REQUESTED, requested_on=TODAY - timedelta(days=30), requested_by="Example")
APPROVED = an_enrollment(state=State.APPROVED)
EFT = replace(APPROVED, what=What.EFT)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (REQUESTED, []),
        (replace(REQUESTED, requested_on=TODAY - timedelta(days=31)), [(About.REQUEST, False)]),
        (replace(REQUESTED, requested_on=TODAY - timedelta(days=31), what=What.CREDENTIALING), []),
        (replace(REQUESTED, requested_on=TODAY - timedelta(days=99), state=State.REFUSED), []),
        (APPROVED, []),
        (replace(APPROVED, effective_to=TODAY + timedelta(days=31)), []),
        (replace(APPROVED, effective_to=TODAY + timedelta(days=30)), [(About.END, False)]),
        (replace(APPROVED, effective_to=TODAY), [(About.END, False)]),
        (replace(APPROVED, effective_to=YESTERDAY), [(About.END, True)]),
        (replace(EFT, bank_changed_on=TODAY), [(About.BANK, True)]),
        (replace(EFT, bank_changed_on=TOMORROW), [(About.BANK, False)]),
        (replace(EFT, bank_changed_on=TODAY, effective_from=YESTERDAY), [(About.BANK, True)]),
        (replace(EFT, bank_changed_on=TODAY, effective_from=TODAY), []),
    ],
)
def test_what_people_are_reminded_of(one, expected):
    """Requests nobody answered, approvals that end, bank accounts the payer has not approved."""
    assert expected == [(found.about, found.is_late) for _, found in reminders([one], TODAY, Patience())]


def test_what_was_renewed_is_not_told():
    """A row that ended, or a request that was repeated, is the history of the one made last."""
    old = replace(APPROVED, key="old", effective_from=date(2024, 1, 1), effective_to=YESTERDAY)
    asked = replace(REQUESTED, key="asked", requested_on=TODAY - timedelta(days=40))
    new = replace(APPROVED, key="new", effective_from=TODAY)

    assert [] == list(reminders([old, asked, new], TODAY, Patience()))
    assert ["asked"] == [one.key for one, _ in reminders([old, asked], TODAY, Patience())]
    assert ["old", "asked"] == [
        one.key for one, _ in reminders([old, replace(asked, tax_id="731234567")], TODAY, Patience())
    ]


def test_a_new_bank_account_is_told_until_any_record_approves_it():
    """A second request alone does not move the money."""
    changed = replace(EFT, key="old", bank_changed_on=YESTERDAY)
    asked = replace(EFT, key="new", state=State.REQUESTED, requested_on=TODAY)

    assert ["old"] == [one.key for one, _ in reminders([changed, asked], TODAY, Patience())]
    assert [] == list(reminders([changed, replace(EFT, effective_from=TODAY)], TODAY, Patience()))


def test_an_installation_sets_its_own_patience():
    """Each by its name, in days; the others stay."""
    found = Patience.of({"COURIER_ENROLLMENT_CREDENTIALING_DAYS": "120"})

    assert (120, Patience().claims) == (found.credentialing, found.claims)


@pytest.mark.parametrize("text", ["soon", "-1", "731", "1.5"])
def test_a_patience_that_is_no_number_of_days_is_refused(text):
    """With the variable's name."""
    with pytest.raises(BadSetting, match="COURIER_ENROLLMENT_EFT_DAYS"):
        Patience.of({"COURIER_ENROLLMENT_EFT_DAYS": text})
