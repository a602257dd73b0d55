"""The 837P, segment for segment, and the numbers that hold it together."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from include.claims.errors import BadFile
from include.claims.model import Claim, Frequency
from include.claims.parties import PersonName
from include.x12.envelope import Envelope
from include.x12.write_837p import Rendered, write_837p
from tests.builders import (
    BILLING_NPI,
    OTHER_BILLING_NPI,
    a_billing_provider,
    a_claim,
    a_dependent_claim,
    a_line,
    a_provider,
    a_subscriber,
    an_address,
    an_envelope,
    lines,
    the_worked_example,
)
from tests.oracles import assert_both_accept

pytestmark = pytest.mark.pure

SAMPLE = Path(__file__).parents[1] / "samples" / "worked_example.837p"


def render(*claims: Claim, envelope: Envelope | None = None) -> Rendered:
    """Render claims numbered from 1 and have both oracles look at the file."""
    numbered = [(number, f"CN{number:012d}", claim) for number, claim in enumerate(claims, start=1)]
    rendered = write_837p(envelope or an_envelope(), numbered)
    assert_both_accept(rendered.content.decode())
    return rendered


def segments_of(rendered: Rendered) -> list[str]:
    """Return the file as segments."""
    return rendered.content.decode().split("~")[:-1]


def starting(rendered: Rendered, *ids: str) -> list[str]:
    """Return the segments of these names."""
    return [segment for segment in segments_of(rendered) if segment.split("*")[0] in ids]


def test_the_worked_example_comes_out_segment_for_segment():
    """A two-line claim of a child is the file written out by hand, with the guide's envelope."""
    rendered = write_837p(an_envelope(), [(7, "BH260306000017", the_worked_example())])

    assert SAMPLE.read_text().replace("~", "").split("\n")[:-1] == segments_of(rendered)
    assert {7: ("0001", 22)} == rendered.starts
    assert_both_accept(rendered.content.decode())


def test_the_same_input_gives_the_same_bytes():
    """Rendering twice makes one file."""
    assert render(a_claim(), a_dependent_claim()) == render(a_claim(), a_dependent_claim())


def test_one_set_a_claim_by_default():
    """A syntax error can then cost one claim only; levels and counts start anew in each set."""
    rendered = render(a_claim(), a_dependent_claim())

    assert ["ST*837*0001*005010X222A1", "ST*837*0002*005010X222A1"] == starting(rendered, "ST")
    assert ["HL*1**20*1", "HL*2*1*22*0", "HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"] == starting(rendered, "HL")
    assert ["GE*2*42"] == starting(rendered, "GE")


def test_several_claims_in_one_set_share_its_levels():
    """With more claims a set, the levels count on and the billing provider stands once."""
    rendered = render(a_claim(), a_dependent_claim(), a_claim(), envelope=an_envelope(claims_per_set=3))

    assert ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0", "HL*5*1*22*0"] == starting(rendered, "HL")
    assert ["GE*1*42"] == starting(rendered, "GE")


def test_another_billing_provider_opens_its_own_level():
    """Claims of two billing providers in one set hang under their own."""
    other = a_claim(billing=a_billing_provider(npi=OTHER_BILLING_NPI, name="OTHER EXAMPLE ABA"))

    rendered = render(a_claim(), other, other, a_claim(), envelope=an_envelope(claims_per_set=9))

    assert [
        "HL*1**20*1", "HL*2*1*22*0", "HL*3**20*1", "HL*4*3*22*0", "HL*5*3*22*0", "HL*6**20*1", "HL*7*6*22*0",
    ] == starting(rendered, "HL")  # fmt: skip


@pytest.mark.parametrize("claims_per_set", [1, 2, 5])
def test_starts_point_at_each_claims_clm(claims_per_set):
    """The set and segment number kept for a submission is where its CLM stands, ST being 1."""
    claims = [a_claim(), a_dependent_claim(), a_claim(lines=lines(3)), a_claim(), a_dependent_claim()]

    rendered = render(*claims, envelope=an_envelope(claims_per_set=claims_per_set))

    found = {}
    set_number, position = "", 0
    for segment in segments_of(rendered):
        elements = segment.split("*")
        set_number, position = (elements[2], 1) if elements[0] == "ST" else (set_number, position + 1)
        if elements[0] == "CLM":
            found[int(elements[1].removeprefix("CN"))] = (set_number, position)
    assert found == rendered.starts


def test_every_set_counts_its_own_segments():
    """SE01 is the number of segments from ST to SE."""
    rendered = render(a_claim(lines=lines(50)), a_dependent_claim())

    bodies = rendered.content.decode().split("~ST*")[1:]
    counts = [body.split("~SE*")[0].count("~") + 2 for body in bodies]
    assert [f"SE*{count}*{number:04d}" for number, count in enumerate(counts, start=1)] == starting(rendered, "SE")


def test_the_header_has_its_fixed_width():
    """The ISA is 105 characters and a terminator, ids padded, the number nine digits."""
    header = render(a_claim()).content.decode()[:106]

    assert "~" == header[105]
    assert "*731234567      *ZZ*330897513      *260306*0915*^*00501*000000042*0*P*:" == header[34:105]


@pytest.mark.parametrize(
    ("charge", "written"),
    [
        ("240.00", "240"), ("12.50", "12.5"), ("0.75", ".75"), ("1E+2", "100"), ("1000.10", "1000.1"), ("10", "10"),
    ],
)  # fmt: skip
def test_amounts_have_no_zeros_they_do_not_need(charge, written):
    """Amounts are written without exponent, trailing zeros or a leading zero."""
    rendered = render(a_claim(lines=(a_line(charge=Decimal(charge)),)))

    assert written == starting(rendered, "CLM")[0].split("*")[2]
    assert written == starting(rendered, "SV1")[0].split("*")[2]


def test_a_zero_charge_on_one_line_is_written_as_zero():
    """A line may cost nothing while the claim does not."""
    rendered = render(a_claim(lines=(a_line(), a_line(source_line_key="L-2", charge=Decimal("0.00")))))

    assert ["240", "0"] == [line.split("*")[2] for line in starting(rendered, "SV1")]


def test_a_provider_who_is_the_billing_provider_is_left_out():
    """Loop 2310B is sent only where another gave the service."""
    alone = render(a_claim(rendering=a_provider(npi=BILLING_NPI)))

    assert [] == [one for one in starting(alone, "NM1") if one.startswith("NM1*82")]


def test_twelve_diagnoses_four_pointers_and_four_modifiers_fit():
    """The most a claim may list comes out in the guide's order."""
    codes = ("F840", *(f"Z{number}" for number in range(10, 21)))
    line = a_line(modifiers=("HM", "U1", "GT", "95"), diagnosis_pointers=(12, 1, 3, 2), place_of_service="12")

    rendered = render(a_claim(diagnoses=codes, lines=(line,)))

    assert ["HI*ABK:F840" + "".join(f"*ABF:{code}" for code in codes[1:])] == starting(rendered, "HI")
    assert ["SV1*HC:97153:HM:U1:GT:95*240*UN*16*12**12:1:3:2"] == starting(rendered, "SV1")


def test_a_separator_in_a_name_moves_nothing():
    """Separators, accents and lower case in free text are made plain, so every element stays in its place."""
    name = PersonName(last="Ex*mple", first="Testín:a", middle="Q~", suffix="Jr^")
    address = an_address(street="45 Sample*Ln", street2="Apt #4", city="Beavertön")

    rendered = render(a_claim(subscriber=a_subscriber(name=name, address=address)))

    assert "NM1*IL*1*EX MPLE*TESTIN A*Q**JR*MI*XYZ100200300" in segments_of(rendered)
    assert "N3*45 SAMPLE LN*APT #4" in segments_of(rendered)
    assert "N4*BEAVERTON*OR*97005" in segments_of(rendered)


def test_optional_values_leave_no_trace_when_blank():
    """No taxonomy, phone, authorization, group number or rendering provider: no empty segment either."""
    bare = a_claim(
        billing=a_billing_provider(taxonomy="", phone=""),
        subscriber=a_subscriber(group_number=""),
        prior_authorization="",
        rendering=None,
    )

    rendered = render(bare)

    assert [] == starting(rendered, "PRV")
    assert ["SBR*P*18*******CI"] == starting(rendered, "SBR")
    assert not any(segment.startswith("REF*G1") or segment.endswith("*") for segment in segments_of(rendered)[1:])


@pytest.mark.parametrize(
    ("claim", "rule"),
    [
        (a_claim(subscriber=a_subscriber(member_id="XYZ*1")), "separator"),
        (a_claim(subscriber=a_subscriber(member_id="xyz1")), "lower-case"),
        (a_claim(prior_authorization="A~B"), "separator"),
        (a_claim(prior_authorization="A\nB"), "separator"),
        (a_claim(diagnoses=("F840 ",)), "blank"),
        (a_claim(lines=(a_line(procedure="97:153"),)), "separator"),
        (a_claim(frequency=Frequency.REPLACEMENT), "needs the payer's claim number"),
        (a_claim(lines=lines(51)), "51 service lines"),
        (a_claim(lines=()), "0 service lines"),
        (a_claim(diagnoses=()), "0 diagnoses"),
    ],
)
def test_what_could_not_be_read_back_is_refused(claim, rule):
    """An identifier is never altered and a limit never stretched: the writer refuses, naming the claim only."""
    with pytest.raises(BadFile, match=rule) as refused:
        write_837p(an_envelope(), [(1, "CN000000000001", claim)])

    assert "CN000000000001" in str(refused.value)
    assert claim.subscriber.member_id not in str(refused.value)


def test_a_control_number_longer_than_a_payer_returns_is_refused():
    """Twenty characters come back with the answer; more might not, and both oracles let them pass."""
    write_837p(an_envelope(), [(1, "C" * 20, a_claim())])

    with pytest.raises(BadFile, match="CLM01: 21 characters"):
        write_837p(an_envelope(), [(1, "C" * 21, a_claim())])


def test_a_file_without_claims_is_refused():
    """An empty night makes no file."""
    with pytest.raises(BadFile, match="no claim"):
        write_837p(an_envelope(), [])


def test_claims_are_taken_from_a_stream():
    """The writer asks for each claim once and needs no list."""
    numbered = ((number, f"CN{number:012d}", replace(a_claim(), key=str(number))) for number in range(1, 4))

    rendered = write_837p(an_envelope(), numbered)

    assert {1, 2, 3} == rendered.starts.keys()
    assert_both_accept(rendered.content.decode())
