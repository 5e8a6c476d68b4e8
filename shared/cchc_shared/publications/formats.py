"""A sheet as a page and as a table: what people read is made of the JSON that was published."""

import base64
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

import mimeparse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cchc_shared.contract.cells import inert
from cchc_shared.publications.domain import PERIODS, Sheet
from cchc_shared.publications.schemas import PostingOut, PublishedMonthsOut
from cchc_shared.publications.wording import PERIOD_NAMES, Wording

Written = Literal["html", "csv", "json"]
MEDIA: Final[dict[Written, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
_BY_MEDIA: Final[dict[str, Written]] = {"application/json": "json", "text/csv": "csv", "text/html": "html"}

BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel reads Vietnamese letters as if they were of Windows-1252 or 1258."""


def asked_for(accept: str | None, otherwise: Written) -> Written:
    """The form that a caller prefers by `Accept` (RFC 9110, 12.5.1); what asks for none of ours gets the usual one."""
    # Of those that a caller likes alike, the last is taken.
    usual = sorted(_BY_MEDIA, key=lambda media: _BY_MEDIA[media] == otherwise)
    try:
        return _BY_MEDIA.get(mimeparse.best_match(usual, accept or "*/*"), otherwise)
    except mimeparse.MimeTypeParseException:
        return otherwise


def as_csv(sheet: Sheet, figures: Iterable[str]) -> str:
    """One row for each row and period of the sheet, its codes beside its names; comma and CRLF (RFC 4180)."""
    names = tuple(figures)
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file)
    writer.writerow(["month", "version", "sheet", "table", "code", "name", "name_en", "period", *names])
    writer.writerows(
        [inert(cell) if isinstance(cell, str) else cell for cell in row] for row in _csv_rows(sheet, names)
    )
    return file.getvalue()


def _csv_rows(sheet: Sheet, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    of = "" if sheet.unit is None else sheet.unit.code
    for table, rows in sheet.tables().items():
        for row in rows:
            for period in PERIODS:
                figures = [getattr(getattr(row, period), name) for name in names]
                yield [sheet.month, sheet.version, of, table, row.code, row.name.vi, row.name.en, period, *figures]


class Pages:
    """The pages, with times in the city's zone. They run no script, and their style is named by its hash."""

    def __init__(self, timezone: ZoneInfo, wording: Wording) -> None:
        self._path = wording.path
        self._env = Environment(
            loader=PackageLoader("cchc_shared.publications"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = cast("PackageLoader", self._env.loader).get_source(self._env, "style.css")[0]
        self._env.globals.update(words=wording, periods=PERIOD_NAMES, style=Markup(style))  # noqa: S704
        self._env.filters.update(
            figure=_figure, day=_day, at=lambda instant: f"{instant.astimezone(timezone):%H:%M, %d/%m/%Y}"
        )
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"

    def sheet(self, sheet: Sheet, sha256: str, versions: Sequence[int], postings: Sequence[PostingOut]) -> str:
        """The page of a sheet whose JSON has that hash, with its other versions and where it hung."""
        unit = "" if sheet.unit is None else f"/units/{quote(sheet.unit.code or '')}"
        return self._env.get_template("sheet.html").render(
            sheet=sheet,
            sha256=sha256,
            path=f"{self._path}/{sheet.month}{unit}",
            versions=versions,
            postings=postings,
        )

    def months(self, months: PublishedMonthsOut) -> str:
        """The page of all months."""
        return self._env.get_template("months.html").render(months=months.items)


def _figure(value: float | None, name: str) -> str:
    """As Vietnamese write numbers: 1.234 and 95,2 %."""
    if value is None:
        return "–"
    written = f"{value * 100:,.1f}\u00a0%" if name.endswith("_rate") else f"{value:,}"
    return written.translate({ord(","): ".", ord("."): ","})


def _day(day: date | datetime) -> str:
    return f"{day:%d/%m/%Y}"
