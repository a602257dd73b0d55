"""A new clinic, set up through a real Airflow as docs/adding-a-clinic.md has it, up to its first accepted claims."""

import csv
import json
from datetime import UTC, datetime

import pytest

from include.claims.states import Delivery, FrontEnd, Usage
from include.delivery.clinic_table import Mode
from include.orchestration.onboard_asks import AGAIN, ENTERED, GO_LIVE, KNOWN, SENT_IT, WHY
from include.sandbox.host_key import host_key_line
from include.sandbox.practice_demo import SANDBOX_PASSWORD
from include.sandbox.practice_people import NEWCOMER
from include.sandbox.taken import TakenFile

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600), pytest.mark.xdist_group("nights")]

CLINIC = NEWCOMER.key
ONBOARD, DELIVER = "onboard_clinic", f"deliver_claims__{CLINIC}"
CONNECTION = f"sftp_{NEWCOMER.mailbox}"


def noon_now() -> str:
    """Return a zone in which it is about noon, so that tonight's run is still to come wherever this runs."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def import_rows(airflow) -> None:
    """Bring the newcomer's three rows in, by the command a person types."""
    folder = airflow.stack.home / "newcomer"
    [row] = csv.DictReader((folder / "clinics.csv").open(newline=""))
    with (folder / "clinics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow({**row, "timezone": noon_now(), "delivery_cron": "0 23 * * *"})
    tables = [str(folder / f"{name}.csv") for name in ("mailboxes", "billing_identities", "clinics")]
    airflow.stack.courier("newcomer", "clinics", "import", *tables, "--ledger", airflow.stack.ledger_url)


def test_a_new_clinic_goes_from_its_rows_to_accepted_claims(airflow):
    """Every question is answered over Airflow's API; a restart, a wrong password and a second run change nothing."""
    import_rows(airflow)
    airflow.until(lambda: ONBOARD in airflow.rest.dag_ids(), "the DAG is there")
    run = airflow.start(ONBOARD, clinic=CLINIC)

    ask_for_the_login(airflow, run)
    connect(airflow, run)
    go_live(airflow, run)
    first_night(airflow)


def ask_for_the_login(airflow, run: str) -> None:
    """See the mail drafted; then the run waits for the credentials, whatever becomes of Airflow's parts meanwhile."""
    assert f"./courier onboard {CLINIC} request" in airflow.until_asked(ONBOARD, run, "request")
    airflow.answer(ONBOARD, run, "request", SENT_IT)
    assert "clinics credentials" in airflow.until_asked(ONBOARD, run, "credentials")

    second = airflow.start(ONBOARD, clinic=CLINIC)
    assert "failed" == airflow.until_finished(ONBOARD, second)
    assert f"another run sets it up ({run})" in airflow.log(ONBOARD, second, "begin", attempt=1)

    airflow.restart("scheduler", "triggerer")


def connect(airflow, run: str) -> None:
    """Pin the key that is shown; a wrong password is refused once, the right one sees both folders."""
    host_key = host_key_line(airflow.stack.home / "sandbox")
    place = {"host": "127.0.0.1", "port": airflow.stack.ports["sandbox"], "login": NEWCOMER.mailbox}
    airflow.keep_connection(CONNECTION, **place, password="the-web-password", extra=json.dumps({"sandbox": True}))
    airflow.answer(ONBOARD, run, "credentials", ENTERED)

    shown = airflow.until_asked(ONBOARD, run, "connection")
    assert f'"host_key": "{host_key}"' in shown
    pinned = json.dumps({"sandbox": True, "host_key": host_key})
    airflow.keep_connection(CONNECTION, extra=pinned)
    airflow.answer(ONBOARD, run, "connection", AGAIN)

    airflow.until_asked(ONBOARD, run, "connection", "refused user name or password")
    assert "the-web-password" not in airflow.log(ONBOARD, run, "connection", attempt=1)
    airflow.keep_connection(CONNECTION, password=SANDBOX_PASSWORD)
    airflow.answer(ONBOARD, run, "connection", AGAIN)


def go_live(airflow, run: str) -> None:
    """See the test file answered, and say yes to a list."""
    airflow.until_asked(ONBOARD, run, "history")
    [tested] = [batch for batch in airflow.ledger.report.batches(CLINIC) if batch.usage is Usage.TEST]
    assert ["OATEST" in tested.file_name] == [file.usage == "test" for file in of_the_clinic(airflow)]
    airflow.answer(ONBOARD, run, "history", KNOWN, **{WHY: "a new clinic"})

    shown = airflow.until_asked(ONBOARD, run, "approval")
    assert "3 claims, $" in shown
    assert "23:00" in shown
    assert 3 == shown.count(f"- `{CLINIC}-")
    airflow.answer(ONBOARD, run, "approval", GO_LIVE, **{WHY: "the test was good"})

    assert "success" == airflow.until_finished(ONBOARD, run)
    assert Mode.LIVE is airflow.ledger.clinics.clinic(CLINIC).mode
    # Its DAG waits for a person, and nothing has run.
    airflow.until(lambda: DELIVER in airflow.rest.dag_ids(), "the clinic has its DAG")
    assert airflow.rest.get(f"/dags/{DELIVER}")["is_paused"]
    assert [] == airflow.rest.runs(DELIVER)


def first_night(airflow) -> None:
    """Unpause: yesterday's night sends nothing; tonight's sends as many as the cap lets go, and they are accepted."""
    airflow.rest.unpause(DELIVER)
    night = airflow.night(DELIVER)
    airflow.until_quiet(DELIVER)

    assert "success" == airflow.state(DELIVER, night)
    sent = [line for line in airflow.ledger.report.claim_lines(CLINIC) if line.delivery is Delivery.SENT]
    live = [line for line in sent if line.usage is Usage.LIVE]
    assert 3 == len(live)
    assert {night} == {line.run_id for line in live}
    assert {FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, FrontEnd.ACCEPTED_BY_PAYER} >= {line.front_end for line in live}
    assert ["test", "live"] == [file.usage for file in of_the_clinic(airflow)]
    assert [] == airflow.disagreements(CLINIC)


def of_the_clinic(airflow) -> list[TakenFile]:
    """Return what the clearinghouse took of the clinic, in order."""
    return [file for file in airflow.taken() if file.account == NEWCOMER.mailbox]
