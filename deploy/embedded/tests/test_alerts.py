"""The alert rules are of Prometheus's shape, ask for metrics that exist, and are explained to whom they wake."""

import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Gauge

from cchc_embedded.contracts import applications
from cchc_embedded.metrics_page import merged
from cchc_embedded.paths import REPOSITORY
from cchc_shared.stream import watch

pytestmark = pytest.mark.unit
DOCUMENT: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "alerts.yaml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in DOCUMENT["groups"] for rule in group["rules"]]
GUIDE = (REPOSITORY / "docs" / "guides" / "alerts.md").read_text(encoding="utf-8")
_METRIC = re.compile(r"\b(?:cchc|process)_[a-z_]+\b|\bup\b")
_NAMED = re.compile(r"\bcchc_(?!embedded|shared|live_|test_)[a-z]+_?[a-z_]*\b(?![/.]|:)")
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").glob("*/*.md"))]
_DURATION = re.compile(r"\d+(?:ms|s|m|h|d)")


@cache
def known() -> set[str]:
    """The names of all samples that some process exports, those without a sample yet included, and Prometheus's own."""
    assert applications()  # imports whatever the processes import
    families = {family.name: family.type for family in REGISTRY.collect()}
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    names = {name + suffix for name, kind in families.items() for suffix in suffixes.get(kind, ("",))}
    return {"up"} | names | set(_METRIC.findall(merged({}, {"one": True}).decode()))


def test_the_file_has_the_shape_that_prometheus_reads() -> None:
    assert DOCUMENT.keys() == {"groups"}
    for group in DOCUMENT["groups"]:
        assert group.keys() <= {"name", "interval", "rules"}
        assert _DURATION.fullmatch(group["interval"])
    for rule in RULES:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert isinstance(rule["expr"], str)
        assert "for" not in rule or _DURATION.fullmatch(rule["for"])
        assert rule["labels"]["severity"] in {"page", "ticket"}
        for text in rule["annotations"].values():
            assert isinstance(text, str)
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert " · " in rule["annotations"]["summary"], "in both languages"
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_metric_of_a_rule_exists(rule: dict[str, Any]) -> None:
    named = set(_METRIC.findall(rule["expr"]))
    assert named
    assert named <= known()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_metric_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    histograms = {name.removesuffix("_bucket") for name in known() if name.endswith("_bucket")}
    assert set(_NAMED.findall(text)) <= known() | histograms
    for name, label in re.findall(r"\b(cchc_[a-z_]+)\{([a-z_]+)=", text):
        assert label in labels_of(name), f"{name} has no label {label}"


def labels_of(name: str) -> set[str]:
    assert applications()
    collectors = REGISTRY._names_to_collectors  # prometheus_client says it nowhere else
    return set(getattr(collectors[name], "_labelnames", ()))


def test_the_pages_name_metrics_at_all() -> None:
    assert sum(len(set(_NAMED.findall(page.read_text("utf-8")))) for page in PAGES) > 10


def test_what_grows_when_a_worker_is_down_outlives_the_worker() -> None:
    """The worker's own gauges vanish with it."""
    table = (REPOSITORY / "docs" / "guides" / "operator.md").read_text("utf-8")
    (row,) = [line for line in table.splitlines() if "worker is down" in line]
    assert set(_NAMED.findall(row)) == {"cchc_stream_backlog_events", "cchc_stream_oldest_seconds"}
    assert {name for name in _NAMED.findall(row) if kept_by(name, watch)} == set(_NAMED.findall(row))


def kept_by(name: str, module: ModuleType) -> bool:
    gauges = [each for each in vars(module).values() if isinstance(each, Gauge)]
    return name in {family.name for gauge in gauges for family in gauge.describe()}


def test_a_metric_that_is_gone_would_be_noticed() -> None:
    assert "cchc_gone_total" not in known()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alert_has_its_paragraph(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert rule["annotations"]["guide"] == f"docs/guides/alerts.md#{name.lower()}"
    paragraph = re.search(rf"^## {name}\n\n(.+)$", GUIDE, re.MULTILINE)
    assert paragraph is not None
    assert paragraph[1].count("*") >= 2, "the sentence for people is in Vietnamese too"
