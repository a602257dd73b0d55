"""
Connections without Airflow: the project's `airflow_settings.yaml` and `AIRFLOW_CONN_*`, as the Astro CLI writes them.

The shell commands and the bridge into a plain Airflow read the same file by the same rules. `${NAME}` and
`${NAME:-default}` are filled from the environment when a connection is asked for, so that a secret that is missing
stops only what needs it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from include.claims.errors import BadSetting

CONNECTION_KEYS = (
    "conn_id", "conn_type", "conn_host", "conn_schema", "conn_login", "conn_password", "conn_port", "conn_uri",
    "conn_extra",
)  # fmt: skip
POOL_KEYS = ("pool_name", "pool_slot", "pool_description")
VARIABLE_KEYS = ("variable_name", "variable_value")
_SECTIONS = {"connections": CONNECTION_KEYS, "pools": POOL_KEYS, "variables": VARIABLE_KEYS}
_VARIABLE_PREFIX = "AIRFLOW_CONN_"
_LIBPQ_KEYS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "connect_timeout", "options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One Airflow connection; what may be secret is left out when it is shown."""

    id: str
    type: str
    host: str = ""
    schema: str = ""
    login: str = ""
    password: str = field(default="", repr=False)
    port: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """So many tasks at once, and no more."""

    name: str
    slots: int
    description: str = ""


class Settings:
    """What a settings file and an environment say together; the environment wins, as it does in Airflow."""

    def __init__(self, path: Path | None, environ: Mapping[str, str]) -> None:
        """Read the file, if there is one; raise BadSetting where its keys are not Astro's."""
        self._path = path
        self._environ = environ
        self._sections = _read_file(path) if path is not None else {name: [] for name in _SECTIONS}

    def connection(self, connection_id: str, *, may_lack_values: bool = False) -> Connection:
        """
        Return a connection; raise BadSetting where it is nowhere, or where a `${NAME}` of it is not set.

        With `may_lack_values` what is not set is blank: enough to find a server whose key is not pinned yet.
        """
        variable = self._environ.get(_VARIABLE_PREFIX + connection_id.upper())
        if variable is not None:
            return connection_from_text(connection_id, variable)
        for stub in self._sections["connections"]:
            if stub["conn_id"] == connection_id:
                return self._from_stub(stub, may_lack_values)
        raise BadSetting(
            f"connection {connection_id}: neither in {self._path or 'a settings file'} nor in the environment as"
            f" {_VARIABLE_PREFIX}{connection_id.upper()}; add it there"
        )

    def has(self, connection_id: str) -> bool:
        """Tell whether a connection is there, whole or not."""
        return connection_id in set(self.connection_ids())

    def connection_ids(self) -> Iterator[str]:
        """Yield the ids of every connection, those of the environment last."""
        known = [str(stub["conn_id"]) for stub in self._sections["connections"]]
        yield from known
        for name in self._environ:
            found = name.removeprefix(_VARIABLE_PREFIX).lower()
            if name.startswith(_VARIABLE_PREFIX) and found and found not in known:
                yield found

    def connections(self) -> list[Connection]:
        """Return every connection of the file, filled from the environment."""
        return [self.connection(str(stub["conn_id"])) for stub in self._sections["connections"]]

    def pools(self) -> list[Pool]:
        """Return the file's pools."""
        return [
            Pool(
                name=str(stub["pool_name"]),
                slots=_whole_number(f"pool {stub['pool_name']}", "pool_slot", stub.get("pool_slot")),
                description=str(stub.get("pool_description") or ""),
            )
            for stub in self._sections["pools"]
        ]

    def variables(self) -> dict[str, str]:
        """Return the file's Airflow variables."""
        return {
            str(stub["variable_name"]): str(self._filled(stub.get("variable_value") or "", str(stub["variable_name"])))
            for stub in self._sections["variables"]
        }

    def _from_stub(self, stub: Mapping[str, Any], may_lack_values: bool) -> Connection:
        name = str(stub["conn_id"])
        fill = partial(self._filled, name=name, unset="" if may_lack_values else None)
        extra = _extra(name, stub.get("conn_extra"))
        cells = {key: fill(value) for key, value in stub.items() if key != "conn_extra" and value}
        if cells.get("conn_uri"):
            return _from_uri(name, str(cells["conn_uri"]))
        port = cells.get("conn_port")
        return Connection(
            id=name,
            type=_type(str(cells.get("conn_type", ""))),
            host=str(cells.get("conn_host", "")),
            schema=str(cells.get("conn_schema", "")),
            login=str(cells.get("conn_login", "")),
            password=str(cells.get("conn_password", "")),
            port=_whole_number(f"connection {name}", "conn_port", port) if port else None,
            extra=fill(extra),
        )

    def _filled(self, value: Any, name: str, unset: str | None = None) -> Any:
        if isinstance(value, Mapping):
            return {key: self._filled(item, name, unset) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item, name, unset) for item in value]
        if isinstance(value, str):
            return _REFERENCE.sub(lambda match: self._reference(match, name, unset), value)
        return value

    def _reference(self, match: re.Match[str], name: str, unset: str | None) -> str:
        given = self._environ.get(match["name"]) or match["default"]
        found = unset if given is None else given
        if found is None:
            raise BadSetting(f"{self._path}, {name}: ${{{match['name']}}} is not set in the environment; set it")
        return found


_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def connection_from_text(connection_id: str, text: str) -> Connection:
    """Return the connection that an `AIRFLOW_CONN_*` variable holds, as JSON or as a URI."""
    if not text.lstrip().startswith("{"):
        return _from_uri(connection_id, text)
    try:
        cells = json.loads(text)
    except json.JSONDecodeError as error:
        # The message of the original would show the text around the fault, which may be the password.
        raise BadSetting(f"connection {connection_id}: its JSON is broken at character {error.pos}") from None
    known = {"conn_type", "host", "schema", "login", "password", "port", "extra", "description"}
    if unknown := sorted(cells.keys() - known):
        raise BadSetting(f"connection {connection_id}: unknown keys {', '.join(unknown)}; known: {', '.join(known)}")
    return Connection(
        id=connection_id,
        type=_type(cells.get("conn_type") or ""),
        host=cells.get("host") or "",
        schema=cells.get("schema") or "",
        login=cells.get("login") or "",
        password=cells.get("password") or "",
        port=_whole_number(f"connection {connection_id}", "port", cells["port"]) if cells.get("port") else None,
        extra=_extra(connection_id, cells.get("extra")),
    )


def database_url(connection: Connection) -> URL:
    """
    Return the SQLAlchemy URL of a connection to a database; its password is hidden when shown.

    SQLite: the path stands in host or schema. PostgreSQL goes through psycopg. Any other database names its SQLAlchemy
    driver in the extra: `{"sqlalchemy_driver": "mysql+pymysql"}`; the driver has to be installed.
    """
    if connection.type == "sqlite":
        path = connection.host or connection.schema
        if not path:
            raise BadSetting(f"connection {connection.id}: a sqlite connection needs its file's path as host")
        return URL.create("sqlite", database=path)
    driver = "postgresql+psycopg" if connection.type == "postgres" else connection.extra.get("sqlalchemy_driver")
    if not driver:
        raise BadSetting(
            f"connection {connection.id}: type {connection.type!r} is neither sqlite nor postgres;"
            ' name its driver in the extra: {"sqlalchemy_driver": "mysql+pymysql"}'
        )
    return URL.create(
        driver,
        username=connection.login or None,
        password=connection.password or None,
        host=connection.host or None,
        port=connection.port,
        database=connection.schema or None,
        query={key: str(connection.extra[key]) for key in _LIBPQ_KEYS if key in connection.extra},
    )


def parse_url(text: str) -> URL:
    """Return a database URL a person typed; raise BadSetting where it is none, without showing it."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise BadSetting(
            "the database URL cannot be read; write sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def _read_file(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        # YAML's own message quotes the line, which may hold a password.
        raise BadSetting(f"{path}, line {line}: this is not YAML: {error.problem}") from None
    if not isinstance(content, dict) or not isinstance(content.get("airflow"), dict) or len(content) > 1:
        raise BadSetting(f"{path}: one key `airflow` expected, with {', '.join(_SECTIONS)} below it")
    return {name: list(_stubs(path, name, content["airflow"])) for name in _SECTIONS}


def _stubs(path: Path, section: str, airflow: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if unknown := sorted(airflow.keys() - _SECTIONS.keys()):
        raise BadSetting(f"{path}, airflow: unknown keys {', '.join(unknown)}; known: {', '.join(_SECTIONS)}")
    known = _SECTIONS[section]
    for number, stub in enumerate(airflow.get(section) or [], start=1):
        where = f"{path}, airflow.{section}[{number}]"
        if not isinstance(stub, dict):
            raise BadSetting(f"{where}: a mapping with {known[0]} expected")
        if unknown := sorted(str(key) for key in stub.keys() - set(known)):
            raise BadSetting(f"{where}: unknown keys {', '.join(unknown)}; known: {', '.join(known)}")
        # `astro dev init` leaves a stub with every value blank.
        if stub.get(known[0]):
            yield stub


def _extra(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise BadSetting(f"connection {name}, extra: its JSON is broken at character {error.pos}") from None
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise BadSetting(f"connection {name}, extra: a JSON object expected")
    return value


def _from_uri(name: str, uri: str) -> Connection:
    """Read a URI as Airflow writes it: every part quoted, the extra in the query."""
    parts = urlsplit(uri)
    if not parts.scheme:
        raise BadSetting(f"connection {name}: its URI has no type before ://")
    # urlsplit's own `hostname` is lower case, which a file's path is not.
    login, _, place = parts.netloc.rpartition("@")
    host, _, port = place.partition(":")
    user, _, password = login.partition(":")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    whole = query.pop("__extra__", "")
    return Connection(
        id=name,
        type=_type(parts.scheme),
        host=unquote(host),
        schema=unquote(parts.path.removeprefix("/")),
        login=unquote(user),
        password=unquote(password),
        port=_whole_number(f"connection {name}", "port", port) if port else None,
        extra=_extra(name, whole) or query,
    )


def _type(text: str) -> str:
    name = text.strip().lower().replace("-", "_")
    return "postgres" if name == "postgresql" else name


def _whole_number(thing: str, key: str, value: Any) -> int:
    if not str(value).isdigit():
        raise BadSetting(f"{thing}, {key}: a whole number expected")
    return int(value)
