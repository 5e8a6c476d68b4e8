"""Makes the calls of a tour with the generated Python client, as a program would: typed values in, models out."""

import typing
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from io import BytesIO
from types import ModuleType
from typing import Any

from tests.support.tour import Call

KEYWORDS = {"set": "set_", "from": "from_"}
"""Names that Python has other plans for, or nearly."""


def send(call: Call, module: ModuleType, client: Any) -> Any:
    """The detailed answer of one operation's module."""
    function = module.sync_detailed
    hints = typing.get_type_hints(function)
    given: dict[str, Any] = {name: _typed(value, hints[name]) for name, value in call.path.items()}
    for name, value in call.query.items():
        parameter = name if name in hints else KEYWORDS[name]
        given[parameter] = _typed(value, hints[parameter])
    if call.body is not None:
        given["body"] = _model(hints["body"], call.body)
    if call.version is not None:
        given["if_match"] = f'"{call.version}"'
    return function(client=client, **given)


def _model(hint: Any, body: Mapping[str, Any]) -> Any:
    """The client's own model of a body."""
    kind = next(member for member in _members(hint) if hasattr(member, "from_dict"))
    if "file" not in body:
        return kind.from_dict(dict(body))
    content = body["file"].encode()
    model = kind.from_dict({**body, "file": content})
    model.file = type(model.file)(payload=BytesIO(content), file_name="annex.txt", mime_type="text/plain")
    return model


def _typed(value: Any, hint: Any) -> Any:
    """A value as the client's types ask for it."""
    for member in _members(hint):
        if isinstance(member, type) and issubclass(member, Enum):
            return member(value)
        if member is date:
            return date.fromisoformat(value)
        if member is bool:
            return value == "true"
    return value


def _members(hint: Any) -> Iterator[Any]:
    yield from typing.get_args(hint) or (hint,)
