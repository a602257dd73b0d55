"""A claim is judged beside the ledger's and the night's claims, and rendered by the profiles it was sealed with."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims.facts import billed_lines
from include.claims.model import Authorization
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import RuleBook
from include.claims.states import Delivery
from include.delivery.render import render
from include.sandbox.sandbox import Sandbox
from include.x12.read_837p import read_837p
from tests.builders import a_claim, a_line
from tests.night import ACCOUNT, PASSWORD, Night

MERGING = """
[[payer]]
key = "example"
payer_ids = ["99999"]
sessions = { same_day = "one_line", apply = true }
"""


@pytest.fixture(name="night")
def _night(tmp_path, ledger_url):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield Night.prepare(tmp_path, sandbox, url=ledger_url)


def standing(night):
    """Return where each claim stands, and what holds it."""
    return {
        line.claim_key: (line.delivery, [reason.partition(":")[0] for reason in line.reasons])
        for line in night.ports.ledger.report.claim_lines()
    }


def test_the_second_of_two_equal_bills_is_held(night):
    """One goes, the other waits with the reason; asked again, it stays so."""
    night.hold([a_claim(), a_claim(key="C-2")])

    night.collect("night-1")
    night.collect("night-2")

    expected = {"C-1": (Delivery.BATCHED, []), "C-2": (Delivery.HELD, ["billed_twice"])}
    assert expected == standing(night)


def test_what_an_earlier_night_billed_is_not_billed_again(night):
    """The ledger remembers the service, whatever the source calls the claim now."""
    night.hold([a_claim()])
    night.collect("night-1")
    night.hold([a_claim(key="C-2")])
    night.collect("night-2")

    assert (Delivery.HELD, ["billed_twice"]) == standing(night)["C-2"]


def test_a_claim_taken_back_frees_the_service(night):
    """What never left and is withdrawn does not hold its successor."""
    night.hold([replace(a_claim(), subscriber=replace(a_claim().subscriber, birth_date=None))])
    night.collect("night-1")
    night.hold([a_claim(key="C-2")])
    night.collect("night-2")

    assert (Delivery.BATCHED, []) == standing(night)["C-2"]


def test_units_are_used_up_over_nights_and_within_one(night):
    """Sixteen of fifty, thirty-two, forty-eight, and the fourth is one too many; a rule that only warns lets it go."""
    allowed = Authorization(
        number="AUTH778812", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), units=Decimal(50)
    )

    def on(day):
        line = a_line(source_line_key=f"L-{day}", service_date=date(2026, 3, day))
        return a_claim(key=f"C-{day}", authorizations=(allowed,), lines=(line,))

    found = []
    for days in ([1, 2], [3, 4]):
        claims = [on(day) for day in days]
        known = night.ports.ledger.claims.others([line for claim in claims for line in billed_lines(claim)])
        found.append(sum(known.units_used.values()))
        night.hold(claims)
        night.collect(f"night-{days}")

    assert [0, 32] == found
    assert ["C-4"] == sorted(warned(night, "authorized_units"))


def warned(night, rule):
    """Return the claims a rule warned of."""
    from sqlalchemy import select

    from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION

    query = select(CLAIM.c.key).join(CLAIM_REVISION, CLAIM_REVISION.c.claim_id == CLAIM.c.id)
    with night.ports.ledger.database.read() as connection:
        return list(connection.scalars(query.where(CLAIM_REVISION.c.faults.contains(f'"{rule}"'))))


def test_a_batch_is_rendered_by_the_profiles_it_was_sealed_with(night):
    """Two sessions become one line, and stay it though the profile is gone by the time the file is made."""
    twice = (a_line(session_id="S-1"), a_line(source_line_key="L-2", session_id="S-2"))
    night.hold([a_claim(lines=twice)])
    night.ports = replace(night.ports, rule_book=lambda: RuleBook(payers=read_profiles(MERGING)))
    (batch_id,) = night.collect("night-1").batch_ids

    night.ports = replace(night.ports, rule_book=RuleBook)
    rendered = render(batch_id, night.ports)

    (read,) = read_837p([night.ports.vault.load(rendered.sha256).decode()])
    assert [(Decimal(480), Decimal(32))] == [(line.charge, line.units) for line in read.claim.lines]


def test_without_profiles_the_file_says_what_the_source_said(night):
    """No line is merged behind anybody's back."""
    night.hold([a_claim(lines=(a_line(session_id="S-1"), a_line(source_line_key="L-2", session_id="S-2")))])
    (batch_id,) = night.collect("night-1").batch_ids

    rendered = render(batch_id, night.ports)

    (read,) = read_837p([night.ports.vault.load(rendered.sha256).decode()])
    assert 2 == len(read.claim.lines)
