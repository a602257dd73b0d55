"""The examples of connections: read by Airflow's own backend and by our shell, both to the same end."""

import json
import re

import pytest
from airflow.models.connection import Connection as AirflowConnection
from airflow.secrets.local_filesystem import LocalFilesystemBackend

import tests.airflow_home  # noqa: F401
from include.adapters.settings import connection_from_text, database_url
from include.orchestration import wiring
from include.orchestration.connections import as_ours
from tests.deploy.conftest import DEPLOY, ROOT

SECRETS = DEPLOY / "secrets"
DOCUMENTS = json.loads((SECRETS / "connections.json").read_text())
URIS = json.loads((SECRETS / "connections-uri.json").read_text())
FORMS = [*((name, json.dumps(one)) for name, one in DOCUMENTS.items()), *URIS.items()]
IDS = [f"{name}-{'json' if text.startswith('{') else 'uri'}" for name, text in FORMS]


@pytest.mark.parametrize(("name", "text"), FORMS, ids=IDS)
def test_airflow_and_our_shell_read_the_same(name, text, tmp_path):
    """An Airflow with these as a file's secrets, and a shell with them in its environment, know one connection."""
    path = tmp_path / "connections.json"
    path.write_text(json.dumps({name: text if not text.startswith("{") else json.loads(text)}))
    theirs = LocalFilesystemBackend(connections_file_path=str(path)).get_connection(name)

    assert connection_from_text(name, text) == as_ours(name, theirs)


@pytest.mark.parametrize(("name", "text"), FORMS, ids=IDS)
def test_a_backend_that_gives_text_gives_the_same(name, text):
    """AWS and Google hand Airflow the secret's text, as JSON or as a URI."""
    is_json = text.startswith("{")
    theirs = AirflowConnection.from_json(text, conn_id=name) if is_json else AirflowConnection(conn_id=name, uri=text)

    assert connection_from_text(name, text) == as_ours(name, theirs)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_keys_of_vault_give_the_same(name):
    """Vault hands Airflow a secret key by key, the extra as text."""
    kept = DOCUMENTS[name]
    given = {**kept, "extra": json.dumps(kept["extra"])} if "extra" in kept else kept

    theirs = AirflowConnection(conn_id=name, **given)

    assert connection_from_text(name, json.dumps(kept)) == as_ours(name, theirs)


@pytest.mark.parametrize("name", URIS)
def test_both_forms_of_a_connection_are_one(name):
    """The URI says what the document says."""
    assert connection_from_text(name, URIS[name]) == connection_from_text(name, json.dumps(DOCUMENTS[name]))


def test_the_connections_the_project_asks_for_are_all_there():
    """Ledger, keys and rules by the names the program knows them by; the ledger's address keeps its certificates."""
    assert {wiring.LEDGER, wiring.PAYLOAD_KEY, wiring.RULES} <= DOCUMENTS.keys()
    url = database_url(connection_from_text("claims_ledger", URIS["claims_ledger"]))

    assert "verify-full" == url.query["sslmode"]


def test_every_example_that_is_named_is_documented():
    """The page of deployment has a line for each connection that is no clinic's own."""
    text = (ROOT / "docs" / "deploying.md").read_text()

    assert [] == [name for name in DOCUMENTS if name.startswith("claims_") and f"`{name}`" not in text]


@pytest.mark.parametrize("path", sorted(SECRETS.glob("*.env")), ids=lambda path: path.stem)
def test_a_backends_arguments_are_json(path):
    """Airflow reads them so, and a comma too many would cost every connection."""
    [given] = re.findall(r"^AIRFLOW__SECRETS__BACKEND_KWARGS=(.*)$", path.read_text(), re.MULTILINE)

    assert isinstance(json.loads(given), dict)
