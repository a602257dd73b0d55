"""A file to put, and leases under which to put it."""

from collections.abc import Callable
from itertools import count

from include.adapters.sftp import CHUNK
from tests.sandbox.uploads import an_upload, some_claims

NAME = "CC000042.837P.txt"
CONTENT = an_upload(*some_claims(200))
"""A file of several chunks."""

HALF = 2 * CHUNK + 100


def always() -> bool:
    """Say that the lease holds."""
    return True


def asked(times: int) -> Callable[[], bool]:
    """Return a lease that holds for so many questions."""
    counter = count(1)
    return lambda: next(counter) <= times
