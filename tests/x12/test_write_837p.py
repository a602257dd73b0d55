"""The 837P, segment for segment, and the numbers that hold it together."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

SAMPLE = Path(__file__).parents[1] / "samples" / "worked_example.837p"
