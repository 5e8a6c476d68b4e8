"""A season becomes a link of its chain; an objection that was upheld becomes a link that corrects it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.history import GRACE
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.index_sets.texts import Text
from scoring_worker.ledger import repository as ledger
from scoring_worker.ledger.domain import FORMAT, HASH, Json, sealed
from scoring_worker.ledger.repository import StoredLink
from scoring_worker.seasons import repository, standing
from scoring_worker.seasons.domain import Entry, Season
from scoring_worker.seasons.standing import Standing

Ruled = Mapping[str, Decimal]
"""Corrected points of a unit, by criterion."""
_DATES: Final = (
    "opened_at",
    "self_scores_until",
    "appraisal_1_until",
    "explanations_until",
    "appraisal_2_until",
    "council_until",
    "objections_until",
)


async def publish(conn: AsyncConnection, catalogue: Catalogue, season: Season, at: datetime, actor: str) -> StoredLink:
    """Add the first link of a season, and freeze what it read. The caller commits."""
    await ledger.hold(conn, season.unit, season.set_code)
    seen = await standing.load(conn, catalogue, season, at)
    entries = await repository.entries(conn, season)
    units = await asyncio.to_thread(_with_texts, await seen.units(), entries)
    link = await _add(conn, season, seen, units, at, actor)
    codes = [str(each["unit"]) for each in units]
    await ledger.freeze(conn, season.code, codes, season.period, seen.edition.enters)
    return link


async def correct(
    conn: AsyncConnection,
    catalogue: Catalogue,
    season: Season,
    ruled: Mapping[str, Ruled],
    reason: str,
    at: datetime,
    actor: str,
) -> StoredLink:
    """Add a link in which these points of these units are others; all other points are those of the link before it."""
    await ledger.hold(conn, season.unit, season.set_code)
    corrected = await standing.published(conn, season)
    assert corrected is not None  # noqa: S101 - only what was published is corrected
    former: Json = msgspec.json.decode(await ledger.document(conn, corrected))
    before = {str(unit["unit"]): unit for unit in former["units"]}
    seen = await standing.load(conn, catalogue, season, at)
    points = {code: {**_points(unit), **ruled.get(code, {})} for code, unit in before.items()}
    seen = replace(seen, held=replace(seen.held, given=points))
    units = [_corrected(unit, before[unit["unit"]], ruled.get(unit["unit"], {})) for unit in await seen.units()]
    return await _add(conn, season, seen, units, at, actor, corrects=corrected.number, reason=reason)


async def _add(
    conn: AsyncConnection,
    season: Season,
    seen: Standing,
    units: list[Json],
    at: datetime,
    actor: str,
    *,
    corrects: int | None = None,
    reason: str | None = None,
) -> StoredLink:
    last = await ledger.newest(conn, season.unit, season.set_code)
    number = 1 if last is None else last.number + 1
    later = [] if last is None else await _later(conn, season, last)
    document = await asyncio.to_thread(
        sealed,
        {
            "format": FORMAT,
            "chain": {"owner": season.owner, "set": season.set_code},
            "number": number,
            "previous": None if last is None else last.sha256,
            "corrects": corrects,
            "reason": reason,
            "published_at": _instant(at),
            "season": {
                "code": season.code,
                "title": season.title,
                "period": season.period,
                "findings_below": None if season.findings_below is None else format(season.findings_below, "f"),
                **{name: _instant(getattr(season, name)) for name in _DATES},
            },
            "set": _set(seen),
            "later": later,
            "units": units,
        },
    )
    link = StoredLink(
        owner=season.unit,
        set_code=season.set_code,
        number=number,
        season=season.code,
        period=season.period,
        corrects=corrects,
        reason=reason,
        sha256=document[HASH],
        published_at=at,
    )
    await ledger.add(conn, link, document, actor)
    return link


async def _later(conn: AsyncConnection, season: Season, last: StoredLink) -> list[Json]:
    """Hashes of what was written on seasons of the chain since its last link. What was entered at that very time may
    have been committed after it, so some stands in both."""
    found = await repository.entries_afterwards(conn, season.owner, season.set_code, last.published_at - GRACE)
    return [
        {"season": code, "unit": each.unit, "criterion": each.criterion, "step": each.step, HASH: each.sha256}
        for code, each in found
    ]


def _with_texts(units: Iterable[Json], entries: Iterable[Entry]) -> list[Json]:
    """The units with hashes of what was written of each criterion, in the order in which it was: the words are not
    published, and whoever has them sees whether they are those of then."""
    texts: dict[tuple[str, str], list[Json]] = {}
    for each in entries:
        texts.setdefault((each.unit, each.criterion), []).append({"step": each.step, HASH: each.sha256})
    return [
        {
            **unit,
            "criteria": [{**row, "texts": texts.get((unit["unit"], row["criterion"]), [])} for row in unit["criteria"]],
        }
        for unit in units
    ]


def _set(seen: Standing) -> Json:
    index_set = seen.edition.document.index_set
    return {
        "code": index_set.code,
        "version": index_set.version,
        "sha256": seen.edition.document.sha256,
        **_both("title", index_set.title),
        "template": index_set.template,
        **_both("notice", index_set.notice),
        "fields": [{"code": part.code, **_both("name", part.name)} for part in index_set.fields],
        "bands": [{"code": band.code, **_both("name", band.name)} for band in index_set.bands],
    }


def _both(name: str, text: Text | None) -> dict[str, str | None]:
    return {name: text.vi if text else None, f"{name}_en": text.en if text else None}


def _points(unit: Json) -> dict[str, Decimal]:
    """The points of a published unit that rest on something; what does not apply is not given."""
    return {
        row["criterion"]: Decimal(row["points"])
        for row in unit["criteria"]
        if row["points"] is not None and row["state"] == "scored"
    }


def _corrected(unit: Json, before: Json, ruled: Ruled) -> Json:
    """A unit's part anew: rows that nobody ruled on stay as they were published."""
    former = {row["criterion"]: _bare(row) for row in before["criteria"]}
    rows = [
        {**former[row["criterion"]], **{name: row[name] for name in ("ruling", "points", "origin", "state", "finding")}}
        if row["criterion"] in ruled
        else former[row["criterion"]]
        for row in unit["criteria"]
    ]
    return {**unit, "criteria": rows}


def _bare(row: Json) -> Json:
    return {name: value for name, value in row.items() if name != HASH}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
