"""The page of payer profiles, printed from the dataclasses that check them: every key, its values and its default."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from include.claims.payer_profile import PayerProfile

EXAMPLE = """\
[[payer]]
key = "example_state_plan"
payer_ids = ["99999"]
effective_from = 2026-01-01
subscriber_address_for_dependents = "required"
severity = { billed_alike = "block", units_per_day = "off" }

[payer.units]
rounding = "full"                        # 15 to 29 minutes are one unit
by_procedure = { H2012 = "up_to" }       # begun hours count
minutes_by_procedure = { H2012 = 60 }
apply = true                             # bill what the payer counts; the charge stays

[payer.sessions]
same_day = "one_line"                    # the second equal line would be denied
apply = true

[payer.rendering]
technician_work = "supervisor"

[[payer.modifiers.by_credential]]
credential = "RBT"
modifier = "HM"

[payer.telehealth]
modifier = "95"

[payer.filing]
original_days = 95
"""


def profiles_page() -> str:
    """Return the page."""
    return "\n".join([*_HEAD, "```toml", EXAMPLE.rstrip(), "```", "", *_tables(), ""])


def _tables() -> Iterator[str]:
    yield from _table("payer", PayerProfile)
    hints = get_type_hints(PayerProfile)
    for one in fields(PayerProfile):
        if is_dataclass(hints[one.name]):
            yield from _table(f"payer.{one.name}", hints[one.name])
            yield from _inner(f"payer.{one.name}", hints[one.name])


def _inner(place: str, kind: Any) -> Iterator[str]:
    hints = get_type_hints(kind)
    for one in fields(kind):
        for inner in get_args(hints[one.name]):
            if is_dataclass(inner):
                yield from _table(f"{place}.{one.name}", inner)


def _table(place: str, kind: Any) -> Iterator[str]:
    hints, comments = get_type_hints(kind), _comments(kind)
    yield from (f"## `{place}`", "", f"{(kind.__doc__ or '').strip()}", "")
    yield from ("| key | values | default | |", "| --- | --- | --- | --- |")
    for one in fields(kind):
        if not is_dataclass(hints[one.name]):
            yield f"| `{one.name}` | {_values(hints[one.name])} | {_default(one)} | {comments.get(one.name, '')} |"
    yield ""


def _comments(kind: Any) -> dict[str, str]:
    """Return what stands behind each field in the code."""
    lines = inspect.getsource(kind).splitlines()
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef)
    return {
        node.target.id: lines[(node.end_lineno or 1) - 1].partition("  # ")[2].replace("|", "or")
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _values(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return f"list of {_values(get_args(kind)[0])}"
    if get_origin(kind) is Mapping:
        return f"table of {_values(get_args(kind)[1])}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f"`{value}`" for value in kind)
    if is_dataclass(kind):
        return "tables"
    return _WORDS.get(kind, "")


_WORDS: dict[Any, str] = {
    str: "text", int: "whole number", bool: "`true`, `false`", float: "number", int | None: "whole number",
    date | None: "date",
}  # fmt: skip


def _default(one: "Field[Any]") -> str:
    if one.default is MISSING:
        return "none" if one.default_factory is not MISSING else "must be given"
    if one.default in ("", None, ()):
        return "none"
    value = list(one.default) if isinstance(one.default, tuple) else one.default
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


_HEAD = [
    "# Payer profiles",
    "",
    "Payers contradict each other, so what is peculiar to one stands in `payers.toml`, a `[[payer]]` table each, and",
    "never in code. Printed from `include/claims/payer_profile.py` by `make docs`.",
    "",
    "A profile **checks**: the rules marked *the payer's profile* in [rules.md](rules.md) compare the claim with it.",
    "Only where a table says `apply = true` is the claim **changed** on its way out, and then every source line and",
    "cent can be found again: charges stay the source's, and a remittance is allocated back to the lines it is for.",
    "The profiles of the day are frozen with each batch, so a file is always what was judged. A file with an unknown",
    "key, a wrong value or two profiles for one payer on one day is refused as a whole, with every place named.",
    "Profiles hold by date of service (`effective_from`, `effective_to`); a payer without one is billed as the source",
    "says.",
    "",
    "The file lies beside the code lists (rules.md says where); `./courier scrub --profiles payers.toml` tries it.",
    "",
    "`denials` is kept for the answers to denials and changes nothing yet.",
    "",
]
