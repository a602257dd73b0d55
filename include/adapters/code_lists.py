"""
Code lists and payers' profiles from where people mount them: a folder, by the file names of `docs/rules.md`.

What is not there is not asked; what is there and wrong stops everything, because a list cut in half holds good claims.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from include.adapters.settings import Connection
from include.claims import code_list_files as files
from include.claims.code_lists import CodeLists
from include.claims.errors import BadSetting
from include.claims.payer_profile import NO_PAYERS
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import RuleBook
from include.claims.unit_limits import AS_READ

PAYERS: Final = "payers.toml"


def open_rule_book(connection: Connection) -> RuleBook:
    """Return the rules with what lies in the folder an Airflow connection (type `fs`) names."""
    path = connection.extra.get("path") or connection.host
    folder = Path(path) if path else None
    if folder is None or not folder.is_dir():
        raise BadSetting(
            f'connection {connection.id}: its extra names no folder that is here ({{"path": "rules"}}); every worker'
            " needs it, so ship it with the project"
        )
    payers = _text(folder / PAYERS)
    return RuleBook(
        payers=read_profiles(payers, PAYERS) if payers is not None else NO_PAYERS,
        lists=code_lists(folder, icd=connection.extra.get("icd") is True),
    )


def code_lists(folder: Path | None, *, icd: bool = False) -> CodeLists:
    """Return the lists of a folder, none of them needed; with `icd` diagnoses are looked up as well."""
    if folder is not None and not folder.is_dir():
        raise BadSetting(f"{folder}: there is no such folder; name the one that holds {', '.join(files.COLUMNS)}")
    texts = {name: _text(folder / name) if folder else None for name in files.COLUMNS}
    procedures, taxonomies = texts[files.PROCEDURES], texts[files.TAXONOMIES]
    payer_ids, unit_limits = texts[files.PAYER_IDS], texts[files.UNIT_LIMITS]
    return CodeLists(
        procedures=None if procedures is None else files.read_codes(procedures, files.PROCEDURES),
        taxonomies=None if taxonomies is None else files.read_codes(taxonomies, files.TAXONOMIES),
        payer_ids=None if payer_ids is None else files.read_payer_ids(payer_ids),
        unit_limits=AS_READ if unit_limits is None else files.read_unit_limits(unit_limits),
        is_diagnosis=_icd_10_cm() if icd else None,
    )


def _icd_10_cm() -> Callable[[str], bool]:
    """Return what tells whether a code is a billable one; loaded when first asked, for it takes 180 MB."""

    def is_billable(code: str) -> bool:
        try:
            import simple_icd_10_cm as icd  # noqa: PLC0415
        except ImportError:
            raise BadSetting(
                "ICD-10-CM: the list is not installed; pip install simple-icd-10-cm, or ask without it"
            ) from None
        dotted = f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
        return bool(icd.is_valid_item(dotted) and icd.is_leaf(dotted))

    return is_billable


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: cannot be read as UTF-8 ({type(error).__name__})") from error
