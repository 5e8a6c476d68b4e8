"""The tour through a monthly publication, of whichever service: corrected, read, hung and listed."""

from datetime import datetime, timedelta, timezone

from tests.support.steps import Answers, Call


def publication_tour(operations: str) -> Answers:
    """`operations` is the first word of its operations."""
    listed = yield Call(f"{operations}.months", "nobody")
    there = {each["month"] for each in listed["items"]}
    month = next(each for year in range(2001, 2024) if (each := f"{year}-02") not in there)
    path = {"month": month}
    reason = {"reason": "Công bố số liệu cũ"}
    made = yield Call(f"{operations}.correct", "office", path=path, body=reason, status=201)
    as_json = {**path, "form": "json"}
    yield Call(f"{operations}.read", "nobody", path=as_json, query={"version": 1})
    today = datetime.fromisoformat(made["published_at"]).astimezone(timezone(timedelta(hours=7))).date()
    posting = {"version": 1, "place": "Bảng tin trụ sở", "posted_on": today.isoformat()}
    posted = yield Call(f"{operations}.post", "head", path=path, body=posting, status=201)
    yield Call(f"{operations}.read_unit", "nobody", path={**as_json, "unit": "so-noi-vu"})
    yield Call(f"{operations}.postings", "nobody", path=path, query={"unit": posted["unit"]})
