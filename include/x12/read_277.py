"""
The 277CA (005010X214) and the 277 (005010X212): what became of claims, batch by batch, claim by claim.

Both have one shape and are read by one reader. It takes what the guides allow: statuses at any level, levels left out
below the one that refuses, several information sources and sets. A patient's name and member id are never kept.
"""

from collections.abc import Iterable, Iterator

from include.x12.claim_status import Answer


def read_277(chunks: Iterable[str]) -> Iterator[Answer]:
    """
    Yield who answers, and then each thing the answer says; raise BadFile with the place where the file is broken.

    An answer comes out before the counts behind it are known to be right: act on none until the last one came.
    """
    raise NotImplementedError
