"""Request and response models of questionnaires."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Path
from pydantic import Field

from cchc_shared.contract.provenance import Provenance
from cchc_shared.contract.yaml_text import read_yaml
from cchc_shared.http.schemas import NO_NUL, Out
from scoring_worker.questionnaires.repository import Stored

YAML = "application/yaml"
QuestionnaireCode = Annotated[str, Path(max_length=50, pattern=NO_NUL, description="Code of a questionnaire")]
QuestionnaireVersion = Annotated[str, Path(max_length=50, pattern=NO_NUL)]

YAML_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A questionnaire; its schema is `questionnaire.schema.json`",
        "content": {YAML: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class QuestionnaireHead(Out):
    """A version of a questionnaire. It never changes; a change is a new version."""

    code: str
    version: str
    title: str
    title_en: str
    template: bool = Field(description="True if no authority has decided these questions")
    notice: str | None
    notice_en: str | None
    source: str
    status: Provenance = Field(description="V read in a source, N checked by figures, S second-hand, R not official")
    questions: int
    cells: int = Field(description="Cells of the sample")
    quota: int = Field(description="Ballots wanted of each unit in each cell")
    sha256: str = Field(description="SHA-256 of its content")
    loaded_at: datetime

    @classmethod
    def of(cls, stored: Stored) -> Self:
        return cls.model_validate(_head(stored))


class QuestionnaireDocument(QuestionnaireHead):
    document: dict[str, Any] = Field(description="The whole of it; see `questionnaire.schema.json`")

    @classmethod
    def of(cls, stored: Stored) -> Self:
        return cls.model_validate({**_head(stored), "document": read_yaml(stored.document.text)})


class QuestionnaireList(Out):
    items: list[QuestionnaireHead]


class QuestionnaireLoaded(Out):
    code: str
    version: str
    sha256: str
    status: Literal["loaded", "known", "sound"] = Field(
        description="`known`: it was there already. `sound`: nothing is wrong with it; it was only tried"
    )


def _head(stored: Stored) -> dict[str, Any]:
    of = stored.document.questionnaire
    return {
        **{name: getattr(of, name) for name in ("code", "version", "template", "source", "status")},
        "title": of.title.vi,
        "title_en": of.title.en,
        "notice": of.notice.vi if of.notice else None,
        "notice_en": of.notice.en if of.notice else None,
        "questions": len(of.questions),
        "cells": len(of.cells),
        "quota": of.sample.quota,
        "sha256": stored.document.sha256,
        "loaded_at": stored.loaded_at,
    }
