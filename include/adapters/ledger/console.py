"""What the Claims page reads, counted by the database. `ports.ConsoleLedger` on SQL, a module for each concern."""

from include.adapters.ledger.console_batches import BatchReads
from include.adapters.ledger.console_claims import ClaimReads
from include.adapters.ledger.console_counts import Counts
from include.adapters.ledger.console_figures import Figures
from include.adapters.ledger.console_looks import Looks
from include.adapters.ledger.console_pages import ConsolePages
from include.adapters.ledger.console_queues import QueueReads
from include.adapters.ledger.console_runs import Runs
from include.adapters.ledger.console_setup import ConsoleSetup


class Console(Counts, Figures, Looks, QueueReads, Runs, ConsoleSetup, ConsolePages, ClaimReads, BatchReads):
    """The ledger, counted."""
