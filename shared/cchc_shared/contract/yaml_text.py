"""YAML, read by the parser in C where it is there: every process reads the city's documents when it starts."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import yaml

D = TypeVar("D")

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """The plain values of a text. Raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - both are safe loaders


def read_document(path: Path, kind: type[D]) -> D:
    """A document of the city. Raises `msgspec.ValidationError`, which names the faulty field, or `yaml.YAMLError`."""
    return document_of(path.read_text("utf-8"), kind)


def document_of(text: str, kind: type[D]) -> D:
    """The same, of a text that was read already."""
    return msgspec.convert(_read_again(text), kind)


# Each feature reads its own part of a document that others read too, when a process starts.
_read_again = lru_cache(maxsize=16)(read_yaml)
