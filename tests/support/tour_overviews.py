"""The tour through what is seen of the work: progress, overviews, targets, and the register of responsibility."""

from tests.support.steps import UNIT, Answers, Call

TARGET = {
    "text": "Hồ sơ được số hóa",
    "measure": "%",
    "comparison": "at_least",
    "value": 100,
    "due_on": "2061-12-31",
    "unit": UNIT,
}
ENTRY = {
    "kind": "praise",
    "unit": UNIT,
    "happened_on": "2026-03-02",
    "cause": "Hoàn thành sớm các nhiệm vụ của quý",
    "document_no": "15/QĐ-SNV",
    "document_on": "2026-03-02",
    "outcome": "Biểu dương",
}


def overview_tour() -> Answers:
    """Of the work of the tour before it."""
    yield Call("progress.get", "office", query={"by": "source", "as_of": "2026-03-02", "due_from": "2061-01-01"})
    yield Call("overviews.late", "office", query={"unit": UNIT, "limit": 1})
    yield Call("overviews.waiting", "office", query={"unit": UNIT, "limit": 1})
    yield Call("overviews.handovers", "office", query={"unit": UNIT, "limit": 1})
    yield Call("overviews.silent", "office", query={"unit": UNIT})
    yield Call("overviews.returned", "office", query={"unit": UNIT, "limit": 1})
    yield Call("kpi.get", "head", path={"code": UNIT}, query={"period": "2061", "limit": 1})
    yield from _closed_months()
    yield from _targets()
    yield from _register()


def _closed_months() -> Answers:
    """One from before there was a rule, which the office closes."""
    listed = yield Call("progress.months", "office")
    there = {each["month"] for each in listed["items"]}
    path = {"month": next(each for year in range(2001, 2024) if (each := f"{year}-02") not in there)}
    reason = {"reason": "Chốt số liệu cũ"}
    yield Call("progress.correct_month", "office", path=path, body=reason, status=201)
    yield Call("progress.month", "head", path=path, query={"version": 1})
    yield Call("progress.months", "office")


def _targets() -> Answers:
    plans = yield Call("plans.list", "office", query={"limit": 1})
    plan = plans["items"][0]
    path = {"code": plan["code"]}
    yield Call("plans.place_under", "office", path=path, body={"plan": None}, version=plan["version"])
    target = yield Call("targets.set", "office", path=path, body=TARGET, status=201)
    one = {**path, "target": target["id"]}
    value = {"period": "2026-01", "value": 87.5, "note": "Theo báo cáo tháng"}
    yield Call("targets.report", "head", path=one, body=value, status=201)
    yield Call("targets.change", "office", path=one, body={**TARGET, "value": 95}, version=1)
    yield Call("targets.get", "head", path=one)
    yield Call("targets.list", "head", path=path)
    yield Call("targets.withdraw", "office", path=one, version=2)


def _register() -> Answers:
    entry = yield Call("responsibility.enter", "board", body=ENTRY, status=201)
    one = {"entry": entry["id"]}
    yield Call("responsibility.correct", "board", path=one, body={**ENTRY, "outcome": "Khen thưởng"}, version=1)
    yield Call("responsibility.get", "board", path=one)
    yield Call("responsibility.list", "board", query={"unit": UNIT, "limit": 1})
    yield Call("responsibility.history", "board", path=one)
    yield Call("responsibility.withdraw", "board", path=one, version=2)
