"""
What a remittance says, as the ledger keeps it: payments told apart, claims decided, money that adds up or does not.

Identity is what makes posting happen once: a payment is its payer, payee, trace, date, amount and method, because the
traces of payments of nothing repeat; a posting is a claim's place in that payment, and its content is compared.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from include.claims import balances
from include.claims.balances import Balance
from include.claims.coordination import Adjustment
from include.claims.decisions import decision_of, denials
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd, ServicePayment
from include.claims.states import Event
from include.delivery.records import PaymentClosed, PaymentNotice, Posting, Remittance
from include.x12.adjustment_codes import explained
from include.x12.read_835 import Broken, read_835


def remittance_of(chunks: Iterable[str]) -> Remittance:
    """Yield what the ledger keeps of each payment of an 835, claim by claim; raise BadFile where it is none."""
    broken: list[Broken] = []
    notice: PaymentNotice | None = None
    payment: Payment | None = None
    seen: Counter[tuple[str, str, str]] = Counter()
    for part in read_835(chunks, broken):
        if isinstance(part, Payment):
            payment, notice = part, notice_of(part)
            seen.clear()
            yield notice
        elif notice is None or payment is None:
            continue
        elif isinstance(part, PaymentEnd):
            yield closed(payment, part)
        else:
            number = (part.control_number, part.payer_claim_number, part.status)
            seen[number] += 1
            yield posting_of(part, notice.identity, seen[number])


_NEEDS_WORDS: Final = frozenset({Event.DENIED, Event.PAID_WITH_DENIED_LINES})


def notice_of(payment: Payment) -> PaymentNotice:
    """Return a payment with its identity."""
    payer_id = payment.originator or next((one.value for one in payment.payer_ids), "")
    amount = -payment.amount if payment.credit_or_debit == "D" else payment.amount
    payee = payment.payee_npi or payment.payee_tax_id
    told = (payer_id or payment.payer_name, payee, payment.trace, payment.paid_on, amount, payment.method)
    return PaymentNotice(
        segment=payment.segment,
        identity=_digest(told),
        payer_name=payment.payer_name,
        payer_id=payer_id,
        payee_npi=payment.payee_npi,
        payee_tax_id=payment.payee_tax_id,
        trace=payment.trace,
        method=payment.method,
        handling=payment.handling,
        paid_on=payment.paid_on,
        amount=amount,
    )


def posting_of(claim: ClaimPayment, payment: str, occurrence: int) -> Posting:
    """Return what a payment says of a claim, the `occurrence`-th time it says this kind of thing of it."""
    event = decision_of(claim)
    reasons = denials(claim)
    needs_words = event in _NEEDS_WORDS and reasons
    document = document_of(claim)
    return Posting(
        control_number=claim.control_number,
        payer_claim_number=claim.payer_claim_number,
        decision=claim.status,
        event=event,
        charge=claim.charge,
        paid=claim.paid,
        patient=claim.patient_responsibility or Decimal(0),
        segment=claim.segment,
        key=_digest((payment, claim.control_number, claim.payer_claim_number, claim.status, occurrence)),
        content=hashlib.sha256(document.encode()).hexdigest(),
        document=document,
        codes=reasons,
        words=explained(reasons) if needs_words else f"paid {claim.paid:.2f} of {claim.charge:.2f}",
        fault=_faults(balances.of_claim(claim)),
    )


def document_of(claim: ClaimPayment) -> str:
    """Return all that is said of a claim as JSON, without what may be the insured's and without places in the file."""
    said = {
        "charge": claim.charge,
        "paid": claim.paid,
        "patient": claim.patient_responsibility,
        "frequency": claim.frequency,
        "adjustments": [_adjustment(one) for one in claim.adjustments],
        "remarks": claim.remarks,
        "forwarded_to": claim.forwarded_to,
        "pays_first": claim.pays_first,
        "identity_corrected": claim.identity_corrected,
        "lines": [_line(line) for line in claim.lines],
    }
    return _encode({name: value for name, value in said.items() if value})


def _line(line: ServicePayment) -> dict[str, Any]:
    said = {
        "line_control_number": line.line_control_number,
        "procedure": line.procedure._asdict(),
        "submitted": line.submitted and line.submitted._asdict(),
        "charge": line.charge,
        "paid": line.paid,
        "allowed": line.allowed,
        "units": line.units_paid,
        "first_day": line.first_day,
        "last_day": line.last_day,
        "adjustments": [_adjustment(one) for one in line.adjustments],
        "remarks": line.remarks,
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], ())}


def _adjustment(one: Adjustment) -> dict[str, Any]:
    return {"group": one.group, "reason": one.reason, "amount": one.amount, "quantity": one.quantity}


def written(value: object) -> str:
    """Return a date or an amount as a posting has it."""
    if isinstance(value, date):
        return value.isoformat()
    # 80 and 80.00 are one amount: the same claim told again must have the same content.
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


_encode = json.JSONEncoder(default=written, sort_keys=True).encode


def closed(payment: Payment, end: PaymentEnd) -> PaymentClosed:
    """Return whether a payment adds up, and what concerns the provider as a whole."""
    found = [one for one in balances.of_payment(payment, end) if not one.is_warning]
    return PaymentClosed(
        claims_paid=end.paid,
        provider_adjustments=end.provider_adjustments,
        fault=_faults(found) or end.fault,
        may_be_a_part={one.balance for one in found} == {Balance.PAYMENT_AMOUNT},
    )


def _faults(found: Iterable[balances.Imbalance]) -> str:
    return "; ".join(
        f"segment {one.segment}: {one.balance.value} does not hold ({one.expected} against {one.found})"
        for one in found
        if not one.is_warning
    )


def _digest(parts: Iterable[object]) -> str:
    text = "|".join(written(one) if isinstance(one, Decimal | date) else str(one) for one in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
