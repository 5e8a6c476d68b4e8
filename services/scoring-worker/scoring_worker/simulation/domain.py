"""An index set with some of its criteria changed."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Change(NamedTuple):
    """What a criterion would have in place of what it has: `max`, `rule`. None: as it is."""

    code: str
    max: str | None
    rule: Mapping[str, Any] | None


def changed(content: Mapping[str, Any], changes: Mapping[str, Change]) -> tuple[Any, set[str]]:
    """The document as it would be, and the codes of changes that it has no criterion with a rule for.

    Points need not add up to what the document says: that is what is being tried.
    """
    tried = _without_sums(content)
    left = dict(changes)
    for criterion in _criteria(tried):
        if criterion.get("criteria") or (change := left.pop(str(criterion["code"]), None)) is None:
            continue
        if change.max is not None:
            criterion["max"] = change.max
        if change.rule is not None:
            criterion["rule"] = dict(change.rule)
    return tried, set(left)


def place_of(path: str, content: Any) -> str | None:
    """The code of the criterion in which a fault of the document lies: `fields.0.criteria.1.rule`."""
    code, here = None, content
    for step in path.split("."):
        here = here[int(step)] if isinstance(here, list) else here.get(step) if isinstance(here, Mapping) else None
        if isinstance(here, Mapping) and "code" in here:
            code = str(here["code"])
        if not isinstance(here, Mapping | list):
            break
    return code


def _without_sums(content: Any) -> Any:
    """A copy without the sums that points must come to."""
    if isinstance(content, Mapping):
        return {name: _without_sums(each) for name, each in content.items() if name not in {"points", "parts", "part"}}
    return [_without_sums(each) for each in content] if isinstance(content, list) else content


def _criteria(content: Any) -> Iterator[dict[str, Any]]:
    for part in content["fields"]:
        yield from _below(part)


def _below(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for criterion in part.get("criteria", ()):
        yield criterion
        yield from _below(criterion)
