"""
What people do while a night goes wrong: put the right password in, call the clearinghouse, and decide what is in doubt.

They use the product's own commands, and what they know of a file they have from the clearinghouse's help desk, which
looks into its log. They never let a claim go again that the help desk has.
"""

from contextlib import suppress

from include.claims.errors import ClaimsError
from include.claims.model import Frequency
from include.claims.states import Delivery
from include.delivery.doubt import it_did_not_arrive
from include.delivery.ports import Ports
from include.delivery.renew import renew_on_a_word
from tests.chaos.auditor import Auditor
from tests.chaos.referee import log_of, taken_bills
from tests.chaos.world import PASSWORDS, World

WHO = "Operator Example"


def mend_connections(world: World) -> None:
    """Enter the password that holds now, and have the host key question settled."""
    world.proxy.target = world.sandbox.port
    for mailbox in world.mailboxes:
        right = next(one for one in PASSWORDS if world.sandbox.is_password(mailbox, one))
        world.logins[mailbox].password = right


def decide(world: World, auditor: Auditor) -> None:
    """Do what the product leaves to a person, where its rules allow it by now."""
    ports = world.worker()
    _settle_doubts(world, auditor, ports)
    _let_refused_files_go(world, ports)
    _send_unaccounted_again(world, ports)


def _settle_doubts(world: World, auditor: Auditor, ports: Ports) -> None:
    known = {(file["account"], file["name"]) for file in log_of(world.sandbox.home)}
    for batch_id, _ in list(auditor.doubts()):
        batch = ports.ledger.batches.get(batch_id)
        if (batch.mailbox_key, batch.file_name) in known:
            continue  # a report is coming
        with suppress(ClaimsError):  # too early, or it lies there: the next run goes on with it
            it_did_not_arrive(batch_id, WHO, "the help desk has no such file", ports)


def _let_refused_files_go(world: World, ports: Ports) -> None:
    alive = {one.control_number for one in taken_bills(world.sandbox.home)}
    for refused in ports.ledger.renewals.refused():
        if alive.isdisjoint(refused.control_numbers):
            with suppress(ClaimsError):  # something may still be heard of it
                renew_on_a_word(refused.file_name, WHO, "the help desk made no claim of it", ports)


def _send_unaccounted_again(world: World, ports: Ports) -> None:
    alive = {one.control_number for one in taken_bills(world.sandbox.home)}
    for line in list(ports.ledger.report.claim_lines()):
        if line.delivery is Delivery.UNACCOUNTED and line.control_number not in alive:
            with suppress(ClaimsError):  # a later submission of it goes already
                ports.ledger.claims.send_again(
                    line.control_number, Frequency.ORIGINAL, who=WHO, why="no claim was made of it", now=ports.now()
                )
