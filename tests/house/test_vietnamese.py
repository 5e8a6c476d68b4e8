"""Vietnamese sentences are Vietnamese: no English word stands in them, and no library speaks in them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cchc_shared.http.field_errors import field_error
from tests.house.sources import PACKAGES
from tests.support.vietnamese import LETTERS, foreign_words

REPOSITORY = Path(__file__).parents[2]
OPERATORS = REPOSITORY / "deploy/embedded/cchc_embedded"
FOLDERS = (*PACKAGES.values(), REPOSITORY / "shared/cchc_shared", OPERATORS)
ENGLISH_HALF = " · "
"""What operators read says the same in English behind this mark."""


class Sentence(NamedTuple):
    """A Vietnamese sentence of the code, without what is put into it, and the errors that are."""

    place: str
    words: str
    errors: tuple[str, ...]


def sentences(source: str, place: str) -> Iterator[Sentence]:
    """The Vietnamese sentences of a module, comments and docstrings apart."""
    tree = ast.parse(source)
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    english = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and (node.arg or "").endswith("en")
        for each in ast.walk(node)
    }
    caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    others = apart | english | parts
    for node in ast.walk(tree):
        if id(node) in others or not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        words, errors = _half(node, caught)
        if LETTERS.search(words):
            yield Sentence(f"{place}:{node.lineno}", words, errors)


def _half(node: ast.JoinedStr | ast.Constant, caught: set[str]) -> tuple[str, tuple[str, ...]]:
    words, errors = "", []
    for part in node.values if isinstance(node, ast.JoinedStr) else [node]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            said, mark, _ = part.value.partition(ENGLISH_HALF)
            words += said
            if mark:
                break
        elif isinstance(part, ast.FormattedValue):
            words += " "
            errors += [each.id for each in ast.walk(part.value) if isinstance(each, ast.Name) and each.id in caught]
    return words, tuple(errors)


pytestmark = pytest.mark.xdist_group("Vietnamese of the house")  # one process makes the fixtures, once


@pytest.fixture(scope="module")
def said() -> list[Sentence]:
    """What the code says in Vietnamese."""
    return [
        sentence
        for folder in FOLDERS
        for module in sorted(folder.rglob("*.py"))
        for sentence in sentences(module.read_text("utf-8"), str(module.relative_to(REPOSITORY)))
    ]


def test_no_vietnamese_sentence_of_the_code_has_an_english_word(said: list[Sentence]) -> None:
    assert len(said) > 200
    to_callers = [each for each in said if not each.place.startswith(str(OPERATORS.relative_to(REPOSITORY)))]
    found = {each.place: words for each in to_callers if (words := foreign_words(re.sub(r"\{\w+\}", " ", each.words)))}
    assert found == {}


def test_no_error_is_put_into_a_vietnamese_sentence(said: list[Sentence]) -> None:
    assert [each.place for each in said if each.errors] == []


def test_what_pydantic_says_reaches_nobody() -> None:
    found = field_error({"type": "never_heard_of", "loc": ("body", "a"), "msg": "Input should be a thing"})
    assert foreign_words(found.vi) == []


@pytest.mark.parametrize(
    ("sentence", "foreign"),
    [
        ("Tệp CSV hỏng: unexpected end of data.", ["unexpected", "end", "of", "data"]),
        ("Tệp CSV hỏng: field larger than field limit (131072).", ["larger", "than"]),
        ("không phải File is not a zip file", ["is", "not", "zip"]),
        ("phải là true or false", ["or"]),
        ("phải là một trong: web, zalo", []),
        ("gửi channel_ref cùng Idempotency-Key trong tiêu đề", []),
        ("cho trong theo sai khi ban hai qua nguyên văn", []),
        ("Không có “Ministry of Magic” vào ngày ban hành.", []),
        ("Dữ liệu không hợp lệ: body.colour, query.colour.", []),
        ("Dữ liệu không hợp lệ: body.", []),
    ],
)
def test_a_foreign_word_is_found(sentence: str, foreign: list[str]) -> None:
    assert foreign_words(sentence) == foreign


def test_a_planted_error_is_found() -> None:
    planted = "try:\n    x()\nexcept E as e:\n    say(f'Hỏng: {e}.')\n    say(f'Hỏng · broken: {e}')\n"
    assert [(each.words, each.errors) for each in sentences(planted, "x")] == [("Hỏng:  .", ("e",)), ("Hỏng", ())]
