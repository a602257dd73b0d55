"""All samples of answers, in any order and however often, end in one state, and what contradicts is somebody's work."""

import os
import random
import shutil
from pathlib import Path

import pytest

from include.adapters.ledger import Ledger
from include.claims.states import Work
from include.delivery.apply import READERS
from include.delivery.readings import Foreign
from include.delivery.records import RemoteFile, Response, ResponseStatus, Table
from include.delivery.remittances import remittance_of
from include.officeally.names import classify
from include.x12.segments import chunks_of, decode
from tests.builders import BILLING_NPI
from tests.contract.night import NOW, Night, claims
from tests.databases import a_ledger
from tests.outcomes import BATCH, NAMES, samples, state_of

ORDERS = 200 if os.environ.get("COURIER_LONG") else 6
NUMBERS = ("CN0001", "CN0002", "CN0003", "CN0004", "CN0002ABCDEFGH", *(f"BH2603060000{n}" for n in range(17, 27)))


def a_night_that_was_sent(ledger: Ledger) -> Night:
    """Return a ledger whose one batch has the numbers that the samples speak of."""
    night = Night(ledger)
    ledger.clinics.put(Table.BILLING_IDENTITY, [{"key": "harbor", "clinic_key": "harbor", "npi": BILLING_NPI}])
    old = night.numbers(night.sent(*claims(len(NUMBERS))))
    with ledger.database.write() as connection:
        for number, new in zip(old, NUMBERS, strict=True):
            connection.exec_driver_sql(
                f"UPDATE submission SET control_number = '{new}' WHERE control_number = '{number}'"
            )
        connection.exec_driver_sql(
            f"UPDATE batch SET file_name = '{BATCH.file_name}', file_stem = 'cc000042.837p', group_number = 42,"
            f" interchange_number = 42, reference = '{BATCH.reference}'"
        )
    return night


def tell(night: Night, path: Path, time: int) -> None:
    """Let a sample come for the n-th time, in a file of its own."""
    name = NAMES.get(path.parent.name, path.name)
    text, responses = decode(path.read_bytes()), night.ledger.responses
    file = RemoteFile(name=name, size=len(text), modified=time)
    sha256 = f"{abs(hash((path.name, time))):064d}"[:64]
    response = Response(
        id=responses.store("harbor", file, sha256, NOW), mailbox_key="harbor", name=name, sha256=sha256, taken_at=NOW,
        status=ResponseStatus.STORED,
    )  # fmt: skip
    if path.suffix == ".835":
        responses.post(response.id, remittance_of(chunks_of(text)), NOW)
        return
    try:
        reading = READERS[classify(name).kind](response, classify(name), text, responses)
    except Foreign as foreign:
        responses.set_aside(response.id, ResponseStatus.FOREIGN, str(foreign), NOW)
    else:
        responses.apply(response.id, reading, NOW)


@pytest.mark.slow
def test_any_order_ends_in_one_state(sqlite_template: Path, tmp_path: Path):
    """Late, repeated, early, contradictory: the same things are known in the end, and a person has what contradicts."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    states = []
    for number in range(ORDERS):
        path = tmp_path / f"{number}.db"
        shutil.copy(sqlite_template, path)
        night = a_night_that_was_sent(a_ledger(f"sqlite:///{path}"))
        order = [*samples(), *dice.sample(samples(), 8)]
        dice.shuffle(order)
        for time, sample in enumerate(order):
            tell(night, sample, time)
        states.append(state_of(night.ledger))

    first = states[0]
    assert all(first == state for state in states), f"seed {seed}"
    contradicted = {key: said for key, said in first["claims"].items() if said[-1]}
    assert contradicted
    assert {Work.PERSON_MUST_DECIDE} == {said[3] for said in contradicted.values()}
