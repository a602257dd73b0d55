"""What the practice system gets back of its claims: the columns of the view `claim_status_feed`, and their meaning."""

from typing import Final, NamedTuple

VIEW: Final = "claim_status_feed"


class FeedColumn(NamedTuple):
    """A column of the view."""

    name: str
    type: str  # PostgreSQL's; SQLite has text for all but the whole numbers
    meaning: str


STATUS_COLUMNS: Final = tuple(
    FeedColumn(*row)
    for row in (
        ("change_id", "bigint", "The cursor: it rises with every change of a row, in the order of commits."),
        ("changed_at", "timestamp with time zone", "When that was."),
        ("source", "text", "Which practice database the claim is from."),
        ("claim_key", "text", "Its own key of the claim, `source_claim_key` of the contract."),
        ("clinic_key", "text", "The clinic's key."),
        ("control_number", "text", "CLM01 of the submission, and the row's key: it never changes, none comes twice."),
        ("submission_number", "integer", "Which submission of the claim it is, from 1; the highest is the newest."),
        ("frequency", "text", "`1` original, `7` replacement, `8` void."),
        ("payer_id", "text", "The payer, by the clearinghouse's id."),
        ("charge", "numeric", "What was charged, in US dollars."),
        (
            "sent_at", "timestamp with time zone",
            "When the server had the whole file, or noon UTC of the day an earlier process sent it; empty: not known.",
        ),
        ("file_name", "text", "The file it went in; empty where there is none."),
        ("delivery", "text", "Where it is on its way out."),
        ("front_end", "text", "What clearinghouse and payer made of it on its way in."),
        ("adjudication", "text", "What the payer decided."),
        ("work", "text", "Who has to do something about it."),
        ("contradicted", "boolean", "Its answers contradict each other: a person looks."),
        (
            "reasons", "text",
            "JSON, a list of `event`, `codes` and our `words`: why it is held, or every bad word on it, oldest first.",
        ),
        ("clearinghouse_claim_id", "text", "The clearinghouse's number of it; empty until it is known."),
        ("payer_claim_number", "text", "The payer's newest number of it; a replacement must name it."),
        ("paid", "numeric", "What has been paid so far, in US dollars: the sum of its postings in the posting feed."),
        ("patient", "numeric", "The patient's share so far, in US dollars, summed likewise."),
    )
)  # fmt: skip
"""One row is a live submission. None of it is patients' data."""
