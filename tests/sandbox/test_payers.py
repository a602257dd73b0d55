"""What the sandbox's payers do with a claim, by scenario, judged by validators we did not write."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from include.claims.errors import BadSetting
from include.claims.model import Claim, Frequency
from include.officeally.names import ResponseKind, classify
from include.sandbox.answers import EVERY_ANSWER, Answer, read_answers
from include.sandbox.clearinghouse import Clearinghouse
from include.sandbox.fates import LIVES, Fate, fate_of
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList
from include.sandbox.reports import Report
from tests.builders import OTHER_BILLING_NPI, a_billing_provider, a_claim, a_line, a_payer, a_subscriber
from tests.oracles import assert_both_accept, assert_pyx12_accepts, oxedi_complaints
from tests.sandbox.uploads import LIVE_NAME, NOW, TEST_NAME, an_upload


class Weeks:
    """A clearinghouse whose days pass at a word."""

    def __init__(self, home: Path, **options: Any) -> None:
        home.mkdir(exist_ok=True)
        self.home = home
        self.today = NOW
        self.mood = Misbehaviour()
        self._options = {"answers": EVERY_ANSWER, **options}
        self._files = count(42)
        self.start()

    def start(self) -> None:
        """Start it, or start it anew."""
        self.house = Clearinghouse(self.home, now=lambda: self.today, **self._options)

    def upload(self, *claims: Claim, account: str = "demo", name: str = "", **envelope: Any) -> list[Report]:
        """Hand in a file of claims and return what is answered at once; control numbers go on from file to file."""
        number = next(self._files)
        path = self.home / (name or f"CC{number:06d}.837P.txt")
        path.write_bytes(an_upload(*claims, first=number * 100, interchange_number=number, **envelope))
        return list(self.house.take(account, path, self.mood).reports)

    def pass_days(self, days: int, account: str = "demo") -> list[Report]:
        """Let days pass and return what an account gets in them."""
        self.today += timedelta(days)
        said = []
        for day in self.house.books.days_due(self.today):
            said += self.house.books.close(day, lambda _: self.mood).get(account, [])
            self.house.books.keep(day)
        return said


@pytest.fixture
def weeks(tmp_path):
    """Return a clearinghouse that gives every answer."""
    return Weeks(tmp_path)


def costing(cents: int, *, charge: int = 240, **changes: Any) -> Claim:
    """Return a claim of two lines whose total ends in these cents; no two of them the same bill."""
    first = a_line(charge=Decimal(charge) + Decimal(cents) / 100)
    second = a_line(source_line_key="L-2", procedure="97155", modifiers=("HO",), charge=Decimal(120))
    member = a_subscriber(member_id=f"XYZ{charge:06d}{cents:03d}")
    return a_claim(**{"key": f"C-{charge}-{cents}", "subscriber": member, "lines": (first, second), **changes})


def of(fate: Fate, **changes: Any) -> Claim:
    """Return a claim whose amount chooses that fate."""
    return costing(next(life.cents or 0 for life in LIVES if life.fate is fate), **changes)


def texts(reports: list[Report], kind: ResponseKind) -> list[str]:
    """Return the reports of a kind as text, of a remittance its 835."""
    contents = [report.content for report in reports if classify(report.name).kind is kind]
    return [(_opened(content) if kind is ResponseKind.REMITTANCE_5010 else content).decode() for content in contents]


def _opened(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".835")]
        return archive.read(name)


def remittances(reports: list[Report]) -> list[str]:
    """Return the 835s, each accepted by three validators and balanced by our own sum."""
    found = texts(reports, ResponseKind.REMITTANCE_5010)
    for text in found:
        assert_both_accept(text)
        assert [] == oxedi_complaints(text)
        paid = sum(Decimal(clp[4]) for clp in segments(text, "CLP"))
        kept = sum(Decimal(amount) for plb in segments(text, "PLB") for amount in plb[4::2])
        assert Decimal(segments(text, "BPR")[0][2]) == paid - kept
    return found


def segments(text: str, name: str) -> list[list[str]]:
    """Return the segments of a name as elements."""
    found = [segment.split("*") for segment in text.split("~")]
    return [elements for elements in found if elements[0] == name]


def statuses(text: str) -> list[tuple[str, str]]:
    """Return the status and amount paid of every claim of an 835."""
    return [(clp[2], clp[4]) for clp in segments(text, "CLP")]


def reasons(text: str) -> set[str]:
    """Return the adjustments of an 835 as group and reason."""
    return {f"{cas[1]}-{reason}" for cas in segments(text, "CAS") for reason in cas[2::3]}


# --- adjudication ---


def test_a_claim_is_paid_by_the_contract(weeks):
    """After two weeks it is paid less the contract's discount and the patient's share, line by line."""
    weeks.upload(costing(0))

    (text,) = remittances(weeks.pass_days(14))

    assert [["CLP", "CN4200", "1", "360", "242.8", "39.2", "12", "999993100000001", "11", "1"]] == segments(text, "CLP")
    assert [("240", "172.8"), ("120", "70")] == [(svc[2], svc[3]) for svc in segments(text, "SVC")]
    assert {"CO-45", "PR-2", "PR-3"} == reasons(text)
    assert [["REF", "6R", "CN4200L01"], ["REF", "6R", "CN4200L02"]] == segments(text, "REF")[-2:]


def test_a_deductible_is_the_patient_s(weeks):
    """An assessment has a deductible, PR-1."""
    weeks.upload(a_claim(lines=(a_line(procedure="97151", modifiers=()),)))

    (text,) = remittances(weeks.pass_days(14))

    assert {"CO-45", "PR-1"} == reasons(text)
    assert [("1", "166")] == statuses(text)


@pytest.mark.parametrize(
    ("fate", "days", "status", "paid", "reason", "remark"),
    [
        (Fate.LINE_DENIED, 14, "1", "70", "CO-197", "M62"),
        (Fate.DENIED_LATE, 14, "4", "0", "CO-29", None),
        (Fate.DENIED_DUPLICATE, 14, "4", "0", "CO-18", "N522"),
        (Fate.PATIENT_PAYS, 14, "1", "0", "PR-1", None),
        (Fate.INFORMATION, 35, "4", "0", "CO-252", "M127"),
    ],
)
def test_what_a_payer_may_refuse_to_pay(weeks, fate, days, status, paid, reason, remark):
    """The cents of the charge choose a denial, with status, reason and remark; nothing is transferred for nothing."""
    weeks.upload(of(fate))

    (text,) = remittances(weeks.pass_days(days))

    assert [(status, paid)] == statuses(text)
    assert reason in reasons(text)
    assert {remark} - {None} == {lq[2] for lq in segments(text, "LQ")}
    assert ("NON" if paid == "0" else "ACH") == segments(text, "BPR")[0][4]


def test_interest_is_paid_beside_the_claim(weeks):
    """Interest is named at the claim and paid by PLB L6."""
    weeks.upload(of(Fate.INTEREST))

    (text,) = remittances(weeks.pass_days(14))

    assert [["AMT", "I", "2.43"]] == segments(text, "AMT")[:1]
    assert ["L6:999993100000001", "-2.43"] == segments(text, "PLB")[0][3:]
    assert "245.36" == segments(text, "BPR")[0][2]


def test_a_forwarded_claim_is_paid_by_a_second_payer(weeks):
    """The first payer forwards it (19) and names the second, who a week later pays what was the patient's (2)."""
    weeks.upload(of(Fate.FORWARDED))

    first, second = remittances(weeks.pass_days(21))

    assert ["19"] == [status for status, _ in statuses(first)]
    assert [["NM1", "TT", "2", "SECOND EXAMPLE PLAN", "", "", "", "", "PI", "SB2ND"]] == segments(first, "NM1")[-1:]
    assert [("2", segments(first, "CLP")[0][5])] == statuses(second)
    assert ["OA-23"] == sorted(reasons(second))
    assert ["SECOND EXAMPLE PLAN"] == [n1[2] for n1 in segments(second, "N1") if n1[1] == "PR"]


def test_a_bill_the_payer_knows_is_a_duplicate(weeks):
    """The clearinghouse looks within an account; the payer denies the same bill from another one, CO-18."""
    weeks.upload(costing(0))
    weeks.upload(costing(0), account="other")

    (text,) = remittances(weeks.pass_days(14, account="other"))

    assert [("4", "0")] == statuses(text)
    assert {"CO-18"} == reasons(text)


# --- money back ---


def test_a_paid_claim_is_taken_back_and_paid_anew(weeks):
    """Four weeks later one 835 reverses it and pays less; what is missing is carried forward and kept back next."""
    weeks.upload(of(Fate.TAKEN_BACK))
    (paid,) = remittances(weeks.pass_days(14))
    weeks.pass_days(15)
    weeks.upload(costing(0))  # is due a day after the reversal

    reversal, after = remittances(weeks.pass_days(14))

    (_, old_paid), (status, new_paid) = statuses(reversal)
    assert ["1", "22", "1"] == [*(one for one, _ in statuses(paid)), statuses(reversal)[0][0], status]
    assert -Decimal(statuses(paid)[0][1]) == Decimal(old_paid)
    assert ["REF", "F8", segments(paid, "CLP")[0][7]] in segments(reversal, "REF")
    missing = -(Decimal(old_paid) + Decimal(new_paid))
    trace = segments(reversal, "TRN")[0][2]
    assert ["PLB", "1222333449", "20261231", f"FB:{trace}", str(-missing)] == segments(reversal, "PLB")[0]
    assert ["PLB", "1222333449", "20261231", f"FB:{trace}", str(missing)] == segments(after, "PLB")[0]


def test_an_overpayment_is_kept_back_from_the_next_payment(weeks):
    """A recoupment is a PLB WO under the old claim's number, and what it exceeds the payment by goes on as FB."""
    weeks.upload(of(Fate.RECOUPED))
    (paid,) = remittances(weeks.pass_days(29))
    weeks.upload(a_claim(lines=(a_line(charge=Decimal(100)),)))
    weeks.today += timedelta(1)
    weeks.upload(costing(0, charge=400))

    small, big = remittances(weeks.pass_days(13)) + remittances(weeks.pass_days(2))

    half = str((Decimal(statuses(paid)[0][1]) / 2).quantize(Decimal("0.01")))
    number, trace = segments(paid, "CLP")[0][7], segments(small, "TRN")[0][2]
    carried = Decimal(half) - Decimal(statuses(small)[0][1])
    assert [f"WO:{number}", half, f"FB:{trace}", str(-carried)] == segments(small, "PLB")[0][3:]
    assert "0" == segments(small, "BPR")[0][2]
    assert [f"FB:{trace}", str(carried)] == segments(big, "PLB")[0][3:]


def replacing(text: str, frequency: Frequency, **changes: Any) -> Claim:
    """Return a claim that replaces or voids the one an 835 paid."""
    return costing(0, frequency=frequency, payer_claim_number=segments(text, "CLP")[0][7], **changes)


def test_a_replacement_reverses_the_old_claim(weeks):
    """Frequency 7 with the payer's number: the old claim is reversed under its own numbers, the new one paid."""
    weeks.upload(costing(0))
    (paid,) = remittances(weeks.pass_days(14))
    weeks.upload(replacing(paid, Frequency.REPLACEMENT, charge=300))

    (text,) = remittances(weeks.pass_days(14))

    assert [("CN4200", "22"), ("CN4300", "1")] == [(clp[1], clp[2]) for clp in segments(text, "CLP")]
    assert ["7"] == [clp[9] for clp in segments(text, "CLP")[1:]]


def test_a_void_only_reverses(weeks):
    """Frequency 8: the old claim is reversed; the void itself is paid nothing and named nowhere."""
    weeks.upload(costing(0), costing(0, charge=900))
    (paid,) = remittances(weeks.pass_days(14))
    weeks.upload(replacing(paid, Frequency.VOID))

    (text,) = remittances(weeks.pass_days(14))

    assert [("CN4200", "22")] == [(clp[1], clp[2]) for clp in segments(text, "CLP")]


def test_a_replacement_of_nothing_is_denied(weeks):
    """A payer's number the payer does not know: CO-16 with M47."""
    weeks.upload(costing(0, frequency=Frequency.REPLACEMENT, payer_claim_number="NOSUCHCLAIM"))

    (text,) = remittances(weeks.pass_days(14))

    assert ({"CO-16"}, [["LQ", "HE", "M47"]] * 2) == (reasons(text), segments(text, "LQ"))


def test_one_remittance_a_payer_payee_and_day(weeks):
    """Two payees and two payers make four transfers, each with a trace of its own; a second file joins its day's."""
    payees = [a_billing_provider(), a_billing_provider(npi=OTHER_BILLING_NPI, name="EXAMPLE SECOND LLC")]
    payers = [a_payer(), a_payer(id="99998", name="OTHER EXAMPLE PLAN")]
    weeks.upload(*(costing(0, billing=payee, payer=payer) for payee in payees for payer in payers))
    weeks.upload(costing(0, charge=500))

    texts = remittances(weeks.pass_days(14))

    assert [1, 1, 1, 2] == sorted(len(segments(text, "CLP")) for text in texts)
    assert 4 == len({segments(text, "TRN")[0][2] for text in texts})


def test_every_fate_at_once_balances(weeks):
    """A night with a claim of every fate is paid in remittances that validators accept and that add up."""
    weeks.upload(*(of(life.fate) for life in LIVES))

    found = remittances(weeks.pass_days(60))

    assert 4 == len(found)


# --- front end ---


def test_the_clearinghouse_acknowledges_by_277ca(weeks):
    """Its own 277CA comes with the File Summary: accepted claims by number, refused ones with codes and words."""
    missing = a_claim(key="C-9", subscriber=a_subscriber(address=None))
    (text,) = texts(weeks.upload(costing(0), missing), ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA)

    assert_pyx12_accepts(text)
    assert ["AY"] == [nm1[1] for nm1 in segments(text, "NM1")][:1]
    assert [("A1:20", "WQ"), ("A6:126:IL", "U")] == [(stc[1], stc[3]) for stc in segments(text, "STC")[2:]]
    assert ["B2026030600042", "CN4200", "CN4201"] == [trn[2] for trn in segments(text, "TRN") if trn[1] == "2"]
    assert ["D9", "D9"] == [ref[1] for ref in segments(text, "REF")]
    assert [["QTY", "90", "1"], ["QTY", "AA", "1"]] == segments(text, "QTY")[:2]


@pytest.mark.parametrize(
    ("fate", "code", "action"),
    [
        (Fate.CONTRACT, "A2:20", "WQ"),
        (Fate.REJECTED, "A7:187", "U"),
        (Fate.RETURNED, "A3:33:IL", "U"),
        (Fate.LINE_REJECTED, "A7:21", "U"),
        (Fate.PROVIDER_REJECTED, "A3:24:85", "U"),
        (Fate.SUBMITTER_REJECTED, "A3:24:41", "U"),
    ],
)
def test_a_payer_s_front_end_answers(weeks, fate, code, action):
    """Two days later the payer's 277CA accepts a claim under its number, or refuses it, its line or its provider."""
    weeks.upload(of(fate))

    said = weeks.pass_days(2)
    later = weeks.pass_days(40)

    (text,) = texts(said, ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA)
    assert_pyx12_accepts(text)
    assert "PR" == segments(text, "NM1")[0][1]
    last = [stc for stc in segments(text, "STC") if stc[1] not in {"A7:454", "A1:19:PR"}][-1]
    assert (code, action) == (last[1], last[3])
    assert (fate is Fate.CONTRACT) == ("REF*1K*999993100000001~" in text)
    assert (fate is Fate.LINE_REJECTED) == ("REF*FJ*CN4200L01~" in text)
    assert (fate in {Fate.PROVIDER_REJECTED, Fate.SUBMITTER_REJECTED}) == ("TRN*2*CN4200~" not in text)
    assert (fate is Fate.SUBMITTER_REJECTED) == ("NM1*85*" not in text)
    assert (fate is Fate.CONTRACT) == bool(remittances(later))


def test_a_payer_asks_for_information(weeks):
    """A request comes as a 277 of category R and as PENDING in the EDI Status report."""
    weeks.upload(of(Fate.INFORMATION))

    said = weeks.pass_days(5)

    (asked,) = texts(said, ResponseKind.STATUS_277)
    assert_pyx12_accepts(asked)
    assert "R4:317" == segments(asked, "STC")[-1][1]
    assert "PENDING" in texts(said, ResponseKind.EDI_STATUS)[-1]


def test_a_silent_payer_says_nothing(weeks):
    """Beyond the clearinghouse nobody ever answers."""
    assert 3 == len(weeks.upload(of(Fate.SILENT)))

    assert [] == weeks.pass_days(100)


def test_the_edi_status_report_has_its_columns(weeks):
    """Rows of 408 characters under a byte order mark: a first answer, a further one, and a row to close."""
    weeks.upload(costing(0), of(Fate.RETURNED))

    (text,) = texts(weeks.pass_days(3), ResponseKind.EDI_STATUS)

    lines = text.split("\r\n")
    header = next(number for number, line in enumerate(lines) if line.startswith("    File ID   Claim ID"))
    rows = lines[header + 2 : -1]
    assert text.startswith("\ufeff")
    assert ({408}, {" :"}) == ({len(row) for row in rows}, {row[-2:] for row in rows})
    assert ("443000002", "3100000001", "CN4200", "EXAMPLE, TESTINA") == (
        rows[0][4:14].strip(), rows[0][14:26].strip(), rows[0][26:41].strip(), rows[0][41:61].strip(),
    )  # fmt: skip
    assert ("   $360.00", "1222333449", "99999", "03/09/2026") == (
        rows[0][61:71], rows[0][73:83], rows[0][95:105].strip(), rows[0][105:115],
    )  # fmt: skip
    assert ("", "999993100000001") == (rows[1][:122].strip(), rows[1][122:142].strip())
    assert ["ACCEPTED", "ACCEPTED", "", "REJECTED", ""] == [row[142:152].strip() for row in rows]
    assert ("Amount", "Payer Response") == (lines[header][61:71].strip(), lines[header][152:406].strip())


# --- what comes, and how ---


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        (Answer.CLAIM_ACKNOWLEDGEMENT, {ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA, ResponseKind.STATUS_277}),
        (Answer.EDI_STATUS, {ResponseKind.EDI_STATUS}),
        (Answer.REMITTANCE, {ResponseKind.REMITTANCE_5010}),
    ],
)
def test_answers_are_ordered_one_by_one(tmp_path, answer, kinds):
    """An account gets the kinds it asked for and no other."""
    weeks = Weeks(tmp_path, answers=frozenset({answer}))
    weeks.upload(of(Fate.INFORMATION))

    assert kinds == {classify(report.name).kind for report in weeks.pass_days(60)}


def test_without_an_order_nothing_changes(tmp_path):
    """By default a claim's life ends with 999 and File Summary."""
    weeks = Weeks(tmp_path, answers=frozenset())

    assert 2 == len(weeks.upload(costing(0)))
    assert [] == weeks.pass_days(100)


def test_an_unknown_answer_cannot_be_ordered():
    """The list of kinds is all or some of four words."""
    assert frozenset({Answer.REMITTANCE, Answer.TA1}) == read_answers("era, ta1")
    assert EVERY_ANSWER == read_answers("all")
    with pytest.raises(BadSetting, match="edi-status"):
        read_answers("835")


def test_a_test_file_reaches_no_payer(weeks):
    """An OATEST file is acknowledged by the clearinghouse only."""
    weeks.upload(costing(0), name=TEST_NAME)

    assert [] == weeks.pass_days(60)


def test_a_payer_s_habit_is_set_in_its_file():
    """Cents choose before the payer does, and the payer before the contract."""
    assert Fate.INTEREST is fate_of(Decimal("240.17"), Fate.FORWARDED)
    assert Fate.FORWARDED is fate_of(Decimal("240.05"), Fate.FORWARDED)
    assert Fate.CONTRACT is fate_of(Decimal("240.05"), None)


def test_a_payer_with_a_habit(tmp_path):
    """A payer that denies everything does so whatever the amount."""
    weeks = Weeks(tmp_path, payers=PayerList(fates={"99999": Fate.DENIED_LATE}))
    weeks.upload(costing(0))

    (text,) = remittances(weeks.pass_days(14))

    assert {"CO-29"} == reasons(text)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"*ZZ*330897513      *", b"*ZZ*330897514      *", "009"),
        (b"IEA*1*000000042~", b"IEA*1*000000043~", "001"),
        (b"IEA*1*000000042~", b"", "023"),
    ],
)
def test_a_refused_interchange_gets_a_ta1_alone(weeks, old, new, code):
    """A file whose interchange fails is answered by a TA1 that rejects it, beside the error report."""
    path = weeks.home / LIVE_NAME
    path.write_bytes(an_upload().replace(old, new))

    ta1, report = weeks.house.take("demo", path).reports

    assert ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999 is classify(ta1.name).kind
    assert ResponseKind.ERROR_REPORT is classify(report.name).kind
    assert [["TA1", "000000042", "260306", "0915", "R", code]] == segments(ta1.content.decode(), "TA1")
    assert ["ISA", "TA1", "IEA", ""] == [segment.partition("*")[0] for segment in ta1.content.decode().split("~")]
    assert_pyx12_accepts(ta1.content.decode())


def test_an_interchange_number_is_used_once(weeks):
    """The same ISA13 again is a TA1 025, after a restart too, and makes no claims."""
    weeks.upload(costing(0))
    weeks.start()
    path = weeks.home / "CC000099.837P.txt"
    path.write_bytes(an_upload(costing(0, charge=900)))

    taken = weeks.house.take("demo", path)

    assert "R*025~" in taken.reports[0].content.decode()
    assert () == taken.file.claims


# --- days, restarts, faults ---


def test_days_pass_once(weeks):
    """What was said is not said again, however often the clock is looked at."""
    weeks.upload(costing(0))

    assert 3 == len(weeks.pass_days(20))
    assert [] == weeks.pass_days(0)


def test_a_restarted_sandbox_goes_on_where_it_was(weeks):
    """A claim in a payer's hands outlives the process: it is paid once, and can be replaced afterwards."""
    weeks.upload(costing(0))
    early = weeks.pass_days(5)
    weeks.start()
    (paid,) = remittances(weeks.pass_days(10))
    weeks.start()
    weeks.upload(replacing(paid, Frequency.REPLACEMENT, charge=300))
    late = weeks.pass_days(14)

    (text,) = remittances(late)
    assert ["22", "1"] == [status for status, _ in statuses(text)]
    names = [report.name for report in [*early, *late]]
    assert len(set(names)) == len(names)


def test_an_answer_may_come_twice_under_other_numbers(weeks):
    """The same verdicts again under a second file id: 277CA, EDI Status and remittance."""
    weeks.mood = Misbehaviour(answer_twice=True)
    weeks.upload(costing(0))

    first, second = texts(weeks.pass_days(2), ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA)
    one, other = remittances(weeks.pass_days(12))

    assert segments(first, "STC") == segments(second, "STC")
    assert segments(first, "BHT") != segments(second, "BHT")
    assert segments(one, "TRN") == segments(other, "TRN")
    assert segments(one, "ISA") != segments(other, "ISA")


def test_the_same_file_may_be_delivered_again(weeks):
    """Told so, it writes an account's last answers every morning: same names, same bytes."""
    weeks.upload(costing(0))
    (last,) = [one for one in weeks.pass_days(14) if one.name.endswith(".zip")]
    weeks.mood = Misbehaviour(redeliver_answers=True)

    assert [last] == weeks.pass_days(1)


def test_a_corrected_file_may_come_under_an_old_name(weeks):
    """Told so, the last remittance comes again under its name and trace with another amount."""
    weeks.upload(costing(0))
    (last,) = [one for one in weeks.pass_days(14) if one.name.endswith(".zip")]
    weeks.mood = Misbehaviour(correct_under_old_name=True)

    (corrected,) = weeks.pass_days(1)

    (before,), (after,) = remittances([last]), remittances([corrected])
    assert last.name == corrected.name
    assert segments(before, "TRN") == segments(after, "TRN")
    assert segments(before, "BPR") != segments(after, "BPR")


def test_one_claim_may_not_balance(weeks):
    """Told so, the first claim is paid a dollar more than its lines say; oxedi sees it, the transfer adds up."""
    weeks.mood = Misbehaviour(unbalance_remittance=True)
    weeks.upload(costing(0), costing(0, charge=500))

    (text,) = texts(weeks.pass_days(14), ResponseKind.REMITTANCE_5010)

    assert ["2100#1" in complaint for complaint in oxedi_complaints(text)] == [True] * len(oxedi_complaints(text))
    assert [] != oxedi_complaints(text)
    assert Decimal(segments(text, "BPR")[0][2]) == sum(Decimal(paid) for _, paid in statuses(text))


def test_a_claim_nobody_sent_may_be_paid(weeks):
    """Told so, every remittance pays a stranger's claim too."""
    weeks.mood = Misbehaviour(add_foreign_claim=True)
    weeks.upload(costing(0))

    (text,) = remittances(weeks.pass_days(14))

    assert ["CN4200", "XX20260320"] == [clp[1] for clp in segments(text, "CLP")]


def test_answers_may_come_out_of_order(weeks):
    """Told so, 277CA and EDI Status are held until the remittance has come."""
    weeks.mood = Misbehaviour(hold_acknowledgements=True)
    weeks.upload(costing(0))

    assert [] == weeks.pass_days(13)
    assert ["zip", "txt", "txt"] == [report.name.rpartition(".")[2] for report in weeks.pass_days(1)]


def test_a_day_s_answers_are_the_same_bytes(weeks, tmp_path):
    """Two sandboxes that took the same file write the same answers."""
    other = Weeks(tmp_path / "other")
    weeks.upload(costing(0))
    other.upload(costing(0))

    assert weeks.pass_days(14) == other.pass_days(14)


def test_the_trace_is_dated_by_its_day(weeks):
    """A payment's date is the day it falls due, whatever day the clock was turned to."""
    weeks.upload(costing(0))

    (text,) = remittances(weeks.pass_days(300))

    assert f"{date(2026, 3, 20):%Y%m%d}" == segments(text, "BPR")[0][16]
