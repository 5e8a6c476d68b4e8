"""What an OpenAPI or AsyncAPI document says, in the order in which people read it. Pure: a document in, values out."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

_PREFIX: Final = "#/components/schemas/"
_CODE: Final = re.compile(r"`([a-z0-9-]+)`: ")
_BOUNDS: Final = {
    "minLength": "≥ {} ký tự · characters", "maxLength": "≤ {} ký tự · characters",
    "minItems": "≥ {} mục · items", "maxItems": "≤ {} mục · items",
    "minimum": "≥ {}", "maximum": "≤ {}", "exclusiveMinimum": "> {}", "exclusiveMaximum": "< {}",
    "pattern": "{}",
}  # fmt: skip
_TEXTS: Final = ("json", "yaml", "urlencoded")
_NO_NUL: Final = r"^[^\x00]*$"
"""What every text has: it says nothing to a reader."""


class Kind(NamedTuple):
    """What a value may be: words, with the names of schemas among them marked by `links`."""

    words: str
    links: tuple[str, ...] = ()


class Field(NamedTuple):
    """A member of a schema, or a parameter."""

    name: str
    where: str
    required: bool
    kind: Kind
    bounds: tuple[str, ...]
    says: str


class Schema(NamedTuple):
    """A component: its members, or the values that it may have."""

    name: str
    says: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]
    kind: Kind


class Content(NamedTuple):
    """A body in one media type."""

    media: str
    kind: Kind
    example: str | None

    @property
    def is_text(self) -> bool:
        """Whether people write it by hand."""
        return self.media.partition("/")[0] in {"text", "message"} or self.media.endswith(_TEXTS)


class Answer(NamedTuple):
    """What an operation may be answered."""

    status: str
    says: str
    contents: tuple[Content, ...]


class Problem(NamedTuple):
    """A problem that an operation may be answered."""

    status: str
    code: str


@dataclass(frozen=True)
class Operation:
    """An operation of the contract."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    says: str
    open: bool
    """Whether it needs neither key nor token."""
    parameters: tuple[Field, ...]
    bodies: tuple[Content, ...]
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]
    schemas: tuple[str, ...]
    """Names of all schemas that its bodies and answers reach; that of problems stands on a page of its own."""


class Area(NamedTuple):
    """Operations of one tag."""

    name: str
    says: str
    operations: tuple[Operation, ...]


class Event(NamedTuple):
    """A kind of event."""

    name: str
    topic: str
    says: str
    schema: Schema
    schemas: tuple[str, ...]
    example: str


class Reference:
    """An OpenAPI document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.schemas = Schemas(document.get("components", {}).get("schemas", {}))
        self.operations: Mapping[str, Operation] = {each.id: each for each in self._operations()}

    @cached_property
    def areas(self) -> Sequence[Area]:
        """All operations by tag, in the order of the document."""
        by_tag: dict[str, list[Operation]] = {}
        for each in self.operations.values():
            by_tag.setdefault(each.tag, []).append(each)
        described = {tag["name"]: tag.get("description", "") for tag in self._document.get("tags", ())}
        names = [*(name for name in described if name in by_tag), *sorted(by_tag.keys() - described.keys())]
        return [Area(name, described.get(name, ""), tuple(by_tag[name])) for name in names]

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, Mapping) and "operationId" in operation:
                    yield self._operation(path, method, operation)

    def _operation(self, path: str, method: str, said: Mapping[str, Any]) -> Operation:
        bodies = tuple(_contents(said.get("requestBody", {}).get("content", {})))
        answers = tuple(_answers(said.get("responses", {})))
        parameters = tuple(map(_parameter, said.get("parameters", ())))
        roots = [link for parameter in parameters for link in parameter.kind.links]
        roots += [link for each in bodies for link in each.kind.links]
        roots += [link for answer in answers for each in answer.contents for link in each.kind.links]
        return Operation(
            id=said["operationId"],
            tag=next(iter(said.get("tags", ())), "other"),
            method=method.upper(),
            path=path,
            summary=said.get("summary", ""),
            says=said.get("description", ""),
            open={} in said.get("security", [{}]),
            parameters=parameters,
            bodies=bodies,
            answers=answers,
            problems=tuple(_problems(said.get("responses", {}))),
            schemas=tuple(self.schemas.reached(roots)),
        )


class Schemas:
    """The components of a document by name."""

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._components = components

    def __getitem__(self, name: str) -> Schema:
        said = self._components[name]
        required = set(said.get("required", ()))
        members = said.get("properties", {}).items()
        fields = tuple(_field(each, "", each in required, of) for each, of in members)
        return Schema(name, said.get("description", ""), fields, tuple(map(_json, said.get("enum", ()))), _kind(said))

    def __iter__(self) -> Iterator[str]:
        return iter(self._components)

    def reached(self, roots: Iterable[str]) -> Iterator[str]:
        """The roots and whatever they name, each once, as a reader meets them."""
        seen, left = set[str](), list(roots)
        while left:
            name = left.pop(0)
            if name in seen or name not in self._components:
                continue
            seen.add(name)
            yield name
            schema = self[name]
            left[:0] = [link for kind in (schema.kind, *(each.kind for each in schema.fields)) for link in kind.links]


def events(document: Mapping[str, Any]) -> tuple[Schemas, Sequence[Event]]:
    """The events of an AsyncAPI document, by topic and name."""
    schemas = Schemas(document["components"]["schemas"])
    found = []
    for channel in document["channels"].values():
        for name in channel["messages"]:
            message, schema = document["components"]["messages"][name], schemas[name]
            example = message["examples"][0]["payload"] if message.get("examples") else {}
            inner = [each for each in schemas.reached([name]) if each != name]
            says = message.get("summary") or schema.says
            found.append(Event(name, channel["address"], says, schema, tuple(inner), _pretty(example)))
    return schemas, found


def _parameter(said: Mapping[str, Any]) -> Field:
    field = _field(said["name"], said["in"], said.get("required", False), said.get("schema", {}))
    return field._replace(says=said.get("description", field.says))


def _field(name: str, where: str, required: bool, said: Mapping[str, Any]) -> Field:
    return Field(name, where, required, _kind(said), tuple(_bounds(said)), said.get("description", ""))


def _kind(said: Mapping[str, Any]) -> Kind:
    """What a schema allows, in a few words."""
    if isinstance(reference := said.get("$ref"), str):
        name = reference.removeprefix(_PREFIX)
        return Kind(name, (name,))
    for joined in ("anyOf", "oneOf", "allOf"):
        if parts := [_kind(each) for each in said.get(joined, ())]:
            return Kind(" | ".join(each.words for each in parts), tuple(link for each in parts for link in each.links))
    if "enum" in said:
        return Kind(" | ".join(map(_json, said["enum"])))
    if "const" in said:
        return Kind(_json(said["const"]))
    given = said.get("type", "any")
    word = " | ".join(given) if isinstance(given, list) else str(given)
    if word == "array":
        inner = _kind(said.get("items", {}))
        return Kind(f"{inner.words}[]", inner.links)
    if word == "object" and isinstance(of := said.get("additionalProperties"), Mapping):
        inner = _kind(of)
        return Kind(f"object: {inner.words}", inner.links)
    return Kind(f"{word} ({said['format']})" if "format" in said else word)


def _bounds(said: Mapping[str, Any]) -> Iterator[str]:
    for part in (said, *said.get("anyOf", ())):
        for name, words in _BOUNDS.items():
            if name in part and part[name] != _NO_NUL:
                yield words.format(part[name])
    if said.get("default") is not None:
        yield f"mặc định · default {_json(said['default'])}"


def _contents(said: Mapping[str, Any]) -> Iterator[Content]:
    for media, content in said.items():
        example = _pretty(content["example"]) if "example" in content else None
        yield Content(media, _kind(content.get("schema", {})), example)


def _answers(said: Mapping[str, Any]) -> Iterator[Answer]:
    """What is no problem: those have the same form everywhere."""
    for status, answer in said.items():
        if status < "4":
            yield Answer(status, answer.get("description", ""), tuple(_contents(answer.get("content", {}))))


def _problems(said: Mapping[str, Any]) -> Iterator[Problem]:
    for status, answer in said.items():
        codes = _CODE.findall(answer.get("description", "")) if status >= "4" else ()
        yield from (Problem(status, code) for code in codes)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pretty(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
