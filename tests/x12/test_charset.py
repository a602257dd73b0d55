"""Names travel in plain capitals; identifiers travel unaltered or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.shapes import is_sendable as is_sendable_by_the_rules
from include.x12.charset import ALLOWED_MARKS, is_sendable, sanitise

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


@given(st.text(min_size=1))
def test_rules_and_writer_agree_on_identifiers(text):
    """The blocking rules let an identifier pass if, and only if, the writer would send it."""
    assert is_sendable(text) == is_sendable_by_the_rules(text)
