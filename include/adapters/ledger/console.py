"""What the Claims page reads, counted by the database. `ports.ConsoleLedger` on SQL, a module for each concern."""

from include.adapters.ledger.console_counts import Counts
from include.adapters.ledger.console_figures import Figures
from include.adapters.ledger.console_looks import Looks
from include.adapters.ledger.console_queues import QueueReads
from include.adapters.ledger.console_runs import Runs


class Console(Counts, Figures, Looks, QueueReads, Runs):
    """The ledger, counted."""
