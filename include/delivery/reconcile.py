"""
Close a batch: count what became of its claims once its answers are in.

Batch = sets accepted + refused = accepted + rejected + pending + what is still open; a claim the final report does
not name is UNACCOUNTED, and never passes for sent.
"""

from include.delivery.apply import apply_stored
from include.delivery.ports import Ports
from include.delivery.records import BatchSummary


def close_batch(batch_id: int, ports: Ports) -> BatchSummary:
    """Apply what is stored, what once was of nobody we knew included, and return what the batch adds up to."""
    batch = ports.ledger.batches.get(batch_id)
    apply_stored(batch.mailbox_key, ports, foreign_again=True)
    ports.ledger.money.match_again(ports.now())
    return ports.ledger.batches.summary(batch_id)
