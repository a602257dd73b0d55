"""Whatever comes from outside is read or refused in our own words, by every reader."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.damage import damage
from tests.fuzz.readers import NAMED, READERS, Reader, judged
from tests.fuzz.seeds import FOUND
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A file that broke a reader is kept as it is; the example's random numbers say nothing to shrink towards."""


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
def test_a_sound_file_is_read(reader: Reader):
    """The files that the damage begins from are read; a batch that is not ours makes an answer foreign."""
    refused = {judged(reader, one) for one in reader.seeds()} - {"read"}

    assert not refused or reader.name.startswith("answers-")
    assert "read" in {judged(reader, one) for one in reader.seeds()[:1]}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
@settings(max_examples=EXAMPLES * 10, deadline=None, phases=WITHOUT_SHRINKING, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(reader: Reader, data: st.DataObject):
    """One fault or a few: a result or an error of ours comes out, in time, and shows nothing of the file."""
    sound = data.draw(st.sampled_from(reader.seeds()))

    judged(reader, damage(sound, Random(data.draw(st.integers(0, 1 << 64)))))


@pytest.mark.parametrize("name", ["ta1", "999", "277", "837p", "file-summary", "edi-status", "era-zip"])
def test_damage_gets_behind_the_frame(name):
    """Of damaged files some are still read and some refused, for many reasons: else the tests above say little."""
    reader, random = NAMED[name], Random(42)

    said = [judged(reader, damage(random.choice(reader.seeds()), random)) for _ in range(300)]

    assert 20 < said.count("read") < 290
    assert len(set(said)) > 8


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda one: one.name)
def test_what_was_found_stays_mended(path):
    """Each file that once broke a reader is read or refused by it now."""
    name = max((one for one in NAMED if path.name.startswith(f"{one}-")), key=len)

    judged(NAMED[name], path.read_bytes())
