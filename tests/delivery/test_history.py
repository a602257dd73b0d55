"""A cutover: what the old process sent is told from a file, and the nights after it leave it alone."""

import pytest

from include.claims.model import Fault
from include.claims.states import Delivery, FrontEnd, Work
from include.delivery.apply import apply_stored
from include.delivery.history import import_history
from include.delivery.records import RemoteFile
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.earlier import history_rows
from tests.night import ACCOUNT, CLINIC, PASSWORD, Night, some_claims, taken_claims
from tests.x12.status_scenarios import of_a_claim


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def imported(night: Night, rows):
    """Import rows, and return what came of them with the faults that were told."""
    told: list[Fault] = []
    clinic = night.ports.ledger.clinics.clinic(CLINIC)
    placed = ((f"history.csv row {n}", list(row.values())) for n, row in enumerate(rows, start=2))
    return import_history(list(rows[0]), placed, clinic, night.ports, told.append), told


def standings(night: Night):
    return {
        line.claim_key: (line.delivery, line.front_end, line.work) for line in night.ports.ledger.report.claim_lines()
    }


def test_a_night_after_the_cutover_sends_what_is_new_alone(night, sandbox):
    """Of three pending claims two were sent by the old process, one of them changed since: only the third leaves."""
    same, corrected, new = some_claims(3)
    night.hold([same, a_claim(key=corrected.key), new])
    found, told = imported(night, history_rows([same, corrected]))

    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 1)

    assert (2, []) == (found.counts.imported, told)
    assert [new.total_charge] == [claim.charge for claim in taken_claims(sandbox)]
    assert {
        same.key: (Delivery.SENT, FrontEnd.NONE, Work.NOBODY),
        corrected.key: (Delivery.SENT, FrontEnd.NONE, Work.REPLACEMENT_DUE),
        new.key: (Delivery.SENT, FrontEnd.NONE, Work.NOBODY),
    } == standings(night)


def test_an_answer_that_came_before_the_history_is_applied_with_it(night):
    """A 277CA of nobody we knew is looked at again once its claim is told."""
    text = of_a_claim("TRN*2*old-C-1", "STC*A2:20*20260307*WQ*240").encode()
    file = RemoteFile(name="acorn_1234567890_HCFA_277ca_20260307.txt", size=len(text), modified=1)
    night.ports.ledger.responses.store(ACCOUNT, file, night.ports.vault.store(text), night.ports.now())
    apply_stored(ACCOUNT, night.ports)

    imported(night, history_rows([a_claim()]))

    assert (Delivery.SENT, FrontEnd.ACCEPTED_BY_PAYER, Work.NOBODY) == standings(night)["C-1"]
    assert [] == night.ports.ledger.report.set_aside()


def test_many_claims_are_imported_in_small_transactions(night):
    """A wrong claim between them is told with its place, and stops nobody."""
    rows = history_rows(some_claims(1203))
    rows[700]["charge"] = "a lot"

    found, told = imported(night, rows)

    assert (1202, 1) == (found.counts.imported, found.refused)
    assert ["history.csv row 702, column charge"] == [fault.place for fault in told]
    again, _ = imported(night, rows)
    assert (0, 1202) == (again.counts.imported, again.counts.known)
