"""The 837P, segment for segment, and the numbers that hold it together."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.errors import BadFile, BadSetting
from include.claims.model import Claim, Frequency, PersonName
from include.x12.envelope import Envelope
from include.x12.write_837p import _number, write_837p
from tests.builders import (
    a_billing_provider,
    a_claim,
    a_dependent_claim,
    a_line,
    a_rendering_provider,
    a_subscriber,
    an_address,
    an_envelope,
    lines,
    the_worked_example,
)
from tests.oracles import assert_pyx12_accepts, assert_x12sdk_accepts

pytestmark = pytest.mark.pure

SAMPLE = Path(__file__).parents[1] / "samples" / "worked_example.837p"
