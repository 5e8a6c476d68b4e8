"""YAML, read by the parser in C where it is there: every process reads the city's documents when it starts."""

from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import yaml

D = TypeVar("D")

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The plain values of a text. Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders


def read_document(path: Path, kind: type[D]) -> D:
    """A document of the city. Raises `msgspec.ValidationError`, which names the faulty field, or `yaml.YAMLError`."""
    return msgspec.convert(read_yaml(path.read_text("utf-8")), kind)
