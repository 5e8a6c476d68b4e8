"""Questionnaires as YAML documents: read, checked whole, hashed."""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from scoring_worker.index_sets.document import FaultyDocument, content_of
from scoring_worker.index_sets.faults import Fault
from scoring_worker.questionnaires.domain import Questionnaire, faults

_QUESTIONNAIRE = TypeAdapter(Questionnaire)


@dataclass(frozen=True, slots=True)
class Document:
    """A questionnaire with the text it came from; `sha256` is of its content, whatever the layout of the text."""

    questionnaire: Questionnaire
    text: str
    sha256: str


def load(text: str) -> Document:
    """The questionnaire of a YAML text. Raises `FaultyDocument`, which names every fault."""
    content = content_of(text)
    try:
        questionnaire = _QUESTIONNAIRE.validate_python(content)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise FaultyDocument(
            [Fault(".".join(map(str, item["loc"])), "", item["msg"], item) for item in found]
        ) from error
    if wrong := list(faults(questionnaire)):
        raise FaultyDocument(wrong)
    canonical = msgspec.json.encode(content, order="sorted")
    return Document(questionnaire, text, hashlib.sha256(canonical).hexdigest())


def schema() -> dict[str, Any]:
    """The JSON Schema of questionnaires, as it is published."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_QUESTIONNAIRE.json_schema()}
