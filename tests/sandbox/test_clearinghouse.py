"""What the sandbox makes of a file: verdicts, reports and log, without a server."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from include.claims.states import Usage
from include.officeally.file_summary import Verdict, read_file_summary
from include.officeally.names import ResponseKind, classify
from include.sandbox.clearinghouse import Clearinghouse, Taken
from include.sandbox.edits import Desk, History, edit_claim
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList, read_payers
from include.sandbox.taken import read_taken
from include.sandbox.upload import read_upload
from include.x12.read_999 import read_999
from include.x12.segments import chunks_of
from tests.builders import a_claim, a_line, a_payer, a_subscriber
from tests.oracles import assert_pyx12_accepts
from tests.sandbox.uploads import LIVE_NAME, NOW, TEST_NAME, an_upload, some_claims


@pytest.fixture
def house(tmp_path):
    """Return a clearinghouse that knows two payers, one of which wants an enrollment."""
    payers = PayerList(
        names={"99999": "EXAMPLE HEALTH PLAN", "SKUT0": "INVENTED MEDICAID"}, enrollment={"SKUT0": frozenset()}
    )
    return Clearinghouse(tmp_path, payers=payers, now=lambda: NOW)


def take(
    house: Clearinghouse,
    content: bytes,
    *,
    name: str = LIVE_NAME,
    account: str = "demo",
    mood: Misbehaviour | None = None,
) -> Taken:
    """Hand the clearinghouse a file."""
    path = house.log.parent / "inbound" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return house.take(account, path, mood)


def report(taken: Taken, kind: ResponseKind) -> str:
    """Return the one report of a kind."""
    (content,) = [one.content for one in taken.reports if classify(one.name).kind is kind]
    return content.decode()


def test_good_claims_are_accepted(house):
    """A sound file gets a 999 that accepts it and a File Summary that names every claim by our number."""
    taken = take(house, an_upload(*some_claims(3)))

    summary = read_file_summary(report(taken, ResponseKind.FILE_SUMMARY).splitlines())
    assert (LIVE_NAME, 3, 0) == (summary.file_name, summary.accepted, summary.rejected)
    assert ["CN0001", "CN0002", "CN0003"] == [row.account_number for row in summary.rows]
    assert "AK9*A*3*3*3~" in report(taken, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)


@pytest.mark.parametrize(
    "content",
    [an_upload(*some_claims(2)), an_upload(*some_claims(2)).replace(b"SE*", b"SE*9", 1)],
    ids=["accepted", "one set refused"],
)
def test_its_999_is_accepted_by_pyx12(house, content):
    """pyx12 finds no fault with the 999 whether sets were accepted or refused."""
    taken = take(house, content)

    assert_pyx12_accepts(report(taken, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999))


def test_its_999_is_read_by_the_product(house):
    """The product reads in the sandbox's 999 which set of which group was refused, and where."""
    bad = an_upload(*some_claims(2)).replace(b"HI*ABK:F840~", b"DTP*472*D8*20260302~HI*ABK:F840~", 1)

    answer = report(take(house, bad), ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)

    (group,) = read_999(chunks_of(answer))
    assert (42, 42, 2, 1) == (group.answer_number, group.group_number, group.sets_received, group.sets_accepted)
    assert ["0001", "0002"] == [one.set_number for one in group.sets]
    assert ["DTP"] == [fault.segment_id for fault in group.sets[0].faults]
    assert ("A", ()) == (group.sets[1].verdict, group.sets[1].codes)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (a_claim(payer=a_payer(id="77777")), "SB01"),
        (a_claim(payer=a_payer(id="SKUT0")), "RC55"),
        (a_claim(subscriber=a_subscriber(address=None)), "SB02"),
        (a_claim(subscriber=a_subscriber(birth_date=None)), "SB04"),
    ],
    ids=["unknown payer", "enrollment", "no address", "no birth date"],
)
def test_what_a_clearinghouse_would_refuse(house, claim, code):
    """A claim with one fault is rejected under that fault's code, with words, and its neighbour is accepted."""
    taken = take(house, an_upload(claim, *some_claims(1, first=9)))

    summary = read_file_summary(report(taken, ResponseKind.FILE_SUMMARY).splitlines())
    rejected, accepted = summary.rows
    assert (Verdict.REJECTED, "CN0001", (code,)) == (rejected.verdict, rejected.account_number, rejected.codes)
    assert summary.words(rejected) != code
    assert (Verdict.ACCEPTED, "CN0002") == (accepted.verdict, accepted.account_number)
    assert [("rejected", False), ("accepted", True)] == [(one.verdict, one.forwarded) for one in taken.file.claims]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("*MI*XYZ000000001", "", "SB03"),
        ("*UN*16***1~", "*UN*16~", "RC66"),
        ("HI*ABK:F840~", "", "SB06"),
        ("*240***11:B:1", "*241***11:B:1", "SB07"),
        ("*XX*1222333449", "*XX*1222333440", "SB05"),
    ],
)
def test_faults_our_own_writer_never_makes(old, new, code):
    """Faults that only a broken sender can make have their codes too, where the guide's rules let them through."""
    text = an_upload(*some_claims(1)).decode()
    assert old in text

    (uploaded,) = read_upload(text.replace(old, new)).sets

    desk = Desk(account="demo", payers=PayerList(), history=History())
    assert (code,) == edit_claim(uploaded.claims[0], desk)


def test_a_claim_sent_twice_is_a_duplicate(house):
    """The same claim in a second file is rejected, under the same control number or another."""
    take(house, an_upload(*some_claims(1)))

    again = take(house, an_upload(*some_claims(1)), name="CC000043.837P.txt")
    renamed = take(house, an_upload(*some_claims(1), first=7), name="CC000044.837P.txt")

    assert [("rejected", ("SB08",))] == [(one.verdict, one.codes) for one in again.file.claims]
    assert [("rejected", ("SB08",))] == [(one.verdict, one.codes) for one in renamed.file.claims]


def test_a_restarted_sandbox_still_knows_what_it_took(house, tmp_path):
    """Duplicates and numbers go on from the log."""
    first = take(house, an_upload(*some_claims(1)))

    again = take(Clearinghouse(tmp_path, now=lambda: NOW), an_upload(*some_claims(1)), name="CC000043.837P.txt")

    assert ("SB08",) == again.file.claims[0].codes
    assert first.file.claims[0].clearinghouse_claim_id != again.file.claims[0].clearinghouse_claim_id


def test_a_test_file_is_answered_and_forwarded_nowhere(house):
    """An OATEST file is edited and reported as a test; sent live afterwards, its claims are no duplicates."""
    test = take(house, an_upload(*some_claims(2)), name=TEST_NAME)
    live = take(house, an_upload(*some_claims(2)))

    assert "TEST file" in report(test, ResponseKind.FILE_SUMMARY)
    assert (Usage.TEST, {"accepted"}, {False}) == (
        test.file.usage,
        {one.verdict for one in test.file.claims},
        {one.forwarded for one in test.file.claims},
    )
    assert {("accepted", True)} == {(one.verdict, one.forwarded) for one in live.file.claims}


def test_a_bad_set_is_refused_alone(house):
    """A set with a fault is refused in the 999 and missing from the File Summary; the others go on."""
    bad = an_upload(*some_claims(2)).replace(b"HI*ABK:F840~", b"DTP*472*D8*20260302~HI*ABK:F840~", 1)

    taken = take(house, bad)

    answer = report(taken, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)
    assert "IK3*DTP*" in answer
    assert "AK2*837*0002*005010X222A1~IK5*A~AK9*P*2*2*1~" in answer
    summary = read_file_summary(report(taken, ResponseKind.FILE_SUMMARY).splitlines())
    assert ["CN0002"] == [row.account_number for row in summary.rows]
    assert ["refused", "accepted"] == [one.verdict for one in taken.file.claims]


def test_a_claim_level_service_date_is_refused_at_its_place(house):
    """The 999 names segment, position within the set and loop of a claim-level DTP*472."""
    bad = an_upload(*some_claims(1)).replace(b"HI*ABK:F840~", b"DTP*472*D8*20260302~HI*ABK:F840~")
    segments = bad.decode().split("ST*837")[1].split("~")
    position = next(number for number, text in enumerate(segments, start=1) if text.startswith("DTP*472"))
    bad = bad.replace(f"SE*{len(segments) - 4}*".encode(), f"SE*{len(segments) - 3}*".encode())

    taken = take(house, bad)

    assert f"IK3*DTP*{position}*2300*2~IK5*R*" in report(taken, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)


def test_pyx12_s_findings_reach_the_999(house):
    """A place of service the guide does not know is refused with element and code, without the value itself."""
    taken = take(house, an_upload(a_claim(place_of_service="98")))

    answer = report(taken, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)
    assert "IK4*5:1*1331*7~IK5*R*5~" in answer


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"ISA*00", b"HELLO ", "FF01"),
        (b"IEA*1*000000042~", b"IEA*1*000000042~ISA*00*          *00*          *ZZ*731234567      ", "FF"),
        (b"*ZZ*330897513      *", b"*ZZ*330897514      *", "FF03"),
        (b"*731234567*OA*", b"*731234567*XX*", "FF05"),
        (b"GE*1*42~", b"GE*1*42~GS*HC*731234567*OA*20260306*0915*43*X*005010X222A1~GE*0*43~", "FF04"),
        (b"GE*1*42~", b"GE*2*42~", "FF09"),
        (b"IEA*1*000000042~", b"IEA*1*000000043~", "FF10"),
        (b"*X*005010X222A1~", b"*X*005010X222~", "FF06"),
        (b"IEA*1*000000042~", b"", "FF13"),
    ],
)
def test_a_file_that_fails_makes_no_claims(house, old, new, code):
    """A file that breaks a rule of the whole file gets one error report, which is read as a failed file."""
    content = an_upload(*some_claims(1))
    assert old in content

    taken = take(house, content.replace(old, new))

    summary = read_file_summary(report(taken, ResponseKind.ERROR_REPORT).splitlines())
    assert summary.failed
    assert (taken.file.file_id, LIVE_NAME) == (summary.file_id, summary.file_name)
    assert [True] == [found.startswith(code) for found in summary.errors]
    assert (1, ()) == (len(taken.reports), taken.file.claims)


def test_a_name_without_the_keyword_fails(house):
    """A file whose name lacks 837P fails."""
    assert take(house, an_upload(), name="CC000042.txt").file.failed.startswith("FF12")


def test_a_cut_file_may_be_read_as_far_as_it_goes(house):
    """A clearinghouse that reads cut files takes the whole sets and reports those only."""
    content = an_upload(*some_claims(3))
    cut = content[: content.rindex(b"ST*837")] + b"ST*837*0003*005010X222A1~BHT*0019"

    taken = take(house, cut, mood=Misbehaviour(reads_incomplete_files=True))

    summary = read_file_summary(report(taken, ResponseKind.FILE_SUMMARY).splitlines())
    assert ["CN0001", "CN0002"] == [row.account_number for row in summary.rows]
    assert not taken.file.complete


def test_ids_of_nine_and_ten_digits_take_turns(house):
    """One upload gets ids of nine digits, the next of ten; the 999's group number is their last nine."""
    first = take(house, an_upload(*some_claims(1)))
    second = take(house, an_upload(*some_claims(1, first=2), first=2), name="CC000043.837P.txt")

    assert [9, 10] == [len(taken.file.file_id) for taken in (first, second)]
    assert [9, 10] == [len(taken.file.part_ids[0]) for taken in (first, second)]
    answer = report(second, ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999)
    assert f"*{int(second.file.file_id[-9:])}*X*005010X231A1~" in answer


def test_an_upload_is_split_by_payer(house):
    """Every payer's claims are a part with an id, a count and a total of its own."""
    other = a_claim(
        payer=a_payer(id="SKUT0", name="INVENTED MEDICAID"), lines=(a_line(), a_line(source_line_key="L-2"))
    )

    summary = read_file_summary(
        report(take(house, an_upload(*some_claims(2), other)), ResponseKind.FILE_SUMMARY).splitlines()
    )

    assert [("99999", 2, Decimal(480)), ("SKUT0", 1, Decimal(480))] == [
        (one.payer_id, one.claims, one.total) for one in summary.parts
    ]


def test_answers_may_come_twice_or_without_a_999(house):
    """Told so, it answers twice under other ids with the same verdicts, or without the 999 nobody asked for."""
    twice = take(house, an_upload(*some_claims(1)), mood=Misbehaviour(answer_twice=True))
    quiet = take(
        house,
        an_upload(*some_claims(1, first=2), first=2),
        name="CC000043.837P.txt",
        mood=Misbehaviour(sends_999=False),
    )

    assert 4 == len({one.name for one in twice.reports})
    assert [ResponseKind.FILE_SUMMARY] == [classify(one.name).kind for one in quiet.reports]


def test_the_log_alone_proves_what_was_taken(house):
    """Read back from its file, the log names size, hash and every claim, and no person."""
    content = an_upload(*some_claims(2))
    taken = take(house, content)

    assert [taken.file] == read_taken(house.log)
    assert (len(content), True, ["CN0001", "CN0002"]) == (
        taken.file.size,
        taken.file.complete,
        [one.control_number for one in taken.file.claims],
    )
    assert [] == [word for word in ("TESTINA", "XYZ000000001") if word in house.log.read_text()]


def test_a_line_that_is_being_written_is_not_read(house):
    """A last line without its end is left for the next reading."""
    take(house, an_upload(*some_claims(1)))
    with house.log.open("a") as log:
        log.write('{"at": "2026')

    assert 1 == len(read_taken(house.log))


def test_the_same_service_has_the_same_hash(house):
    """A claim's content hash changes with what is billed and not with what it is called."""
    claim = some_claims(1)[0]
    dearer = replace(claim, lines=(a_line(charge=a_line().charge * 2),))

    one, renamed, other = (
        take(house, an_upload(bill, first=first), name=f"CC00004{first}.837P.txt").file.claims[0]
        for first, bill in enumerate([claim, claim, dearer], start=1)
    )

    assert one.content_sha256 == renamed.content_sha256
    assert one.content_sha256 != other.content_sha256
    assert one.line_references_sha256 != renamed.line_references_sha256


def test_payers_are_read_from_a_file(tmp_path):
    """The payer list is a JSON file of names and enrollments."""
    path = tmp_path / "payers.json"
    path.write_text('{"payers": {"99999": "EXAMPLE HEALTH PLAN"}, "enrollment": {"99999": ["1222333449"]}}')

    payers = read_payers(Path(path))

    assert (True, False) == (payers.knows("99999"), payers.knows("77777"))
    assert (True, False) == (payers.takes_from("99999", "1222333449"), payers.takes_from("99999", "1333444556"))
