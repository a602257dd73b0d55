"""The claims ledger as the use cases see it: one database, a face for each concern. `ports.Ledger` on SQL."""

from collections.abc import Sequence
from datetime import datetime

from include.adapters.keyring import Keyring
from include.adapters.ledger import identity
from include.adapters.ledger.accounts import Accounts
from include.adapters.ledger.ageing import Ageing
from include.adapters.ledger.audit_check import Audit
from include.adapters.ledger.batches import Batches
from include.adapters.ledger.claims import Claims
from include.adapters.ledger.clinics import Clinics
from include.adapters.ledger.console import Console
from include.adapters.ledger.doubts import Doubts
from include.adapters.ledger.engine import Database
from include.adapters.ledger.money import Money
from include.adapters.ledger.onboarding import Onboarding
from include.adapters.ledger.renewals import Renewals
from include.adapters.ledger.report import Report
from include.adapters.ledger.responses import Responses
from include.adapters.ledger.silence import Silence
from include.adapters.objects import Outside, nowhere
from include.delivery.records import LedgerIdentity


class Ledger:
    """The ledger behind a database URL; making one costs nothing and connects to nothing."""

    def __init__(self, url: str, keys: Sequence[str] = (), outside: Outside = nowhere) -> None:
        """Take the keys of patients' data too, without which what needs no patient works; and where payloads lie."""
        self.database = Database(url, Keyring(keys))
        self.claims = Claims(self.database)
        self.batches = Batches(self.database)
        self.doubts = Doubts(self.database)
        self.renewals = Renewals(self.database)
        self.accounts = Accounts(self.database)
        self.responses = Responses(self.database)
        self.money = Money(self.database)
        self.clinics = Clinics(self.database)
        self.report = Report(self.database)
        self.silence = Silence(self.database)
        self.console = Console(self.database)
        self.onboarding = Onboarding(self.database)
        self.ageing = Ageing(self.database, outside)
        self.audit = Audit(self.database)

    def identity(self) -> LedgerIdentity:
        """Return which ledger this is, and how far it has come."""
        return identity.identity(self.database)

    def new_epoch(self, instance_id: str, at_least: int, who: str, now: datetime) -> LedgerIdentity:
        """Begin a new epoch after a restore: numbers jump, clinics pause, what had not left is held or in doubt."""
        return identity.new_epoch(self.database, instance_id, at_least, who, now)
