"""
Let what was refused before it was read go again: failed files and refused sets, by themselves once, or on a word.

`renewal` decides; the ledger makes it true in one short transaction, in which it decides once more. Before that
`outbound` is read again, because what is about to go a second time may have been answered a minute ago.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from include.claims.errors import ClaimsError, NeedsRepair, NotAllowed, RetryLater
from include.delivery.apply import apply_stored
from include.delivery.ports import Ports
from include.delivery.records import Refused
from include.delivery.render import frozen_settings, written
from include.delivery.renewal import Asked, stop_of
from include.delivery.take import take


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What goes again."""

    claim_keys: frozenset[str] = frozenset()
    put_off: str = ""  # why what could go waits for the next run


def renew(clinic_key: str, ports: Ports) -> Renewed:
    """Make new submissions of the clinic's claims whose file failed or set was refused, where nothing stops it."""
    refused = ports.ledger.renewals.refused(clinic_key)
    may_go = _by_itself(refused, ports)
    going = [one for one in refused if may_go(one)]
    if not going:
        return Renewed()
    try:
        _listen(going, ports)
    except ClaimsError as deaf:
        return Renewed(put_off=str(deaf))
    why = "nothing else was heard of it"
    return Renewed(claim_keys=frozenset(ports.ledger.renewals.renew(going, may_go, ports.now(), why=why)))


def renew_on_a_word(name: str, who: str, why: str, ports: Ports) -> int:
    """Let a person say that a refused file, or one claim of it, goes again; return how many claims do."""
    refused = ports.ledger.renewals.refused(name=name)
    if not refused:
        raise NotAllowed(f"{name}: no claim of that file or control number waits because file or set was refused")
    asked = Asked(now=ports.now(), quiet=ports.quiet)
    for one in refused:
        if stop := stop_of(one, asked, by_person=True):
            raise NotAllowed(f"{name}: {stop.words}; {stop.remedy}")
    _listen(refused, ports)
    may_go = lambda one: stop_of(one, asked, by_person=True) is None  # noqa: E731
    keys = ports.ledger.renewals.renew(refused, may_go, ports.now(), who=who, why=why)
    if not keys:
        raise NotAllowed(f"{name}: outbound was read once more, and something was heard of it; see ./courier report")
    return len(keys)


def renew_each(control_numbers: Sequence[str], who: str, why: str, ports: Ports) -> dict[str, str]:
    """Let a person say that these claims of refused files go again; return of each that does not why, by its number."""
    asked = Asked(now=ports.now(), quiet=ports.quiet)
    found = {number: ports.ledger.renewals.refused(name=number) for number in control_numbers}
    stopped = {number: _why_not(of_it, asked) for number, of_it in found.items()}
    going = [one for number, of_it in found.items() if not stopped[number] for one in of_it]
    if not going:
        return stopped
    _listen(going, ports)
    may_go = lambda one: stop_of(one, asked, by_person=True) is None  # noqa: E731
    ports.ledger.renewals.renew(going, may_go, ports.now(), who=who, why=why)
    late = "outbound was read once more, and something was heard of it"
    still = {
        number for number, why_not in stopped.items() if not why_not and ports.ledger.renewals.refused(name=number)
    }
    return stopped | dict.fromkeys(still, late)


def _why_not(refused: Sequence[Refused], asked: Asked) -> str:
    if not refused:
        return "it does not wait because its file or set was refused"
    stops = [stop for one in refused if (stop := stop_of(one, asked, by_person=True))]
    return f"{stops[0].words}; {stops[0].remedy}" if stops else ""


def _by_itself(refused: Iterable[Refused], ports: Ports) -> Callable[[Refused], bool]:
    """Return whether one of these may go by itself, what only its bytes can tell found out beforehand."""
    asked = Asked(now=ports.now(), quiet=ports.quiet)
    differing = cache(lambda batch_id: _sets_that_differ(batch_id, ports))
    stopped = [one for one in refused if (stop := stop_of(one, asked)) is not None and stop.name == "fault"]
    otherwise = {one.place for one in stopped if one.set_number in differing(one.batch_id)}
    return lambda one: stop_of(one, replace(asked, is_rendered_otherwise=one.place in otherwise)) is None


def _sets_that_differ(batch_id: int, ports: Ports) -> Collection[str]:
    """Return which sets of a file would be written otherwise now, under their old numbers; blank: the file would."""
    batch = ports.ledger.batches.get(batch_id)
    try:
        mailbox = ports.ledger.clinics.mailbox(ports.ledger.clinics.clinic(batch.clinic_key).mailbox_key)
        content, _ = written(replace(batch, settings=frozen_settings(mailbox, ports.rule_book())), ports)
        went = ports.vault.load(batch.payload_sha256 or "")
    except NeedsRepair:
        return ()  # who renders or reads it next says what is wrong
    now, then = _by_set(content), _by_set(went)
    return {number for number, text in then.items() if now.get(number) != text}


def _by_set(content: bytes) -> dict[str, bytes]:
    """Return a file's sets by their ST02, and the whole of it under none."""
    _, *sets = content.split(b"~ST*837*")
    return {"": content, **{text.partition(b"*")[0].decode(): text.partition(b"~SE*")[0] for text in sets}}


def _listen(refused: Iterable[Refused], ports: Ports) -> None:
    """Take and apply whatever lies in the mailboxes; raise where an answer could not be read yet."""
    for mailbox_key in sorted({one.mailbox_key for one in refused}):
        taken = take(mailbox_key, ports)
        if taken.still_growing or taken.left:
            raise RetryLater(f"mailbox {mailbox_key}: outbound holds answers that still grow or are too large to read")
        apply_stored(mailbox_key, ports, foreign_again=True)
