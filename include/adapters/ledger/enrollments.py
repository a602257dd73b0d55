"""
What is kept of payers, for a chunk of claims: a look-up for each table, by the payers and the NPIs of the chunk.

Rows are people's: one that cannot be read is left out here, and named by `./courier payers check` and the chase.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Select, select

from include.adapters.ledger.many import among
from include.adapters.ledger.tables import CLAIM_REVISION, ENROLLMENT, ITS_REVISION, PAYER, PAYER_HOLD, SUBMISSION
from include.claims.documents import from_document
from include.claims.enrollment import NO_LIST, Enrolled, Enrollment, ListedPayer, PayerHold, PayerList, by_payer_and_npi
from include.claims.errors import BadFile, BadSetting
from include.delivery.payer_table import enrollment_from_row, hold_from_row
from include.delivery.records import Billed

_IDS = ("remittances_id", "eligibility_id")


def enrolled(connection: Connection, payer_ids: Collection[str], npis: Collection[str]) -> Enrolled:
    """Return what is kept of these payers and of these providers with them."""
    listed = {one.id: one for one in _payers(connection, select(PAYER).where(among(PAYER.c.key, payer_ids)))}
    is_listed = listed.keys() >= set(payer_ids)
    return Enrolled(
        payers=listed,
        whole_list=NO_LIST if is_listed else PayerList(tuple(_payers(connection, select(PAYER).order_by(PAYER.c.key)))),
        enrollments=by_payer_and_npi(_enrollments(connection, payer_ids, npis)),
        holds=tuple(_holds(connection, payer_ids, npis)),
    )


def _payers(connection: Connection, query: Select[Any]) -> Iterator[ListedPayer]:
    for row in connection.execute(query):
        yield ListedPayer(
            id=row.key,
            name=row.name,
            claims_need=row.claims_need_enrollment == "yes",
            remittances_need=row.remittances_need_enrollment == "yes",
            **{name: getattr(row, name) for name in _IDS},
        )


def _enrollments(connection: Connection, payer_ids: Collection[str], npis: Collection[str]) -> Iterator[Enrollment]:
    query = select(ENROLLMENT).where(among(ENROLLMENT.c.npi, npis), among(ENROLLMENT.c.payer_id, payer_ids))
    for row in connection.execute(query).mappings():
        with suppress(BadSetting):
            yield enrollment_from_row({**row})


def _holds(connection: Connection, payer_ids: Collection[str], npis: Collection[str]) -> Iterator[PayerHold]:
    query = select(PAYER_HOLD).where(PAYER_HOLD.c.payer_id.in_(["", *payer_ids])).order_by(PAYER_HOLD.c.key)
    for row in connection.execute(query).mappings():
        if row["npi"] in {"", *npis}:
            with suppress(BadSetting):
                yield hold_from_row({**row})


def billed(connection: Connection, control_numbers: Collection[str]) -> Iterator[tuple[str, Billed]]:
    """Yield by whom and to whom these submissions are billed."""
    query = select(SUBMISSION.c.control_number, CLAIM_REVISION.c.document).join(CLAIM_REVISION, ITS_REVISION)
    could_be_read = CLAIM_REVISION.c.document.is_not(None)
    for row in connection.execute(query.where(could_be_read, among(SUBMISSION.c.control_number, control_numbers))):
        with suppress(BadFile):
            claim = from_document(row.document)
            yield (
                row.control_number,
                Billed(payer_id=claim.payer.id, npi=claim.billing.npi, tax_id=claim.billing.tax_id),
            )
