"""Claims by their keys at the source, locked: whoever stages them and whoever imports a history wait for each other."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from include.adapters.ledger.many import among
from include.adapters.ledger.tables import CLAIM


def locked_claims(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Return the claims that are known by source and key, locked in one order everywhere."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, key in keys:
        by_source[source].add(key)
    found: dict[tuple[str, str], Any] = {}
    for source, some in sorted(by_source.items()):
        query = select(CLAIM).where(CLAIM.c.source == source, among(CLAIM.c.key, some)).order_by(CLAIM.c.id)
        for row in connection.execute(query.with_for_update(key_share=True)):
            found[row.source, row.key] = row
    return found
