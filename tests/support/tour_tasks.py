"""The tour through plans and tasks, and through what is asked, submitted and inspected beside them."""

from collections.abc import Mapping
from typing import Any

from tests.support.steps import OTHER_UNIT, REASON, UNIT, Answers, Call, Step, actions, one

TASK: Mapping[str, Any] = {
    "title": "Rà soát thủ tục hành chính",
    "lead_unit": UNIT,
    "due_on": "2061-06-30",
    "product": "Báo cáo",
}
EXTENSION = {"due_on": "2061-07-15", "reason": "Chờ văn bản của Bộ"}
TASK_STEPS: Mapping[str, Step] = {
    "start": Step(),
    "report": Step(
        "officer",
        {"content": "Đã trình dự thảo", "product_number": "12/BC-BQL", "product_date": "2026-03-02"},
        after=("start",),
    ),
    "approve": Step(after=("start", "report")),
    "reject": Step(body={"reason": "Thiếu phụ lục"}, after=("start", "report")),
    "request_extension": Step(body=EXTENSION, after=("start",)),
    "grant_extension": Step("office", after=("start", "request_extension")),
    "deny_extension": Step("office", {"reason": "Đã gia hạn đủ"}, after=("start", "request_extension")),
    "return": Step(body={"reason": "out_of_competence"}),
    "transfer": Step("office", {"unit": OTHER_UNIT, **REASON}),
    "propose_close": Step(body={"reason": "Đã bãi bỏ thủ tục"}, after=("start",)),
    "close": Step("office", after=("start", "propose_close")),
    "mark_unjustified": Step("office", {"handover": 2, **REASON}, after=("return",)),
    "assign_officer": Step(body={"officer": "cong-chuc-an"}),
    "urge": Step("office", {"reason": "Đề nghị báo cáo trước ngày 10"}),
}
AWAITING = {**TASK, "due_on": None, "due_text": "999 tuần kể từ khi có kết quả thẩm định"}
"""A term so long that it has not passed, whenever the tour is made."""
DATING_STEPS: Mapping[str, Step] = {
    "confirm_trigger": Step("office", {"happened_on": "2026-03-02"}),
    "set_deadline": Step("office", {"due_on": "2061-06-30", "reason": "Chỉ đạo của Chủ tịch"}),
}
SUBMISSION_STEPS: Mapping[str, Step] = {
    "record_meeting": Step(body={"on": "2026-03-02", "participants": [OTHER_UNIT], "result": "Đã thống nhất"}),
    "send": Step(),
    "return": Step("office", {"reason": "incomplete"}, after=("send",)),
    "approve": Step("office", after=("send",)),
}
CONSULTATION_STEPS: Mapping[str, Step] = {
    "answer": Step("asked", {"opinion": "disagree", "content": "Vượt định mức"}),
    "return": Step("asked", {"reason": "belongs_to_requester"}),
    "withdraw": Step(body={"reason": "Đã hỏi nhầm"}),
}
ANNEX = "\n".join(
    (
        "TT\tTên nhiệm vụ\tCơ quan chủ trì\tCơ quan phối hợp\tThời gian hoàn thành\tSản phẩm\tNguồn nhiệm vụ",
        "1.\tRà soát thủ tục hành chính\tSở Du lịch\tSở Tài chính\tQuý II/2026\tBáo cáo\tKế hoạch năm",
        "2.\tTập huấn công chức\tBan Sao Hỏa\t\tQuý II/2026\tLớp học\tKế hoạch năm",
        "3.\tCác đơn vị liên quan thực hiện\tcác đơn vị\t\tQuý II/2026\tBáo cáo\tKế hoạch năm",
    )
)


def task_tour() -> Answers:
    """Tasks with their consultations, submissions, inspections and plans."""
    yield from actions("tasks", TASK_STEPS, lambda: Call("tasks.create", "office", body=TASK, status=201))
    yield from actions("tasks", DATING_STEPS, lambda: Call("tasks.create", "office", body=AWAITING, status=201))
    yield from _inspections()
    yield from _consultations()
    yield from actions("submissions", SUBMISSION_STEPS, _drafted)
    yield from _reading()
    yield from _plans()
    yield from _documents()


def _inspections() -> Answers:
    """One is announced and cancelled; of another the recommendations are carried out, one by one and many at once."""
    plan = {"inspecting_unit": OTHER_UNIT, "inspected_unit": UNIT, "planned_from": "2061-03-02"}
    plan |= {"subject": "Kỷ cương hành chính", "document_no": "7/QĐ"}
    announced = yield Call("inspections.plan", "office", body={**plan, "unannounced": False}, status=201)
    code = announced["code"]
    yield one("inspections", "announce", Step("office"), code, 1)
    yield one("inspections", "cancel", Step("inspectors", {"reason": "Hoãn"}), code, 2)
    for operation in ("inspections.get", "inspections.history"):
        yield Call(operation, "inspectors", path={"code": code})
    hidden = yield Call("inspections.plan", "office", body={**plan, "unannounced": True}, status=201)
    code = hidden["code"]
    yield one("inspections", "start", Step("inspectors"), code, 1)
    todo = [{"number": each, "text": "Niêm yết thủ tục", "responsible_unit": UNIT} for each in (1, 2)]
    found = {"number": 1, "text": "Chưa niêm yết đủ", "due_on": "2061-06-30", "recommendations": todo}
    body = {"conclusion_no": "12/KL", "conclusions": [found]}
    concluded = yield one("inspections", "conclude", Step("inspectors", body), code, 2)
    yield Call("inspections.list", "inspectors", query={"status": "concluded", "limit": 1})
    yield Call("inspections.progress", "office", query={"as_of": "2061-03-02", "unit": UNIT})
    first, second = [each["code"] for each in concluded["conclusions"][0]["recommendations"]]
    report = Step(body={"content": "Đã niêm yết", "evidence": ["45/BC"]})
    steps = {
        "report": report,
        "reopen": Step("inspectors", {"reason": "Thiếu một thủ tục"}),
        "confirm": Step("inspectors"),
    }
    for version, action in enumerate(("report", "reopen", "report", "confirm"), 1):
        step = steps[action]
        yield one("recommendations", action, step, first, version)
        item = {"code": second, "version": version, **(step.body or {})}
        done = yield Call(f"recommendations.{action}_many", step.caller, body={"items": [item]})
        assert [each["status"] for each in done["results"]] == [200], done
    yield Call("recommendations.list", "head", query={"status": "done", "limit": 1})
    for operation in ("recommendations.get", "recommendations.history"):
        yield Call(operation, "head", path={"code": first})


def _consultations() -> Answers:
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    path = {"code": task["code"]}
    question = {"question": "Dự thảo quy chế", "kind": "city_administration", "working_days": 3}
    asked = {"unit": OTHER_UNIT, "relevance": "Cùng thực hiện quy chế"}
    ask = Call("consultations.ask", "head", path=path, body={**question, **asked}, status=201)
    yield from actions("consultations", CONSULTATION_STEPS, lambda: ask)
    many = {**question, "units": [asked]}
    begun = yield Call("consultations.ask_many", "head", path=path, body=many, status=201)
    path = {"code": begun["items"][0]["id"]}
    yield Call("consultations.get", "asked", path=path)
    yield Call("consultations.history", "asked", path=path)
    yield Call("consultations.notice", "asked", path=path, status=404)
    yield Call("consultations.list", "asked", query={"unit": OTHER_UNIT, "status": "open", "limit": 1})
    yield Call("consultations.statistics", "office", query={"asker": UNIT, "limit": 1})


def _drafted() -> Answers:
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    body = {"to_unit": "01", "subject": "Trình ban hành quy chế"}
    papers = yield Call("submissions.draft", "head", path={"code": task["code"]}, body=body, status=201)
    path = {"code": papers["id"]}
    yield Call("submissions.get", "head", path=path)
    yield Call("submissions.history", "head", path=path)
    yield Call("submissions.list", "head", query={"task": task["code"]})
    return papers


def _reading() -> Answers:
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    for operation in ("tasks.get", "tasks.history"):
        yield Call(operation, "head", path={"code": task["code"]})
    yield Call("tasks.list", "head", query={"status": "not_started", "role": "lead", "limit": 1})


def _plans() -> Answers:
    """One is imported with two rows that wait, revised, and withdrawn."""
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    document = {
        "document_no": f"{task['code']}/KH-UBND",  # another one in each tour of a running system
        "issued_on": "2026-01-05",
        "title": "Kế hoạch cải cách hành chính năm 2026",
        "issuer": "UBND Thành phố Hà Nội",
        "file": ANNEX,
    }
    yield Call("plans.import", "office", query={"dry_run": "true"}, body=document)
    made = yield Call("plans.import", "office", body=document, status=201)
    path = {"code": made["plan"]["code"]}
    yield Call("plans.rows", "office", path=path, query={"state": "parked"})
    meant = {"lead_units": [UNIT], "due_on": "2061-06-30"}
    yield Call("plans.assign_row", "office", path={**path, "line": 2}, body=meant)
    yield Call("plans.drop_row", "office", path={**path, "line": 3}, body={"reason": "Dòng ghi chú"})
    later = ANNEX.replace("Quý II/2026", "Quý III/2061")
    revision = {**document, "file": later, "revises": path["code"]}
    yield Call("plans.import", "office", body=revision, status=201)
    yield Call("plans.versions", "office", path=path)
    yield Call("plans.list", "office", query={"limit": 1})
    plan = yield Call("plans.get", "office", path=path)
    yield Call("plans.progress", "office", path=path, query={"as_of": "2026-06-30"})
    reason = {"reason": "Ban hành nhầm"}
    yield Call("plans.withdraw", "office", path=path, body=reason, version=plan["version"])


def _documents() -> Answers:
    """The conclusions of a meeting are registered, and a task comes of them."""
    minutes = {
        "kind": "meeting",
        "number": "123/TB-VP",
        "dated_on": "2026-02-27",
        "sender": "Văn phòng UBND Thành phố",
        "subject": "Kết luận giao ban về thủ tục đất đai",
    }
    document = yield Call("documents.register", "office", body=minutes, status=201)
    path = {"code": document["code"]}
    yield from _files_of(path)
    yield Call("documents.assign", "office", path=path, body={"tasks": [TASK]}, status=201)
    yield Call("documents.get", "office", path=path)
    yield Call("documents.list", "office", query={"kind": "meeting", "limit": 1})


def _files_of(path: Mapping[str, Any]) -> Answers:
    """Its signed text replaces a draft."""
    draft = {"file": "%PDF-1.4\n%%EOF\n", "caption": "Bản dự thảo"}
    first = yield Call("document_files.add", "office", path=path, body=draft, status=201)
    signed = {"file": "%PDF-1.5\n%%EOF\n", "caption": "Bản có chữ ký số", "replaces": first["id"]}
    yield Call("document_files.add", "office", path=path, body=signed, status=201)
