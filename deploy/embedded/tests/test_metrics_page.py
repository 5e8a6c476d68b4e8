"""The metrics of several processes on one page that Prometheus reads."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cchc_embedded.metrics_page import merged

pytestmark = pytest.mark.unit


def page(amount: float) -> str:
    registry = CollectorRegistry()
    Counter("cchc_things_total", "Things", ["kind"], registry=registry).labels('a "b"\n').inc(amount)
    Histogram("cchc_seconds", "Seconds", registry=registry, buckets=(1,)).observe(amount)
    Gauge("cchc_open", "Open", registry=registry).set(amount)
    return generate_latest(registry).decode()


def test_every_sample_names_its_part_and_every_family_stands_once() -> None:
    text = merged({"one": page(1), "two": page(2)}, {"one": True, "two": False}).decode()
    assert text.count("# TYPE cchc_things_total counter") == 1
    assert text.count("# HELP cchc_seconds Seconds") == 1
    families = {family.name: family for family in text_string_to_metric_families(text)}
    things = {sample.labels["part"]: sample for sample in families["cchc_things"].samples}
    assert {part: sample.value for part, sample in things.items()} == {"one": 1, "two": 2}
    assert things["one"].labels == {"part": "one", "kind": 'a "b"\n'}
    assert families["cchc_seconds"].type == "histogram"
    buckets = [sample for sample in families["cchc_seconds"].samples if sample.name == "cchc_seconds_bucket"]
    assert {(sample.labels["part"], sample.labels["le"]) for sample in buckets} == {
        (part, bound) for part in ("one", "two") for bound in ("1.0", "+Inf")
    }
    ready = {sample.labels["part"]: sample.value for sample in families["cchc_part_ready"].samples}
    assert ready == {"one": 1, "two": 0}


def test_a_page_that_cannot_be_read_spoils_no_other() -> None:
    text = merged({"one": "this is { no metric", "two": page(2)}, {}).decode()
    assert 'cchc_open{part="two"} 2.0' in text
    assert 'part="one"' not in text


def test_nobody_answers() -> None:
    assert "cchc_part_ready" in merged({}, {"one": False}).decode()
