"""The samples are what the code makes of the scenarios, and between them they show every segment we write."""

from collections.abc import Iterator

import pytest

from include.x12.as_billed import as_billed
from include.x12.claim_loops import ClaimLoops, Loop, LoopReader
from include.x12.interchange import framed
from include.x12.read_837p import read_837p
from tests.golden import SAMPLES, as_837p, control_number_of, shapes
from tests.oracles import assert_both_accept
from tests.scenarios import SCENARIOS

pytestmark = pytest.mark.pure

SEGMENTS = frozenset(
    """
2000A:PRV 2010AA:NM1 2010AA:N3 2010AA:N4 2010AA:REF*EI 2010AA:REF*0B 2010AA:PER*IC 2010AB:NM1 2010AB:N3 2010AB:N4
2000B:SBR 2010BA:NM1 2010BA:N3 2010BA:N4 2010BA:DMG 2010BA:REF*Y4
2010BB:NM1 2010BB:N3 2010BB:N4 2010BB:REF*FY 2010BB:REF*G2
2000C:PAT 2010CA:NM1 2010CA:N3 2010CA:N4 2010CA:DMG 2010CA:REF*Y4
2300:CLM 2300:DTP*431 2300:DTP*454 2300:DTP*304 2300:DTP*453 2300:DTP*439 2300:DTP*484 2300:DTP*455 2300:DTP*471
2300:DTP*314 2300:DTP*297 2300:DTP*296 2300:DTP*435 2300:DTP*096 2300:DTP*090 2300:DTP*091 2300:DTP*444 2300:DTP*050
2300:PWK 2300:AMT*F5 2300:REF*4N 2300:REF*9F 2300:REF*G1 2300:REF*F8 2300:REF*X4 2300:REF*D9 2300:REF*EA 2300:REF*P4
2300:K3 2300:NTE 2300:CRC*ZZ 2300:HI*ABK 2300:HI*BG
2310A-DN:NM1 2310A-DN:REF*0B 2310A-P3:NM1 2310B:NM1 2310B:PRV 2310B:REF*0B 2310C:NM1 2310C:N3 2310C:N4 2310C:REF*LU
2310D:NM1
2320:SBR 2320:CAS 2320:AMT*D 2320:AMT*A8 2320:AMT*EAF 2320:OI 2320:MOA
2330A:NM1 2330A:N3 2330A:N4 2330B:NM1 2330B:N3 2330B:N4 2330B:DTP*573 2330B:REF*2U 2330B:REF*G1 2330B:REF*9F
2330B:REF*F8
2400:LX 2400:SV1 2400:PWK 2400:DTP*472 2400:REF*G1 2400:REF*6R 2400:REF*9F 2400:NTE
2410:LIN 2410:CTP 2410:REF*XZ 2420A:NM1 2420A:PRV 2420A:REF*G2 2420C:NM1 2420C:N3 2420C:N4 2420D:NM1 2420E:NM1
2420F:NM1 2430:SVD 2430:CAS 2430:DTP*573 2430:AMT*EAF
""".split()  # noqa: SIM905 - a list to read
)
"""
What a behavioural-health or therapy clinic can meet of the guide's loops (005010X222A1).

`docs/decisions/0008-what-an-837p-leaves-out.md` names the others, each with the reason.
"""

_CLAIM_PARTIES = {"DN": "2310A-DN", "P3": "2310A-P3", "82": "2310B", "77": "2310C", "DQ": "2310D"}
_LINE_PARTIES = {"82": "2420A", "77": "2420C", "DQ": "2420D", "DK": "2420E", "DN": "2420F"}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_is_what_the_code_makes_today(name):
    """A change of any shape shows as a difference; `make samples` writes it for a person to read."""
    expected = {path.name: path.read_bytes().decode() for path in sorted((SAMPLES / name).iterdir())}

    assert expected == shapes(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_is_accepted_by_two_strangers_and_reads_back(name):
    """Both oracles take the file, and it says what was billed."""
    claim = SCENARIOS[name]()

    text = as_837p(claim)

    assert_both_accept(text)
    (read,) = read_837p([text])
    assert (control_number_of(claim), as_billed(claim)) == (read.control_number, read.claim)


def test_every_segment_we_may_need_stands_in_a_sample():
    """The list of segments and what the samples hold are the same, both ways."""
    found = {key for make in SCENARIOS.values() for key in _segments(as_837p(make()))}

    assert SEGMENTS == found


def _segments(text: str) -> Iterator[str]:
    reader = LoopReader()
    for segment in framed([text]):
        ended = reader.take(segment)
        if ended is not None:
            yield from _of_claim(ended)


def _of_claim(claim: ClaimLoops) -> Iterator[str]:
    for name, loop in claim.above.items():
        if name.startswith("20"):
            yield from _keys(name, loop)
    yield from _with_parties("2300", claim.claim, _CLAIM_PARTIES)
    for other in claim.other_payers:
        yield from _with_parties("2320", other, {"IL": "2330A", "PR": "2330B"})
    for line in claim.lines:
        yield from _with_parties("2400", line.own, _LINE_PARTIES)
        yield from _keys("2410", line.drug or Loop())
        for decided in line.adjudications:
            yield from _keys("2430", decided)


def _with_parties(name: str, loop: Loop, parties: dict[str, str]) -> Iterator[str]:
    yield from _keys(name, loop)
    for role, below in loop.parties.items():
        yield from _keys(parties[role], below)


def _keys(name: str, loop: Loop) -> Iterator[str]:
    yield from (f"{name}:{key}" for key in loop if not key.startswith("HL"))
