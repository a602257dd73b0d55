"""
The mail by which a clinic asks Office Ally for SFTP: a form in prose, so that nobody forgets the line on reports.

It goes from the address the clinic signed up with (837P companion guide, page 9). 999 and 277CA are off unless asked
for, and an account takes one format alone, which support sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from include.officeally.names import FileFormat
from include.officeally.profile import SUPPORT

_FORMATS = {
    FileFormat.X12: "set the account to take ANSI X12 837P files (005010X222A1)",
    FileFormat.PRINT_IMAGE: "set the account to take CMS-1500 print images, and tell us how their fields are mapped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpRequest:
    """What the clearinghouse wants to know before it opens SFTP."""

    user_name: str  # of the account, as signed up
    contact_name: str
    contact_email: str  # the address the account was signed up with
    file_format: FileFormat
    software: str
    support: str  # whom it goes to

    def mail(self, on: datetime) -> EmailMessage:
        """Return the mail, marked as not sent yet, so that a mail program opens it as a draft."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = self.contact_email, self.support
        mail["Subject"] = f"SFTP access for {self.user_name}"
        mail["Date"] = format_datetime(on)
        mail["X-Unsent"] = "1"
        mail.set_content(_TEXT.format(asked=self, formats=_FORMATS[self.file_format]))
        return mail


_TEXT = """\
Hello,

please open SFTP access for our account and mail us its SFTP user name and password.

    User name:      {asked.user_name}
    Contact name:   {asked.contact_name}
    Contact e-mail: {asked.contact_email}
    Software:       {asked.software}
    Type:           HCFA

Please also
- {formats},
- switch on 999 and 277CA reports in the outbound folder.

Thank you,
{asked.contact_name}
"""


def software_of(environment: Mapping[str, str]) -> str:
    """Return the software's name as the clearinghouse shall know it: the vendor's own where it has set one."""
    return environment.get("COURIER_SOFTWARE_NAME") or "Claim Courier"


def support_of(environment: Mapping[str, str]) -> str:
    """Return whom a request goes to."""
    return environment.get("COURIER_SUPPORT_ADDRESS") or SUPPORT
