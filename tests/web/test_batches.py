"""The pages of files."""

from tests.contract.night import claims


def test_a_file_shows_its_keys_and_where_its_claims_are(browser, night):
    """Whoever calls the clearinghouse has every number at hand."""
    batch_id = night.sent(*claims(2))
    batch = night.ledger.batches.get(batch_id)

    text = browser.get(f"/batch/{batch_id}").text

    assert batch.file_name in browser.get("/batches").text
    assert f"<dd>{batch.interchange_number}</dd>" in text
    assert f"<dd>{batch.reference}</dd>" in text
    assert "2 of 2 without the clearinghouse's verdict" in text


def test_a_file_of_another_clinic_is_not_there(browser, night, somebody):
    """Who may not see the clinic does not learn that there is a file."""
    batch_id = night.sent(*claims(1))
    somebody.only = {"another"}

    assert 404 == browser.get(f"/batch/{batch_id}").status_code
    assert "No file has been made yet" in browser.get("/batches").text


def test_a_number_nobody_gave_is_not_found(browser):
    """404, whatever the number."""
    assert 404 == browser.get("/batch/999").status_code
