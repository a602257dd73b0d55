"""Every X12 answer we write, as a sample or by the sandbox, is judged by all validators that know its guide."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.fuzz import seeds
from tests.oracles import oxedi_complaints, pyx12_complaints, x12sdk_complaints
from tests.outcomes import SAMPLES
from tests.outcomes import samples as answers

pytestmark = pytest.mark.pure

JUDGES: dict[str, Callable[[str], list[str]]] = {
    "pyx12": pyx12_complaints,
    "x12sdk": x12sdk_complaints,
    "oxedi": oxedi_complaints,
}
UNKNOWN = "is not supported|'parser' where it is not associated|Map not found"
"""What they say of a guide they have not."""

UNKNOWN_TO = {
    ("x12sdk", "TA1"): "no TA1",
    ("x12sdk", "005010X231A1"): "no 999",
    ("x12sdk", "005010X214"): "no 277CA",
    ("x12sdk", "004010X091A1"): "5010 only",
    ("x12sdk", "other_delimiters"): "it takes `~` for granted; the ISA says what separates",
    ("pyx12", "005010X212"): "a map of the 277CA, none of the 277",
    **{("oxedi", guide): "remittances only" for guide in ("TA1", "005010X231A1", "005010X214", "005010X212")},
}
"""By judge and guide, or judge and sample: why there is nothing to hear from it."""

FALSE_ALARMS = {
    ("x12sdk", "paid_with_a_denied_line"): (
        "SE segment count 26 != actual count 22",
        "2220D stands once a service line, as often as needed (005010X212); it keeps one and counts the others as lost",
    ),
}
"""By judge and sample: what it says, and why the guide allows it."""

SAMPLED = [path for path in answers() if path.suffix != ".txt"]


def guide_of(text: str) -> str:
    """Return GS08, or TA1 where there is no group."""
    found = re.search(r"0[045]{2}010X\d{3}(A1)?", text)
    return found[0] if found else "TA1"


def verdicts(name: str, text: str) -> Iterator[str]:
    """Yield what each judge has to say who knows the guide, blank if nothing; fail where a table says too much."""
    guide = guide_of(text)
    for judge, complaints_of in JUDGES.items():
        said = "\n".join(complaints_of(text))
        false, _why = FALSE_ALARMS.get((judge, name), ("", ""))
        if {(judge, name), (judge, guide)} & UNKNOWN_TO.keys():
            assert judge == "oxedi" or re.search(UNKNOWN, said), f"{judge} knows {name or guide} now: hear it"
        else:
            assert false in said, f"{judge} no longer complains of {name}: delete the entry"
            yield said.replace(f": Value error, {false}", "") if false else said


@pytest.mark.parametrize("path", SAMPLED, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_strangers_accept_each_sample(path):
    """One judge at least knows its guide, and none has a complaint that counts."""
    assert {""} == set(verdicts(path.stem, path.read_bytes().decode()))


def test_strangers_accept_what_the_sandbox_writes():
    """Each kind of answer, of two months in which claims meet every fate."""
    texts = [raw.decode() for raw in seeds.sandbox_x12()]

    assert {"TA1", "005010X231A1", "005010X214", "005010X221A1"} == set(map(guide_of, texts))
    for text in texts:
        assert {""} == set(verdicts("", text))
