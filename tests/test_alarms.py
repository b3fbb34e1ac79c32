"""An alarm that names a figure nobody keeps never rings."""

import json
import re
from pathlib import Path

import pytest
import yaml

from app.bridge.figures import Figures
from app.bridge.spool import Spool
from app.metrics import STAGES, Metrics
from app.store.gauges import Gauges
from app.web.gauges import GaugeCollector

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs/operations.md").read_text()
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())["groups"][0]["rules"]
PANELS = json.loads((ROOT / "deploy/grafana/postcall.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]


def kept() -> dict[str, set[str]]:
    """Every metric that is shown, with its labels."""
    nothing = Gauges(**dict.fromkeys(Gauges.__dataclass_fields__, 0))
    names = {f"postcall_{name}_total": set(stage.labels) for name, stage in STAGES.items()}
    names |= {metric.name: set() for metric in GaugeCollector(nothing).collect()}
    requests = {"method", "route", "status"}
    names["postcall_http_requests_total"] = requests
    names["postcall_http_request_seconds_bucket"] = {"method", "route", "le"}
    names["postcall_unheard_rings_total"] = set()
    names["postcall_refused_requests_total"] = {"reason"}
    return names


def kept_by_a_bridge() -> dict[str, set[str]]:
    counters = {"events": {"event"}, "deliveries": {"said"}, "blind_seconds": set[str]()}
    gauges = ("connected", "waiting", "oldest_seconds", "refused")
    return {f"postcall_bridge_{name}_total": labels for name, labels in counters.items()} | {
        f"postcall_bridge_{name}": set() for name in gauges
    }


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_is_asked_for_is_kept(expression: str) -> None:
    names = kept() | kept_by_a_bridge()
    for name, selector in re.findall(r"(postcall_\w+)(?:\{([^}]*)\})?", expression):
        assert name in names
        assert set(re.findall(r"(\w+)\s*[=!]", selector)) <= names[name]
    labels = {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}
    assert labels <= set().union(*names.values())


@pytest.mark.parametrize(
    "figure",
    [
        "postcall_oldest_due_seconds",
        "postcall_in_doubt",
        "postcall_quarantined",
        "postcall_outbox_oldest_seconds",
        'postcall_looks_total{result="empty"}',
        "postcall_doubles_total",
    ],
)
def test_what_nobody_would_notice_has_an_alarm(figure: str) -> None:
    assert any(figure in rule["expr"] for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alarm_says_what_to_do(rule: dict) -> None:
    assert f"\n### {rule['alert']}\n" in OPERATIONS
    assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.parametrize(
    "name", sorted(name for name in kept() | kept_by_a_bridge() if not name.endswith("_bucket"))
)
def test_every_metric_is_explained(name: str) -> None:
    watch = OPERATIONS.split("## Watch")[1].split("## Alarms")[0]
    assert f"`{name}" in watch


def test_the_counters_that_are_shown_are_those_that_are_kept() -> None:
    shown = set(re.findall(r"# TYPE (postcall_\w+_total) counter", Metrics().render().decode()))
    assert shown == {name for name in kept() if name.endswith("_total")}


def test_a_bridge_keeps_what_is_said_of_it(tmp_path: Path) -> None:
    shown = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in Figures(Spool(tmp_path)).registry.collect()
    }
    assert shown == kept_by_a_bridge().keys()
