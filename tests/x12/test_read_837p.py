"""An 837P gives its claims back, and one bad claim does not hide the next."""

from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.x12.as_billed import as_billed
from include.x12.check_837p import deviations
from include.x12.interchange import BrokenSet
from include.x12.read_837p import BrokenClaim, read_837p
from include.x12.write_837p import write_837p
from tests.builders import a_claim, a_dependent_claim, an_envelope, the_worked_example
from tests.golden import SAMPLES
from tests.oracles import assert_both_accept

pytestmark = pytest.mark.pure


@cache
def a_file(claims_per_set: int = 1) -> str:
    """Return a file of three claims, the second of a dependant, that both oracles accept."""
    claims = [the_worked_example(), a_dependent_claim(), a_claim()]
    numbered = [(number, f"CN{number}", claim) for number, claim in enumerate(claims, start=1)]
    text = write_837p(an_envelope(claims_per_set=claims_per_set), numbered).content.decode()
    assert_both_accept(text)
    return text


def test_an_envelope_comes_along_with_each_claim():
    """Who sent it to whom under which numbers stands beside the claim."""
    first = next(read_837p([a_file()]))

    assert (42, 42, "B2026030600042", "P") == (
        first.envelope.interchange_number, first.envelope.group_number, first.envelope.reference, first.envelope.usage,
    )  # fmt: skip
    assert ("731234567", "330897513", "OA") == (
        first.envelope.sender_id, first.envelope.receiver_id, first.envelope.group_receiver,
    )  # fmt: skip
    assert ("BRIGHT HARBOR ABA LLC", "330897513", "005010X222A1", "0001") == (
        first.envelope.submitter_name, first.envelope.receiver_code, first.envelope.version, first.envelope.set_number,
    )  # fmt: skip


def test_lines_come_back_with_their_numbers():
    """REF*6R ties a line of the file to ours."""
    first = next(read_837p([a_file()]))

    assert ("CN1L01", "CN1L02") == first.line_control_numbers
    assert Decimal(360) == first.total_charge


def test_a_subscriber_without_details_reads_as_unknown():
    """Where the guide leaves N3, N4 and DMG out, address and birth date are not said and the sex is unknown."""
    first = next(read_837p([a_file()])).claim.subscriber

    assert (None, None, "U") == (first.address, first.birth_date, first.sex)


@pytest.mark.parametrize("between", ["\n", "\r\n"])
def test_line_ends_change_nothing(between):
    """A file with line ends gives the same claims."""
    text = a_file()

    assert list(read_837p([text])) == list(read_837p([text.replace("~", f"~{between}")]))


def test_other_separators_change_nothing():
    """The header says what separates."""
    text = a_file()

    assert list(read_837p([text])) == list(read_837p([text.translate(str.maketrans("*:~^", "|>\x1d!"))]))


@pytest.mark.parametrize(
    ("right", "wrong", "segment", "message"),
    [
        ("SV1*HC:97153:HM*240", "SV1*HC:97153:HM*2,40", 34, "SV102 is not a number"),
        ("DTP*472*D8*20260302", "DTP*472*D8*20261302", 35, "DTP03 is not a date"),
        ("DTP*472*D8*20260302", "DTP*472*RD8*20260302", 35, "DTP03 is not a date"),
        ("DTP*472*D8*20260302", "DTP*473*D8*20260302", 28, "SV1 or DTP"),
        ("SV1*HC:", "SV1*ER:", 34, "SV101 does not start with HC"),
        ("*UN*16", "*F2*16", 34, "SV103 is neither UN nor MJ"),
        ("*16***1", "*16***x", 34, "SV107 holds what is no diagnosis pointer"),
        ("11:B:1", "11:A:1", 28, "CLM05-2 is not B"),
        ("11:B:1", "11:B:9", 28, "CLM05-3 is none of 1, 7, 8"),
        ("HI*ABK:F840", "HI*BK:F840", 28, "2300 has no HI"),
        ("HI*ABK:F840", "HI*ABK:F840*ABK:F841", 30, "HI: one ABK first"),
        ("PAT*19", "PAT*77", 23, "PAT01 is none of"),
        ("DMG*D8*20190412*M", "DMG*D8*20190412*X", 27, "DMG03 is none of"),
        ("NM1*IL*", "NM1*II*", 28, "no 2010BA NM1 above it"),
        ("REF*EI*", "REF*XX*", 28, "2010AA has no REF"),
    ],
)
def test_one_bad_claim_does_not_hide_the_next(right, wrong, segment, message):
    """The bad claim is reported with its place, the others are read."""
    before, after = a_file().split("~ST*837*0002")
    assert right in after
    # The self-subscriber's set comes third; only the dependant's is damaged.
    damaged, rest = after.split("~ST*837*0003")
    text = f"{before}~ST*837*0002{damaged.replace(right, wrong)}~ST*837*0003{rest}"
    broken: list[BrokenClaim | BrokenSet] = []

    read = [one.control_number for one in read_837p([text], broken)]

    assert ["CN1", "CN3"] == read
    (fault,) = broken
    assert isinstance(fault, BrokenClaim)
    assert ("CN2", "0002") == (fault.control_number, fault.set_number)
    assert message in fault.message
    assert segment >= fault.segment > 0


def test_a_line_number_that_is_none_is_the_claim_s_fault():
    """SVD06 concerns one claim; the file is read on."""
    text = (SAMPLES / "secondary_after_primary" / "claim.837p").read_text()
    broken: list[BrokenClaim | BrokenSet] = []

    assert [] == list(read_837p([text.replace("**16~", "**16*x~", 1)], broken))
    assert ["SVD06 is not a whole number"] == [one.message for one in broken]


def test_a_claim_level_service_date_is_a_fault():
    """DTP*472 belongs to a line; in 2300 a clearinghouse knows no such segment (CG)."""
    text = a_file().replace("~REF*G1*", "~DTP*472*D8*20260302~REF*G1*", 1)
    broken: list[BrokenClaim | BrokenSet] = []

    assert ["CN2", "CN3"] == [one.control_number for one in read_837p([text], broken)]
    assert "DTP*472 stands in 2300; the guide has it in 2400 only" == broken[0].message
    assert (
        BrokenSet(set_number="0001", segment=36, message="SE01 does not say the 36 segments that were read")
        == broken[1]
    )


def test_without_a_list_the_first_fault_is_raised():
    """A caller who wants all or nothing gets BadFile with set and segment."""
    text = a_file().replace("*UN*16", "*F2*16", 1)

    with pytest.raises(BadFile, match="set 0001, segment 28: line 1: SV103 is neither UN nor MJ"):
        list(read_837p([text]))


def test_what_stands_for_a_number_is_not_shown():
    """An ST02 that is no number could be anything, a patient's name among it; so could what stands for a segment."""
    text = a_file().replace("*0001", "*TESTINA").replace("*UN*16", "*F2*16", 1)

    with pytest.raises(BadFile, match=r"^segment 28: line 1: SV103"):
        list(read_837p([text]))
    assert ["segment 28"] == [one.place for one in deviations(text)]
    (one,) = deviations(a_file().replace("~PRV*BI", "~TESTINA*BI", 1))
    assert one.message.startswith("what is no segment stands where ")


def test_a_file_of_another_kind_is_refused():
    """An 837P reader does not guess at other sets."""
    with pytest.raises(BadFile, match="ST01 is not 837"):
        list(read_837p([a_file().replace("ST*837", "ST*835")]))


def test_a_cut_file_is_refused():
    """A file without its end raises BadFile even where broken claims are gathered."""
    text = a_file()

    with pytest.raises(BadFile, match="the file ends here, GE and IEA missing"):
        list(read_837p([text[: text.rindex("GE*")]], []))


@given(st.integers(106, 1500), st.text(alphabet="*~:A1\n", max_size=5))
def test_no_damage_makes_it_crash(at, noise):
    """A damaged file is read or refused with BadFile; nothing else comes out."""
    text = a_file(claims_per_set=3)

    said = ""
    try:
        list(read_837p([text[:at] + noise + text[at + len(noise) :]], []))
    except BadFile as refused:
        said = str(refused)

    assert "XYZ100200300" not in said


def test_the_worked_example_reads_back():
    """What the file says of the claim is what was billed, but for what the guide leaves out of the subscriber."""
    read = next(read_837p([a_file()])).claim
    billed = as_billed(the_worked_example())

    assert (billed.dependent, billed.lines, billed.billing) == (read.dependent, read.lines, read.billing)
