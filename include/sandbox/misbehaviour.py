"""
What can go wrong at a clearinghouse, as switches: a delivery is only proved against a server that misbehaves.

In one process a test sets them on the running sandbox. From a shell they stand in `misbehave.json` in the sandbox's
home, which is read again at every use: write `{"disk_full_after": 4096}` and the next put meets a full disk.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path

from include.claims.errors import BadSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What the sandbox does wrong now; by default nothing. Counts of bytes are positions in the uploaded file."""

    accounts: tuple[str, ...] = ()  # whom it concerns; everybody where empty
    # logins and folders
    refuse_logins: bool = False  # right passwords are refused too
    hang_up_on_refusal: bool = False  # a refused login is the connection's end too
    cut_on_login: bool = False  # the connection ends while the password is under way
    hide_inbound: bool = False  # the server says there is no such folder
    forbid_inbound: bool = False  # the server says permission denied
    # while a file is written
    cut_on_open: bool = False  # the file is made, the connection ends before the answer
    disk_full_after: int | None = None  # a write past it fails; what fits is kept
    drop_writes_after: int | None = None  # a write past it is acknowledged and lost
    hide_loss: bool = False  # and the open file's size pretends that nothing was
    write_takes: float = 0.0  # seconds each write takes, so that a client can be killed in the middle
    cut_after: int | None = None  # the connection ends
    stall_after: int | None = None  # no answer ever comes
    sweep_after: int | None = None  # the file is taken away while it is written; writes go on being acknowledged
    fail_close: bool = False  # CLOSE is answered with an error; the file is whole
    # answers
    reads_incomplete_files: bool = False  # a cut file's whole claims are taken; otherwise the file fails
    sends_999: bool = True  # off by default at Office Ally, on where the clinic asked for it (companion guide)
    never_answer: bool = False
    answer_after: float = 0.0  # seconds
    answer_twice: bool = False  # the same verdicts again, under new file ids
    half_written_for: float = 0.0  # seconds a response lies half written under its name
    answer_backwards: bool = False  # the last answer to a file comes first
    sizes_off_by: int = 0  # every size it tells of a file that lies there is wrong by so many bytes
    # payers' answers
    redeliver_answers: bool = False  # an account's last answers are written again every morning, unchanged
    correct_under_old_name: bool = False  # every morning the last remittance comes again: old name, a claim paid less
    hold_acknowledgements: bool = False  # 277CA and EDI Status wait until a remittance has come
    unbalance_remittance: bool = False  # its first claim is paid a dollar more than its lines say
    add_foreign_claim: bool = False  # each remittance pays a claim nobody sent


def from_json(text: str) -> Misbehaviour:
    """Return the switches a JSON object sets; raise BadSetting where one is unknown."""
    try:
        found = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise BadSetting(f"misbehave.json: not JSON (line {error.lineno})") from error
    known = {field.name for field in fields(Misbehaviour)}
    if not isinstance(found, dict) or found.keys() - known:
        raise BadSetting(f"misbehave.json: an object with some of {', '.join(sorted(known))} is expected")
    return Misbehaviour(**{**found, "accounts": tuple(found.get("accounts", ()))})


class Mood:
    """The switches in force: those set in this process, or those of the file in the sandbox's home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "misbehave.json"
        self._set: Misbehaviour | None = None
        self._read = Misbehaviour()

    def set(self, misbehaviour: Misbehaviour | None) -> None:
        """Misbehave so from now on; None gives the word back to the file."""
        self._set = misbehaviour

    def towards(self, account: str) -> Misbehaviour:
        """Return how an account is treated now."""
        mood = self._set or self._from_file()
        return mood if not mood.accounts or account in mood.accounts else Misbehaviour()

    def _from_file(self) -> Misbehaviour:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Misbehaviour()
        # An object that has no end yet is being written now.
        if text.rstrip().endswith("}"):
            self._read = from_json(text)
        return self._read
