"""
Every error says what to do next; this tree is the whole of it.

ClaimsError
├── RetryLater             the world was busy: the same call may succeed in a minute
│   ├── LeaseHeld          another worker is in this account; waiting costs no try
│   ├── ServerUnreachable  no connection, or it broke
│   ├── NotStarted         the server would not open the file: proved that no byte left
│   ├── TransferBroken     bytes may have left; look before anything else
│   ├── LedgerUnreachable  the ledger's database did not answer
│   ├── VaultUnreachable   the store that payloads lie in did not answer
│   └── SourceUnreachable  the practice's database did not answer
├── NeedsRepair            someone must change data or settings; a retry repeats the failure
│   ├── LoginRefused       the account's breaker is open until the credential changes
│   ├── HostKeyMismatch    the server is not the one that was pinned
│   ├── BadSetting         a row, a column, a connection or a form field is wrong
│   ├── AccountClosed      a person said that the account is no more
│   ├── BadFile            a file does not follow its layout
│   ├── AgedOut            a file was let go because of its age; a backup has it
│   └── NotAllowed         mode, usage and server do not agree: nothing may leave
└── NeedsReview            sound, but a person must decide what it means
    ├── InDoubt            bytes may have left and nobody has confirmed them
    ├── NotTaken           claims left us and did not become claims at the clearinghouse
    ├── NameTaken          a file of that name with other content lies on the server
    ├── ChangedMeanwhile   something happened to it since the person who decides looked
    └── LedgerRestored     the ledger is older than the world it describes

Messages give the thing, the place, the rule and the remedy; never a patient's name, birth date,
member id or a segment's text.
"""


class ClaimsError(Exception):
    """The root of every error this package raises on purpose."""


class RetryLater(ClaimsError):
    """The world was busy: the same call may succeed in a minute."""


class LeaseHeld(RetryLater):
    """Another worker is in this account; wait without using up a try."""


class ServerUnreachable(RetryLater):
    """The server could not be reached, or the connection broke before any byte left."""


class NotStarted(RetryLater):
    """The server answered that it would not open the file: it is proved that no byte left."""


class TransferBroken(RetryLater):
    """A transfer stopped after it began; the next try looks before it puts."""


class LedgerUnreachable(RetryLater):
    """The ledger's database did not answer."""


class VaultUnreachable(RetryLater):
    """The object store that payloads lie in did not answer."""


class SourceUnreachable(RetryLater):
    """The practice's database, or the folder its files lie in, did not answer."""


class NeedsRepair(ClaimsError):
    """Someone must change data or settings; a retry repeats the failure."""


class LoginRefused(NeedsRepair):
    """The server refused the account's credential; every session of the account stops."""


class HostKeyMismatch(NeedsRepair):
    """The server did not show the host key that was pinned."""


class BadSetting(NeedsRepair):
    """A row, a column, a connection or a form field is wrong."""


class AccountClosed(NeedsRepair):
    """A person said that the clearinghouse has closed the account; nobody goes there."""


class BadFile(NeedsRepair):
    """A file does not follow its layout."""


class AgedOut(NeedsRepair):
    """The bytes of a file were let go because of their age; only a backup of before has them."""


class NotAllowed(NeedsRepair):
    """Mode, usage, file name and server do not agree, so nothing may leave."""


class NeedsReview(ClaimsError):
    """The thing is sound, but a person must decide what it means."""


class InDoubt(NeedsReview):
    """Bytes may have left and nobody has confirmed them; never put again by itself."""


class NotTaken(NeedsReview):
    """Claims left us and did not become claims at the clearinghouse, or its answers contradict each other."""


class NameTaken(NeedsReview):
    """A file of that name with other content lies on the server."""


class ChangedMeanwhile(NeedsReview):
    """Something happened to a claim since the person looked who decides on it; look again."""


class LedgerRestored(NeedsReview):
    """The ledger is older than what was already sent: deliveries stop until a person says so."""
