"""A whole number that an installation may set by environment, refused where it is none."""

from collections.abc import Mapping

from include.claims.errors import BadSetting


def whole_number(environment: Mapping[str, str], name: str, unit: str, *, least: int = 0, most: int) -> int | None:
    """Return what a variable says, None where it is not set; raise BadSetting where it is not such a number."""
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadSetting(f"environment {name}: {text!r} is not a number of {unit} from {least} to {most}")
    return int(text)
