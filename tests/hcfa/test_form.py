"""What stands in the items of the form, written as the form's instructions want it."""

from datetime import date
from decimal import Decimal

import pytest

from include.claims.circumstances import Attachment, Note
from include.claims.parties import Address, OtherId, PersonName
from include.hcfa import wording
from include.hcfa.form import as_printed, pages
from include.hcfa.layout import GRID_A, Layout, Totals
from tests.builders import (
    BILLING_NPI,
    a_billing_provider,
    a_claim,
    a_line,
    a_payer,
    a_provider,
    a_subscriber,
    lines,
    the_worked_example,
)
from tests.scenarios import a_facility, a_referring_provider, a_supervising_provider, an_accident, the_primary

pytestmark = pytest.mark.pure

LAST_PAGE = Layout(totals=Totals.LAST_PAGE)


def page_of(layout=GRID_A, **changes):
    """Return the first page of a claim changed so."""
    return pages(a_claim(**changes), "CN1", layout)[0]


@pytest.mark.parametrize(
    ("who", "printed"),
    [
        (PersonName(last="Example", first="Testina"), "EXAMPLE, TESTINA"),
        (PersonName(last="Exàmple-Müller", first="T.", middle="q", suffix="Jr."), "EXAMPLE-MULLER JR, T, Q"),
        (PersonName(last="O’Sample, III", first="A*B"), "O'SAMPLE III, A B"),
        (PersonName(last="李", first="Testo"), "TESTO"),
        (PersonName(last="Ex🙂ample\x00\f", first="\t"), "EX AMPLE"),
    ],
)
def test_names_are_last_suffix_first_middle(who, printed):
    """Commas stand between the parts and nowhere else, so that a mapper can split them."""
    assert printed == wording.name(who)


def test_addresses_have_no_punctuation():
    """Number signs, commas and points are dropped, the ZIP has its hyphen."""
    where = Address(
        street="12 N. Main St., #4", street2="Apt 1/2", city="St. Éxample", state="OR", postal_code="972010001"
    )

    assert "12 N MAIN ST 4 APT 1/2" == wording.street(where)
    assert "ST EXAMPLE OR 97201-0001" == wording.city(where)


@pytest.mark.parametrize(
    ("value", "printed"),
    [("240", "240 00"), ("0.5", "0 50"), ("1E+3", "1000 00"), ("-1", "*"), ("1.005", "*"), ("NaN", "*")],
)
def test_amounts_are_dollars_and_cents_without_a_point(value, printed):
    """A blank stands where the form has its rule; what cannot be money is marked, never rounded."""
    assert printed == wording.amount(Decimal(value))


@pytest.mark.parametrize(
    ("value", "printed"), [("16", "16"), ("16.00", "16"), ("1E+1", "10"), ("0.5", ".5"), ("2.25", "2.25"), ("-1", "*")]
)
def test_units_have_a_point_only_for_fractions(value, printed):
    """Whole units stand alone."""
    assert printed == wording.units(Decimal(value))


def test_days_have_their_two_forms():
    """Item 24A has years of two digits, all others of four."""
    assert ("03 02 2026", "03 02 26") == (wording.day(date(2026, 3, 2)), wording.short_day(date(2026, 3, 2)))


def test_the_worked_example():
    """The claim of the facts' worked print image says what stands there."""
    (page,) = pages(the_worked_example(), "BH260306000017", GRID_A)

    expected = {
        "patient_name": "DOE, AVERY",
        "insured_name": "DOE, MORGAN",
        "patient_birth": "04 12 2019",
        "patient_female": "X",
        "relation_child": "X",
        "coverage_group": "X",
        "group_number": "GRP00981",
        "authorization": "AUTH778812",
        "diagnosis_a": "F840",
        "from_1": "03 02 26",
        "to_2": "03 04 26",
        "modifier_1_2": "HO",
        "pointers_1": "A",
        "charge_1": "240 00",
        "units_2": "4",
        "rendering_npi_1": "1987654328",
        "total": "360 00",
        "paid": "0 00",
        "account": "BH260306000017",
        "billing_city": "PORTLAND OR 97201-0001",
    }
    assert expected == {name: page.get(name) for name in expected}


def test_item_17_names_one_in_the_order_of_the_roles():
    """Who referred goes before who ordered, who ordered before who supervised; first name first."""
    referring, supervising = a_referring_provider(), a_supervising_provider()

    assert ("DN", "ROBIN Q REFERRER") == _source(page_of(referring=referring, supervising=supervising))
    assert ("DK", "ROBIN Q REFERRER") == _source(page_of(lines=(a_line(ordering=referring),), supervising=supervising))
    assert ("DQ", "SAM OVERSEER") == _source(page_of(supervising=supervising))


def _source(page):
    return page["source_role"], page["source_name"]


def test_item_23_takes_the_authorization_then_the_referral_then_clia():
    """One number stands there, without hyphens and blanks."""
    given = {"prior_authorization": "AU-1 2", "referral_number": "RE-1", "clia_number": "12D45"}

    for expected in ("AU12", "RE1", "12D45"):
        assert expected == page_of(**given)["authorization"]
        given[next(name for name, value in given.items() if value)] = ""


def test_who_renders_is_named_only_where_it_is_another_than_who_bills():
    """Items 24I and 24J are blank where 33a says the same (NUCC)."""
    assert "rendering_npi_1" not in page_of(rendering=a_provider(npi=BILLING_NPI))
    assert "rendering_npi_1" not in page_of(rendering=None)


def test_a_number_the_payer_gave_goes_before_a_taxonomy():
    """Items 24I and 33b have place for one number."""
    own = (OtherId(kind="G2", value="PAY-1"),)

    page = page_of(rendering=a_provider(other_ids=own), payer=a_payer(billing_provider_ids=own))

    assert ("G2", "PAY1", "G2PAY1") == (page["rendering_id_kind_1"], page["rendering_id_1"], page["billing_id"])
    assert "ZZ103K00000X" == page_of()["billing_id"]
    licensed = a_billing_provider(taxonomy="", other_ids=(OtherId(kind="0B", value="LIC1"),))
    assert "0BLIC1" == page_of(billing=licensed)["billing_id"]


def test_the_shaded_half_says_drug_description_times_and_note():
    """Three blanks stand between the pieces; times only where the layout has them."""
    line = a_line(description="Unlisted, new", started_at="0900", ended_at="1300", note=Note(text="At school"))

    assert "ZZUNLISTED NEW   AT SCHOOL" == page_of(lines=(line,))["supplement_1"]
    with_times = page_of(Layout(session_times=True), lines=(line,))["supplement_1"]
    assert "ZZUNLISTED NEW   7BEGIN 0900 END 1300   AT SCHOOL" == with_times


def test_item_19_says_the_note_and_every_paper():
    """A paper of a line stands beside those of the claim."""
    paper = Attachment(report="OZ", transmission="EL", control_number="P-1")

    page = page_of(note=Note(text="Note"), attachments=(paper,), lines=(a_line(attachments=(paper,)),))

    assert "NOTE   PWKOZELP1   PWKOZELP1" == page["additional"]


def test_an_accident_has_its_boxes_its_state_and_its_day():
    """Each of items 10a to 10c has one X; item 15 has the day."""
    (page,) = pages(an_accident(), "CN1", GRID_A)

    assert {"employment_no", "auto_yes", "accident_no"} <= set(page)
    assert ("OR", "439", "02 14 2026") == (page["auto_state"], page["other_date_kind"], page["other_date"])


def test_what_another_payer_has_paid_stands_in_item_29():
    """The patient's payment and the other payers' are one sum."""
    page = page_of(patient_paid=Decimal(10), other_payers=(the_primary(group_number=""),))

    assert ("160 00", "ABC900800700") == (page["paid"], page["other_policy"])


def test_an_unknown_sex_leaves_both_boxes_blank():
    """The form has no third box."""
    page = page_of(subscriber=a_subscriber(sex="U"))

    assert not {"patient_male", "patient_female", "insured_male", "insured_female"} & set(page)


def test_each_page_has_its_own_totals():
    """Seven lines: the first page totals six, payments stand there alone, the number stands on both."""
    first, second = pages(a_claim(lines=lines(7), patient_paid=Decimal(5)), "CN1", GRID_A)

    assert ("1440 00", "5 00", "CN1") == (first["total"], first["paid"], first["account"])
    assert ("240 00", "0 00", "CN1") == (second["total"], second["paid"], second["account"])
    assert "page_mark" not in first


def test_the_last_page_has_the_totals():
    """Seven lines: the first page says that it goes on, the last has the claim's sums."""
    first, second = pages(a_claim(lines=lines(7), patient_paid=Decimal(5)), "CN1", LAST_PAGE)

    assert ("(CONT.)", None, "PAGE 1 OF 2") == (first["total"], first.get("paid"), first["page_mark"])
    assert ("1680 00", "5 00", "PAGE 2 OF 2") == (second["total"], second["paid"], second["page_mark"])


@pytest.mark.parametrize(("count", "page_count"), [(1, 1), (6, 1), (7, 2), (50, 9)])
def test_six_lines_are_a_page(count, page_count):
    """What the form holds is six; a claim of one page has no mark."""
    form = as_printed(a_claim(lines=lines(count)), "CN1", LAST_PAGE)

    assert page_count == len(form.pages)
    assert (page_count > 1) is ("page_mark" in form.pages[0])


def test_places_of_a_line_go_before_the_claims():
    """Item 24B is the line's own where it differs, the facility is item 32."""
    page = page_of(facility=a_facility(), lines=(a_line(place_of_service="03"), a_line()))

    assert ("03", "11", "EXAMPLE ELEMENTARY SCHOOL") == (page["place_1"], page["place_2"], page["facility_name"])
