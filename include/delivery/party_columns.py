"""The columns of everybody who stands on a claim: persons, providers, places and what payers call them."""

from include.claims.parties import Sex
from include.delivery.column import Column, Kind, Need, Scope, columns_at

_PLACE = "The place of the service, where that is not the billing provider's."


def person(prefix: str, path: str, who: str, items: str, *, loop: str, need: Need) -> tuple[Column, ...]:
    """Return the columns of an insured person or a patient; `items` are those of name, birth and home."""
    name, birth, home = items.split("|")
    return (
        *_name(prefix, f"{path}.name", who, name, loop=loop, need=need),
        Column(
            name=f"{prefix}_birth_date",
            path=f"{path}.birth_date",
            kind=Kind.DATE,
            need=need,
            item=birth,
            element=f"{loop} DMG02",
            meaning=f"Birth date of {who}.",
        ),
        Column(
            name=f"{prefix}_sex",
            path=f"{path}.sex",
            need=need,
            item=birth,
            element=f"{loop} DMG03",
            codes=tuple(Sex),
            reads_as=Sex,
            default=Sex.UNKNOWN,
            meaning="As the payer has it on file.",
        ),
        *address(prefix, f"{path}.address", home, loop, "Street and number of the home.", need=need),
    )


def provider(
    prefix: str,
    who: str,
    items: str,
    loop: str,
    *,
    path: str = "",
    scope: Scope = Scope.CLAIM,
    has_taxonomy: bool = False,
) -> tuple[Column, ...]:
    """Return the columns of a person who had to do with the service; `items` are those of name and NPI."""
    path = path or prefix
    name, npi = items.split("|")
    taxonomy = (f"{prefix}_taxonomy", f"{path}.taxonomy", npi, f"{loop} PRV03", "Ten characters ending in X.")
    return (
        *_name(prefix, f"{path}.name", who, name, loop=loop, need=Need.NOTHING, scope=scope),
        *columns_at(scope, (f"{prefix}_npi", f"{path}.npi", npi, f"{loop} NM109", f"NPI of {who}.")),
        # A view may give everybody the same taxonomy, so alone it names nobody.
        *columns_at(scope, *([taxonomy] if has_taxonomy else []), is_telling=False),
        *other_id(
            prefix, f"{path}.other_ids.0", f"{loop} REF", "`0B` state licence, `G2` the payer's own.", scope=scope
        ),
    )


def practitioner(prefix: str, path: str, who: str) -> tuple[Column, ...]:
    """Return the columns of somebody who worked in a session, as the practice knows them."""
    return columns_at(
        Scope.LINE,
        (f"{prefix}_id", f"{path}.key", "", "", f"Your own key of {who}."),
        (f"{prefix}_credential", f"{path}.credential", "", "", "`RBT`, `BCaBA`, `BCBA`, `BCBA-D`."),
        (f"{prefix}_last_name", f"{path}.name.last", "", "", f"Last name of {who}."),
        (f"{prefix}_first_name", f"{path}.name.first", "", "", f"First name of {who}."),
        (f"{prefix}_middle_name", f"{path}.name.middle", "", "", "Middle name or initial."),
        (f"{prefix}_name_suffix", f"{path}.name.suffix", "", "", "`JR`, `III`."),
        (f"{prefix}_npi", f"{path}.npi", "", "", f"NPI of {who}."),
        (f"{prefix}_taxonomy", f"{path}.taxonomy", "", "", "Ten characters ending in X."),
    )


def facility(prefix: str, path: str, loop: str, scope: Scope = Scope.CLAIM) -> tuple[Column, ...]:
    """Return the columns of the place where the service was given."""
    return (
        *columns_at(
            scope,
            (f"{prefix}_name", f"{path}.name", "32", f"{loop} NM103", _PLACE),
            (f"{prefix}_npi", f"{path}.npi", "32a", f"{loop} NM109", "NPI of the place."),
        ),
        *address(prefix, f"{path}.address", "32", loop, "Street and number of the place.", scope=scope),
        *other_id(prefix, f"{path}.other_ids.0", f"{loop} REF", "`0B` state licence, `LU` location.", scope=scope),
    )


def address(
    prefix: str,
    path: str,
    item: str,
    loop: str,
    street: str,
    *,
    need: Need = Need.NOTHING,
    scope: Scope = Scope.CLAIM,
) -> tuple[Column, ...]:
    """Return the columns of a postal address."""
    place = (
        (f"{prefix}_city", f"{path}.city", item, f"{loop} N401", "City."),
        (f"{prefix}_state", f"{path}.state", item, f"{loop} N402", "Two capital letters."),
    )
    postal_code = f"{prefix}_postal_code", f"{path}.postal_code", item, f"{loop} N403"
    return (
        *columns_at(scope, (f"{prefix}_street", f"{path}.street", item, f"{loop} N301", street), need=need),
        *columns_at(scope, (f"{prefix}_street2", f"{path}.street2", item, f"{loop} N302", "Flat, suite, floor.")),
        *columns_at(scope, *place, need=need),
        *columns_at(scope, (*postal_code, "5 or 9 digits; a hyphen is dropped."), need=need, dropped="-"),
    )


def other_id(
    prefix: str, path: str, element: str, kinds: str, *, scope: Scope = Scope.CLAIM, item: str = ""
) -> tuple[Column, ...]:
    """Return the two columns of a number beside the NPI."""
    kind = f"{prefix}_other_id_kind", f"{path}.kind", item, f"{element}01", f"What `{prefix}_other_id` is: {kinds}"
    value = f"{prefix}_other_id", f"{path}.value", item, f"{element}02", "The number."
    return (
        *columns_at(scope, kind, is_telling=False, is_needed=True),
        *columns_at(scope, value, is_needed=True),
    )


def _name(
    prefix: str, path: str, who: str, item: str, *, loop: str, need: Need, scope: Scope = Scope.CLAIM
) -> tuple[Column, ...]:
    return (
        *columns_at(
            scope,
            (f"{prefix}_last_name", f"{path}.last", item, f"{loop} NM103", f"Last name of {who}."),
            (f"{prefix}_first_name", f"{path}.first", item, f"{loop} NM104", f"First name of {who}."),
            need=need,
        ),
        *columns_at(
            scope,
            (f"{prefix}_middle_name", f"{path}.middle", item, f"{loop} NM105", "Middle name or initial."),
            (f"{prefix}_name_suffix", f"{path}.suffix", item, f"{loop} NM107", "`JR`, `III`."),
        ),
    )
