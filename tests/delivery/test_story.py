"""A claim's whole life, told in order: refused for a line, corrected, sent again, paid in part, replaced, paid."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from include.claims.model import Frequency
from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.cli.__main__ import main
from include.delivery.story import as_text
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line
from tests.delivery.test_payers_answers import turn
from tests.night import ACCOUNT, PASSWORD, Night

WHO: dict[str, Any] = {"who": "Casey", "why": "looked it up"}


@pytest.fixture(name="night")
def _night(tmp_path, ledger_url):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        yield Night.prepare(tmp_path, sandbox, url=ledger_url), sandbox


def billed(charge: str, authorization: str = "AUTH1"):
    """Return the claim as the practice has it now; the cents of its charge tell the payer what to do."""
    first = a_line(source_line_key="L-1", session_id="S-1", charge=Decimal(charge))
    second = a_line(source_line_key="L-2", session_id="S-2", procedure="97155", charge=Decimal(60))
    return replace(a_claim(key="C-1", lines=(first, second)), prior_authorization=authorization)


def weeks(night: Night, sandbox: Sandbox) -> None:
    """Let the clearinghouse take what was sent, then the payer answer and decide."""
    sandbox.wait_for_taken(sum(batch.kind == "live" for batch in night.ports.ledger.report.batches()))
    turn(sandbox, 17)
    night.receive()


def live(night: Night, sandbox: Sandbox):
    """Let the claim live until it is paid; return where its submissions stand."""
    claims, lines = night.ports.ledger.claims, night.ports.ledger.report.claim_lines
    night.hold([billed("100.33")])
    night.deliver("night-1")
    weeks(night, sandbox)
    night.hold([billed("100.11")])
    night.deliver("night-2")
    (held,) = (line for line in lines() if line.delivery is Delivery.HELD)
    claims.release(held.control_number, **WHO, now=night.ports.now())
    night.deliver("night-3")
    weeks(night, sandbox)
    night.hold([billed("100.00", "AUTH2")])
    night.deliver("night-4")
    claims.send_again(held.control_number, Frequency.REPLACEMENT, **WHO, now=night.ports.now())
    night.deliver("night-5")
    weeks(night, sandbox)
    return list(lines())


def test_a_whole_life_is_told_in_order_and_without_the_patient(night, monkeypatch, capsys):
    """By any of its numbers; the patient is told where it is asked for."""
    night, sandbox = night
    lines = live(night, sandbox)

    (story,) = night.ports.ledger.report.stories("C-1")
    page = as_text(story)

    assert [
        (FrontEnd.REJECTED_BY_PAYER, Adjudication.NONE, Work.REPLACED),
        (FrontEnd.ACCEPTED_BY_PAYER, Adjudication.REVERSED, Work.NOBODY),
        (FrontEnd.ACCEPTED_BY_PAYER, Adjudication.PAID, Work.NOBODY),
    ] == [(line.front_end, line.adjudication, line.work) for line in lines]
    assert not any(line.contradicted for line in lines)
    told = (
        "#1  sent", "#1  rejected by payer", "#2  held", "#1  replaced", "#2  released", "#2  sent",
        "#2  paid with denied lines", "line 1: 97153  paid $0.00", "CO-197  $", "To do: Look up", "#2  replaced",
        "#3  sent", "#2  reversed", "#3  paid",
    )  # fmt: skip
    places = [page.index(words) for words in told]
    assert sorted(places) == places
    patient = a_claim().patient
    name = f"{patient.name.last}, {patient.name.first}"
    for secret in (name, str(patient.birth_date), a_claim().subscriber.member_id):
        assert secret not in page
        assert secret in as_text(story, phi=True)
    key = json.dumps({"conn_type": "generic", "password": night.payload_key})
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", key)
    names = {chapter.payer_claim_number or chapter.line.control_number for chapter in story.chapters}
    for name in (*names, *(line.control_number for line in lines)):
        assert 0 == main(["claim", name, "--ledger", night.url])
        assert page in capsys.readouterr().out


def test_a_name_nobody_has_is_named(night, capsys):
    """With where to look."""
    night, _ = night
    assert 1 == main(["claim", "NOBODY", "--ledger", night.url])
    assert "claim NOBODY" in capsys.readouterr().err
