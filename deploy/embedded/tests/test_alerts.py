"""The alert rules are of Prometheus's shape, ask for metrics that exist, and are explained to whom they wake."""

import re
from functools import cache
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from cchc_embedded.contracts import applications
from cchc_embedded.metrics_page import merged
from cchc_embedded.paths import REPOSITORY

pytestmark = pytest.mark.unit
DOCUMENT: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "alerts.yaml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in DOCUMENT["groups"] for rule in group["rules"]]
GUIDE = (REPOSITORY / "docs" / "guides" / "alerts.md").read_text(encoding="utf-8")
_METRIC = re.compile(r"\b(?:cchc|process)_[a-z_]+\b")
_DURATION = re.compile(r"\d+(?:ms|s|m|h|d)")


@cache
def known() -> set[str]:
    """The names of all samples that some process exports, those without a sample yet included."""
    assert applications()  # imports whatever the processes import
    families = {family.name: family.type for family in REGISTRY.collect()}
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    names = {name + suffix for name, kind in families.items() for suffix in suffixes.get(kind, ("",))}
    return names | set(_METRIC.findall(merged({}, {"one": True}).decode()))


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


def test_a_metric_that_is_gone_would_be_noticed() -> None:
    assert "cchc_gone_total" not in known()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alert_has_its_paragraph(rule: dict[str, Any]) -> None:
    name = rule["alert"]
    assert rule["annotations"]["guide"] == f"docs/guides/alerts.md#{name.lower()}"
    paragraph = re.search(rf"^## {name}\n\n(.+)$", GUIDE, re.MULTILINE)
    assert paragraph is not None
    assert paragraph[1].count("*") >= 2, "the sentence for people is in Vietnamese too"
