"""The TA1 says whether a whole file was taken."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.x12.acknowledgement_codes import InterchangeVerdict
from include.x12.read_ta1 import InterchangeAnswer, read_ta1
from tests.strategies import EXAMPLES
from tests.x12.answers import a_set, group, interchange

pytestmark = pytest.mark.pure


def test_a_refused_interchange_is_named_with_the_reason():
    """A number used before is told by note 025."""
    text = interchange(before="TA1*000000042*260306*0915*R*025~", number=7)

    (answer,) = read_ta1([text])

    assert (
        InterchangeAnswer(
            interchange_number=42, verdict=InterchangeVerdict.REFUSED, note="025", answer_number=7, segment=2
        )
        == answer
    )
    assert "the interchange's number was used before" == answer.words


def test_a_ta1_beside_a_999_is_found():
    """Groups behind it are read over."""
    nine = group(a_set("AK1*HC*42", "AK9*A*1*1*1"))

    answers = list(read_ta1([interchange(nine, before="TA1*000000042*260306*0915*A*000~")]))

    assert [InterchangeVerdict.ACCEPTED] == [answer.verdict for answer in answers]


def test_a_cut_file_says_nothing():
    """A TA1 whose interchange has no end is not believed."""
    text = interchange(before="TA1*000000042*260306*0915*R*025~")

    with pytest.raises(BadFile, match="the file ends here, IEA missing"):
        list(read_ta1([text[: text.index("IEA")]]))


def test_a_ta1_inside_a_group_is_refused():
    """It stands between ISA and GS only."""
    text = interchange(group(a_set("AK1*HC*42", "TA1*000000042*260306*0915*R*025", "AK9*A*1*1*1")))

    with pytest.raises(BadFile, match="segment 5: a TA1 stands between ISA and GS only"):
        list(read_ta1([text]))


def test_several_interchanges_each_have_their_answer():
    """One file may answer several interchanges; each TA1 comes with the number of the one it stands in."""
    text = interchange(before="TA1*000000042*260306*0915*R*025~", number=7) + interchange(
        before="TA1*000000043*260306*0915*A*000~TA1*000000044*260306*0915*E*014~", number=8
    )

    answers = list(read_ta1([text]))

    assert [(7, 42), (8, 43), (8, 44)] == [(answer.answer_number, answer.interchange_number) for answer in answers]


@pytest.mark.parametrize("note", ["031", "ZZZ", "TESTINA EXAMPLE"])
def test_a_note_nobody_knows_is_shown_by_its_number(note):
    """A code the table lacks does not stop the reading; what is no code is not shown."""
    (answer,) = read_ta1([interchange(before=f"TA1*000000042*260306*0915*R*{note}~")])

    assert ("an unreadable code" if " " in note else f"code {note}") == answer.words


@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, 180), noise=st.text(alphabet="*~:TA1ISG0\n\x00é", min_size=1, max_size=5))
def test_no_damage_makes_it_crash(at, noise):
    """A damaged TA1 is read or refused with BadFile; nothing else comes out."""
    text = interchange(before="TA1*000000042*260306*0915*R*025~")

    with suppress(BadFile):
        list(read_ta1([text[:at] + noise + text[at + len(noise) :]]))
