"""What does not fit the form, or cannot be said on it, is told and never dropped or cut."""

from dataclasses import replace
from decimal import Decimal

import pytest

from include.claims.circumstances import ClaimDate, DateKind, Note, NoteKind
from include.claims.coordination import Responsibility
from include.claims.errors import BadFile
from include.claims.parties import OtherId, PersonName
from include.hcfa.faults import form_faults, page_faults
from include.hcfa.fields import FIELDS
from include.hcfa.form import pages
from include.hcfa.layout import GRID_A
from include.hcfa.print_image import write_print_image
from include.hcfa.unsaid import LEFT_OUT, REFUSED
from tests.builders import TODAY, a_claim, a_line, a_provider, a_subscriber, an_address
from tests.hcfa.variants import variants
from tests.scenarios import a_facility, a_full_form, everything, secondary_after_primary

pytestmark = pytest.mark.pure

NOT_BILLED = {
    "source", "key", "ready_at", "patient_key", "authorizations", "lines.source_line_key", "lines.session_id",
    "lines.started_at", "lines.ended_at", "lines.minutes", "lines.performed_by", "lines.supervised_by",
    "lines.location", "lines.parts", "referring.taxonomy",
}  # fmt: skip
"""What an 837P does not say either; begin and end of a service are printed where the layout has them."""

NAMED_BY_A_WARNING = {"lines.adjudications", "other_payers", "responsibility"}
"""What `left out` tells as a whole, by how their paths begin."""

SAID_BY_NO_FORM = {"payer.id", "rendering.name"}
"""`NEVER` in include/hcfa/unsaid.py."""


def blocking(claim, control_number="CN1"):
    """Return rules and places of the faults that keep a claim off paper."""
    return [(fault.rule, fault.place) for fault in form_faults(claim, control_number, GRID_A) if fault.blocks]


def test_a_plain_claim_has_no_fault():
    """Nothing of it is left out and everything fits."""
    assert () == form_faults(a_claim(), "CN1", GRID_A)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_text_that_is_too_long_is_refused(field):
    """One character more than a field holds is a fault that names the item and both lengths."""
    assert [] == list(page_faults([{field.name: "A" * field.width}]))

    (fault,) = page_faults([{field.name: "A" * (field.width + 1)}])

    assert "form_fits" == fault.rule
    assert fault.place.startswith(f"item {field.item}")
    assert f"is {field.width + 1} characters long, {field.width} fit" in fault.message


@pytest.mark.parametrize("text", ["a", "A*B", "A~B", " A", "A ", "A\nB", "É", "🙂", "A\x00B", "A\x0cB"])
@pytest.mark.parametrize("field", ["insured_id", "authorization", "patient_name", "total"])
def test_a_letter_the_form_cannot_show_is_refused(field, text):
    """Small letters, separators, control characters, other scripts and blanks at an end never reach the paper."""
    (fault,) = page_faults([{field: text}])

    assert "form_writable" == fault.rule


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"subscriber": a_subscriber(name=PersonName(last="X" * 200, first="A"))}, "item 2, 2010CA or 2010BA NM103-7"),
        ({"subscriber": a_subscriber(address=an_address(street="1 " + "LONG " * 9))}, "item 7, 2010BA N301-2"),
        ({"subscriber": a_subscriber(member_id="low")}, "item 1a, 2010BA NM109"),
        ({"diagnoses": ("F84.0000",)}, "item 21A, 2300 HI01-2"),
        ({"lines": (a_line(units=Decimal("12.25")),)}, "item 24G, line 1 of a form, 2400 SV104"),
        ({"lines": (a_line(charge=Decimal(-1)),)}, "item 24F, line 1 of a form, 2400 SV102"),
        ({"lines": (a_line(charge=Decimal("1.005")),)}, "item 24F, line 1 of a form, 2400 SV102"),
        ({"lines": (a_line(charge=Decimal("100000.00")),)}, "item 24F, line 1 of a form, 2400 SV102"),
        ({"lines": (a_line(charge=Decimal("NaN")),)}, "item 24F, line 1 of a form, 2400 SV102"),
        ({"lines": (a_line(units=Decimal(-1)),)}, "item 24G, line 1 of a form, 2400 SV104"),
        ({"lines": (a_line(diagnosis_pointers=(13,)),)}, "item 24E, line 1 of a form, 2400 SV107"),
        ({"lines": (a_line(diagnosis_pointers=(1, 1, 1, 1, 1)),)}, "item 24E, line 1 of a form, 2400 SV107"),
        ({"patient_paid": Decimal("-0.01")}, "item 29, 2300 AMT*F5, 2320 AMT*D"),
    ],
)
def test_a_claim_that_does_not_fit_names_the_item(changes, place):
    """Whatever a claim holds, the answer is a fault and no crash."""
    assert place in [where for _, where in blocking(a_claim(**changes))]


def test_all_faults_are_told_at_once():
    """The error of the writer names the claim, each item and its widths, and nobody's data."""
    claim = a_claim(
        subscriber=a_subscriber(name=PersonName(last="SECRETNAME" * 9, first="A"), member_id="secret-id"),
        lines=(a_line(unit_kind="MJ"),),
    )

    with pytest.raises(BadFile) as stop:
        write_print_image([(1, "CN1", claim)], GRID_A)

    told = str(stop.value)
    for part in ("claim CN1", "item 1a", "item 2", "item 4", "item 24G", "93 characters long, 28 fit"):
        assert part in told
    assert "secret" not in told.lower()


@pytest.mark.parametrize("number", ["", "TOO-LONG-FOR-IT", "cn1", "CN*1"])
def test_a_control_number_must_fit_its_item(number):
    """CLM01 and item 26 are the same number, or the answer finds no claim."""
    assert "item 26" in blocking(a_claim(), number)[0][1]


def test_every_thing_paper_cannot_say_is_told():
    """Each row of both tables answers to some claim, by its own name."""
    uncommon = [
        a_claim(lines=(a_line(modifiers=("A1", "A2", "A3", "A4", "A5")),)),
        a_claim(diagnoses=tuple(f"F{number}" for number in range(13))),
        a_claim(accepts_assignment="B"),
        a_claim(payer_claim_number="ICN1"),
        a_claim(
            facility=replace(a_facility(), other_ids=(OtherId(kind="LU", value="1"), OtherId(kind="G2", value="2")))
        ),
        a_claim(dates=tuple(ClaimDate(kind=kind, on=TODAY) for kind in DateKind)),
        a_claim(note=Note(kind=NoteKind.CERTIFICATION, text="A WORD")),
    ]

    told = {fault.rule for claim in [everything(), *uncommon] for fault in form_faults(claim, "CN1", GRID_A)}

    assert {one.rule for one in (*LEFT_OUT, *REFUSED)} <= told


def test_what_is_left_out_does_not_block():
    """A secondary claim goes on paper, with a warning to attach the remittance."""
    faults = form_faults(secondary_after_primary(), "CN1", GRID_A)

    assert {False} == {fault.blocks for fault in faults}
    assert {"attach the other payer's remittance"} == {fault.remedy for fault in faults}


def test_a_turn_that_is_not_the_first_is_told():
    """No box says that a payer is the second."""
    (fault,) = form_faults(a_claim(responsibility=Responsibility.SECONDARY), "CN1", GRID_A)

    assert "form_leaves_out_other_insurance" == fault.rule


def test_two_people_of_one_role_are_refused_but_a_repetition_is_not():
    """Item 17 names one person for all lines."""
    sam, kim = (a_provider(name=PersonName(last="SAMPLER", first=first)) for first in ("SAM", "KIM"))

    assert [] == blocking(a_claim(referring=sam, lines=(a_line(referring=sam),)))
    assert [("form_cannot_say_line_people", "item 17, 2420D to 2420F")] == blocking(
        a_claim(referring=sam, lines=(a_line(referring=kim),))
    )


def test_nothing_is_dropped_in_silence():
    """Change any one fact of a claim: the form changes, or a fault tells, or the fact is named here."""
    silent = set()
    for claim in (a_full_form(), secondary_after_primary()):
        before = _told(claim)
        silent |= {path for path, changed in variants(claim, everything()) if _told(changed) == before}

    known = NOT_BILLED | NAMED_BY_A_WARNING | SAID_BY_NO_FORM
    assert set() == {path for path in silent if not any(f"{path}.".startswith(f"{one}.") for one in known)}


def _told(claim):
    return pages(claim, "CN1", GRID_A), form_faults(claim, "CN1", GRID_A)
