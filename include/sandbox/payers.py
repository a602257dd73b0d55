"""
Which payers the sandbox knows and which of them want to know a clinic first (EDI enrollment).

The file is JSON: `{"payers": {"99999": "EXAMPLE HEALTH PLAN"}, "enrollment": {"SKUT0": ["1234567893"]}}`. A payer named
under `enrollment` takes claims from the billing NPIs listed there only. `"fates": {"99999": "forwarded"}` says what a
payer does with every claim whose amount does not choose otherwise; see `include.sandbox.fates`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from include.claims.errors import BadSetting
from include.sandbox.fates import Fate

UNNAMED: Final = "NOID"
"""Stands for the id of a payer that no list has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerList:
    """The clearinghouse's payer list; without names every payer id is known."""

    names: Mapping[str, str] = field(default_factory=dict)
    enrollment: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fates: Mapping[str, Fate] = field(default_factory=dict)

    def knows(self, payer_id: str) -> bool:
        """Tell whether claims can be sent to that id."""
        return bool(payer_id) and (not self.names or payer_id in self.names)

    def id_of(self, name: str) -> str:
        """Return the id of a payer that a form names; without names one is made of the name itself."""
        spelt = _letters(name)
        if not self.names:
            return spelt[:5]
        return next((payer for payer, known in self.names.items() if _letters(known) == spelt), UNNAMED)

    def takes_from(self, payer_id: str, billing_npi: str) -> bool:
        """Tell whether the payer wants no enrollment, or has this billing provider's."""
        enrolled = self.enrollment.get(payer_id)
        return enrolled is None or billing_npi in enrolled


def _letters(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def read_payers(path: Path) -> PayerList:
    """Return the payer list of a JSON file; raise BadSetting where it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return PayerList(
            names=dict(found.get("payers", {})),
            enrollment={payer: frozenset(npis) for payer, npis in found.get("enrollment", {}).items()},
            fates={payer: Fate(fate) for payer, fate in found.get("fates", {}).items()},
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise BadSetting(f"{path.name}: an object with `payers`, `enrollment` and `fates` is expected") from error
