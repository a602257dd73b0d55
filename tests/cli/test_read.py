"""`./courier read` says what any answer says, without patients' data unless it is asked for."""

import json

import pytest

from include.cli.__main__ import main
from tests.outcomes import SAMPLES, samples

pytestmark = pytest.mark.pure

WELL = {
    "acknowledgements/1100000001_CC000042.837P_999.999",
    "acknowledgements/FS_HCFA_443130031_IN_C.txt",
    "status/accepted_by_clearinghouse.277",
    "status/accepted_by_payer.277",
    "status/forwarded_by_clearinghouse.277",
    "status/paid_with_a_denied_line.277",
    "status/pended.277",
    "status/split_by_payer.277",
    "remits/interest_and_refund.835",
    "remits/many_adjustments.835",
    "remits/old_version.835",
    "remits/one_transfer_over_two_sets.835",
    "remits/other_delimiters.835",
    "remits/paid_with_adjustments.835",
    "remits/patient_owes_all.835",
    "remits/takeback.835",
}
"""The samples that are good news from end to end."""


@pytest.mark.parametrize("path", samples(), ids=lambda path: str(path.relative_to(SAMPLES)))
def test_an_answer_is_printed_line_by_line(path, capsys):
    """Every line is JSON that says its kind; the exit status tells good news from bad."""
    status = main(["read", str(path)])

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said
    assert all(line["kind"] for line in said)
    assert (0 if str(path.relative_to(SAMPLES)) in WELL else 1) == status


def test_what_a_payer_wrote_is_printed_on_demand_only(capsys):
    """Free text and member ids may be a patient's."""
    files = [str(path) for path in samples()]

    main(["read", *files])
    without = capsys.readouterr().out
    main(["read", "--phi", *files])
    everything = capsys.readouterr().out

    for name in ("payer_words", "member_id"):
        assert f'"{name}"' not in without
        assert f'"{name}"' in everything


def test_a_file_that_is_nothing_of_ours_is_refused(tmp_path, capsys):
    """The reason is said, and the other files are read."""
    stranger = tmp_path / "stranger.txt"
    stranger.write_text("hello")

    assert 1 == main(["read", str(stranger), str(SAMPLES / "status" / "pended.277")])

    printed = capsys.readouterr()
    assert f"{stranger}: " in printed.err
    assert "277" in printed.out
