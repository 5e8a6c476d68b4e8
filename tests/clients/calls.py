"""Makes the calls of a tour with the generated Python client, as a program would: typed values in, models out."""

import typing
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from io import BytesIO
from types import ModuleType
from typing import Any, Protocol, cast

from tests.support.steps import Call

KEYWORDS = {"set": "set_", "from": "from_", "format": "format_"}
"""Names that Python has other plans for, or nearly."""


class Detailed(Protocol):
    """An answer as the generated client gives it, with the model that it was read into."""

    @property
    def status_code(self) -> int: ...

    @property
    def content(self) -> bytes: ...

    @property
    def parsed(self) -> object: ...


def send(call: Call, module: ModuleType, client: object) -> Detailed:
    """The detailed answer of one operation's module."""
    function = module.sync_detailed
    hints = typing.get_type_hints(function)
    given: dict[str, object] = {}
    for name, value in [*call.path.items(), *call.query.items()]:
        parameter = name if name in hints else KEYWORDS[name]
        given[parameter] = _typed(value, hints[parameter])
    if call.body is not None:
        given["body"] = _model(hints["body"], call.body)
    if call.raw is not None:
        media, text = call.raw
        [file] = [member for member in _members(hints["body"]) if getattr(member, "__name__", "") == "File"]
        given["body"] = file(payload=BytesIO(text.encode()), mime_type=media)
    if call.version is not None:
        given["if_match"] = f'"{call.version}"'
    return cast("Detailed", function(client=client, **given))


def _model(hint: object, body: Mapping[str, Any]) -> object:
    """The client's own model of a body."""
    kind = next(member for member in _members(hint) if hasattr(member, "from_dict"))
    if "file" not in body:
        return kind.from_dict(dict(body))
    content = body["file"].encode()
    model = kind.from_dict({**body, "file": content})
    model.file = type(model.file)(payload=BytesIO(content), file_name="annex.txt", mime_type="text/plain")
    return model


def _typed(value: str, hint: object) -> object:
    """A value as the client's types ask for it."""
    for member in _members(hint):
        if isinstance(member, type) and issubclass(member, Enum):
            return member(value)
        if member is date:
            return date.fromisoformat(value)
        if member is bool:
            return value == "true"
    return value


def _members(hint: object) -> Iterator[Any]:
    yield from typing.get_args(hint) or (hint,)
