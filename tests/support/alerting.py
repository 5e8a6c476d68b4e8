"""What Prometheus would say of the metrics of a running system, by the rules that notice a fault at once.

Of its language it knows the forms that these rules are written in, and refuses any other.
"""

import operator
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import yaml
from prometheus_client.parser import text_string_to_metric_families

from cchc_embedded.paths import REPOSITORY

JOB: Final = "cchc"
GROUP: Final = "cchc-at-once"
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip
_SELECTOR = r"(?P<name>[a-z_]+)(?:\{(?P<labels>[^{}]*)\})?"
_PLAIN = rf"{_SELECTOR}"
_MAX = rf"max(?: by \((?P<by>[a-z_, ]+)\))? \({_SELECTOR}\)"
_CHANGES = rf"changes\({_SELECTOR}\[(?P<range>\d+)s\]\)"
_RIGHT = r" (?P<op>==|!=|>=|<=|>|<) (?P<number>\d+(?:\.\d+)?)"
_FORMS = {form: re.compile(form + _RIGHT) for form in (_PLAIN, _MAX, _CHANGES)}
_ABSENT = re.compile(rf"absent\({_SELECTOR}\)")
_LABEL = re.compile(r'([a-z_]+)="([^"]*)"')
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Series(NamedTuple):
    """One sample: its name, its labels, its value."""

    name: str
    labels: frozenset[tuple[str, str]]
    value: float


class Fires(NamedTuple):
    """An alert, and the part or the target that it is about."""

    alert: str
    about: str


Page = Iterable[Series]


def seconds(duration: str) -> float:
    """Of a duration as Prometheus writes it."""
    found = _DURATION.fullmatch(duration)
    assert found is not None, duration
    return float(found[1]) * _UNITS[found[2]]


def rules_at_once() -> Mapping[str, Any]:
    """The group of rules that notices a fault of a process at once."""
    document = yaml.safe_load((REPOSITORY / "deploy" / "alerts.yaml").read_text("utf-8"))
    group: Mapping[str, Any] = next(group for group in document["groups"] if group["name"] == GROUP)
    return group


def series_of(page: str, **labels: str) -> list[Series]:
    """The samples of a page in Prometheus's text format, with labels of who was asked."""
    return [
        Series(sample.name, frozenset({**labels, **sample.labels}.items()), sample.value)
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    ]


def holds(expression: str, pages: list[tuple[float, list[Series]]]) -> list[Mapping[str, str]]:
    """The labels of each series for which it holds on the last page. Raises `ValueError` for a form it does not know.

    `pages` are the samples of the targets at a time, in order.
    """
    (now, page) = pages[-1]
    if absent := _ABSENT.fullmatch(expression):
        return [] if _selected(absent, page) else [{}]
    for form, pattern in _FORMS.items():
        found = pattern.fullmatch(expression)
        if found is None:
            continue
        if form is _CHANGES:
            since = now - float(found["range"])
            values = _changes(found, [page for at, page in pages if at > since])
        elif form is _MAX:
            values = _greatest(found, page)
        else:
            values = {series.labels: series.value for series in _selected(found, page)}
        compare, number = _COMPARE[found["op"]], float(found["number"])
        return [dict(labels) for labels, value in values.items() if compare(value, number)]
    raise ValueError(f"no form of this evaluator: {expression}")


def _selected(found: re.Match[str], page: Page) -> list[Series]:
    said = found["labels"] or ""
    wanted = set(_LABEL.findall(said))
    if ",".join(f'{name}="{value}"' for name, value in _LABEL.findall(said)) != said:
        raise ValueError(f"no labels of this evaluator: {said}")
    return [series for series in page if series.name == found["name"] and wanted <= series.labels]


def _greatest(found: re.Match[str], page: Page) -> dict[frozenset[tuple[str, str]], float]:
    by = set((found["by"] or "").replace(",", " ").split())
    groups: dict[frozenset[tuple[str, str]], float] = {}
    for series in _selected(found, page):
        key = frozenset(label for label in series.labels if label[0] in by)
        groups[key] = max(series.value, groups.get(key, series.value))
    return groups


def _changes(found: re.Match[str], pages: Iterable[Page]) -> dict[frozenset[tuple[str, str]], float]:
    last: dict[frozenset[tuple[str, str]], float] = {}
    changes: dict[frozenset[tuple[str, str]], float] = {}
    for page in pages:
        for series in _selected(found, page):
            changes.setdefault(series.labels, 0)
            changes[series.labels] += last.get(series.labels, series.value) != series.value
            last[series.labels] = series.value
    return changes


class Monitor:
    """Scrapes targets, each an address by its name, and says which rules of the group fire."""

    def __init__(self, targets: Mapping[str, str], *, timeout: float) -> None:
        self._targets = targets
        self._timeout = timeout
        self._rules = rules_at_once()["rules"]
        self._pages: list[tuple[float, list[Series]]] = []
        self._later = 0.0

    def pass_(self, seconds: float) -> None:
        """Let so much time go by, for the rules."""
        self._later += seconds

    def look(self) -> set[Fires]:
        """One scrape of every target, and what fires after it."""
        page: list[Series] = []
        for name, address in self._targets.items():
            found = self._scrape(address)
            who = {"job": JOB, "instance": name}
            page.append(Series("up", frozenset(who.items()), float(found is not None)))
            page += series_of(found or "", **who)
        self._pages.append((time.monotonic() + self._later, page))
        return {
            Fires(rule["alert"], labels.get("part") or labels.get("instance", ""))
            for rule in self._rules
            for labels in holds(rule["expr"], self._pages)
        }

    def _scrape(self, address: str) -> str | None:
        try:
            with urllib.request.urlopen(f"{address}/metrics", timeout=self._timeout) as answer:  # noqa: S310
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            return None
