"""The mail by which a clinic asks for SFTP says all that the clearinghouse asks for."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from include.officeally.names import FileFormat
from include.officeally.sftp_request import SftpRequest, software_of, support_of

pytestmark = pytest.mark.pure

ON = datetime(2026, 3, 6, 17, 15, tzinfo=UTC)


def a_mail(**changes):
    """Return the mail as a mail program reads it."""
    facts = {
        "user_name": "bright_web",
        "contact_name": "CASEY SAMPLE",
        "contact_email": "billing@example.org",
        "file_format": FileFormat.X12,
        "software": "Example Practice",
        "support": "help@example.org",
    }
    return message_from_bytes(SftpRequest(**{**facts, **changes}).mail(ON).as_bytes(), policy=default)


def test_the_mail_names_what_is_asked_for():
    """User name, contact, software and type, the format, and the line that switches 999 and 277CA on."""
    mail = a_mail()

    assert ("billing@example.org", "help@example.org") == (mail["From"], mail["To"])
    assert (ON, "1") == (mail["Date"].datetime, mail["X-Unsent"])
    lines = {" ".join(line.split()) for line in mail.get_content().splitlines()}
    assert {
        "User name: bright_web",
        "Contact name: CASEY SAMPLE",
        "Contact e-mail: billing@example.org",
        "Software: Example Practice",
        "Type: HCFA",
        "- set the account to take ANSI X12 837P files (005010X222A1),",
        "- switch on 999 and 277CA reports in the outbound folder.",
    } <= lines


def test_an_account_of_print_images_asks_for_its_map():
    """Where the account is to take forms, X12 is not asked for."""
    text = a_mail(file_format=FileFormat.PRINT_IMAGE).get_content()

    assert "print images" in text
    assert "X12" not in text


def test_a_fact_cannot_add_a_header():
    """A line break in a cell of the clinic table makes no second recipient."""
    with pytest.raises(ValueError, match="linefeed"):
        a_mail(user_name="x\nBcc: other@example.org")


def test_a_vendor_says_its_own_name_and_address():
    """Both are settings; without them the package's name and the guide's address stand."""
    named = {"COURIER_SOFTWARE_NAME": "Example Practice", "COURIER_SUPPORT_ADDRESS": "help@example.org"}

    assert ("Example Practice", "help@example.org") == (software_of(named), support_of(named))
    assert ("Claim Courier", "support@officeally.com") == (software_of({}), support_of({"COURIER_SUPPORT_ADDRESS": ""}))
