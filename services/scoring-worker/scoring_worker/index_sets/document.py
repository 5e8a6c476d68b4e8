"""Index sets as YAML documents: read, checked whole, hashed."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml
from pydantic import TypeAdapter, ValidationError

from cchc_shared.contract.yaml_text import read_yaml
from scoring_worker.facts.domain import HAPPENED
from scoring_worker.index_sets.domain import Criterion, IndexSet, Indicator, Term
from scoring_worker.sources import OCCURRENCES

_INDEX_SET = TypeAdapter(IndexSet)
MAX_PLACES = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of an index set, with its path: `fields.0.criteria.2.rule.threshold`."""

    path: str
    message: str


class FaultyDocument(ValueError):
    """The document is no index set; `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Document:
    """An index set with the text it came from; `sha256` is of its content, whatever the layout of the text."""

    index_set: IndexSet
    text: str
    sha256: str


def load(text: str) -> Document:
    """The index set of a YAML text. Raises `FaultyDocument`."""
    try:
        content: Any = read_yaml(text)
    except yaml.YAMLError as error:
        raise FaultyDocument([Fault("", f"not YAML: {error}")]) from error
    try:
        index_set = _INDEX_SET.validate_python(content)
    except ValidationError as error:
        found = [Fault(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors(include_url=False)]
        raise FaultyDocument(found) from error
    faults = list(_faults(index_set))
    if faults:
        raise FaultyDocument(faults)
    canonical = msgspec.json.encode(content, order="sorted")
    return Document(index_set, text, hashlib.sha256(canonical).hexdigest())


def _faults(index_set: IndexSet) -> Iterator[Fault]:
    if not 0 <= index_set.places <= MAX_PLACES:
        yield Fault("places", f"must be between 0 and {MAX_PLACES}")
    if index_set.template and index_set.notice is None:
        yield Fault("notice", "a template must tell its readers that it is one")
    if not index_set.fields:
        yield Fault("fields", "at least one is needed")
    yield from _repeated("bands", [str(band.at_least) for band in index_set.bands])
    codes = [part.code for part in index_set.fields]
    for number, part in enumerate(index_set.fields):
        path = f"fields.{number}.criteria"
        if not part.criteria:
            yield Fault(path, "at least one is needed")
        for place, criterion in enumerate(part.criteria):
            codes += _codes(criterion)
            yield from _of_criterion(f"{path}.{place}", criterion, index_set)
    yield from _repeated("fields", codes)
    for name, indicator in index_set.indicators.items():
        yield from _of_indicator(f"indicators.{name}", indicator)


def _codes(criterion: Criterion) -> list[str]:
    return [criterion.code, *(code for child in criterion.criteria for code in _codes(child))]


def _repeated(path: str, values: list[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(path, f"{value} stands {times} times")


def _of_criterion(path: str, criterion: Criterion, index_set: IndexSet) -> Iterator[Fault]:
    for number, child in enumerate(criterion.criteria):
        yield from _of_criterion(f"{path}.criteria.{number}", child, index_set)
    if criterion.indicator is None or criterion.rule is None:
        return
    indicator = index_set.indicators.get(criterion.indicator)
    if indicator is None:
        yield Fault(f"{path}.indicator", f"{criterion.indicator} is not among the indicators")
    elif criterion.rule.needs_denominator and not indicator.denominator:
        yield Fault(f"{path}.rule", f"{criterion.rule.kind} needs a denominator in {criterion.indicator}")


def _of_indicator(path: str, indicator: Indicator) -> Iterator[Fault]:
    if not indicator.numerator:
        yield Fault(f"{path}.numerator", "at least one term is needed")
    for side, terms in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        for number, term in enumerate(terms):
            for state in term.states:
                if (term.measure in OCCURRENCES) != (state == HAPPENED):
                    yield Fault(f"{path}.{side}.{number}.states", f"{term.measure} is never {state}")
        yield from _repeated(f"{path}.{side}", [f"{measure} {state}" for measure, state in _pairs(terms)])
    beyond = set(_pairs(indicator.numerator)) - set(_pairs(indicator.denominator))
    if indicator.denominator and beyond:
        named = ", ".join(sorted(f"{measure} {state}" for measure, state in beyond))
        yield Fault(f"{path}.numerator", f"counts what the denominator does not: {named}")


def _pairs(terms: tuple[Term, ...]) -> list[tuple[str, str]]:
    return [(term.measure, state) for term in terms for state in term.states]
