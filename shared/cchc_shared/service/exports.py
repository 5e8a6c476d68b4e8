"""Lists as files for spreadsheet programs: one line makes `GET …/export.xlsx` and `.csv` beside a list.

An export calls the list itself, page after page. So it shows what the list would show to this caller and nothing else,
and no filter is written twice.
"""

import asyncio
import inspect
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path as Folder
from typing import Annotated, Any, BinaryIO, Final, Protocol, cast, get_args, get_type_hints

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, create_model
from starlette.responses import StreamingResponse

from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import OVERLOADED, kind
from cchc_shared.http.problems import Problem, overloaded
from cchc_shared.http.schemas import In
from cchc_shared.service.context import Context, context_of
from cchc_shared.service.sheets import Sheet, columns_of, model_in, notes, spread
from cchc_shared.service.workbooks import CsvWriter, Writer, XlsxWriter

STEP: Final = 1000
"""Rows that are read at once."""
AT_ONCE: Final = 2
"""Exports that one process makes at the same time: each keeps a thread busy, and others wait for their answers too."""
TOO_MANY_ROWS: Final = kind(
    "too-many-rows",
    422,
    vi="Bảng có nhiều dòng hơn số dòng được xuất một lần.",
    en="The list has more rows than one export may have.",
    mend_vi="Thêm điều kiện lọc để còn không quá `most` dòng.",
    mend_en="Narrow the filters until no more than `most` rows are left.",
)
_PAGING: Final = frozenset({"cursor", "limit", "since", "view"})
_PIECE: Final = 64 * 1024
_making = asyncio.Semaphore(AT_ONCE)


class Form(StrEnum):
    """A kind of file, by the ending of its name."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA: Final = {
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.CSV: "text/csv",
}


class UnitNames(Protocol):
    """What knows the names of units. A service with lists that name units provides it."""

    async def by_code(self) -> Mapping[str, str]:
        """Name by code: of units that have ended too, and of groups."""


class Exported:
    """A list as it is exported: `of` is the function that answers with its pages."""

    def __init__(self, of: Callable[..., Awaitable[Any]], sheet: Sheet) -> None:
        hints = get_type_hints(of, include_extras=True)
        answer: type[BaseModel] = hints.pop("return")
        self._of, self.sheet = of, sheet
        # What is no list is one row.
        row = get_args(answer.model_fields["items"].annotation)[0] if "items" in answer.model_fields else answer
        self.columns = tuple(columns_of(row, sheet))
        # A list takes its filters one by one, or as a model.
        self._query: tuple[str, Any] = next(
            ((name, found) for name, hint in hints.items() if (found := model_in(hint))), ("", None)
        )
        self.parameters = [self._parameter(name, hint) for name, hint in hints.items() if name not in _PAGING]

    async def pages(self, given: Mapping[str, Any]) -> AsyncIterator[Sequence[BaseModel]]:
        """The items page after page, as the list gives them."""
        paging: dict[str, Any] = {"cursor": None, "limit": STEP}
        name, model = self._query
        while True:
            asked = {name: model.model_construct(**dict(given[name]), **paging)} if model else self._known(paging)
            page = await self._of(**{**given, **asked})
            yield getattr(page, "items", [page])
            paging["cursor"] = getattr(page, "next_cursor", None)
            if paging["cursor"] is None:
                return

    def _known(self, paging: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in paging.items() if name in inspect.signature(self._of).parameters}

    def _parameter(self, name: str, hint: Any) -> inspect.Parameter:
        """The same parameter, without what tells pages."""
        if name == self._query[0]:
            hint = Annotated[_without_paging(self._query[1]), *get_args(hint)[1:]]
        default = inspect.signature(self._of).parameters[name].default
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)


def export(
    router: APIRouter, of: Callable[..., Awaitable[Any]], sheet: Sheet, *, resource: str, path: str = ""
) -> Exported:
    """Add `GET {path}/export.{form}` to a router, beside the list `of`; before `{path}/{code}`, which would take it."""
    exported = Exported(of, sheet)

    async def make(request: Request, form: Form, **given: Any) -> Response:
        return await _made(exported, form, context_of(request), given)

    own = [
        inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request),
        inspect.Parameter("form", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Form, Path()]),
    ]
    make.__signature__ = inspect.Signature([*own, *exported.parameters])  # type: ignore[attr-defined]
    router.get(
        f"{path}/export.{{form}}",
        summary=f"Export {sheet.title.en.lower()}",
        description="Gives the list as a file for spreadsheet programs: the rows that the list has for this caller "
        "under the same filters, in its order, headed in Vietnamese, with local times. No cell is a formula.",
        operation_id=f"{resource}.export",
        response_class=Response,
        responses={
            200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()}},
            **may_answer(TOO_MANY_ROWS, OVERLOADED),
        },
    )(make)
    return exported


async def _made(exported: Exported, form: Form, here: Context, given: Mapping[str, Any]) -> Response:
    """The file, whole: where it cannot be made, the caller is told so and gets no part of it."""
    if _making.locked():
        raise overloaded(retry_after=5)
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - it is closed when it was sent
    async with _making:
        try:
            with tempfile.TemporaryDirectory(prefix="cchc-export-") as scratch:
                await _write(exported, form, here, given, file, Folder(scratch))
        except BaseException:
            file.close()
            raise
    length = file.tell()
    file.seek(0)
    name = f"{exported.sheet.file}-{here.calendar.local_date(here.clock.now())}.{form}"
    headers = {
        "Content-Length": str(length),
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(_sent(file), media_type=MEDIA[form], headers=headers)


async def _write(
    exported: Exported, form: Form, here: Context, given: Mapping[str, Any], file: BinaryIO, scratch: Folder
) -> None:
    """Write the list to the file. Raises the 422 problem where it has more rows than one export may have."""
    most, count = here.settings.export_rows, 0
    timezone = here.calendar.timezone
    pages = exported.pages(given)
    items: Sequence[BaseModel] | None = await anext(pages)
    columns = tuple(spread(exported.columns, exported.sheet, items or ()))
    now = here.clock.now().astimezone(timezone)
    names = await here.use(UnitNames).by_code() if exported.sheet.units else {}  # type: ignore[type-abstract]
    headings, title = [column.heading for column in columns], exported.sheet.title.vi
    writer: Writer = CsvWriter(file, headings) if form is Form.CSV else XlsxWriter(file, scratch, title, headings, now)
    try:
        while items is not None:
            count += len(items)
            if count > most:
                raise _too_many(most)
            rows = ([column.cell(item, names, timezone) for column in columns] for item in items)
            await asyncio.to_thread(writer.add, rows)
            items = await anext(pages, None)
    except BaseException:
        writer.abandon()
        raise
    await asyncio.to_thread(writer.close, list(notes(exported.sheet, columns, now)))


def _too_many(most: int) -> Problem:
    return Problem(
        TOO_MANY_ROWS,
        vi=f"Bảng có hơn {most} dòng, là số dòng nhiều nhất được xuất một lần.",
        en=f"The list has more than {most} rows, the most that one export may have.",
        extra={"most": most},
    )


async def _sent(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _without_paging(model: type[BaseModel]) -> type[BaseModel]:
    if model.__pydantic_decorators__.model_validators.keys() - In.__pydantic_decorators__.model_validators.keys():
        raise TypeError(f"{model.__name__} checks its fields together, which its export would leave out")
    name = f"{model.__name__.removesuffix('Query')}Filters"
    fields: dict[str, Any] = {
        name: (each.annotation, each) for name, each in model.model_fields.items() if name not in _PAGING
    }
    return create_model(name, __base__=In, __doc__=model.__doc__, **fields)
