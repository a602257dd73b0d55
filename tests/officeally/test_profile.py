"""Office Ally's values, frozen with each batch."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from include.claims.errors import BadSetting
from include.officeally import profile
from include.x12.as_billed import as_billed
from include.x12.read_837p import read_837p
from include.x12.write_837p import write_837p
from tests.builders import the_worked_example
from tests.oracles import assert_both_accept

pytestmark = pytest.mark.pure

MOMENT = datetime(2026, 3, 6, 17, 15, tzinfo=UTC)


def settings(**changes):
    """Return the settings of an invented submitter."""
    return profile.settings_for(
        submitter_id="731234567",
        submitter_name="Bright Harbor ABA LLC",
        contact_name="Billing Dept",
        contact_phone="5035550100",
        **changes,
    )


def envelope(**changes):
    """Return an envelope under Office Ally's profile."""
    numbers: dict[str, Any] = {
        "interchange_number": 42,
        "group_number": 42,
        "reference": "B2026030600042",
        "created_at": MOMENT,
    }
    numbers.update(changes)
    return profile.envelope(settings(), **numbers)


def test_the_worked_example_also_carries_the_subscribers_details():
    """Office Ally's guide lists N3, N4 and DMG of the subscriber, so they go although the patient is another."""
    rendered = write_837p(envelope(), [(1, "BH260306000017", the_worked_example())])

    text = rendered.content.decode()
    assert "MI*XYZ100200300~N3*45 SAMPLE LN~N4*BEAVERTON*OR*97005~DMG*D8*19880715*F~NM1*PR*" in text
    assert {1: ("0001", 25)} == rendered.starts
    assert_both_accept(text)
    assert [as_billed(the_worked_example())] == [read.claim for read in read_837p([text])]


def test_the_receiver_is_office_ally():
    """ISA08, GS03 and loop 1000B say what the companion guide says, and ISA15 is P."""
    text = write_837p(envelope(), [(1, "CN1", the_worked_example())]).content.decode()

    header, group, *_ = text.split("~")
    assert_both_accept(text)
    assert "*ZZ*330897513      *260306*0915*^*00501*000000042*0*P*:" == header[-55:]
    assert group.startswith("GS*HC*731234567*OA*20260306*0915*42*X*")


def test_the_same_moment_makes_the_same_envelope():
    """A database that gives the moment back in another zone does not change the bytes."""
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=9)))

    assert envelope() == envelope(created_at=elsewhere)


def test_settings_are_plain_text_and_complete():
    """The settings survive a ledger column and come back as the same envelope."""
    assert all(isinstance(value, str) for value in settings().values())
    assert settings() == dict(sorted(settings().items()))


def test_settings_that_lack_a_value_are_refused():
    """A batch whose frozen settings are not whole is never rendered by guess."""
    broken = {name: value for name, value in settings().items() if name != "receiver_id"}

    with pytest.raises(BadSetting, match="receiver_id"):
        profile.envelope(broken, interchange_number=1, group_number=1, reference="B1", created_at=MOMENT)


def test_a_batch_of_another_renderer_is_refused():
    """A file is never made again by code that would make other bytes."""
    older = settings() | {"renderer": "837p-0"}

    with pytest.raises(BadSetting, match="renderer 837p-0"):
        profile.envelope(older, interchange_number=1, group_number=1, reference="B1", created_at=MOMENT)
