"""Puts the metrics of several processes on one page in Prometheus's text format."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

PART = "part"


class _Families:
    """What `generate_latest` asks for its families."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def merged(pages: Mapping[str, str], ready: Mapping[str, bool]) -> bytes:
    """One page of all: each sample carries the name of its part, and every family is described once.

    `ready` becomes the gauge `cchc_part_ready`. A page that cannot be read is left out.
    """
    of_parts = GaugeMetricFamily("cchc_part_ready", "Whether a part answers that it is ready", labels=[PART])
    for part, is_ready in ready.items():
        of_parts.add_metric([part], float(is_ready))
    families: dict[str, Metric] = {of_parts.name: of_parts}
    for part, page in pages.items():
        try:
            found = list(text_string_to_metric_families(page))
        except ValueError:
            continue
        for family in found:
            known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            known.samples += [sample._replace(labels={PART: part, **sample.labels}) for sample in family.samples]
    registry = CollectorRegistry()
    registry.register(_Families(families.values()))
    return generate_latest(registry)
