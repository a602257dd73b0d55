"""The request for an enrollment says what the payer asks, and nothing that does not belong in a mail."""

from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest

from include.claims.enrollment import ListedPayer, What
from include.claims.parties import TaxIdKind
from include.delivery.clinic_table import clinic_from_row, mailbox_from_row
from include.delivery.enrollment_letter import letter
from tests.builders import BILLING_NPI, RENDERING_NPI, a_billing_provider
from tests.enrollment_rows import an_enrollment
from tests.night import CLINIC_ROW, MAILBOX_ROW

pytestmark = pytest.mark.pure

PAYER = ListedPayer(id="99999", name="EXAMPLE HEALTH PLAN", remittances_id="99998")


def drafted(provider=None, **changes):
    """Return the draft for an enrollment of the builders' clinic."""
    mailbox, clinic = mailbox_from_row(MAILBOX_ROW), clinic_from_row({**CLINIC_ROW, "contact": "billing@example.test"})
    return letter(an_enrollment(**changes), PAYER, provider or a_billing_provider(), mailbox, clinic)


@pytest.mark.parametrize("what", What)
def test_every_request_names_who_bills(what):
    """Name, NPI, tax id, address, and whom to call."""
    text = drafted(what=what).text

    for said in ("EXAMPLE HARBOR ABA LLC", BILLING_NPI, "731234567", "PORTLAND", "OR 97201-0001", "5035550100"):
        assert said in text, said
    assert "billing@example.test" in text
    assert ("Office Ally" in text) == (what in {What.CLAIMS, What.REMITTANCES})


def test_the_payers_id_is_that_of_the_transaction():
    """Remittances have their own where the list says so."""
    assert "payer id 99999" in drafted().text
    assert "payer id 99998" in drafted(what=What.REMITTANCES).text


def test_a_move_says_from_where():
    """Remittances go to one clearinghouse at a time."""
    assert "They go to Example Clearing now" in drafted(what=What.REMITTANCES, moves_from="Example Clearing").text


def test_credentialing_names_who_renders():
    """Beside who bills."""
    assert f"Rendering NPI       {RENDERING_NPI}" in drafted(what=What.CREDENTIALING, npi=RENDERING_NPI).text


def test_a_persons_tax_id_is_not_written_out():
    """It is a social security number."""
    person = replace(a_billing_provider(), first_name="JORDAN", name="SAMPLER", tax_id_kind=TaxIdKind.SOCIAL_SECURITY)

    text = drafted(person).text

    assert "731234567" not in text.replace("submitter id 731234567", "")
    assert "ends in 4567" in text
    assert "JORDAN SAMPLER" in text


def test_a_mail_is_a_draft():
    """A mail program opens it for writing, with the text as it is printed."""
    draft = drafted()

    mail = BytesParser(EmailMessage, policy=default).parsebytes(draft.as_mail())

    assert ("1", draft.subject) == (mail["X-Unsent"], mail["Subject"])
    assert draft.text == mail.get_content().replace("\r\n", "\n")
