"""Whatever a document says comes back from its workbook, after another program has saved it too."""

import io
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from cchc_shared.contract.wording import unmarked
from scoring_worker.index_sets.bands import Band, Gate
from scoring_worker.index_sets.document import load, plain, typed
from scoring_worker.index_sets.domain import Criterion, Exemption, Field, IndexSet, Part, Places
from scoring_worker.index_sets.indicators import FromEvents, FromSet, Imported, Term
from scoring_worker.index_sets.rules import RULES, Step
from scoring_worker.workbooks.draft import Draft
from scoring_worker.workbooks.layout import (
    BANDS,
    CRITERIA,
    EXEMPTIONS,
    GATES,
    GENERAL,
    INDICATORS,
    PARTS,
    TABLES,
    Column,
)
from scoring_worker.workbooks.reading import document, fold, sheets
from scoring_worker.workbooks.writing import write

from .documents import documents

FILES = sorted((Path(__file__).parents[4] / "data" / "index_sets").rglob("*.yaml"))
MADE = datetime(2026, 11, 27, tzinfo=UTC)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_any_document_comes_back(content: dict[str, Any]) -> None:
    index_set = typed(content)
    draft = Draft()
    fold(sheets(write(index_set, MADE)), draft)
    assert draft.faults == []
    assert typed(draft.content) == index_set
    assert plain(typed(draft.content)) == plain(index_set), "and so has the same hash"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shipped_sets_come_back_as_other_programs_save_them(file: Path) -> None:
    loaded = load(file.read_text("utf-8"))
    content = write(loaded.index_set, MADE)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [
        cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ] == []
    saved = io.BytesIO()
    book.save(saved)
    for each in (content, saved.getvalue()):
        found = document(sheets(each))
        assert (found.index_set, found.sha256) == (loaded.index_set, loaded.sha256)
        assert load(found.text).sha256 == loaded.sha256, "what is stored is the same set"


def test_everything_that_a_document_may_say_has_a_place() -> None:
    def keys(*columns: Column) -> set[str]:
        return {name for each in columns for key in (each.key, each.below) if key for name in key.split(".")}

    of = {table.name: keys(*table.columns) for table in TABLES}
    tables = {table.at for table in TABLES}
    nested = {"criteria", "inputs", "numerator", "denominator", "steps", "shares", "points_of"}
    for kind, place in (
        (IndexSet, keys(*GENERAL) | tables),
        (Places, keys(*GENERAL)),
        (Field, of[CRITERIA.name]),
        (Criterion, of[CRITERIA.name]),
        (Step, of[CRITERIA.name]),
        (FromEvents, of[INDICATORS.name]),
        (Imported, of[INDICATORS.name]),
        (FromSet, of[INDICATORS.name]),
        (Term, of[INDICATORS.name]),
        (Band, of[BANDS.name]),
        (Gate, of[GATES.name]),
        (Exemption, of[EXEMPTIONS.name]),
        (Part, of[PARTS.name]),
    ):
        assert {field.name for field in fields(kind)} - place - nested == set(), kind
    rules = {field.name for rule in RULES.values() for field in fields(rule)}  # type: ignore[arg-type]
    assert rules - of[CRITERIA.name] - nested == set()
    for name, rule in RULES.items():
        assert rule.parameters.keys() == {field.name for field in fields(rule)} - nested - {"kind"}, name  # type: ignore[arg-type]


def test_headings_and_words_tell_columns_and_codes_apart() -> None:
    for table in TABLES:
        for side in ("vi", "en", "heading"):
            names = [unmarked(getattr(column, side)) for column in table.columns]
            assert len(set(names)) == len(names), table.name
        for column in table.columns:
            assert len({unmarked(word) for word in column.words.values()}) == len(column.words), column.heading
    assert len({unmarked(column.vi) for column in GENERAL}) == len(GENERAL)
