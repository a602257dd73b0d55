"""
What the sandbox does with a file: takes it away, judges it, writes it in its log and says what to answer.

Files and logs only, no server, so that a test may hand it a file. The order is that of a real one: the file leaves
`inbound` first, then it is looked at, then the log has it, then answers come; a sandbox that is killed in between
finishes at its next start.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from include.claims.errors import BadFile
from include.claims.states import Usage
from include.officeally.names import FileFormat, usage_of
from include.sandbox.acknowledgement_277ca import CLEARINGHOUSE, OF_EDITS, Head, Spoken, acknowledgement_277ca
from include.sandbox.answers import Answer
from include.sandbox.books import Books
from include.sandbox.edits import WORDS, Desk, History, edit_claim
from include.sandbox.forms import is_whole, read_forms
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList
from include.sandbox.reports import (
    Edited,
    Receipt,
    Report,
    acknowledgement_999,
    error_report,
    file_summary,
    refused_interchange,
)
from include.sandbox.structure import SetVerdict, judge
from include.sandbox.taken import TakenClaim, TakenFile, append_taken, read_taken
from include.sandbox.upload import Upload, UploadedClaim, is_complete, read_upload
from include.x12.segments import chunks_of, decode, read_segments

_FIRST_ID: Final = {9: 443_000_000, 10: 1_026_000_000}
"""File ids had nine digits and have ten; both still come back (observed)."""

_FIRST_CLAIM_ID: Final = 3_100_000_000

_OF_PAYERS: Final = frozenset({Answer.CLAIM_ACKNOWLEDGEMENT, Answer.EDI_STATUS, Answer.REMITTANCE})

_OF_FAILURES: Final = {"FF02": "022", "FF03": "009", "FF10": "001", "FF13": "023", "FF15": "025"}
"""TA105 of the failures that are the interchange's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file that was taken, and what to answer."""

    file: TakenFile
    reports: tuple[Report, ...]


class Numbers:
    """Hands out file ids and claim ids, going on where the log ends; nine and ten digits in turn."""

    def __init__(self, log: Sequence[TakenFile], id_digits: int | None) -> None:
        self._files = len(log)
        self._ids = sum(1 + len(file.part_ids) for file in log)
        self._claims = sum(len(file.claims) for file in log)
        self._id_digits = id_digits
        self._digits = id_digits or 9

    def next_upload(self) -> str:
        """Return the id of another upload; its parts and second answers keep its number of digits."""
        self._files += 1
        self._digits = self._id_digits or (9 if self._files % 2 else 10)
        return self.next_file_id()

    def next_file_id(self) -> str:
        """Return another file id."""
        self._ids += 1
        return str(_FIRST_ID[self._digits] + self._ids)

    def next_claim_id(self) -> str:
        """Return another claim id of ten digits."""
        self._claims += 1
        return str(_FIRST_CLAIM_ID + self._claims)


class Clearinghouse:
    """Takes files away from accounts under one home folder and answers them."""

    def __init__(
        self,
        home: Path,
        *,
        payers: PayerList | None = None,
        print_images: Mapping[str, str] = MappingProxyType({}),
        id_digits: int | None = None,
        answers: frozenset[Answer] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take who is known to it; `print_images` has the grid of each account that is set to print image."""
        self.log = home / "taken.jsonl"
        self._home = home
        self._payers = payers or PayerList()
        self._grids = print_images
        self._now = now
        taken = read_taken(self.log)
        self._numbers = Numbers(taken, id_digits)
        self._history = _history(taken)
        self._answers = answers
        self._interchanges = {(file.account, file.interchange) for file in taken if file.interchange}
        self.books = Books(home, payers=self._payers, answers=answers, id_digits=id_digits)
        if answers & _OF_PAYERS:
            for file in taken:
                if file.account not in self._grids and any(claim.forwarded for claim in file.claims):
                    self.books.forward(file, _read_x12(self._kept(file).read_bytes(), readable=True)[0])
            self.books.go_on()

    def looks_whole(self, account: str, tail: bytes) -> bool:
        """Tell by a file's last bytes whether it ends where it should; of a print image they tell nothing."""
        return account in self._grids or is_complete(tail)

    def unfinished(self) -> list[tuple[str, Path]]:
        """Return what a killed sandbox took away and did not log, the rest of its traces cleared."""
        logged = {(file.account, file.name, file.sha256) for file in read_taken(self.log)}
        left = []
        for path in sorted(self._home.glob("taking/*/*")):
            account = path.parent.name
            if (account, path.name, _sha256(path.read_bytes())) in logged:
                path.unlink()
            else:
                left.append((account, path))
        return left

    def take(self, account: str, path: Path, mood: Misbehaviour | None = None) -> Taken:
        """Take a file away, judge it, log it, and return the reports it gets."""
        taking = self._home / "taking" / account / path.name
        taking.parent.mkdir(parents=True, exist_ok=True)
        if path != taking:
            path.rename(taking)
        content = taking.read_bytes()
        taken = self._judge(account, path.name, content, mood or Misbehaviour())
        append_taken(self.log, taken.file)
        self._interchanges.add((account, taken.file.interchange))
        kept = self._kept(taken.file)
        kept.parent.mkdir(parents=True, exist_ok=True)
        # A copy of what was read: a client that still writes goes on into a file nobody will read.
        kept.write_bytes(content)
        taking.unlink()
        return taken

    def _kept(self, file: TakenFile) -> Path:
        return self._home / "taken" / file.account / f"{file.file_id}_{file.name}"

    def _judge(self, account: str, name: str, content: bytes, mood: Misbehaviour) -> Taken:
        receipt = Receipt(file_id=self._numbers.next_upload(), name=name, at=self._now())
        complete = is_whole(content) if account in self._grids else is_complete(content[-200:])
        try:
            upload, verdicts = self._read(account, name, content, complete or mood.reads_incomplete_files)
            self._refuse_repeated(account, upload)
        except BadFile as failure:
            file = _taken_file(receipt, account, content, complete, failed=str(failure))
            return Taken(file=file, reports=self._failed(receipt, content, str(failure)))
        edited = self._edit(account, upload, verdicts, usage_of(name))
        part_ids = {payer: self._numbers.next_file_id() for payer in sorted({one.claim.payer.id for one in edited})}
        file = _taken_file(
            receipt, account, content, complete, interchange=upload.isa[13] if upload.isa else "",
            part_ids=tuple(part_ids.values()), claims=_taken_claims(receipt, upload, verdicts, edited),
        )  # fmt: skip
        if self._answers & _OF_PAYERS and upload.isa:
            self.books.forward(file, upload)
        return Taken(
            file=file,
            reports=self._reports(receipt, upload, verdicts, edited, account=account, part_ids=part_ids, mood=mood),
        )

    def _refuse_repeated(self, account: str, upload: Upload) -> None:
        if Answer.TA1 in self._answers and upload.isa and (account, upload.isa[13]) in self._interchanges:
            raise BadFile("FF15 - THE INTERCHANGE CONTROL NUMBER WAS USED BEFORE")

    def _failed(self, receipt: Receipt, content: bytes, failure: str) -> tuple[Report, ...]:
        report = error_report(receipt, failure)
        code = _OF_FAILURES.get(failure[:4])
        if code is None or Answer.TA1 not in self._answers:
            return (report,)
        isa, _ = next(read_segments(chunks_of(decode(content))))
        return refused_interchange(receipt, isa, code), report

    def _read(self, account: str, name: str, content: bytes, readable: bool) -> tuple[Upload, Sequence[SetVerdict]]:
        """Return the file as its account's format has it, and what became of its sets."""
        file_format = FileFormat.PRINT_IMAGE if account in self._grids else FileFormat.X12
        if file_format.keyword not in name.upper():
            # An account takes one format; a file of the other fails whole (vendors' help pages).
            raise BadFile(
                f"FF12 - THE ACCOUNT IS SET TO {file_format.upper()}: A FILE NAME MUST CONTAIN {file_format.keyword}"
            )
        if file_format is FileFormat.X12:
            return _read_x12(content, readable)
        upload = read_forms(content, self._grids[account], self._payers)
        if not readable:
            raise BadFile("FF13 - THE FILE ENDS WITHIN A FORM")
        return upload, [SetVerdict(control_number=uploaded.control_number) for uploaded in upload.sets]

    def _edit(self, account: str, upload: Upload, verdicts: Sequence[SetVerdict], usage: Usage) -> list[Edited]:
        desk = Desk(account=account, payers=self._payers, history=self._history if usage is Usage.LIVE else History())
        edited = []
        for uploaded, verdict in zip(upload.sets, verdicts, strict=True):
            for claim in uploaded.claims if verdict.accepted else ():
                codes = edit_claim(claim, desk)
                edited.append(Edited(claim=claim, claim_id=self._numbers.next_claim_id(), codes=codes))
                if not codes:
                    desk.history.remember(account, claim.control_number, claim.content_sha256)
        return edited

    def _reports(
        self,
        receipt: Receipt,
        upload: Upload,
        verdicts: Sequence[SetVerdict],
        edited: Sequence[Edited],
        *,
        account: str,
        part_ids: dict[str, str],
        mood: Misbehaviour,
    ) -> tuple[Report, ...]:
        receipts = [receipt]
        sends_999 = mood.sends_999 and bool(upload.isa)  # a 999 answers X12 alone
        if mood.answer_twice:
            receipts.append(Receipt(file_id=self._numbers.next_file_id(), name=receipt.name, at=receipt.at))
        reports = []
        for one in receipts:
            if sends_999:
                reports.append(acknowledgement_999(one, upload, verdicts))
            if edited:
                reports.append(file_summary(one, edited, part_ids))
                if Answer.CLAIM_ACKNOWLEDGEMENT in self._answers and upload.isa:
                    reports.append(_own_277ca(one, upload, edited, account))
            elif not sends_999:
                reports.append(error_report(one, "FF11 - EVERY TRANSACTION SET WAS REFUSED"))
        return tuple(reports)


def _own_277ca(receipt: Receipt, upload: Upload, edited: Sequence[Edited], account: str) -> Report:
    head = Head(
        file_id=receipt.file_id,
        at=receipt.at,
        isa_receiver=upload.isa[6],
        gs_receiver=upload.gs[2],
        submitter=upload.submitter,
        reference=upload.reference,
        source=CLEARINGHOUSE,
    )
    spoken = [
        Spoken(
            claim=one.claim,
            codes=tuple(OF_EDITS[code] for code in one.codes) or ("A1:20",),
            clearinghouse_number=one.claim_id,
            words=" ".join(WORDS[code] for code in one.codes),
        )
        for one in edited
    ]
    name = f"{account}_{receipt.file_id}_HCFA_277ca_{receipt.at:%Y%m%d}.txt"
    return Report(name=name, content=acknowledgement_277ca(head, spoken))


def _history(log: Sequence[TakenFile]) -> History:
    history = History()
    for file in log:
        for claim in file.claims:
            if claim.forwarded:
                history.remember(file.account, claim.control_number, claim.content_sha256)
    return history


def _read_x12(content: bytes, readable: bool) -> tuple[Upload, Sequence[SetVerdict]]:
    if not readable:
        raise BadFile("FF13 - THE FILE ENDS BEFORE ITS IEA")
    text = decode(content)
    upload = read_upload(text)
    if not upload.complete:
        # Of a cut file only the sets that have their SE are read.
        upload.sets = [uploaded for uploaded in upload.sets if uploaded.closed]
    if not upload.sets:
        raise BadFile("FF14 - NO TRANSACTION SET")
    return upload, judge(upload, text)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _taken_file(
    receipt: Receipt,
    account: str,
    content: bytes,
    complete: bool,
    *,
    failed: str = "",
    interchange: str = "",
    part_ids: tuple[str, ...] = (),
    claims: tuple[TakenClaim, ...] = (),
) -> TakenFile:
    return TakenFile(
        at=receipt.at.isoformat(),
        account=account,
        name=receipt.name,
        sha256=_sha256(content),
        size=len(content),
        usage=usage_of(receipt.name),
        complete=complete,
        file_id=receipt.file_id,
        part_ids=part_ids,
        interchange=interchange,
        failed=failed,
        claims=claims,
    )


def _taken_claims(
    receipt: Receipt, upload: Upload, verdicts: Sequence[SetVerdict], edited: Sequence[Edited]
) -> tuple[TakenClaim, ...]:
    live = usage_of(receipt.name) is Usage.LIVE
    by_claim = {id(one.claim): one for one in edited}
    return tuple(
        _taken_claim(claim, verdict, by_claim.get(id(claim)), live)
        for uploaded, verdict in zip(upload.sets, verdicts, strict=True)
        for claim in uploaded.claims
    )


def _taken_claim(claim: UploadedClaim, verdict: SetVerdict, edited: Edited | None, live: bool) -> TakenClaim:
    codes = verdict.codes if edited is None else edited.codes
    word = "refused" if edited is None else "rejected" if codes else "accepted"
    return TakenClaim(
        control_number=claim.control_number,
        payer_id=claim.payer.id,
        verdict=word,
        codes=codes,
        charge=claim.total,
        forwarded=word == "accepted" and live,
        clearinghouse_claim_id="" if edited is None else edited.claim_id,
        line_references_sha256=claim.line_references_sha256,
        content_sha256=claim.content_sha256,
    )
