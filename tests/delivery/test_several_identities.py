"""One clinic that bills under two NPIs and two tax ids: one night, one file, and each identity's answers find it."""

import time
from pathlib import Path

import pytest

from include.adapters.practice_files import CsvClaimSource
from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.records import Table
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from include.x12.read_837p import read_837p
from tests.builders import BILLING_NPI, OTHER_BILLING_NPI
from tests.night import ACCOUNT, BILLING_ROW, CLINIC, PASSWORD, Night
from tests.source_rows import a_row, csv_of

OTHER_TAX_ID = "931234568"
OTHER_ROW = {
    **BILLING_ROW,
    "key": "acorn_school",
    "name": "EXAMPLE SCHOOL SERVICES LLC",
    "npi": OTHER_BILLING_NPI,
    "tax_id": OTHER_TAX_ID,
    "street": "77 SAMPLE AVE",
}
WHO = {
    "C-1": (BILLING_NPI, "731234567"),
    "C-2": (OTHER_BILLING_NPI, OTHER_TAX_ID),
    "C-3": (BILLING_NPI, "731234567"),
    "C-4": (OTHER_BILLING_NPI, OTHER_TAX_ID),
}
"""Who bills each claim, in turns, so that no order saves us."""


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path: Path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path: Path, sandbox: Sandbox, ledger_url: str) -> Night:
    night = Night.prepare(tmp_path, sandbox, url=ledger_url)
    night.ports.ledger.clinics.put(Table.BILLING_IDENTITY, [OTHER_ROW])
    rows = [
        a_row(
            clinic_key=CLINIC,
            source_claim_key=key,
            source_line_key=f"L-{key}",
            session_id=f"S-{key}",
            billing_npi=npi,
            claim_total=f"24{number}.00",
            charge=f"24{number}.00",
        )
        for number, (key, (npi, _)) in enumerate(WHO.items())
    ]
    source = CsvClaimSource(csv_of(tmp_path / "pending.csv", *rows), "example_practice")
    return Night(tmp_path, source=lambda _: source)


def test_both_identities_go_in_one_night_and_are_answered_and_paid(night: Night, sandbox: Sandbox):
    """Each claim stands under its own billing provider; 999, 277CA and 835 find it, and the money is posted once."""
    [batch_id] = night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 3)
    night.receive()
    for days in (2, 1, 2, 9, 7):
        turn(sandbox, days)
        night.receive()

    lines = {line.claim_key: line for line in night.ports.ledger.report.claim_lines()}
    assert {lines[key].control_number: who for key, who in WHO.items()} == billed(night, batch_id)
    assert {(Delivery.SENT, FrontEnd.ACCEPTED_BY_PAYER, Adjudication.PAID, Work.NOBODY)} == {
        (line.delivery, line.front_end, line.adjudication, line.work) for line in lines.values()
    }
    assert all(line.paid > 0 and not line.contradicted for line in lines.values())
    posted = night.ports.ledger.money.feed(0, 100)
    assert sorted(WHO) == sorted(row.claim_key for row in posted)
    assert [] == night.ports.ledger.money.open()
    assert [] == [item for item in night.ports.ledger.report.set_aside() if item.status != "unknown"]


def test_a_claim_of_an_identity_nobody_wrote_down_is_held_alone(night: Night):
    """Without the second row its claims wait, with the column; the first identity's go all the same."""
    night.ports.ledger.clinics.put(Table.BILLING_IDENTITY, [{"key": "acorn_school", "clinic_key": "another"}])

    night.deliver()

    stand = {line.claim_key: line.delivery for line in night.ports.ledger.report.claim_lines()}
    assert {"C-1": Delivery.SENT, "C-2": Delivery.HELD, "C-3": Delivery.SENT, "C-4": Delivery.HELD} == stand


def billed(night: Night, batch_id: int) -> dict[str, tuple[str, str]]:
    """Return who bills each claim of the file, as its 2000A and 2010AA loops say."""
    content = night.ports.vault.load(night.ports.ledger.batches.get(batch_id).payload_sha256 or "").decode()
    assert 1 == content.count("ISA*")
    return {read.control_number: (read.claim.billing.npi, read.claim.billing.tax_id) for read in read_837p([content])}


def turn(sandbox: Sandbox, days: int) -> None:
    """Let time pass at the clearinghouse, and wait until no more answers come of it."""
    sandbox.turn(days=days)
    before, rested = -1, 0
    while rested < 8:
        time.sleep(0.1)
        now = len(list(sandbox.outbound(ACCOUNT).iterdir()))
        before, rested = now, rested + 1 if now == before else 0
