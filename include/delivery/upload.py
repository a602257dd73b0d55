"""
Put a batch's file on the clearinghouse's server exactly once; section 5 of the design in one page.

    has it begun?   what lies in inbound     what we do
    no              nothing                  commit *begun*, put
    no              our file, whole          it went before our memory did: *begun* and *sent*
    yes             our file, whole          *sent*
    yes             a beginning of an 837P   it rests between two looks: write the missing tail
    yes             a beginning of forms     IN DOUBT: no trailer kept the part from being taken for whole
    yes             nothing                  IN DOUBT: never put again by itself
    any             anything else            NAME TAKEN: a person looks

Absent means that the server said "no such file"; every other error leaves all as it was.
"""

from dataclasses import dataclass

from include.claims.errors import ClaimsError, InDoubt, NameTaken, NeedsRepair, NotAllowed, TransferBroken
from include.claims.states import BatchStatus
from include.delivery.ports import Ports
from include.delivery.records import Batch, Kind, RemoteFile
from include.delivery.render_forms import is_as_agreed
from include.delivery.session import Session, session
from include.officeally import names
from include.officeally.names import FileFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """How a batch stands after the upload."""

    status: BatchStatus
    evidence: str


def upload(batch_id: int, ports: Ports) -> Uploaded:
    """Deliver a batch's file, or find that it is delivered; raise what keeps it from being known."""
    batch = ports.ledger.batches.get(batch_id)
    if batch.kind is Kind.DRY:
        return Uploaded(status=batch.status, evidence="dry run: rendered, nothing is sent")
    if batch.status not in {BatchStatus.RENDERED, BatchStatus.BEGUN}:
        return _nothing_to_do(batch)
    names.check_upload_name(batch.file_name, batch.usage, batch.file_format)
    mailbox = ports.ledger.clinics.mailbox(batch.mailbox_key)
    if batch.status is BatchStatus.RENDERED and not is_as_agreed(batch, mailbox):
        raise NotAllowed(
            f"batch {batch.id}: sealed as {batch.file_format}, and mailbox {mailbox.key} takes another format or layout"
            " by now; the clinic's next run gives it up and seals its claims anew"
        )
    if not batch.payload_sha256:
        raise InDoubt(
            f"batch {batch.id}, file {batch.file_name}: it had no bytes when the ledger was backed up, and may have"
            " gone since. It is not made again; a report naming it settles it, or a person does:"
            f" ./courier doubt {batch.id}"
        )
    content = ports.vault.load(batch.payload_sha256)
    with session(mailbox, ports) as here:
        # Again, now that nobody else is in the account: another worker may have finished it.
        batch = ports.ledger.batches.get(batch_id)
        if batch.status not in {BatchStatus.RENDERED, BatchStatus.BEGUN}:
            return _nothing_to_do(batch)
        found = here.server.look(batch.file_name)
        evidence = _put(batch, content, here, ports) if found is None else _present(batch, content, found, here, ports)
    return Uploaded(status=BatchStatus.SENT, evidence=evidence)


def _nothing_to_do(batch: Batch) -> Uploaded:
    if batch.status is BatchStatus.SEALED:
        raise NeedsRepair(f"batch {batch.id}: it has no bytes yet; run its render task first")
    return Uploaded(status=batch.status, evidence="delivered before, or given up")


def _put(batch: Batch, content: bytes, here: Session, ports: Ports) -> str:
    """Nothing lies there: put it, unless bytes may have left before."""
    if batch.status is BatchStatus.BEGUN:
        raise InDoubt(
            f"batch {batch.id}, file {batch.file_name}: a transfer began and the file is not in inbound. It was taken,"
            " or it never arrived: no report says which. It will not be put again by itself; a report naming it"
            f" settles it, or a person does: ./courier doubt {batch.id}"
        )
    transmission = _begin(batch, here, ports)
    try:
        here.server.put(batch.file_name, content, here.may_go_on)
    except TransferBroken as broken:
        ports.ledger.batches.broken(transmission, str(broken), ports.now())
        raise
    except ClaimsError as refused:
        # Anything but TransferBroken proves that no file was opened.
        ports.ledger.batches.not_started(transmission, str(refused), ports.now())
        raise
    evidence = "every write, the size of the open file and its close were acknowledged"
    ports.ledger.batches.sent(transmission, evidence, ports.now())
    return evidence


def _begin(batch: Batch, here: Session, ports: Ports) -> int:
    """Commit *begun*, and keep it outside the ledger too: a restored one has forgotten it and must not put again."""
    ports.watermark.check(ports.ledger.identity)
    transmission = ports.ledger.batches.begin(batch.id, here.lease, here.server.identity, ports.now())
    try:
        ports.watermark.raise_to(ports.ledger.identity())
    except Exception as unkept:
        # Whatever it is, no byte has left.
        reason = f"how far the ledger has come could not be kept ({type(unkept).__name__})"
        ports.ledger.batches.not_started(transmission, reason, ports.now())
        raise
    return transmission


def _present(batch: Batch, content: bytes, found: RemoteFile, here: Session, ports: Ports) -> str:
    """Something of that name lies there: ours and whole, ours and cut, or not ours."""
    try:
        lying = here.server.read_inbound(batch.file_name, len(content) + 1)
    except TransferBroken as gone:
        if batch.status is BatchStatus.BEGUN:
            raise  # the next look finds it gone, and puts nothing
        raise NameTaken(
            f"batch {batch.id}: a file {batch.file_name} lay in inbound before this batch began, and was taken away"
            " before it could be read; find out whose it was before anything is sent"
        ) from gone
    if lying == content:
        evidence = "the whole file was seen in inbound"
        if batch.status is not BatchStatus.BEGUN:
            ports.ledger.batches.begin(batch.id, here.lease, here.server.identity, ports.now())
        ports.ledger.batches.sent_by_look(batch.id, evidence, ports.now())
        return evidence
    is_our_beginning = len(lying) < len(content) and content.startswith(lying)
    if batch.status is not BatchStatus.BEGUN or not is_our_beginning:
        raise NameTaken(
            f"batch {batch.id}: inbound holds a file {batch.file_name} with other content ({found.size} bytes, ours has"
            f" {len(content)}); find out who put it there, and nothing is sent until it is gone"
        )
    if batch.file_format is FileFormat.PRINT_IMAGE:
        raise InDoubt(
            f"batch {batch.id}, file {batch.file_name}: a transfer stopped, and {len(lying)} of {len(content)} bytes"
            " lie in inbound. A print image has no trailer, so the part may be taken for the whole; nothing is written"
            " after it. If the clearinghouse takes it, its report says which claims it has. If not, delete the file"
            f" there with the clinic's login, then settle it: ./courier doubt {batch.id}"
        )
    return _mend(batch, content, found, here, ports)


def _mend(batch: Batch, content: bytes, found: RemoteFile, here: Session, ports: Ports) -> str:
    """Write the missing tail of our own cut file, which the X12 trailer has kept from being taken for whole."""
    ports.sleep(ports.settle_seconds)
    again = here.server.look(batch.file_name)
    if again is None or again.size != found.size:
        raise TransferBroken(f"batch {batch.id}, file {batch.file_name}: it changed between two looks; look again")
    transmission = ports.ledger.batches.begin(batch.id, here.lease, here.server.identity, ports.now())
    try:
        here.server.append_tail(batch.file_name, content, found.size, here.may_go_on)
    except ClaimsError as broken:
        ports.ledger.batches.broken(transmission, str(broken), ports.now())
        raise
    evidence = f"a cut file was completed from byte {found.size}, every write and the close acknowledged"
    ports.ledger.batches.sent(transmission, evidence, ports.now())
    return evidence
