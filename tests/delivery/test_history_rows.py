"""Rows of a history: what is sound is read as the source's own claim would be, what is wrong is refused alone."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from include.claims.earlier import SentElsewhere, is_what_was_sent
from include.claims.errors import BadSetting
from include.claims.facts import billed_lines
from include.claims.model import Claim
from include.claims.states import Event
from include.delivery.clinic_table import Clinic, clinic_from_row
from include.delivery.history_columns import HISTORY_COLUMNS
from include.delivery.history_rows import HistoryRows
from tests.builders import BILLING_NPI, a_claim, a_dependent_claim
from tests.contract_rows import read_back, rows_of
from tests.earlier import SENT_ON, history_rows
from tests.night import CLINIC, CLINIC_ROW
from tests.strategies import EXAMPLES, claims

pytestmark = pytest.mark.pure

TODAY = date(2026, 3, 6)
FEW = ("source_claim_key", "control_number", "sent_on", "payer_id", "claim_total")


def clinic() -> Clinic:
    """Return the clinic whose history it is."""
    return clinic_from_row(CLINIC_ROW)


def read(*rows, npi=BILLING_NPI):
    """Return what rows with the same columns say: claims, and the faults of those that are wrong."""
    reader = HistoryRows("example_practice", list(rows[0]), clinic(), billing_npi=npi, today=TODAY)
    return list(reader.claims((f"h.csv row {n}", list(row.values())) for n, row in enumerate(rows, start=2)))


def few(**changes):
    """Return a row with what must be there, and nothing else."""
    [row] = history_rows([a_claim()])
    return {name: row[name] for name in FEW} | changes


def faults(*rows):
    """Return the faults of rows that make one claim, as (where, rule)."""
    [found] = read(*rows)
    return [(fault.place, fault.rule) for fault in found]


def test_five_columns_are_enough():
    """An old system's table of sent claims: key, CLM01, day, payer, total."""
    [sent] = read(few(control_number="pcn 12-a"))

    assert isinstance(sent, SentElsewhere)
    assert ("C-1", "pcn 12-a", SENT_ON, (), ()) == (
        sent.claim_key, sent.control_number, sent.sent_on, sent.lines, sent.service_days,
    )  # fmt: skip
    # Midnight of Los Angeles.
    assert datetime(2026, 3, 6, 8, tzinfo=UTC) == sent.sent_before


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims())
def test_lines_are_compared_as_the_sources_own(claim):
    """Exported by the contract's query, a claim has the fingerprints it would have had if we had sent it."""
    pending = read_back(claim)
    assert isinstance(pending, Claim)

    [sent] = read(*history_rows([claim]))

    assert isinstance(sent, SentElsewhere)
    assert is_what_was_sent(pending, sent.revision, None)
    # Of a subscriber's name nothing is asked, so nobody's day is known.
    known = [line._replace(patient_day=line.patient_day if claim.dependent else "") for line in billed_lines(pending)]
    assert [line._replace(source="example_practice") for line in known] == [line.billed for line in sent.lines]


def test_the_whole_contract_may_stand_there():
    """One query serves both: columns a history does not need are passed over, unknown ones are refused."""
    whole = [{**rows_of(a_claim())[0], "clinic_key": CLINIC, "control_number": "A", "sent_on": "2026-03-05"}]

    assert isinstance(read(*whole)[0], SentElsewhere)
    with pytest.raises(BadSetting, match=r"column sent_at is unknown \(did you mean sent_on"):
        read({**few(), "sent_at": ""})
    with pytest.raises(BadSetting, match="column sent_on is missing"):
        read({name: "" for name in FEW if name != "sent_on"})


@pytest.mark.parametrize("changes", [{"subscriber_member_id": ""}, {"patient_relationship": ""}])
def test_without_knowing_who_was_treated_nothing_is_blocked(changes):
    """A line of an unknown person would block other people's; it has no fingerprint."""
    [sent] = read(*history_rows([a_claim()], **changes))

    assert [""] == [line.billed.fingerprint for line in sent.lines]


def test_a_dependent_without_a_name_is_not_taken_for_the_parent():
    """Brothers and sisters share a member id."""
    [sent] = read(*history_rows([a_dependent_claim()], patient_last_name=""))

    assert [""] == [line.billed.fingerprint for line in sent.lines]


def test_the_clinics_only_biller_stands_for_all():
    """An old table rarely says who billed."""
    [row] = history_rows([a_claim()], billing_npi="")

    assert read(row)[0].lines[0].billed.fingerprint
    assert not read(row, npi="")[0].lines[0].billed.fingerprint


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"source_claim_key": ""}, "source_claim_key", "column_value_present"),
        ({"payer_id": " "}, "payer_id", "column_value_present"),
        ({"control_number": "x" * 21}, "control_number", "control_number_sendable"),
        ({"control_number": "é"}, "control_number", "control_number_sendable"),
        ({"sent_on": "03/05/2026"}, "sent_on", "column_type"),
        ({"sent_on": "2026-03-07"}, "sent_on", "sent_before_today"),
        ({"claim_total": "240.001"}, "claim_total", "amount_exact"),
        ({"claim_total": "239.00"}, "claim_total", "claim_complete"),
        ({"decision": "won"}, "decision", "code_known"),
        ({"decision": "paid"}, "decided_on", "columns_together"),
        ({"decision": "paid", "decided_on": "2026-03-04"}, "decided_on", "decided_after_sent"),
        ({"units": ""}, "units", "columns_together"),
        ({"procedure": ""}, "procedure", "columns_together"),
    ],
)
def test_a_wrong_cell_is_named(changes, column, rule):
    """Row, column and rule are said, and the claim is refused whole."""
    assert (f"h.csv row 2, column {column}", rule) in faults(*history_rows([a_claim()], **changes))


def test_a_claim_with_a_wrong_row_is_refused_alone():
    """The claims before and after it are read."""
    first, second, third = (a_claim(key=key) for key in ("C-1", "C-2", "C-3"))
    bad = [{**row, "charge": "x"} for row in history_rows([second])]

    found = read(*history_rows([first]), *bad, *history_rows([third]))

    assert [True, False, True] == [isinstance(one, SentElsewhere) for one in found]


def test_rows_of_one_claim_must_agree():
    """What belongs to the claim stands on each of its rows; a line stands once."""
    [row] = history_rows([a_claim()])
    half = {**row, "claim_total": "480.00"}

    assert ("h.csv row 2, column payer_id", "claim_fields_agree") in faults(half, {**half, "payer_id": "88888"})
    assert [("h.csv row 2, column source_line_key", "line_keys_unique")] == faults(half, half)
    blank = dict.fromkeys(("procedure", "charge", "units"), "")
    assert [("h.csv row 2, column procedure", "lines_whole")] == faults(row, row | blank)
    assert [("h.csv row 2", "row_shape")] == [(one.place, one.rule) for one in _short(row)]


def _short(row):
    reader = HistoryRows("example_practice", list(row), clinic(), billing_npi="", today=TODAY)
    cut = list(row.values())[: list(row).index("payer_id") + 1]
    [found] = reader.claims([("h.csv row 2", cut)])
    return found


def test_rows_of_other_clinics_are_passed_over():
    """One export of all clinics may be read for each of them."""
    rows = [few(clinic_key=CLINIC), few(clinic_key="elsewhere"), few(clinic_key="elsewhere")]
    reader = HistoryRows("example_practice", list(rows[0]), clinic(), billing_npi="", today=TODAY)

    found = list(reader.claims(("", list(row.values())) for row in rows))

    assert (1, 2) == (len(found), reader.passed_over)


def test_a_decision_is_the_payers_word():
    """Paid, denied or left to the patient, with its day."""
    [sent] = read(few(decision="denied", decided_on="2026-03-06"))

    assert (Event.DENIED, date(2026, 3, 6)) == (sent.decision, sent.decided_on)


def test_every_column_that_is_read_is_in_the_rows():
    """The builder's rows name every column, so that none goes untested."""
    assert {one.name for one in HISTORY_COLUMNS} == set(history_rows([a_claim()])[0])
