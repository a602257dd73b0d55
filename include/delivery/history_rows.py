"""
Rows of a history into claims that an earlier process sent; a claim with a wrong row is refused alone, every fault said.

One row is one service line, or the claim where the old system has no lines; rows of a claim follow each other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from include.claims.earlier import SentElsewhere, SentLine
from include.claims.facts import (
    BilledLine,
    authorization_key,
    day_key,
    member_key,
    person_hash,
    technician_key,
)
from include.claims.identifiers import line_fingerprint
from include.claims.model import Fault
from include.delivery.claim_build import Values
from include.delivery.claim_columns import SELF
from include.delivery.claim_source import check_columns
from include.delivery.clinic_table import Clinic
from include.delivery.history_columns import HISTORY_COLUMNS, LONGEST_CONTROL_NUMBER, OF_CLAIM, TAKEN_COLUMNS
from include.delivery.row_reader import Row, RowReader, fault

Placed = tuple[str, Row]
"""Where a row stands, and its cells."""

_CONTROL_NUMBER: Final = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_CONTROL_NUMBER}}}")
_OF_A_LINE: Final = ("procedure", "service_date", "charge", "units")


class HistoryRows:
    """Reads the rows of one history, whose columns are known once; raises BadSetting where the columns are wrong."""

    def __init__(self, source: str, names: Sequence[str], clinic: Clinic, *, billing_npi: str, today: date) -> None:
        """Take the clinic's source, the column names in the rows' order, and who bills where no row says it."""
        found = [name.strip().lower() for name in names]
        check_columns(source, found, "history", TAKEN_COLUMNS)
        self._at = {name: place for place, name in enumerate(found)}
        self._reader = RowReader(HISTORY_COLUMNS, self._at)
        self._of_claim = [name for name in OF_CLAIM if name in self._at]
        self._source, self._clinic = source, clinic
        self._billing_npi, self._today = billing_npi, today
        self.passed_over = 0  # rows of other clinics

    def claims(self, rows: Iterable[Placed]) -> Iterator[SentElsewhere | tuple[Fault, ...]]:
        """Yield each claim of the clinic, or what is wrong with it."""
        for _, group in groupby(rows, key=self._sent_as):
            placed = [one for one in group if self._cell(one[1], "clinic_key") in {"", self._clinic.key}]
            faults: list[Fault] = []
            if placed:
                claim = self._claim(placed, faults)
                yield claim if claim is not None else tuple(faults)

    def _sent_as(self, placed: Placed) -> tuple[str, str]:
        _, row = placed
        if self._cell(row, "clinic_key") not in {"", self._clinic.key}:
            self.passed_over += 1
        return self._cell(row, "source_claim_key"), self._cell(row, "control_number")

    def _cell(self, row: Row, name: str) -> str:
        at = self._at.get(name, len(row))
        return str(row[at]).strip() if at < len(row) else ""

    def _claim(self, placed: Sequence[Placed], faults: list[Fault]) -> SentElsewhere | None:
        rows = [self._read(place, row, faults) for place, row in placed]
        if faults:
            return None
        place, claim = placed[0][0], rows[0]
        faults += self._disagreements(place, rows)
        faults += _wrong_with_claim(place, claim, self._today)
        lines = [row for row in rows if row["procedure"]]
        faults += _wrong_with_lines(place, claim, rows, lines)
        if faults:
            return None
        # As it stands, blanks included: so the source's own rows are known by it.
        key = str(placed[0][1][self._at["source_claim_key"]])
        return self._sent(place, {**claim, "source_claim_key": key}, rows, lines)

    def _read(self, place: str, row: Row, faults: list[Fault]) -> Values:
        if len(row) != len(self._at):
            message = f"{len(self._at)} cells expected, found {len(row)}"
            faults.append(fault("row_shape", place, message, "quote cells that hold commas or line ends"))
            return {}
        before = len(faults)
        values = self._reader.read(row, lambda: place, faults)
        if len(faults) > before:
            return {}
        filled = [name for name in _OF_A_LINE[2:] if values[name] is not None]
        needed = _OF_A_LINE if values["procedure"] or filled else ()
        faults += [_together(place, name) for name in needed if values[name] in ("", None)]
        return values

    def _disagreements(self, place: str, rows: Sequence[Values]) -> Iterator[Fault]:
        for name in self._of_claim:
            if any(row[name] != rows[0][name] for row in rows):
                message = "the rows of the claim do not say the same"
                yield fault("claim_fields_agree", f"{place}, column {name}", message, "take it from the claim")

    def _sent(self, place: str, claim: Values, rows: Sequence[Values], lines: Sequence[Values]) -> SentElsewhere:
        midnight = datetime.combine(claim["sent_on"] + timedelta(days=1), time.min, ZoneInfo(self._clinic.timezone))
        return SentElsewhere(
            place=place,
            source=self._source,
            claim_key=claim["source_claim_key"],
            control_number=claim["control_number"],
            sent_on=claim["sent_on"],
            sent_before=midnight,
            payer_id=claim["payer_id"],
            frequency=claim["frequency"],
            total_charge=claim["claim_total"],
            given_claim_number=claim["given_claim_number"],
            decision=claim["decision"] or None,
            decided_on=claim["decided_on"],
            service_days=tuple(sorted({row["service_date"] for row in rows if row["service_date"]})),
            lines=tuple(self._line(claim, line) for line in lines),
        )

    def _line(self, claim: Values, line: Values) -> SentLine:
        on, procedure = line["service_date"], line["procedure"]
        session = line["session_id"] or line["started_at"]
        npi = claim["billing_npi"] or self._billing_npi
        patient = _patient(claim)
        insured = _insured(claim, patient)
        billed = BilledLine(
            source=self._source,
            claim_key=claim["source_claim_key"],
            frequency=claim["frequency"],
            # Without knowing who was treated and who billed, a second bill cannot be told from another patient's.
            fingerprint=line_fingerprint(
                member_id=insured, payer_id=claim["payer_id"], billing_npi=npi, on=on, procedure=procedure,
                session=session,
            ) if insured and npi else "",
            patient_day=day_key(patient, on),
            technician_day=technician_key(self._source, line["technician_id"], on),
            authorization_use=authorization_key(
                claim["payer_id"], line["line_prior_authorization"] or claim["prior_authorization"], procedure
            ),
            procedure=procedure,
            modifiers=" ".join(filter(None, (line[f"modifier_{number}"] for number in range(1, 5)))),
            place_of_service=line["line_place_of_service"] or claim["place_of_service"],
            rendering_npi=line["line_rendering_npi"] or claim["rendering_npi"] or npi,
            units=line["units"],
            charge=line["charge"],
            session=session,
            started_at=line["started_at"],
            ended_at=line["ended_at"],
        )  # fmt: skip
        return SentLine(source_line_key=line["source_line_key"], service_on=on, billed=billed)


def _patient(claim: Values) -> str:
    """Return the hash of a dependent, blank where the patient is the subscriber or the history does not say."""
    last, first = claim["patient_last_name"], claim["patient_first_name"]
    is_dependent = claim["patient_relationship"] not in {"", SELF}
    return person_hash(last, first, claim["patient_birth_date"]) if is_dependent and last and first else ""


def _insured(claim: Values, patient: str) -> str:
    if patient or claim["patient_relationship"] == SELF:
        return member_key(claim["subscriber_member_id"], patient) if claim["subscriber_member_id"] else ""
    return ""


def _wrong_with_claim(place: str, claim: Values, today: date) -> Iterator[Fault]:
    if not _CONTROL_NUMBER.fullmatch(claim["control_number"]):
        message = f"1 to {LONGEST_CONTROL_NUMBER} plain characters expected, found {len(claim['control_number'])}"
        yield fault("control_number_sendable", f"{place}, column control_number", message, "give CLM01 as it was sent")
    if claim["sent_on"] > today:
        yield fault("sent_before_today", f"{place}, column sent_on", "lies ahead", "give the day it was sent")
    if bool(claim["decision"]) != bool(claim["decided_on"]):
        yield _together(place, "decided_on" if claim["decision"] else "decision")
    elif claim["decided_on"] and not claim["sent_on"] <= claim["decided_on"] <= today:
        message = "lies before the day it was sent, or ahead"
        yield fault("decided_after_sent", f"{place}, column decided_on", message, "give the day the payer decided")


def _wrong_with_lines(place: str, claim: Values, rows: Sequence[Values], lines: Sequence[Values]) -> Iterator[Fault]:
    if not lines:
        return
    if len(lines) != len(rows):
        yield fault(
            "lines_whole", f"{place}, column procedure", "some rows of the claim are service lines and some are not",
            "give every line, or none",
        )  # fmt: skip
    total = sum((line["charge"] for line in lines), Decimal(0))
    if total != claim["claim_total"]:
        message = f"the charges add up to {total}, claim_total says {claim['claim_total']}"
        yield fault("claim_complete", f"{place}, column claim_total", message, "give all its lines in a row, or none")
    keys = [line["source_line_key"] for line in lines if line["source_line_key"]]
    if len(set(keys)) < len(keys):
        message = "two lines of the claim have the same key"
        yield fault(
            "line_keys_unique", f"{place}, column source_line_key", message, "look for a join that doubles rows"
        )


def _together(place: str, name: str) -> Fault:
    message = "is empty although columns that belong to it are filled"
    return fault("columns_together", f"{place}, column {name}", message, "fill it, or empty the others")
