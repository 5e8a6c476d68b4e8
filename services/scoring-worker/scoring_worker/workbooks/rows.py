"""A document as rows of sheets: each thing has its row, and below it a row for each of what it has several of."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scoring_worker.workbooks.layout import CRITERIA, GATES, INDICATORS, PARTS, Table

Values = Mapping[str, Any]


class Line(NamedTuple):
    """A row: by the keys of columns, or by what they are below a thing. `level` is that of a criterion, from 1 on."""

    values: Values
    is_below: bool = False
    level: int = 0


def lines(table: Table, content: Mapping[str, Any]) -> Iterator[Line]:
    """The rows that a sheet has for a document, as `plain` gives it."""
    if table is CRITERIA:
        for field in content["fields"]:
            yield from _criterion(field, 1)
        return
    found = content.get(table.at, {} if table.by_code else ())
    things = ({"code": code, **thing} for code, thing in found.items()) if table.by_code else found
    for thing in things:
        yield Line(_own(table, thing))
        for below in _below(table, thing):
            yield Line(below, is_below=True)


def _criterion(thing: Values, level: int) -> Iterator[Line]:
    yield Line({**_own(CRITERIA, thing), "level": level}, level=level)
    for below in _below(CRITERIA, thing):
        yield Line(below, is_below=True, level=level)
    for child in thing.get("criteria", ()):
        yield from _criterion(child, level + 1)


def _own(table: Table, thing: Values) -> Values:
    found = {column.key: value_at(thing, column.key) for column in table.columns if column.key}
    if table is INDICATORS:
        found["source"] = found["source"] or "events"
    return {key: value for key, value in found.items() if value is not None}


def value_at(thing: Any, key: str) -> Any:
    """What stands at `rule.threshold` in a thing; None where nothing does."""
    for name in key.split("."):
        thing = thing.get(name) if isinstance(thing, Mapping) else None
    return thing


def _below(table: Table, thing: Values) -> Iterator[Values]:
    if table is CRITERIA:
        inputs, rule = thing.get("inputs", {}), thing.get("rule", {})
        shares = rule.get("shares", {})
        for name in dict.fromkeys((*inputs, *shares)):
            row = {"name": name, "indicator": inputs.get(name), "share": shares.get(name)}
            yield {key: value for key, value in row.items() if value is not None}
        yield from rule.get("steps", ())
    elif table is INDICATORS:
        for side in ("numerator", "denominator"):
            for term in thing.get(side, ()):
                yield {"side": side, **term}
    elif table is GATES:
        for name, code in thing.get("inputs", {}).items():
            yield {"name": name, "indicator": code}
    elif table is PARTS:
        for kind, points in thing.get("points_of", {}).items():
            yield {"kind": kind, "points": points}
