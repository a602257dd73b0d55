"""
Every sample of an answer with what it does to our claims, in the ledger's words: `tests/samples/outcomes/`.

`make samples` writes them; what changed is for a person to read before it is committed.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from include.claims.errors import ClaimsError
from include.claims.states import BatchStatus, Usage
from include.delivery.apply import READERS
from include.delivery.ports import Ledger
from include.delivery.records import (
    Batch,
    Kind,
    PaymentClosed,
    PaymentNotice,
    Reading,
    Response,
    ResponseStatus,
    RunKey,
)
from include.delivery.remittances import remittance_of
from include.officeally.names import classify
from include.x12.segments import chunks_of, decode

SAMPLES = Path(__file__).parent / "samples"
TAKEN_AT = datetime(2026, 3, 9, tzinfo=UTC)

BATCH = Batch(
    id=1, number=42, clinic_key="harbor", mailbox_key="harbor", run=RunKey(dag_id="d", run_id="r"), kind=Kind.LIVE,
    usage=Usage.LIVE, file_name="CC000042.837P.txt", interchange_number=42, group_number=42, reference="000000042",
    created_at=TAKEN_AT, settings={}, claim_count=2, total_charge=Decimal(600), status=BatchStatus.SENT,
    payload_sha256="0", size=1,
)  # fmt: skip
"""The batch the samples answer: two claims, a set each."""


@dataclass(frozen=True)
class OneBatch:
    """The response ledger as a reader asks it, with one batch in it."""

    def batch_by_group(self, _mailbox: str, number: int, _interchange: int | None) -> Batch | None:
        return BATCH if number == BATCH.group_number else None

    def batch_by_file(self, _mailbox: str, name: str) -> Batch | None:
        return BATCH if name == BATCH.file_name else None

    def batch_by_reference(self, _mailbox: str, reference: str) -> Batch | None:
        return BATCH if reference == BATCH.reference else None

    def control_numbers(self, _batch_id: int) -> Mapping[str, Sequence[str]]:
        return {"0001": ["CN0001"], "0002": ["CN0002"]}

    def control_numbers_of(self, _batch_id: int, _npi: str, _payer_id: str) -> Sequence[str]:
        return ["CN0001", "CN0002"]

    def may_have_gone(self, _control_numbers: Collection[str]) -> Collection[str]:
        return ()


NAMES = {"status": "1100000001_CC000042.837P_277ca.277", "edi_status": "1100000001_EDI_STATUS_20260309.txt"}
"""The name a sample would have in `outbound`, where its own says what it shows."""


def samples() -> list[Path]:
    """Return every sample of an answer."""
    folders = {"acknowledgements": "*", "status": "*.277", "edi_status": "report.txt", "remits": "*.835"}
    return [path for folder, pattern in folders.items() for path in sorted((SAMPLES / folder).glob(pattern))]


def outcomes_of(path: Path) -> str:
    """Return what a sample does to our claims, an answer a line."""
    text = decode(path.read_bytes())
    try:
        lines = _money(text) if path.suffix == ".835" else _answers(path, text)
        return "".join(f"{line.rstrip()}\n" for line in lines)
    except ClaimsError as error:
        return f"{type(error).__name__}: {error}\n"


def _answers(path: Path, text: str) -> Iterator[str]:
    name = NAMES.get(path.parent.name, path.name)
    response = Response(
        id=1, mailbox_key="harbor", name=name, sha256="0", taken_at=TAKEN_AT, status=ResponseStatus.STORED
    )
    ledger: Any = OneBatch()
    reading: Reading = READERS[classify(name).kind](response, classify(name), text, ledger)
    if reading.is_final:
        yield "final: a claim of the batch that is not named is UNACCOUNTED"
    for one in reading.answers:
        day = one.answered_on or reading.answered_on
        numbers = " ".join(filter(None, (one.clearinghouse_claim_id, one.payer_claim_number)))
        yield f"{one.control_number:15}{one.event:28}{day:18}{','.join(one.codes)}  {one.words}  {numbers}"


def _money(text: str) -> Iterator[str]:
    for one in remittance_of(chunks_of(text)):
        if isinstance(one, PaymentNotice):
            yield f"payment {one.trace} of {one.paid_on}, {one.method} {one.amount}"
        elif isinstance(one, PaymentClosed):
            for moved in one.provider_adjustments:
                yield f"    provider {moved.reason} {moved.reference} {moved.amount}"
            yield f"    claims {one.claims_paid}  {one.fault or 'adds up'}"
        else:
            event, codes = str(one.event or "nothing decided"), ",".join(one.codes)
            yield f"{one.control_number:15}{event:28}{one.paid} of {one.charge}  {codes}  {one.fault or 'adds up'}"


def beside(path: Path) -> Path:
    """Return where a sample's outcomes are written."""
    return SAMPLES / "outcomes" / path.parent.name / f"{path.name}.txt"


def state_of(ledger: Ledger) -> dict[str, Any]:
    """Return what all answers add up to, without ids and times."""
    lines = list(ledger.report.claim_lines())
    money = [(row.control_number, row.payer_claim_number, row.paid, row.decision) for row in ledger.money.feed(0, 1000)]
    return {
        "claims": {
            one.control_number: (one.delivery, one.front_end, one.adjudication, one.work, one.contradicted)
            for one in lines
        },
        "reasons": {one.control_number: sorted(one.reasons) for one in lines},
        "books": Counter(money),
        "waiting": Counter((one.control_number, one.status, one.paid) for one in ledger.money.open()),
        "deposits": Counter((one.trace, one.amount) for one in ledger.money.deposits()),
    }


def main() -> None:
    """Write the outcomes of every sample anew."""
    for path in samples():
        beside(path).parent.mkdir(parents=True, exist_ok=True)
        beside(path).write_text(outcomes_of(path))


if __name__ == "__main__":
    main()
