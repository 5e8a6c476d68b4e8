"""The interface document opens as a file of Word, and has all that the contract says."""

import io

import pytest
from docx import Document

from cchc_embedded.contracts import problem_kinds
from cchc_embedded.interface import interface, read


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every paragraph and cell of the document, written and read again."""
    file = io.BytesIO()
    interface(read("openapi/gateway.json"), read("asyncapi.json"), problem_kinds()).save(file)
    made = Document(io.BytesIO(file.getvalue()))
    cells = {cell.text for table in made.tables for row in table.rows for cell in row.cells}
    return {paragraph.text for paragraph in made.paragraphs} | cells


def test_every_operation_is_in_it(words: set[str]) -> None:
    operations = [
        f"{method.upper()} {path} · {operation['operationId']}"
        for path, item in read("openapi/gateway.json")["paths"].items()
        for method, operation in item.items()
    ]
    assert len(operations) > 300
    assert [each for each in operations if each not in words] == []


def test_every_problem_event_and_schema_is_in_it(words: set[str]) -> None:
    contract, events = read("openapi/gateway.json"), read("asyncapi.json")["components"]["messages"]
    codes = {each.code for each in problem_kinds()}
    wanted = {*codes, *events, *contract["components"]["schemas"]}
    assert len(codes) > 90
    assert wanted - words == set()


def test_fields_have_what_is_asked_of_them(words: set[str]) -> None:
    assert any(each.startswith("items: DeliveryIn[]; bắt buộc · required; ≥ 1 mục") for each in words)
