"""The 999 says of every set whether it was clean, and never leaks what stood in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.x12.acknowledgement_codes import GroupVerdict, InterchangeVerdict, SetVerdict
from include.x12.read_999 import ElementFault, GroupAnswer, SegmentFault, read_999
from include.x12.write_837p import write_837p
from tests.builders import a_claim, an_envelope
from tests.oracles import pyx12_acknowledges
from tests.x12.answers import a_set, an_answer, group, interchange

pytestmark = pytest.mark.pure

AK1 = "AK1*HC*42*005010X222A1"
MEMBER_ID = "XYZ100200300"
REFUSED = (
    AK1,
    "AK2*837*0001*005010X222A1",
    "IK5*A",
    "AK2*837*0002*005010X222A1",
    "IK3*SV1*28*2400*8",
    "CTX*CLM01:BH260306000017",
    "IK4*5**7*88",
    "CTX*SITUATIONAL TRIGGER*CLM*22**5:3",
    "IK4*1:2*1339*I12*9715",
    "IK3*NM1*16*2010BA*8",
    f"CTX*SUBSCRIBER NUMBER:{MEMBER_ID}",
    f"IK4*9*67*6*{MEMBER_ID}",
    "IK5*R*5*I5",
    "AK2*837*0003*005010X222A1",
    "IK5*E*5",
    "AK9*P*3*3*2*1",
)


def only(text: str) -> GroupAnswer:
    """Return the one group an answer speaks of."""
    (answer,) = read_999([text])
    return answer


def test_an_answer_names_our_group_and_its_own():
    """The group's numbers tie the answer to our file."""
    answer = only(an_answer(*REFUSED, ta1="TA1*000000042*260306*0915*A*000~"))

    assert (42, "005010X222A1") == (answer.group_number, answer.version)
    assert (42, 184911116, "202603060930") == (answer.answer_number, answer.answer_group, answer.answered_on)
    assert GroupVerdict.PARTIALLY_ACCEPTED is answer.verdict
    assert (3, 3, 2) == (answer.sets_claimed, answer.sets_received, answer.sets_accepted)
    assert "this kind of group is not taken" == answer.words


def test_a_ta1_in_front_comes_along():
    """What the receiver says of the interchange stands with the group."""
    taken = only(an_answer(*REFUSED, ta1="TA1*000000042*260306*0915*A*000~")).interchange

    assert taken is not None
    assert (42, InterchangeVerdict.ACCEPTED, "no error") == (taken.interchange_number, taken.verdict, taken.words)
    assert only(an_answer(*REFUSED)).interchange is None


def test_every_set_has_its_verdict():
    """IK501 decides by set; errors noted do not stop one."""
    answer = only(an_answer(*REFUSED))

    verdicts = {one.set_number: one.verdict for one in answer.sets}
    assert {
        "0001": SetVerdict.ACCEPTED,
        "0002": SetVerdict.REFUSED,
        "0003": SetVerdict.ACCEPTED_WITH_ERRORS,
    } == verdicts
    assert [True, False, True] == [one.verdict.is_accepted for one in answer.sets]


def test_faults_carry_position_code_and_claim():
    """IK3, IK4 and CTX say where in our set the fault is, and of which claim."""
    refused = only(an_answer(*REFUSED)).sets[1]

    assert (
        SegmentFault(
            segment_id="SV1",
            position=28,
            loop="2400",
            code="8",
            control_number="BH260306000017",
            elements=(
                ElementFault(position=5, component=0, code="7"),
                ElementFault(position=1, component=2, code="I12"),
            ),
        )
        == refused.faults[0]
    )
    segments = ("IK304 8 SV1", "IK304 8 NM1")
    assert ("IK501 R", "IK502 5", "IK502 I5", *segments, "IK403 7", "IK403 I12", "IK403 6") == refused.all_codes


def test_the_words_are_plain_and_hold_no_data():
    """A biller reads what is wrong; copies of our data (IK404, CTX) are dropped."""
    answer = only(an_answer(*REFUSED))

    assert (
        "segment 28 (SV1 in 2400): an element is wrong; element 5: code not in the list; "
        "element 1, component 2: does not have the required shape. "
        "segment 16 (NM1 in 2010BA): an element is wrong; element 9: character not allowed. "
        "one or more segments are wrong. the guide's rules are broken" == answer.sets[1].words
    )
    assert MEMBER_ID not in repr(answer)


def test_a_code_nobody_knows_is_shown_by_its_number():
    """New codes do not stop a reading."""
    answer = only(an_answer(AK1, "AK2*837*0001", "IK3*SV1*28**99", "IK5*R*77", "AK9*R*1*1*0"))

    assert "segment 28 (SV1): code 99. code 77" == answer.sets[0].words


def test_several_sets_and_groups_are_all_read():
    """One file may answer several groups."""
    one = a_set(AK1, "AK2*837*0001", "IK5*A", "AK9*A*1*1*1")
    other = a_set("AK1*HC*43", "AK9*R*1*1*0*1", number="0002")
    text = interchange(group(one, other), group(a_set("AK1*HC*44", "AK9*A*9*9*9"), number=2))

    answers = list(read_999([text]))

    assert [42, 43, 44] == [answer.group_number for answer in answers]
    assert [1, 0, 0] == [len(answer.sets) for answer in answers]


def test_a_cut_999_is_refused_before_anything_comes_out():
    """Wherever the file is cut, no verdict is acted upon and the message names the place."""
    text = an_answer(*REFUSED)

    for length in range(1, len(text) - 1):
        with pytest.raises(BadFile, match="segment"):
            list(read_999([text[:length]]))


def test_a_lost_terminator_at_the_very_end_does_no_harm():
    """The last terminator says nothing that the counts have not said."""
    assert only(an_answer(*REFUSED)) == only(an_answer(*REFUSED)[:-1])


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ((AK1, "AK2*837*0001", "AK9*A*1*1*1"), "segment 6: AK9 before the IK5 of the AK2 in segment 5"),
        ((AK1, "AK2*837*0001", "AK2*837*0002", "IK5*A", "AK9*A*1*1*1"), "segment 6: AK2 before the IK5"),
        ((AK1, "AK2*837*0001", "IK5*A"), "segment 7: the set ends without the AK9"),
        (("AK2*837*0001", "IK5*A", "AK9*A*1*1*1"), "segment 4: AK2 before the AK1"),
        (("AK9*A*1*1*1",), "segment 4: AK9 before the AK1"),
        ((AK1, "IK3*SV1*28", "AK9*A*1*1*1"), "segment 5: IK3 outside an AK2"),
        ((AK1, "IK5*A", "AK9*A*1*1*1"), "segment 5: IK5 outside an AK2"),
        ((AK1, "AK2*837*0001", "IK4*1", "IK5*A", "AK9*A*1*1*1"), "segment 6: IK4 outside an IK3"),
        ((AK1, "AK2*837*0001", "IK5*Q", "AK9*A*1*1*1"), "segment 6: IK501 is none of A, E, M, R, W, X"),
        ((AK1, "AK9*Q*1*1*1"), "segment 5: AK901 is none of"),
        ((AK1, "AK9*A*one*1*1"), "segment 5: AK902 is not a whole number"),
        (("AK1*HC*4x2", "AK9*A*1*1*1"), "segment 4: AK102 is not a whole number"),
        ((AK1, "AK2*837*0001", "IK5*R", "AK9*A*1*1*1"), "segment 7: AK904 does not say the 0 sets"),
        ((AK1, "AK2*837*0001", "IK5*A", "AK9*A*0*0*0"), "segment 7: AK903 says fewer sets"),
    ],
)
def test_a_999_that_contradicts_itself_is_refused(segments, message):
    """What is missing or does not add up raises BadFile with place and rule."""
    with pytest.raises(BadFile, match=message):
        list(read_999([an_answer(*segments)]))


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("SE*18*0001", "SE*17*0001", "SE01 does not say the 18 segments"),
        ("SE*18*0001", "SE*18*0002", "SE02 is not the number in ST02"),
        ("GE*1*", "GE*2*", "GE01 does not say the 1 sets"),
        ("GE*1*184911116", "GE*1*184911117", "GE02 is not the group's number"),
        ("IEA*1*", "IEA*3*", "IEA01 does not say the 1 groups"),
        ("IEA*1*000000042", "IEA*1*000000043", "IEA02 is not the interchange's number"),
        ("~SE*18*0001", "", "GE may not stand here"),
        ("~GE*1*184911116", "", "IEA may not stand here"),
        ("ST*999", "ST*997", "ST01 is not 999"),
        ("~IEA*", "~AK1*1~IEA*", "only TA1 and envelope segments may stand here"),
        ("GS*FA", "TA1*000000042*260306*0915*Q*000~GS*FA", "TA104 is none of A, E, R"),
    ],
)
def test_counts_that_do_not_agree_are_refused(right, wrong, message):
    """Every count and number of the frame must agree with what was read."""
    text = an_answer(*REFUSED)
    assert right in text

    with pytest.raises(BadFile, match=message):
        list(read_999([text.replace(right, wrong)]))


@given(st.integers(0, 400), st.text(alphabet="*~:AI5K\n", max_size=5))
def test_no_damage_makes_it_crash(at, noise):
    """A damaged 999 is read or refused with BadFile; nothing else comes out."""
    text = an_answer(*REFUSED)

    said = ""
    try:
        list(read_999([text[:at] + noise + text[at + len(noise) :]]))
    except BadFile as refused:
        said = str(refused)

    assert MEMBER_ID not in said


def test_a_strangers_999_is_read():
    """pyx12's own answer to our file accepts the sound set, and refuses the other where the fault stands."""
    claims = [(1, "CN1", a_claim()), (2, "CN2", a_claim(place_of_service="88"))]
    rendered = write_837p(an_envelope(), claims)

    answer = only(pyx12_acknowledges(rendered.content.decode()))

    assert (42, "005010X222A1") == (answer.group_number, answer.version)
    assert [SetVerdict.ACCEPTED, SetVerdict.REFUSED] == [one.verdict for one in answer.sets]
    assert rendered.starts[2] == (answer.sets[1].set_number, answer.sets[1].faults[0].position)
    assert (ElementFault(position=5, component=1, code="7"),) == answer.sets[1].faults[0].elements
