"""The tour through index sets, the numbers that they read, and scores."""

from typing import Final

from tests.support.steps import UNIT, Answers, Call

SET: Final = """\
code: SMALL
version: "1"
title: {vi: Bộ chỉ số nhỏ, en: A small set}
source: unofficial default
status: R
effective_from: 2026-01-01
places: 2
ranking: 1-2-2-4
missing: exclude
kinds: [department]
points: 10
bands: []
indicators:
  RULE_BOOKS: {name: {vi: Quy chế đạt chuẩn, en: Rule books that meet the standard}, source: council, of: amount}
fields:
  - code: "1"
    name: {vi: Quy chế, en: Rule books}
    criteria:
      - {code: "1.1", name: {vi: Đạt chuẩn, en: Standard}, max: 10, indicator: RULE_BOOKS, rule: {kind: count, each: 2}}
"""


def index_tour() -> Answers:
    """Sets are read and one is tried; a number is entered, and stands in the score."""
    listed = yield Call("index_sets.list", "office")
    yield Call("index_sets.load", "board", query={"dry_run": "true"}, raw=("application/yaml", SET))
    version = {name: listed["items"][0][name] for name in ("code", "version")}
    yield Call("index_sets.get", "office", path=version)
    yield Call("index_sets.differences", "office", path=version, query={"to": version["version"]})
    yield Call("indicators.list", "channel")
    number = {"unit": UNIT, "period": "2061", "indicator": "TDGQ_ON_TIME", "numerator": 718, "denominator": 733}
    yield Call("indicators.enter", "channel", body={"items": [number]})
    yield Call("indicators.values", "head", query={"unit": UNIT, "period": "2061", "limit": 1})
    yield from _series()
    tried = {"criteria": [{"code": "1.1.1", "max": 35}], "done": {"codes": ["NV-2061-000001"], "by": "2061-05-04"}}
    gains = {"set": "CCHC-CITY", "period": "2061"}
    yield Call("simulations.gains", "head", path={"unit": UNIT}, query=gains)
    yield Call("simulations.run", "office", body={"set": "CCHC-CITY", "period": "2061", **tried})
    drawn = {"spread": 0.2, "draws": 100, "seed": 7, "interval": 0.9}
    yield Call("sensitivity.run", "office", body={"set": "CCHC-CITY", "period": "2061", "kind": "department", **drawn})
    yield from _scores()


def _series() -> Answers:
    year = {"code": "PAR-INDEX", "year": 2012}
    row = {
        "territory": "01",
        "name": "Hà Nội",
        "total": 82.77,
        "parts": {"appraised": 51.25, "survey": 31.52},
        "rank": 7,
    }
    heading = {"title": "PAR INDEX 2012", "title_en": "PAR INDEX 2012", "source": "bộ dữ liệu của bên thứ ba"}
    body = {**heading, "status": "S", "highest": 100, "rows": [row]}
    yield Call("series.enter", "board", path=year, body=body)
    yield Call("series.list", "office")
    yield Call("series.get", "office", path=year, query={"version": 1})
    yield Call("series.territory", "office", path={"code": "PAR-INDEX"}, query={"territory": "01"})


def _scores() -> Answers:
    period = {"set": "CCHC-CITY", "period": "2061"}
    yield Call("scores.list", "office", query=period)
    yield Call("scores.compare", "office", query={**period, "unit": UNIT, "with_period": "2060"})
    yield Call("scores.get", "office", path={"unit": UNIT}, query=period, status=200)
    evidence = {"unit": UNIT, "criterion": "1.1.1"}
    yield Call("scores.evidence", "head", path=evidence, query={**period, "limit": 1})
