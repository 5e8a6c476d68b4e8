"""The tour through a season: opened, scored, appraised, decided, published, objected to and corrected."""

from typing import Any

from tests.support.steps import OTHER_UNIT, UNIT, Answers, Call

DATES = {
    "self_scores_until": "2150-01-01T00:00:00+07:00",
    "appraisal_1_until": "2151-01-01T00:00:00+07:00",
    "explanations_until": "2152-01-01T00:00:00+07:00",
    "appraisal_2_until": "2153-01-01T00:00:00+07:00",
    "council_until": "2154-01-01T00:00:00+07:00",
    "objections_until": "2155-01-01T00:00:00+07:00",
}
CRITERION = "1.1.1"
ADDED = "so-y-te"
"""A unit that joins when the season is open."""


class _Season:
    """A season with its versions, which every action and every entry moves on."""

    def __init__(self, code: str) -> None:
        self.code, self.version, self.card = code, 1, 1

    def act(self, action: str, body: dict[str, Any] | None = None) -> Call:
        call = Call(f"seasons.{action}", "board", path={"code": self.code}, body=body, version=self.version)
        self.version += 1
        return call

    def advance(self) -> Call:
        return self.act("advance", {"reason": "Đã xong sớm"})

    def enter(self, operation: str, caller: str, **item: object) -> Call:
        body = {"items": [{"criterion": CRITERION, **item}]}
        path = {"code": self.code, "unit": UNIT}
        call = Call(f"scorecards.{operation}", caller, path=path, body=body, version=self.card)
        self.card += 1
        return call


def season_tour() -> Answers:
    """A whole season whose stages are ended one by one, and one that is cancelled."""
    before = yield Call("seasons.list", "office", query={"set": "CCHC-CITY", "limit": 200})
    year = 2061 + len(before["items"])
    season = _Season((yield _opening(f"{year}-H1"))["code"])
    here, card = {"code": season.code}, {"code": season.code, "unit": UNIT}
    yield Call("seasons.get", "head", path=here)
    yield season.act("reschedule", {"objections_until": "2156-01-01T00:00:00+07:00", "reason": "Thêm thời gian"})
    yield season.act("add_units", {"units": [ADDED], "reason": "Bổ sung theo đề nghị của đơn vị"})
    yield Call("scorecards.get", "head", path=card)
    yield season.enter("self_score", "head", points=25, evidence={"documents": ["12/BC"], "links": ["https://x.vn/12"]})
    yield season.advance()
    yield season.enter("appraise", "inspectors", points=10, remark="Chưa rõ", explain=True)
    yield season.advance()
    yield season.enter("explain", "head", text="Tài liệu gửi kèm", evidence={"text": "Biên bản"})
    yield season.advance()
    yield season.enter("appraise", "inspectors", accepted=True, points=18, remark="Đã rõ")
    yield season.advance()
    yield season.enter("decide", "council", points=20, reason="Theo biên bản họp")
    yield season.advance()
    yield Call("seasons.results", "council", path=here)
    yield season.act("publish")
    yield Call("seasons.publication", "office", path=here, query={"link": 1} if year == 2061 else {})
    yield season.enter("object", "head", reason="Đã nộp đủ tài liệu")
    yield season.enter("rule", "board", upheld=True, points=21, reason="Đúng là đã nộp")
    position = {"accountable_unit": UNIT, "accountable_position": "Trưởng ban"}
    yield season.enter("mend", "head", cause="Giao việc muộn", task="NV-2061-000001", **position)
    yield Call("scorecards.entries", "head", path=card, query={"criterion": CRITERION, "limit": 50})
    yield Call("seasons.links", "office", path=here)
    yield Call("seasons.published", "head", path=here, query={"limit": 5})
    yield Call("seasons.findings", "office", path=here, query={"unit": UNIT, "limit": 2})
    yield Call("seasons.compare", "officer", path=here, query={"unit": UNIT, "with_season": season.code})
    yield Call("seasons.history", "office", path=here)
    yield Call("components.keys", "nobody")
    yield Call(
        "components.get", "channel", path={"set_code": "CCHC-CITY", "field": "1"}, query={"period": f"{year}-H1"}
    )
    mistaken = _Season((yield _opening(f"{year}-H2"))["code"])
    yield mistaken.act("cancel", {"reason": "Mở nhầm kỳ"})
    yield Call("seasons.get", "office", path={"code": mistaken.code})


def _opening(period: str) -> Call:
    body: dict[str, Any] = {
        "title": f"Đợt chấm điểm {period}",
        "set": "CCHC-CITY",
        "period": period,
        "units": [UNIT],
        **DATES,
    }
    body |= {"appraisers": {"1": OTHER_UNIT}, "findings_below": 0.9}
    return Call("seasons.open", "board", body=body, status=201)
