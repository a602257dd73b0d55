"""The overview: where every clinic's claims stand."""

from tests.contract.night import BLOCKED, claims


def test_a_clinic_is_a_row_with_its_stages(browser, night):
    """What is held and what waits for its answer is counted in claims and dollars."""
    night.sent(*claims(2))
    night.stage(claims(3)[2], faults=[BLOCKED])

    text = browser.get("/").text

    assert "harbor" in text
    assert 'data-label="held">1<small>' in text
    assert 'data-label="awaiting">2<small>' in text


def test_an_empty_ledger_says_so(browser):
    """A page without claims is no error."""
    assert "No claim has been collected yet" in browser.get("/").text
