"""The print image: 66 lines a form, by position, and read back as it was written."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.hcfa.faults import form_faults
from include.hcfa.form import as_printed
from include.hcfa.layout import GRID_A, PAPER, Layout, Totals
from include.hcfa.print_image import write_print_image
from include.hcfa.read_print_image import read_print_image
from tests.builders import a_claim, a_dependent_claim, lines, the_worked_example
from tests.strategies import EXAMPLES, claims_for_paper

pytestmark = pytest.mark.pure

LAYOUTS = {
    "grid A": GRID_A,
    "NUCC": PAPER,
    "margins": Layout(top_margin=3, left_margin=1),
    "last page": Layout(totals=Totals.LAST_PAGE),
    "times": Layout(session_times=True),
}
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def printed(*claims, layout=GRID_A):
    """Return the file of these claims, numbered from 1."""
    return write_print_image([(number, f"CN{number}", claim) for number, claim in enumerate(claims, 1)], layout)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_form_is_66_lines_of_80_columns(name):
    """Lines end in CR LF without blanks before it; a form feed stands between forms and not after the last."""
    layout = LAYOUTS[name]

    content = printed(a_claim(lines=lines(50)), the_worked_example(), layout=layout).content.decode("ascii")

    forms = content.split("\f")
    assert 10 == len(forms)
    for form in forms:
        *rows, after = form.split("\r\n")
        assert (66, "") == (len(rows), after)
        assert all(len(row) <= layout.columns and row == row.rstrip() for row in rows)


def test_lines_of_the_worked_example():
    """The service lines stand character for character where practice systems print them."""
    rows = printed(the_worked_example()).content.decode().split("\r\n")

    assert "03 02 26 03 02 26 11    97153   HM          A      240 00 16       1987654328" == rows[43]
    assert "731234567         X   CN1            X               360 00      0 00" == rows[55]


def test_each_submission_knows_its_first_form():
    """A claim of nine pages moves the next to the tenth form."""
    starts = printed(a_claim(lines=lines(50)), a_dependent_claim(), a_claim()).starts

    assert {1: 1, 2: 10, 3: 11} == starts


def test_a_file_without_claims_is_refused():
    """An empty file would be uploaded for nothing."""
    with pytest.raises(BadFile, match="no claim to write"):
        write_print_image([], GRID_A)


@BOUNDED
@given(st.lists(claims_for_paper(), min_size=1, max_size=3), st.sampled_from(sorted(LAYOUTS)))
def test_what_is_printed_reads_back(claims, name):
    """Every claim that has no blocking fault can be printed and says the same when it is read, in every layout."""
    layout = LAYOUTS[name]
    assume(not any(fault.blocks for claim in claims for fault in form_faults(claim, "CN1", layout)))

    content = printed(*claims, layout=layout).content

    read = read_print_image(content, layout)
    assert () == read.faults
    assert tuple(as_printed(claim, f"CN{number}", layout) for number, claim in enumerate(claims, 1)) == read.forms
    assert content == printed(*claims, layout=layout).content


@BOUNDED
@given(claims_for_paper())
def test_faults_and_the_writer_agree(claim):
    """The writer refuses a claim exactly where a fault blocks it."""
    blocked = any(fault.blocks for fault in form_faults(claim, "CN1", GRID_A))

    try:
        printed(claim)
    except BadFile:
        assert blocked
    else:
        assert not blocked


@pytest.mark.parametrize(
    ("spoil", "rule", "message"),
    [
        (lambda text: text + "X", "form_ends_its_lines", "does not end in CR LF"),
        (lambda text: text.replace("\r\n", "", 1), "form_has_66_lines", "65 lines, a form has 66"),
        (lambda text: text + text, "form_feed_between_forms", "132 lines: a form feed is missing"),
        (lambda text: text + "\f", "form_has_66_lines", "0 lines"),
        (lambda text: text.replace("\r\n", " " * 81 + "\r\n", 1), "form_fits_its_width", "line 1 has 81 columns of 80"),
        (lambda text: "X" + text, "form_has_no_stray_ink", "line 1, column 1: no field is there"),
        (lambda text: text.replace("CN1", "   "), "form_names_its_claim", "item 26 is blank"),
        (lambda text: text.replace("97153", "97153Ł"), "form_has_no_stray_ink", ""),
        (lambda text: text.replace("\r\n", "\n"), "form_has_66_lines", "0 lines"),
    ],
)
def test_a_file_that_leaves_its_layout_is_told(spoil, rule, message):
    """Each departure is a fault of its own that names form, line and column."""
    text = printed(a_claim()).content.decode()

    faults = read_print_image(spoil(text).encode(), GRID_A).faults

    assert rule in {fault.rule for fault in faults}
    assert any(message in fault.message for fault in faults)


def test_a_file_of_another_grid_is_told():
    """Read by the wrong layout, ink falls where no field is."""
    content = printed(a_claim(), layout=PAPER).content

    assert "form_has_no_stray_ink" in {fault.rule for fault in read_print_image(content, GRID_A).faults}


def test_pages_are_joined_by_control_number():
    """Two claims that look alike stay two, for their numbers differ."""
    claim = a_claim(lines=lines(13))

    read = read_print_image(printed(claim, replace(claim, key="C-9")).content, GRID_A)

    assert [("CN1", 3), ("CN2", 3)] == [(form.control_number, len(form.pages)) for form in read.forms]
