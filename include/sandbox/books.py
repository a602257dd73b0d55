"""
The payers' calendar: which claim is due for what on which day, and the files that come of it.

A day is closed once, when the sandbox's clock has passed its morning; then everything due on it is said at once: an
account's acknowledgements, one EDI Status report, and one remittance a payer and payee. All of it follows from the
files that were taken, so a restarted sandbox reads those again and goes on behind the last day that was written out.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from include.sandbox.acknowledgement_277ca import INFORMATION_CODE, OF_FATES, Head, Spoken, acknowledgement_277ca
from include.sandbox.answers import Answer
from include.sandbox.contract import HALF, ZERO, Forwarded, Payment, adjudicate
from include.sandbox.edi_status import Said, StatusOf, edi_status
from include.sandbox.fates import FRONT_END_REFUSALS, LIFE_OF, Fate, Stage, fate_of
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payer_memory import PayerMemory, Till, till_of
from include.sandbox.payers import PayerList
from include.sandbox.remittance import Remittance, era_zip
from include.sandbox.reports import Report
from include.sandbox.taken import TakenFile
from include.sandbox.upload import Party, Upload

MORNING: Final = time(6)
_MONEY: Final = frozenset({Stage.ADJUDICATE, Stage.SECOND_PAYER, Stage.TAKE_BACK})
_FIRST_ID: Final = {9: 444_000_000, 10: 1_027_000_000}
_ASKS: Final = "PLEASE SEND THE TREATMENT PLAN AND THE SESSION NOTES OF THESE DATES OF SERVICE"
_WHY: Final = {
    Fate.REJECTED: "THE DATE OF SERVICE IS NOT VALID FOR THIS MEMBER",
    Fate.RETURNED: "THE SUBSCRIBER AND THE SUBSCRIBER ID WERE NOT FOUND",
    Fate.LINE_REJECTED: "A PROCEDURE CODE OF THIS CLAIM IS NOT COVERED BY THE PLAN",
    Fate.PROVIDER_REJECTED: "THE BILLING PROVIDER IS NOT APPROVED AS AN ELECTRONIC SUBMITTER",
    Fate.SUBMITTER_REJECTED: "THE SUBMITTER OF THE CLAIM IS NOT APPROVED",
}


class Books:
    """Holds what payers owe an answer, and gives out each day's answers once."""

    def __init__(self, home: Path, *, payers: PayerList, answers: frozenset[Answer], id_digits: int | None) -> None:
        self._path = home / "days.json"
        self._payers = payers
        self._answers = answers
        self._id_digits = id_digits
        self._memory = PayerMemory()
        self._due: defaultdict[date, list[tuple[Stage, Forwarded]]] = defaultdict(list)
        self._held: defaultdict[str, list[Report]] = defaultdict(list)
        self._last: dict[str, list[Report]] = {}
        self._last_era: dict[str, tuple[str, Remittance]] = {}
        self._ids = 0
        self._closed: date | None = None

    def forward(self, file: TakenFile, upload: Upload) -> None:
        """Give a file's accepted claims to their payers."""
        day = datetime.fromisoformat(file.at).date()
        self._closed = self._closed or day
        payers = sorted({one.payer_id for one in file.claims if one.verdict != "refused"})
        part_ids = dict(zip(payers, file.part_ids, strict=True))
        claims = (claim for uploaded in upload.sets for claim in uploaded.claims)
        for claim, taken in zip(claims, file.claims, strict=True):
            if not taken.forwarded:
                continue
            fate = fate_of(claim.total, self._payers.fates.get(claim.payer.id))
            forwarded = Forwarded(
                claim=claim,
                fate=fate,
                account=file.account,
                part_id=part_ids[claim.payer.id],
                claim_id=taken.clearinghouse_claim_id,
                received=f"{day:%Y%m%d}",
                reference=upload.reference,
                submitter=upload.submitter,
            )
            for days, stage in LIFE_OF[fate].days:
                self._due[day + timedelta(days)].append((stage, forwarded))

    def go_on(self) -> None:
        """Come to where an earlier sandbox stopped, writing nothing."""
        if not self._path.exists():
            return
        kept = json.loads(self._path.read_text(encoding="utf-8"))
        for day in self._days_until(date.fromisoformat(kept["day"])):
            self.close(day, lambda _: Misbehaviour())
        self._ids = int(kept["ids"])

    def days_due(self, now: datetime) -> list[date]:
        """Return the days whose morning has passed and that are not closed."""
        return list(self._days_until(now.date() if now.time() >= MORNING else now.date() - timedelta(1)))

    def close(self, day: date, mood: Callable[[str], Misbehaviour]) -> dict[str, list[Report]]:
        """Return each account's answers of a day."""
        self._closed = day
        due = self._due.pop(day, [])
        said = self._say(day, due, mood)
        return {account: reports for account, reports in said.items() if reports}

    def keep(self, day: date) -> None:
        """Note that everything up to that day was written out."""
        made = self._path.with_suffix(".new")
        made.write_text(json.dumps({"day": day.isoformat(), "ids": self._ids}), encoding="utf-8")
        made.replace(self._path)

    def _days_until(self, last: date) -> Iterator[date]:
        closed = self._closed
        while closed is not None and closed < last:
            closed += timedelta(1)
            yield closed

    def _say(
        self, day: date, due: Sequence[tuple[Stage, Forwarded]], mood: Callable[[str], Misbehaviour]
    ) -> dict[str, list[Report]]:
        remittances = self._remittances(day, due)
        said = {}
        for account in sorted({*self._last, *(forwarded.account for _, forwarded in due)}):
            said[account] = self._say_to(
                account,
                day,
                [(stage, forwarded) for stage, forwarded in due if forwarded.account == account],
                [one for one in remittances if one.account == account],
                mood(account),
            )
        return said

    def _say_to(
        self,
        account: str,
        day: date,
        due: Sequence[tuple[Stage, Forwarded]],
        remittances: Sequence[Remittance],
        mood: Misbehaviour,
    ) -> list[Report]:
        again = self._again(account, mood)
        times = 2 if mood.answer_twice else 1
        early = [report for _ in range(times) for report in self._acknowledgements(account, day, due)]
        money = [self._era(one, mood) for one in remittances for _ in range(times)]
        if mood.hold_acknowledgements and not money:
            self._held[account] += early
            early = []
        late = self._held.pop(account, []) if money else []
        fresh = [*early, *money, *late]
        if fresh:
            self._last[account] = fresh
        return [*again, *fresh]

    # --- acknowledgements ---

    def _acknowledgements(self, account: str, day: date, due: Sequence[tuple[Stage, Forwarded]]) -> Iterator[Report]:
        if Answer.CLAIM_ACKNOWLEDGEMENT in self._answers:
            for stage, form in (
                (Stage.ACKNOWLEDGE, "{account}_{id}_HCFA_277ca_{day:%Y%m%d}.txt"),
                (Stage.ASK, "{id}_EDI_STATUS_HCFA_{day:%Y%m%d}.277"),
            ):
                yield from self._acknowledgements_277ca(account, day, [one for at, one in due if at is stage], form)
        statuses = [StatusOf(forwarded=one, said=_said(one, stage)) for stage, one in due if stage in _REPORTED]
        if statuses and Answer.EDI_STATUS in self._answers:
            yield Report(
                name=f"{self._next_id()}_EDI_STATUS_{day:%Y%m%d}.txt", content=edi_status(account, statuses, day)
            )

    def _acknowledgements_277ca(self, account: str, day: date, due: Sequence[Forwarded], form: str) -> Iterator[Report]:
        uploads: defaultdict[tuple[str, str, bool], list[Forwarded]] = defaultdict(list)
        for one in due:
            uploads[one.reference, one.claim.payer.id, one.fate is Fate.SUBMITTER_REJECTED].append(one)
        for (reference, _, refused), claims in uploads.items():
            file_id = self._next_id()
            head = Head(
                file_id=file_id,
                at=datetime.combine(day, MORNING),
                isa_receiver=account.upper(),
                gs_receiver=account.upper()[:15],
                submitter=claims[0].submitter,
                reference=reference,
                source=claims[0].claim.payer,
                from_payer=True,
                refuses_submitter=OF_FATES[Fate.SUBMITTER_REJECTED] if refused else "",
            )
            spoken = [_spoken(one, asks=form.endswith(".277")) for one in claims]
            name = form.format(account=account, id=file_id, day=day)
            yield Report(name=name, content=acknowledgement_277ca(head, spoken))

    # --- money ---

    def _remittances(self, day: date, due: Sequence[tuple[Stage, Forwarded]]) -> list[Remittance]:
        tills: defaultdict[Till, list[Payment]] = defaultdict(list)
        for stage, forwarded in due:
            if stage in _MONEY:
                for payment in self._memory.decide(forwarded, stage):
                    tills[till_of(payment)].append(payment)
        found = [self._memory.settle(till, payments, day) for till, payments in tills.items()]
        return found if Answer.REMITTANCE in self._answers else []

    def _era(self, remittance: Remittance, mood: Misbehaviour) -> Report:
        if mood.add_foreign_claim:
            remittance = replace(remittance, payments=(*remittance.payments, _foreign(remittance)))
        file_id = self._next_id()
        self._last_era[remittance.account] = (file_id, remittance)
        return era_zip(file_id, remittance, unbalanced=mood.unbalance_remittance)

    def _again(self, account: str, mood: Misbehaviour) -> list[Report]:
        again = list(self._last.get(account, [])) if mood.redeliver_answers else []
        if mood.correct_under_old_name and account in self._last_era:
            file_id, remittance = self._last_era[account]
            again.append(era_zip(file_id, _corrected(remittance)))
        return again

    def _next_id(self) -> str:
        self._ids += 1
        digits = self._id_digits or (9 if self._ids % 2 else 10)
        return str(_FIRST_ID[digits] + self._ids)


_REPORTED: Final = frozenset({Stage.REPORT, Stage.ASK})


def _spoken(one: Forwarded, *, asks: bool) -> Spoken:
    spoken = Spoken(claim=one.claim, codes=("A2:20",), clearinghouse_number=one.claim_id)
    if asks:
        return replace(spoken, codes=(INFORMATION_CODE,), payer_number=one.payer_claim_number, words=_ASKS)
    if one.fate not in FRONT_END_REFUSALS:
        return replace(spoken, payer_number=one.payer_claim_number)
    return replace(
        spoken,
        codes=(OF_FATES[one.fate],),
        words=_WHY[one.fate],
        lines=tuple(one.claim.lines[:1]) if one.fate is Fate.LINE_REJECTED else (),
        with_provider=one.fate is Fate.PROVIDER_REJECTED,
    )


def _said(one: Forwarded, stage: Stage) -> tuple[Said, ...]:
    if stage is Stage.ASK:
        return (Said(one.payer_claim_number, "PENDING", _ASKS),)
    if one.fate in FRONT_END_REFUSALS:
        return (Said("", "REJECTED", _WHY[one.fate]),)
    return (
        Said("", "ACCEPTED", "THE CLAIM WAS RECEIVED"),
        Said(
            one.payer_claim_number,
            "ACCEPTED",
            "THE CLAIM WAS ACCEPTED FOR PROCESSING AND HAS GOT A NUMBER OF THE PAYER",
        ),
    )


def _foreign(remittance: Remittance) -> Payment:
    """Return the payment of a claim that nobody sent from here."""
    model = remittance.payments[0].forwarded
    stranger = Party(last="STRANGER", first="EXAMPLE", id="NOTOURS001")
    number = f"XX{remittance.paid_on:%Y%m%d}"
    claim = replace(
        model.claim,
        control_number=number,
        subscriber=stranger,
        patient=None,
        lines=[replace(line, reference="") for line in model.claim.lines],
    )
    return replace(
        adjudicate(replace(model, claim=claim)), payer=remittance.payer, number=f"{remittance.payer.id}{number}"
    )


def _corrected(remittance: Remittance) -> Remittance:
    """Return the same transfer with less for the first claim that was paid."""
    payments = list(remittance.payments)
    at = next((at for at, one in enumerate(payments) if one.paid > ZERO), None)
    if at is None:
        return remittance
    paid = payments[at]
    payments[at] = replace(adjudicate(paid.forwarded, rate=HALF), payer=paid.payer, number=paid.number)
    corrected = replace(remittance, payments=tuple(payments))
    return corrected if corrected.amount >= ZERO else remittance
