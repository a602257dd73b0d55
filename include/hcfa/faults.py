"""
Whether a claim fits the form, with every reason why not.

A writer that finds a fault raises BadFile with all of them; nothing is ever cut to fit.
"""

import re
from collections.abc import Iterator
from operator import gt
from typing import Final

from include.claims.errors import BadFile
from include.claims.model import Claim, Fault
from include.claims.plain_text import ALLOWED_MARKS
from include.hcfa.fields import BY_NAME, Field, Kind, Page
from include.hcfa.form import pages
from include.hcfa.layout import Layout
from include.hcfa.unsaid import AS_837P, LEFT_OUT, REFUSED, Unsaid

_WIDTHS: Final = {name: field.width for name, field in BY_NAME.items()}
_FOREIGN: Final = re.compile(rf"[^A-Z0-9{re.escape(ALLOWED_MARKS)} \n]")
_STRANGE: Final = "holds a separator, a small letter, a blank at an end or a number the form cannot show"
_NOT_WRITABLE: Final = {
    Kind.TEXT: "holds a letter the form cannot show",
    Kind.NUMBER: "holds a separator or a small letter",
    Kind.AMOUNT: "is negative or holds parts of a cent",
}


def form_faults(claim: Claim, control_number: str, layout: Layout) -> tuple[Fault, ...]:
    """Return why a claim cannot be printed, and what its form will not say; none of it names the patient."""
    found = [*_unsaid(claim), *page_faults(pages(claim, control_number, layout))]
    if not control_number:
        found.append(_fault("form_needs_control_number", "item 26, CLM01", "is blank", "give the claim its number"))
    # Every page of a claim repeats its fields.
    return tuple(dict.fromkeys(found))


def refuse(claim: Claim, control_number: str, layout: Layout) -> None:
    """Raise BadFile with every blocking fault, naming the claim by its control number only."""
    faults = [fault for fault in form_faults(claim, control_number, layout) if fault.blocks]
    if faults:
        known = control_number if control_number.isalnum() else "(bad control number)"
        told = "; ".join(f"{fault.place}: {fault.message}" for fault in faults)
        raise BadFile(f"claim {known}: does not fit the form: {told}; {faults[0].remedy}")


def page_faults(found: list[Page]) -> Iterator[Fault]:
    """Yield what of these pages cannot be printed: strange letters, and texts longer than their fields."""
    for page in found:
        if fits(page):
            continue
        for name, text in page.items():
            field = BY_NAME[name]
            place = _place(field)
            if not are_writable([text]):
                yield _fault(
                    "form_writable", place, _NOT_WRITABLE.get(field.kind, _STRANGE), "correct it in the source"
                )
            elif len(text) > field.width:
                message = f"{field.content} is {len(text)} characters long, {field.width} fit"
                yield _fault("form_fits", place, message, f"shorten it in the source, or {AS_837P}")


def fits(page: Page) -> bool:
    """Tell in one look whether all of a page can be printed, which is what a night can afford to ask."""
    texts = list(page.values())
    return are_writable(texts) and not any(map(gt, map(len, texts), map(_WIDTHS.__getitem__, page)))


def are_writable(texts: list[str]) -> bool:
    """Tell in one look whether all of a page's texts can be printed: no strange letter, no blank at an end."""
    lines = "\n{}\n".format("\n".join(texts))
    blank_at_an_end = " \n" in lines or "\n " in lines
    return not blank_at_an_end and _FOREIGN.search(lines) is None and lines.count("\n") == len(texts) + 1


def _unsaid(claim: Claim) -> Iterator[Fault]:
    for table, blocks in ((REFUSED, True), (LEFT_OUT, False)):
        yield from (_of(one, blocks) for one in table if one.is_so(claim))


def _of(one: Unsaid, blocks: bool) -> Fault:
    return Fault(
        rule=one.rule, place=one.place, message=f"the form cannot say {one.what}: {one.why}", remedy=one.remedy,
        blocks=blocks,
    )  # fmt: skip


def _place(field: Field) -> str:
    where = f"item {field.item}, line {field.slot} of a form" if field.slot else f"item {field.item}"
    return f"{where}, {field.element}" if field.element else where


def _fault(rule: str, place: str, message: str, remedy: str) -> Fault:
    return Fault(rule=rule, place=place, message=message, remedy=remedy)
