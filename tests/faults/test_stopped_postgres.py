"""The ledger's server is stopped in mid-transaction: after its restart nothing is half, and a retry makes it whole."""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from include.claims.errors import LedgerUnreachable
from include.claims.states import BatchStatus, Delivery
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.databases import need_postgresql
from tests.delivery.test_payers_answers import LIVES, a_claim_of, turn
from tests.faults.receiving_victim import at_statement
from tests.faults.stopping_postgres import StoppingPostgres, a_stopping_postgres
from tests.night import ACCOUNT, PASSWORD, Night, some_claims
from tests.outcomes import state_of

pytestmark = pytest.mark.postgres

CLAIMS = 40
MOMENTS = 4 if os.environ.get("COURIER_LONG") else 2
LEDGER, BEFORE = "ledger", "before"


@pytest.fixture(name="server", scope="module")
def _server():
    with a_stopping_postgres(need_postgresql()) as server:
        server.copy("template1", LEDGER)
        yield server


@dataclass(frozen=True, slots=True)
class Scene:
    """A night up to the moment before the act that is disturbed."""

    night: Night
    server: StoppingPostgres

    def moments(self, act: Callable[[Night], Any]) -> list[int]:
        """Do the act undisturbed on a copy; return statements of it, spread over all, at which to disturb it."""
        self.server.copy(LEDGER, BEFORE)
        statements: list[int] = []
        undisturbed = self.again()
        at_statement(undisturbed.ports.ledger.database.engine, statements.append)  # type: ignore[attr-defined]
        act(undisturbed)
        step = len(statements) / MOMENTS
        # The last is always among them: the commit before which everything may still be undone.
        return [*(int(step * n) + random.randint(1, max(1, int(step))) for n in range(MOMENTS - 1)), len(statements)]

    def again(self) -> Night:
        """Return a worker of its own on the same ledger."""
        night = Night(self.night.home, lease_seconds=1.0)
        night.hold(self.night.source.claims)
        return night

    def disturbed(self, act: Callable[[Night], Any], moment: int) -> None:
        """Put the ledger back, stop its server at that statement of the act, and start it again."""
        self.server.copy(BEFORE, LEDGER)
        victim = self.again()

        def stop_in_time(number: int) -> None:
            if number == moment:
                self.server.stop_at_once()

        at_statement(victim.ports.ledger.database.engine, stop_in_time)  # type: ignore[attr-defined]
        with pytest.raises(LedgerUnreachable):
            act(victim)
        self.server.start()


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        yield sandbox


@pytest.fixture(name="scene")
def _scene(tmp_path, sandbox, server):
    server.copy("template1", LEDGER)
    night = Night.prepare(tmp_path, sandbox, url=server.url(LEDGER))
    night.hold(some_claims(CLAIMS))
    return Scene(night, server)


def test_a_night_is_sealed_whole_or_not_at_all(scene):
    """Stopped while a night is collected: no claim is half in a batch, and the retry seals each of them once."""
    for moment in scene.moments(Night.collect):
        scene.disturbed(Night.collect, moment)

        found = scene.night.ports.ledger.report
        sealed = [line for line in found.claim_lines() if line.delivery is Delivery.BATCHED]
        assert [0, CLAIMS][bool(found.batches())] == len(sealed), f"stopped before statement {moment}"
        [batch_id] = scene.again().collect().batch_ids
        assert CLAIMS == scene.night.ports.ledger.batches.summary(batch_id).by_delivery[Delivery.BATCHED]
        assert {1} == set(Counter(line.claim_key for line in found.claim_lines()).values())


def test_begun_is_known_before_a_byte_leaves(scene, sandbox):
    """Stopped around *begin*: what lies at the clearinghouse was known to be begun, and it is taken once."""
    [batch_id] = scene.night.collect().batch_ids
    render(batch_id, scene.night.ports)
    # Nothing is swept: what was put can be seen.
    sandbox._settle = sandbox._patience = 3600.0

    def act(night: Night) -> None:
        upload(batch_id, night.ports)

    def clear_inbound() -> list[bytes]:
        lying = [path.read_bytes() for path in sandbox.inbound(ACCOUNT).iterdir()]
        for path in sandbox.inbound(ACCOUNT).iterdir():
            path.unlink()
        return lying

    moments = scene.moments(act)
    [whole] = clear_inbound()
    for moment in moments:
        scene.disturbed(act, moment)

        batch = scene.night.ports.ledger.batches.get(batch_id)
        put = list(sandbox.inbound(ACCOUNT).iterdir())
        if batch.status is BatchStatus.BEGUN and not put:
            # Between *begun* and the first byte the ledger is read once more: then nobody knows, and nobody puts again.
            assert BatchStatus.BEGUN is scene.again().until_sent(batch_id), f"stopped before statement {moment}"
            assert [] == clear_inbound()
            continue
        assert batch.status in ({BatchStatus.BEGUN, BatchStatus.SENT} if put else {BatchStatus.RENDERED})
        assert BatchStatus.SENT is scene.again().until_sent(batch_id), f"stopped before statement {moment}"
        assert [whole] == clear_inbound()


def test_answers_are_applied_whole_or_not_at_all(scene, sandbox):
    """Stopped while weeks of answers are taken and applied: the retry ends where nothing had happened."""
    scene.night.hold([a_claim_of(cents) for cents in LIVES])
    scene.night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 3)
    turn(sandbox, 60)

    moments = scene.moments(Night.receive)
    undisturbed = state_of(scene.night.ports.ledger)
    for moment in moments:
        scene.disturbed(Night.receive, moment)

        scene.again().receive()
        assert undisturbed == state_of(scene.night.ports.ledger), f"stopped before statement {moment}"
