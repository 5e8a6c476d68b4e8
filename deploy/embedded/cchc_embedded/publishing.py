"""Checks for words that a published document must not contain. Pure: texts in, objections out."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

PRIVATE: Final = re.compile(
    r"§|\bADR\b|(?<![-/.\w])00\d(?![-/\w]|\.\d)|\b(?:cchc_shared|tasks_api|feedback_api|scoring_worker)\.\w+"
)
"""References that no reader outside can follow up: internal papers (§, numbers), decisions, modules of our code."""

OPERATION_ID: Final = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+)+")
"""`tasks.approve`: names the methods of generated clients."""


def objections(documents: Mapping[str, str]) -> list[str]:
    """Everything that speaks against publishing these documents, each with the document's name."""
    found = []
    for name, text in sorted(documents.items()):
        found += [f"{name}: private reference {reference!r}" for reference in sorted(set(PRIVATE.findall(text)))]
        if name.startswith("openapi/"):
            ids = Counter(operation["operationId"] for operation in _operations(json.loads(text)))
            found += [f"{name}: operationId {each!r}" for each in ids if not OPERATION_ID.fullmatch(each)]
            found += [f"{name}: operationId {each!r} twice" for each, count in ids.items() if count > 1]
    return found


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for item in document["paths"].values() for operation in item.values())
