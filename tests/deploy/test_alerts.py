"""Alert rules and dashboard, judged by Prometheus's own program and by what the Claims page really prints."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import airflow
import pytest
import yaml

from tests.contract.night import BLOCKED, Night, claims
from tests.deploy.conftest import DEPLOY, ROOT, read_yaml

RULES = [rule for group in read_yaml("alerts.yaml")["groups"] for rule in group["rules"]]
BOARD = json.loads((DEPLOY / "grafana.json").read_text())
BOARD_EXPRESSIONS = [
    target["expr"].replace("$clinic", ".*") for panel in BOARD["panels"] for target in panel.get("targets", ())
]
EXPRESSIONS = [rule["expr"] for rule in RULES] + BOARD_EXPRESSIONS

HOURS = {"ClaimsNobodyAnswered": 25, "ClaimsFileFailed": 75}
"""How long the world of a case has been so when it is asked what fires: three hours where no alert waits longer."""

WELL = {
    'courier_late_seconds{clinic="harbor",what="delivery"}': "0",
    'courier_late_seconds{clinic="harbor",what="receiving"}': "0",
    'courier_login_refused{clinic="harbor"}': "0",
    'courier_claims{clinic="harbor",stage="in doubt"}': "0",
    'courier_claims{clinic="harbor",stage="failed"}': "0",
    'courier_contradicted_claims{clinic="harbor"}': "0",
    'courier_oldest_seconds{clinic="harbor",stage="ready"}': "3600",
    'courier_silent_claims{clinic="harbor"}': "0",
    'courier_filing_claims{left="week"}': "0",
    'courier_filing_claims{left="over"}': "7",
    "airflow_scheduler_heartbeat": "0+12",
    "airflow_triggerer_heartbeat": "0+12",
    "airflow_dag_processor_heartbeat_total": "0+12",  # as a collector calls it
    "airflow_dag_processing_import_errors": "0",
    "airflow_triggerer_capacity_left": "900",
    'airflow_pool_starving_tasks{pool="sftp"}': "0",
}
"""A day on which nothing is to be said."""

ILL: dict[str, dict[str, str | None]] = {
    "ClaimsNightDidNotRun": {'courier_late_seconds{clinic="harbor",what="delivery"}': "7300"},
    "ClaimsNobodyVisited": {'courier_late_seconds{clinic="harbor",what="receiving"}': "7300"},
    "ClaimsLoginRefused": {'courier_login_refused{clinic="harbor"}': "1"},
    "ClaimsInDoubt": {'courier_claims{clinic="harbor",stage="in doubt"}': "3"},
    "ClaimsFileFailed": {'courier_claims{clinic="harbor",stage="failed"}': "3"},
    "ClaimsContradicted": {'courier_contradicted_claims{clinic="harbor"}': "1"},
    "ClaimsReadyTooLong": {'courier_oldest_seconds{clinic="harbor",stage="ready"}': "130000"},
    "ClaimsNobodyAnswered": {'courier_silent_claims{clinic="harbor"}': "1"},
    "ClaimsFilingLimitNear": {'courier_filing_claims{left="week"}': "2"},
    "ClaimsFilingLimitPassed": {'courier_filing_claims{left="over"}': "0+0.01"},
    "ClaimsMetricsGone": dict.fromkeys(name for name in WELL if name.startswith("courier")),
    "AirflowSchedulerStandsStill": {"airflow_scheduler_heartbeat": "500"},
    "AirflowTriggererStandsStill": {"airflow_triggerer_heartbeat": None},
    "AirflowDagProcessorStandsStill": {"airflow_dag_processor_heartbeat_total": "500"},
    "AirflowDagsDoNotLoad": {"airflow_dag_processing_import_errors": "1"},
    "AirflowTriggererIsFull": {"airflow_triggerer_capacity_left": "0"},
    "AirflowSessionsWait": {'airflow_pool_starving_tasks{pool="sftp"}': "4"},
}
"""What is otherwise where an alert is to come; None: the series is not there."""


def run(promtool: str, *words: str | Path) -> None:
    """Let promtool judge; show what it says where it refuses."""
    ended = subprocess.run([promtool, *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    assert 0 == ended.returncode, ended.stdout + ended.stderr


def test_prometheus_takes_the_rules_and_its_settings(promtool):
    """Both are read by Prometheus itself."""
    run(promtool, "check", "rules", DEPLOY / "alerts.yaml")
    run(promtool, "check", "config", "--syntax-only", DEPLOY / "prometheus.yml")


def test_prometheus_can_read_every_expression_of_the_dashboard(promtool, tmp_path):
    """Each is given to it as a recording rule, with every clinic chosen."""
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(BOARD_EXPRESSIONS)]
    (tmp_path / "board.yaml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}))

    run(promtool, "check", "rules", tmp_path / "board.yaml")


def test_each_alert_comes_when_it_should_and_no_other(promtool, tmp_path):
    """On a good day nothing fires; where one thing is wrong, its own alert does, and that alone."""
    assert {rule["alert"] for rule in RULES} == ILL.keys()
    cases = [a_case(), *(a_case(alert, changes) for alert, changes in ILL.items())]
    asked = {"rule_files": [str(DEPLOY / "alerts.yaml")], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "cases.yaml").write_text(yaml.safe_dump(asked))

    run(promtool, "test", "rules", tmp_path / "cases.yaml")


def a_case(alert: str = "", changes: dict[str, str | None] | None = None) -> dict[str, Any]:
    """Return a world in promtool's words, and which alert is to fire in it."""
    minutes = 60 * HOURS.get(alert, 3)
    world = {name: values for name, values in {**WELL, **(changes or {})}.items() if values is not None}
    series = [
        {"series": name, "values": f"{one if '+' in one else f'{one}+0'}x{minutes}"} for name, one in world.items()
    ]
    fires = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else []
    expr = 'count by (alertname) (ALERTS{alertstate="firing"})'
    asked = {"expr": expr, "eval_time": f"{minutes}m", "exp_samples": fires}
    return {"name": alert or "well", "interval": "1m", "input_series": series, "promql_expr_test": [asked]}


def test_every_figure_of_ours_is_one_the_page_prints(browser, night):
    """A name, a label, a label's value that an expression names: all are printed for a ledger with claims."""
    printed = what_is_printed(browser, night)
    asked = [
        (match[1], label, value)
        for expr in EXPRESSIONS
        for match in re.finditer(r"\b(courier_\w+)(?:\{([^}]*)\})?", expr)
        for label, value in [("", ""), *re.findall(r'(\w+)=~?"([^"]*)"', match[2] or "")]
    ]

    assert len(asked) > 20
    assert [] == [one for one in asked if not is_printed(*one, printed)]


def what_is_printed(browser, night: Night) -> set[tuple[str, str, str]]:
    """Fill a ledger so that every figure is there, and return each with its labels and their values."""
    night.now = datetime.now(UTC)
    first, second, third = claims(3)
    night.sent(first)
    night.stage(second, faults=[BLOCKED])
    night.stage(third)
    lines = [line for line in browser.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {
        (line.partition("{")[0], label, value)
        for line in lines
        for label, value in [("", ""), *re.findall(r'(\w+)="([^"]*)"', line)]
    }


def is_printed(name: str, label: str, value: str, printed: set[tuple[str, str, str]]) -> bool:
    """Tell whether the page prints a figure with a label; `.*` is any value."""
    if value == ".*":
        return any((name, label) == one[:2] for one in printed)
    return (name, label, value) in printed


def test_the_labels_an_alert_shows_are_the_figures_own(browser, night):
    """`$labels.clinic` in a summary would be blank where the figure has none, or where it was summed away."""
    printed = what_is_printed(browser, night)
    for rule in RULES:
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            names = re.findall(r"\bcourier_\w+", rule["expr"])
            assert names, rule["alert"]
            assert all(any((name, label) == one[:2] for one in printed) for name in names), rule["alert"]


def test_every_figure_of_airflows_is_in_its_own_register():
    """Airflow lists what it emits; Prometheus writes dots as underscores and a prefix before."""
    [path] = {Path(airflow.__path__[0]) / "_shared/observability/metrics/metrics_template.yaml"}
    known = {f"airflow_{one['name'].replace('.', '_')}" for one in yaml.safe_load(path.read_text())["metrics"]}
    named = {
        re.sub(r"\(_total\)\?|\.\*", "", name)
        for expr in EXPRESSIONS
        for name in re.findall(r"airflow_[a-z_]+(?:\(_total\)\?|\.\*)?", expr)
    }

    assert len(named) > 8
    assert set() == named - known


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_and_where_to_read_on(rule):
    """A summary without a patient, a severity, and a heading of the runbook."""
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(), re.MULTILINE)

    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_every_panel_names_its_source_and_no_two_lie_on_each_other():
    """The dashboard is imported into any Grafana: no data source of ours is written in it."""
    assert {"${source}"} == {
        one["datasource"]["uid"]
        for panel in BOARD["panels"]
        for one in (panel, *panel.get("targets", ()))
        if "datasource" in one
    }
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
