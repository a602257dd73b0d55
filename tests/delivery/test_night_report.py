"""The night report adds up, or says where it does not."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from include.claims.states import Delivery, FrontEnd, Usage, Work
from include.delivery.night_report import as_text, night_report
from include.delivery.records import Batch, ClaimLine, ResponseStatus, SetAside, StatusRow, Story

pytestmark = pytest.mark.pure

LINE = ClaimLine(
    clinic_key="acorn_aba",
    source="practice",
    claim_key="C-1",
    control_number="A0000000000001",
    usage=Usage.LIVE,
    delivery=Delivery.SENT,
    front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE,
    work=Work.NOBODY,
    contradicted=False,
    reasons=(),
    charge=Decimal("120.50"),
    file_name="",
    run_id="",
)
HELD = replace(LINE, delivery=Delivery.HELD, front_end=FrontEnd.NONE, reasons=("member_id_present: no member id",))
REJECTED = replace(LINE, front_end=FrontEnd.REJECTED_BY_CLEARINGHOUSE, reasons=("FE69: unknown payer",))


class GivenReport:
    """A report ledger with given lines."""

    def __init__(self, *lines: ClaimLine, set_aside: tuple[SetAside, ...] = ()) -> None:
        self._lines = lines
        self._set_aside = set_aside

    def claim_lines(self, clinic_key: str = "", control_number: str = "") -> Iterator[ClaimLine]:
        return iter(self._lines)

    def batches(self, clinic_key: str = "") -> list[Batch]:
        return []

    def set_aside(self) -> list[SetAside]:
        return list(self._set_aside)

    def stories(self, name: str) -> list[Story]:
        return []

    def status_feed(self, after: int, limit: int, clinic_key: str = "") -> list[StatusRow]:
        return []


def test_every_claim_is_at_one_place_and_the_hops_add_up():
    """Collected is the sum of what was held and sent, sent the sum of its verdicts, in claims and dollars."""
    report = night_report(GivenReport(LINE, HELD, REJECTED), {"acorn_aba": "acorn"})

    hops = report.clinics["acorn_aba"].hops

    assert (3, Decimal("361.50")) == (hops["collected"].claims, hops["collected"].dollars)
    assert (1, 2, 1, 1) == tuple(hops[name].claims for name in ("held", "sent", "accepted", "rejected"))
    assert [] == report.faults


def test_a_clinic_with_nothing_is_a_row():
    """Silence is shown, so that it does not look like success."""
    text = as_text(night_report(GivenReport(), {"quiet_aba": "acorn"}))

    assert any(line.startswith("quiet_aba") for line in text.splitlines())


def test_reasons_are_counted_by_clinic():
    """Held and rejected claims are listed with their reason and how many share it."""
    text = as_text(night_report(GivenReport(HELD, HELD, REJECTED), {"acorn_aba": "acorn"}))

    assert "2  member_id_present: no member id" in text
    assert "1  FE69: unknown payer" in text


def test_a_test_copy_is_no_claim():
    """Copies made for a test file are not counted as claims or dollars."""
    report = night_report(GivenReport(replace(LINE, usage=Usage.TEST)), {"acorn_aba": "acorn"})

    assert 0 == report.clinics["acorn_aba"].hops["collected"].claims
    assert 1 == report.clinics["acorn_aba"].test_copies


def test_contradicted_answers_do_not_reconcile():
    """A claim whose answers contradict each other is the first thing a person reads."""
    report = night_report(GivenReport(replace(LINE, contradicted=True)), {})

    assert ["acorn_aba: claim A0000000000001: its answers contradict each other; a person must look"] == report.faults
    assert "Does not reconcile:" in as_text(report)


def test_answers_nobody_could_apply_are_listed():
    """A quarantined response is named with its reason."""
    aside = SetAside(
        mailbox_key="acorn", name="1_CC1_999.999", status=ResponseStatus.QUARANTINED, reason="segment 3: cut"
    )

    text = as_text(night_report(GivenReport(set_aside=(aside,)), {}))

    assert "acorn  1_CC1_999.999  quarantined: segment 3: cut" in text
