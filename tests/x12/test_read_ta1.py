"""The TA1 says whether a whole file was taken."""

import pytest

from include.claims.errors import BadFile
from include.x12.acknowledgement_codes import InterchangeVerdict
from include.x12.read_ta1 import InterchangeAnswer, read_ta1
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
