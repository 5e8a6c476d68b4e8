"""How a list becomes a route that exports it."""

from typing import Annotated, Self

import pytest
from fastapi import APIRouter, Query
from pydantic import model_validator

from cchc_shared.contract.provenance import Text
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out
from cchc_shared.service.exports import export
from cchc_shared.service.sheets import Sheet

SHEET = Sheet(file="viec", title=Text("Việc", "Things"), headings={"code": "Mã"})


class Item(Out):
    code: str


class Page(Out):
    items: list[Item]
    next_cursor: str | None


class Filters(In):
    q: str | None = None
    cursor: Cursor = None
    limit: Limit = 50


class Together(Filters):
    @model_validator(mode="after")
    def _check(self) -> Self:
        return self


def test_the_parameters_are_those_of_the_list_but_for_pages() -> None:
    async def by_model(query: Annotated[Filters, Query()]) -> Page:
        raise NotImplementedError

    async def one_by_one(q: str | None = None, cursor: Cursor = None, limit: Limit = 50) -> Page:
        raise NotImplementedError

    [query] = export(APIRouter(), by_model, SHEET, resource="things").parameters
    assert list(query.annotation.__args__[0].model_fields) == ["q"]
    assert [each.name for each in export(APIRouter(), one_by_one, SHEET, resource="things").parameters] == ["q"]


def test_what_would_not_be_checked_is_refused_at_the_start() -> None:
    async def list_(query: Annotated[Together, Query()]) -> Page:
        raise NotImplementedError

    with pytest.raises(TypeError, match="Together"):
        export(APIRouter(), list_, SHEET, resource="things")
