"""The night report adds up, or says where it does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from include.claims.states import Adjudication, BatchStatus, Delivery, Event, FrontEnd, Usage, Work
from include.delivery.file_hops import FILE_HOPS
from include.delivery.night_report import as_text, night_report
from include.delivery.records import Batch, ClaimLine, Kind, ResponseStatus, RunKey, SetAside, StatusRow, Story

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


BATCH = Batch(
    id=1, number=7, clinic_key="acorn_aba", mailbox_key="acorn", run=RunKey(dag_id="d", run_id="r"), kind=Kind.LIVE,
    usage=Usage.LIVE, file_name="837P_7.txt", interchange_number=7, group_number=7, reference="7",
    created_at=datetime(2026, 3, 6, tzinfo=UTC), settings={}, claim_count=3, total_charge=Decimal("361.50"),
    status=BatchStatus.SENT, payload_sha256="0", size=1,
)  # fmt: skip


class GivenReport:
    """A report ledger with given lines."""

    def __init__(
        self, *lines: ClaimLine, set_aside: tuple[SetAside, ...] = (), batches: tuple[Batch, ...] = ()
    ) -> None:
        self._lines = lines
        self._set_aside = set_aside
        self._batches = batches

    def claim_lines(self, clinic_key: str = "", control_number: str = "") -> Iterator[ClaimLine]:
        return iter(self._lines)

    def batches(self, clinic_key: str = "") -> list[Batch]:
        return list(self._batches)

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


def test_a_file_is_shown_hop_by_hop():
    """Batch, 999, clearinghouse, payers, money: each line adds up to the file, in claims and dollars."""
    sent = replace(LINE, file_name=BATCH.file_name, set_answer=Event.SET_ACCEPTED)
    paid = replace(
        sent, front_end=FrontEnd.ACCEPTED_BY_PAYER, adjudication=Adjudication.PAID, paid=Decimal("80.00"),
    )  # fmt: skip
    refused = replace(sent, delivery=Delivery.SET_REFUSED, front_end=FrontEnd.NONE, set_answer=Event.SET_REFUSED)

    report = night_report(GivenReport(paid, sent, refused, batches=(BATCH,)), {})

    assert [] == report.faults
    assert (
        "  837P_7.txt  3 $361.50  SENT\n"
        "    999            = 2 $241.00 accepted + 1 $120.50 refused\n"
        "    clearinghouse  = 2 $241.00 accepted + 1 $120.50 no claim made\n"
        "    payers         = 1 $120.50 answered + 1 $120.50 silent + 1 $120.50 not reached\n"
        "    money          = 1 $120.50 decided + 2 $241.00 open; paid $80.00\n"
    ) in as_text(report)


def test_a_file_with_nothing_open_is_not_shown():
    """What is paid, rejected or gone on leaves the list."""
    decided = replace(LINE, file_name=BATCH.file_name, adjudication=Adjudication.DENIED)
    done = [decided, replace(REJECTED, file_name=BATCH.file_name), replace(decided, delivery=Delivery.RENEWED)]

    assert BATCH.file_name not in as_text(night_report(GivenReport(*done, batches=(BATCH,)), {}))


def test_a_999_that_leaves_a_claim_out_does_not_reconcile():
    """Some sets answered and one not: the one is named by its money."""
    sent = replace(LINE, file_name=BATCH.file_name, set_answer=Event.SET_ACCEPTED)

    report = night_report(GivenReport(sent, sent, replace(sent, set_answer=None), batches=(BATCH,)), {})

    assert ["acorn_aba: file 837P_7.txt: its 999 says nothing of 1 $120.50"] == report.faults


def test_a_claim_that_left_its_file_does_not_reconcile():
    """What was sealed and what the ledger holds of it differ."""
    sent = replace(LINE, file_name=BATCH.file_name)

    report = night_report(GivenReport(sent, sent, batches=(BATCH,)), {})

    assert ["acorn_aba: file 837P_7.txt was sealed with 3 $361.50, the ledger has 2 $241.00"] == report.faults


def test_every_claim_is_at_one_place_of_each_hop():
    """Whatever state a claim is in, no hop leaves it out and none counts it twice."""
    answers = (None, Event.SET_ACCEPTED, Event.SET_REFUSED)
    for delivery, front_end, adjudication, said in product(Delivery, FrontEnd, Adjudication, answers):
        line = replace(LINE, delivery=delivery, front_end=front_end, adjudication=adjudication, set_answer=said)
        assert {1} == {sum(is_there(line) for is_there in places.values()) for places in FILE_HOPS.values()}, line


def test_what_was_refused_is_listed_with_what_becomes_of_it():
    """The fault and the fate, a line each."""
    text = as_text(night_report(GivenReport(), {}, refused=["file 837P_7.txt was refused. It waits for a person."]))

    assert "Refused before a claim was made of it:\n  file 837P_7.txt was refused." in text


def test_paused_deliveries_stand_above_the_reasons():
    """Who reads the page sees first whose claims cannot go."""
    text = as_text(night_report(GivenReport(), {"acorn_aba": "acorn"}, paused=["account acorn: refused"]))

    assert "Deliveries paused, a login was refused:\n  account acorn: refused\n" in text
    assert text.index("Deliveries paused") < text.index("Held, with the reason")
    assert "paused" not in as_text(night_report(GivenReport(), {"acorn_aba": "acorn"}))
