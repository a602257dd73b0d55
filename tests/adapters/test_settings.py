import json
from pathlib import Path

import pytest

from include.adapters.settings import Connection, Settings, database_url, parse_url
from include.claims.errors import BadSetting

pytestmark = pytest.mark.pure

DEMO = Path(__file__).resolve().parents[2] / "airflow_settings.yaml"

FILE = """
airflow:
  connections:
    - conn_id: claims_ledger
      conn_type: postgres
      conn_host: ${LEDGER_HOST:-localhost}
      conn_schema: ledger
      conn_login: courier
      conn_password: ${LEDGER_PASSWORD}
      conn_port: 5433
      conn_extra: '{"sslmode": "require"}'
    - conn_id:
      conn_type:
      conn_host:
    - conn_id: by_uri
      conn_type: ignored
      conn_uri: sftp://Some%40Body:p%2Fw@Files.Example.org:2222/?host_key=ssh-ed25519%20AAAA
    - conn_id: mapped
      conn_type: sftp
      conn_extra:
        host_key: ${KEY}
        sandbox: true
  pools:
    - pool_name: sftp
      pool_slot: 8
      pool_description: sessions
  variables:
    - variable_name: colour
      variable_value: ${COLOUR:-blue}
    - variable_name:
      variable_value:
"""


def settings_of(tmp_path, text=FILE, **environ):
    """Return the settings a file and an environment give."""
    path = tmp_path / "airflow_settings.yaml"
    path.write_text(text, encoding="utf-8")
    return Settings(path, environ)


def test_a_connection_is_filled_from_the_environment(tmp_path):
    """A value in the file names a variable, with or without a default."""
    connection = settings_of(tmp_path, LEDGER_PASSWORD="s3cret").connection("claims_ledger")

    expected = Connection(
        id="claims_ledger",
        type="postgres",
        host="localhost",
        schema="ledger",
        login="courier",
        password="s3cret",
        port=5433,
        extra={"sslmode": "require"},
    )
    assert expected == connection


def test_a_secret_that_is_not_set_stops_only_what_needs_it(tmp_path):
    """A missing variable is named when its connection is asked for, and no sooner."""
    settings = settings_of(tmp_path)

    with pytest.raises(BadSetting, match=r"claims_ledger: \$\{LEDGER_PASSWORD\} is not set"):
        settings.connection("claims_ledger")
    assert "by_uri" == settings.connection("by_uri").id


def test_a_server_can_be_found_before_its_key_is_known(tmp_path):
    """Whoever is about to pin a host key gets the connection with the key blank."""
    connection = settings_of(tmp_path).connection("mapped", may_lack_values=True)

    assert {"host_key": "", "sandbox": True} == connection.extra


def test_no_secret_is_shown(tmp_path):
    """Password and extra of a connection never stand in what is printed of it."""
    shown = repr(settings_of(tmp_path, KEY="ssh-ed25519 SECRET", LEDGER_PASSWORD="s3cret").connections())

    assert "s3cret" not in shown
    assert "SECRET" not in shown


def test_a_uri_wins_over_the_fields(tmp_path):
    """A connection given as a URI is read as Airflow writes it: every part quoted, the extra in the query."""
    connection = settings_of(tmp_path).connection("by_uri")

    assert ("sftp", "Files.Example.org", 2222) == (connection.type, connection.host, connection.port)
    assert ("Some@Body", "p/w") == (connection.login, connection.password)
    assert {"host_key": "ssh-ed25519 AAAA"} == connection.extra


def test_an_extra_may_be_a_mapping(tmp_path):
    """An extra written as YAML keeps its types and is filled like the rest."""
    connection = settings_of(tmp_path, KEY="ssh-ed25519 AAAA").connection("mapped")

    assert {"host_key": "ssh-ed25519 AAAA", "sandbox": True} == connection.extra


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"conn_type": "postgres", "host": "db", "login": "me", "password": "s", "port": 5432}),
        "postgresql://me:s@db:5432",
    ],
)
def test_the_environment_wins_over_the_file(tmp_path, text):
    """AIRFLOW_CONN_* speaks before the file, as JSON or as a URI."""
    connection = settings_of(tmp_path, AIRFLOW_CONN_CLAIMS_LEDGER=text).connection("claims_ledger")

    expected = Connection(id="claims_ledger", type="postgres", host="db", login="me", password="s", port=5432)
    assert expected == connection


def test_a_connection_may_stand_in_the_environment_alone():
    """No file is needed where the environment holds every connection."""
    settings = Settings(None, {"AIRFLOW_CONN_ELSEWHERE": "sqlite:////data/practice.db"})

    assert ["elsewhere"] == list(settings.connection_ids())
    assert settings.has("elsewhere")
    assert "sqlite:////data/practice.db" == str(database_url(settings.connection("elsewhere")))


def test_a_connection_that_is_nowhere_is_named(tmp_path):
    """A missing connection says where it was looked for and how to add it."""
    with pytest.raises(BadSetting, match=r"connection nobody: neither in .* AIRFLOW_CONN_NOBODY"):
        settings_of(tmp_path).connection("nobody")


def test_blank_stubs_are_skipped(tmp_path):
    """The stubs a new Astro project comes with are nothing."""
    settings = settings_of(tmp_path)

    assert ["claims_ledger", "by_uri", "mapped"] == list(settings.connection_ids())
    assert {"colour": "blue"} == settings.variables()
    assert [("sftp", 8)] == [(pool.name, pool.slots) for pool in settings.pools()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "airflow:\n  connections:\n    - conn_id: a\n      conn_hots: b\n",
            r"connections\[1\]: unknown keys conn_hots",
        ),
        ("airflow:\n  connection: []\n", "unknown keys connection"),
        ("airflow:\n  pools:\n    - sftp\n", r"pools\[1\]: a mapping"),
        ("airflow: []\n", "one key `airflow` expected"),
        ("airflow:\n  a: [\n", "line 3: this is not YAML"),
    ],
)
def test_a_file_that_is_not_astros_is_refused(tmp_path, text, words):
    """An unknown key is named with its place, and never read over."""
    with pytest.raises(BadSetting, match=words):
        settings_of(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"password": "s3cret"', "JSON is broken"),
        ('{"conn_type": "sftp", "pass": "s3cret"}', "unknown keys pass"),
        ('{"conn_type": "sftp", "port": "s3cret"}', "port: a whole number"),
        ('{"conn_type": "sftp", "extra": "s3cret"}', "extra: its JSON is broken"),
        ("s3cret", "has no type"),
    ],
)
def test_a_broken_variable_tells_no_secret(text, words):
    """What is wrong with a variable is said without what stands in it."""
    settings = Settings(None, {"AIRFLOW_CONN_BROKEN": text})

    with pytest.raises(BadSetting, match=words) as refused:
        settings.connection("broken")

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        (Connection(id="a", type="sqlite", host="/data/a.db"), "sqlite:////data/a.db"),
        (Connection(id="a", type="sqlite", schema="/data/a.db"), "sqlite:////data/a.db"),
        (
            Connection(id="a", type="postgres", host="db", schema="s", login="me", password="p@ss", extra={"x": 1}),
            "postgresql+psycopg://me:***@db/s",
        ),
        (
            Connection(id="a", type="postgres", host="db", port=5433, extra={"sslmode": "require"}),
            "postgresql+psycopg://db:5433?sslmode=require",
        ),
        (
            Connection(id="a", type="mysql", host="db", schema="s", extra={"sqlalchemy_driver": "mysql+pymysql"}),
            "mysql+pymysql://db/s",
        ),
    ],
)
def test_a_connection_is_a_database_url(connection, url):
    """A connection to a database becomes SQLAlchemy's URL, its password hidden when shown."""
    assert url == str(database_url(connection))


@pytest.mark.parametrize("connection", [Connection(id="a", type="sqlite"), Connection(id="a", type="sftp", host="h")])
def test_a_connection_that_is_no_database_is_refused(connection):
    """A connection that leads to no database says what is missing."""
    with pytest.raises(BadSetting, match="connection a: "):
        database_url(connection)


def test_a_url_that_is_none_is_not_shown():
    """A mistyped URL may hold a password, so it is not repeated."""
    with pytest.raises(BadSetting) as refused:
        parse_url("s3cret")

    assert "s3cret" not in str(refused.value)


def test_the_demos_file_is_whole():
    """The file that ships gives every connection the demo needs once its two secrets are set."""
    environ = {
        "COURIER_SANDBOX_HOST_KEY": "ssh-ed25519 AAAA",
        "COURIER_PAYLOAD_KEY": "k",
        "COURIER_SANDBOX_PORT": "2200",
    }

    settings = Settings(DEMO, environ)

    connections = {connection.id: connection for connection in settings.connections()}
    assert {"claims_ledger", "claims_payload_key", "practice_demo"} <= connections.keys()
    assert 2200 == connections["sftp_demo_harbor"].port
    assert connections["sftp_demo_harbor"].extra["sandbox"] is True
    assert ["sftp"] == [pool.name for pool in settings.pools()]
