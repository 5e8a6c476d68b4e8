"""The tour through units over time: their heads, and the open work of those that ended."""

from tests.support.steps import UNIT, Answers, Call


def heirs_tour() -> Answers:
    """Nothing is moved: other tests of the running system work with what the former units have."""
    head = {"name": "Nguyễn Thị An", "office": "Trưởng ban", "valid_from": "2026-01-01"}
    yield Call("units.put_heads", "operator", path={"code": UNIT}, body={"heads": [head]})
    yield Call("units.heads", "office", path={"code": UNIT})
    yield Call("units.head", "head", path={"code": UNIT}, query={"as_of": "2026-03-02"})
    law = {"document_no": "1656/NQ-UBTVQH15", "reason": "Sắp xếp đơn vị hành chính"}
    rows = [{"from_unit": "001", "to_unit": "00008", "words": "đất đai"}, {"from_unit": "001", "to_unit": None}]
    yield Call("units.reassign", "operator", query={"dry_run": "true", "limit": 2}, body={**law, "rows": rows})
    yield Call("units.waiting", "office", query={"work": "task", "limit": 2})
    yield Call("units.reassignment", "operator", path={"run": 1 << 40}, status=404)
