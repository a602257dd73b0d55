"""
What is peculiar to Office Ally's 837P, as data.

Sources: Office Ally 837P companion guide, revised 06/08/2022 (CG). The settings are frozen with each batch in the
ledger, so a file is always made again with the values it was made with, whatever this module says by then.
"""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from include.claims.errors import BadSetting
from include.x12.charset import sanitise
from include.x12.envelope import Envelope
from include.x12.write_837p import RENDERER

RECEIVER_ID = "330897513"
"""ISA08 and 1000B NM109 (CG pages 10 and 11)."""

RECEIVER_NAME = "OFFICE ALLY"
SUPPORT = "support@officeally.com"
"""Who is asked for SFTP (CG page 9 of 2022); `COURIER_SUPPORT_ADDRESS` names another."""

HOST = "ftp10.officeally.com"
"""What credential mails of 2022 to 2026 name; CG page 9 still prints `ftp.officeally.com`."""

WHY_REFUSED = (
    "it is not the SFTP password that came by mail but the web login's; the user name is not the one of the mail; the"
    " account is locked after too many refused logins; an invoice is unpaid; the password was changed, or has expired"
)
"""Why a login is refused, as vendors' help pages tell it; the server itself never says."""

INBOUND = "inbound"
OUTBOUND = "outbound"
SETS_PER_FILE = 5000
"""At most this many ST..SE in a file, which holds one ISA and one GS (CG)."""

FEWEST_TEST_CLAIMS, MOST_TEST_CLAIMS = 5, 100
"""How many claims a test file is asked to have (CG page 8)."""

USAGE = "P"
"""ISA15 is always P: the file name tells a test (CG page 8)."""

_KEYS = frozenset({
    "profile", "renderer", "sender_qualifier", "sender_id", "receiver_qualifier", "receiver_id", "group_sender",
    "group_receiver", "submitter_id", "submitter_name", "contact_name", "contact_phone", "receiver_name",
    "receiver_code", "claims_per_set", "subscriber_details_always", "clock",
})  # fmt: skip


def settings_for(
    *,
    submitter_id: str,
    submitter_name: str,
    contact_name: str,
    contact_phone: str,
    sender_qualifier: str = "ZZ",
    receiver_qualifier: str = "ZZ",
    group_receiver: str = "OA",
    claims_per_set: int = 1,
    clock: str = "America/Los_Angeles",
) -> dict[str, str]:
    """
    Return everything a file's bytes depend on beside its claims and numbers, to be frozen with the batch.

    CG leaves ISA05 and ISA07 at 30 or ZZ and GS03 at OA or the receiver's id, hence arguments. The clock is the
    receiver's, so that no header is dated tomorrow there.
    """
    return {
        "profile": "office_ally",
        "renderer": RENDERER,
        "sender_qualifier": sender_qualifier,
        "sender_id": submitter_id,
        "receiver_qualifier": receiver_qualifier,
        "receiver_id": RECEIVER_ID,
        "group_sender": submitter_id,
        "group_receiver": group_receiver,
        "submitter_id": submitter_id,
        "submitter_name": sanitise(submitter_name),
        "contact_name": sanitise(contact_name),
        "contact_phone": contact_phone,
        "receiver_name": RECEIVER_NAME,
        "receiver_code": RECEIVER_ID,
        "claims_per_set": str(claims_per_set),
        "subscriber_details_always": "yes",  # CG pages 12 and 13 list N3, N4 and DMG without a condition
        "clock": clock,
    }


def envelope(
    settings: Mapping[str, str],
    *,
    interchange_number: int,
    group_number: int,
    reference: str,
    created_at: datetime,
) -> Envelope:
    """Return the envelope of one file from its frozen settings, numbers and moment (zone-aware)."""
    odd = sorted(_KEYS ^ settings.keys())
    if odd:
        raise BadSetting(f"settings of interchange {interchange_number}: missing or unknown: {', '.join(odd)}")
    if settings["renderer"] != RENDERER:
        raise BadSetting(
            f"interchange {interchange_number} was sealed for renderer {settings['renderer']}, this is {RENDERER};"
            " render it with that version or give the batch up and seal it again"
        )
    if created_at.tzinfo is None:
        raise BadSetting(f"interchange {interchange_number}: the moment it is dated with must say its time zone")
    try:
        clock, claims_per_set = ZoneInfo(settings["clock"]), int(settings["claims_per_set"])
    except (ValueError, ZoneInfoNotFoundError):
        raise BadSetting(
            f"settings of interchange {interchange_number}: clock must be an IANA time zone, claims_per_set a number"
        ) from None
    return Envelope(
        interchange_number=interchange_number,
        group_number=group_number,
        reference=reference,
        created_at=created_at.astimezone(clock),
        sender_qualifier=settings["sender_qualifier"],
        sender_id=settings["sender_id"],
        receiver_qualifier=settings["receiver_qualifier"],
        receiver_id=settings["receiver_id"],
        group_sender=settings["group_sender"],
        group_receiver=settings["group_receiver"],
        usage=USAGE,
        submitter_name=settings["submitter_name"],
        submitter_id=settings["submitter_id"],
        contact_name=settings["contact_name"],
        contact_phone=settings["contact_phone"],
        receiver_name=settings["receiver_name"],
        receiver_code=settings["receiver_code"],
        claims_per_set=claims_per_set,
        subscriber_details_always=settings["subscriber_details_always"] == "yes",
    )
