"""Names travel in plain capitals; identifiers travel unaltered or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.plain_text import ALLOWED_MARKS, are_sendable, is_sendable
from include.x12.charset import sanitise

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Testina Éxample-Müller", "TESTINA EXAMPLE-MULLER"),
        ("O’Sample", "O'SAMPLE"),
        ("Straße 5 #4", "STRASSE 5 #4"),
        ("Øst Łuk Æon", "OST LUK AEON"),
        ("DOE*AV:ERY~X^Y", "DOE AV ERY X Y"),
        ("  two   blanks\t\n", "TWO BLANKS"),
        ("李 Example", "EXAMPLE"),
        ("ﬁve ①", "FIVE 1"),
        ("a_b@c|d", "A B C D"),
        ("***", ""),
    ],
)
def test_free_text_is_made_plain(written, sent):
    """Accents fold, separators and marks outside the basic set become one blank, ends are trimmed."""
    assert sent == sanitise(written)


@given(st.text())
def test_what_is_plain_stays_plain(text):
    """Whatever is typed, the result can be sent, and making it plain again changes nothing."""
    plain = sanitise(text)

    assert plain == sanitise(plain)
    assert is_sendable(plain)
    assert set(plain) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 " + ALLOWED_MARKS)


@given(st.lists(st.text(alphabet="AB1 a*\n", max_size=4), max_size=5))
def test_many_texts_are_judged_as_each_of_them(texts):
    """One look at all of a claim's identifiers says what a look at each would."""
    assert all(is_sendable(text) for text in texts) is are_sendable(texts)
