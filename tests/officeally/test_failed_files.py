"""What cures a failed file, by the words of its report."""

import pytest

from include.officeally.failed_files import cure_of
from include.x12.refusals import Cure

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ("THE FILE ENDS BEFORE ITS IEA", Cure.AGAIN),
        ("GE DOES NOT AGREE WITH ITS GS", Cure.AGAIN),
        ("Unknown Segment DTP", Cure.CONTENT),
        ("THE ACCOUNT IS SET TO 837P: A FILE NAME MUST CONTAIN 837P", Cure.SETTING),
        ("DUPLICATE FILE, ENDS BEFORE ITS IEA", Cure.LOOK),
        ("SOMETHING NOBODY HAS SEEN", Cure.ASK),
    ],
)
def test_words_are_cured_only_where_they_are_known(words, cure):
    """The dangerous row stands first, and unknown words are a person's."""
    assert cure is cure_of(words)
