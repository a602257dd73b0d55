"""What every kind of answer does to claims is written beside its sample, in the ledger's words."""

import pytest

from tests.outcomes import SAMPLES, beside, outcomes_of, samples

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("path", samples(), ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_sample_does_what_is_written_beside_it(path):
    """A change of meaning shows as a difference; `make samples` writes it for a person to read."""
    assert beside(path).read_text() == outcomes_of(path)


def test_every_kind_of_answer_has_a_sample():
    """No reader is without an example of what it does."""
    assert {"acknowledgements", "status", "edi_status", "remits"} == {path.parent.name for path in samples()}
