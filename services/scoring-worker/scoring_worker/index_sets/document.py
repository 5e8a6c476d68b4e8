"""Index sets as documents: read, checked whole, hashed."""

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import msgspec
import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from cchc_shared.contract.yaml_text import LOADER, read_yaml
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.faults import Fault, faults
from scoring_worker.index_sets.indicators import SOURCES
from scoring_worker.index_sets.wrong import Wrong

DEEPEST: Final = 50

_INDEX_SET = TypeAdapter(IndexSet)


class FaultyDocument(ValueError):
    """The document is no index set; `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.cell or fault.path}: {fault.en}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Document:
    """An index set with the text it came from. `sha256` is of what it says, however that is written.

    Of a workbook `cells` says where each path of the content stands, as in `Tiêu chí!D14`.
    """

    index_set: IndexSet
    text: str
    sha256: str
    cells: Mapping[str, str] = field(default_factory=dict)


def load(text: str) -> Document:
    """The index set of a YAML text. Raises `FaultyDocument`."""
    return load_content(content_of(text), text)


def content_of(text: str) -> Any:
    """The plain values of a YAML text that is read from strangers. Raises `FaultyDocument`."""
    try:
        _refuse_what_grows(text)
        return read_yaml(text)
    except yaml.YAMLError as error:
        raise FaultyDocument([Fault("", "không đọc được theo định dạng `yaml`", f"not YAML: {error}")]) from error


def _refuse_what_grows(text: str) -> None:
    """A text of some lines could stand for a document of any size, and open brackets take ever longer to read."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise FaultyDocument([Fault("", "không dùng tham chiếu (`&`, `*`)", "has references (`&`, `*`)")])
        if depth > DEEPEST:
            vi, en = f"lồng nhau quá {DEEPEST} lớp", f"is nested more than {DEEPEST} deep"
            raise FaultyDocument([Fault("", vi, en)])


@lru_cache(maxsize=64)
def load_again(text: str) -> Document:
    """The index set of a text that is sound, as what is shipped and what is stored: read once in a process."""
    return load(text)


def load_content(content: Any, text: str = "") -> Document:
    """The index set of a document that was read already. Raises `FaultyDocument`."""
    index_set = typed(content)
    found = list(faults(index_set))
    if found:
        raise FaultyDocument(found)
    canonical = msgspec.json.encode(plain(index_set), order="sorted")
    return Document(index_set, text, hashlib.sha256(canonical).hexdigest())


def typed(content: Any) -> IndexSet:
    """The index set of a document each part of which is right in itself. Raises `FaultyDocument`."""
    try:
        return _INDEX_SET.validate_python(content)
    except ValidationError as error:
        raise FaultyDocument([_fault(item) for item in error.errors(include_url=False)]) from error


def plain(part: Any) -> Any:
    """A set, or a part of one, as plain values in one form: what says nothing new is left out, and a number is an
    integer or the digits of a decimal."""
    if is_dataclass(part):
        given = ((each.name, getattr(part, each.name), each) for each in fields(part))
        return {name: plain(value) for name, value, each in given if value != _default(each)}
    if isinstance(part, Decimal):
        return int(part) if part == part.to_integral_value() else f"{part.normalize():f}"
    if isinstance(part, Enum):
        return part.value
    if isinstance(part, Mapping):
        return {str(name): plain(value) for name, value in part.items()}
    return [plain(each) for each in part] if isinstance(part, tuple | list) else part


def _default(of: Any) -> Any:
    return of.default_factory() if of.default_factory is not MISSING else of.default


def _fault(item: ErrorDetails) -> Fault:
    said = item.get("ctx", {}).get("error")
    if isinstance(said, Wrong):
        return Fault(_path(item["loc"]), said.vi, str(said))
    return Fault(_path(item["loc"]), "", item["msg"], item)


def _path(loc: tuple[int | str, ...]) -> str:
    """Where in the document; without the names of kinds that Pydantic puts in between."""
    steps = [
        step
        for place, step in enumerate(loc)
        if not (place and loc[place - 1] == "rule") and not (place == 2 and loc[0] == "indicators" and step in SOURCES)
    ]
    return ".".join(map(str, steps))


def schema() -> dict[str, Any]:
    """The JSON Schema of index sets, as it is published."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_INDEX_SET.json_schema()}
