"""Every operation of the public contract, called in an order that makes sense.

    guide = tour()
    call = next(guide)
    while call: call = guide.send(answer to the call)

Whoever drives it decides how a call is made: over plain HTTP, or with a generated client.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any
from uuid import uuid4

UNIT, OTHER_UNIT = "ban-quan-ly-cac-khu-cong-nghe-cao-va-khu-cong-nghiep", "so-nong-nghiep-va-moi-truong"
"""No other test of the running system works on them."""
ANNEX = "\n".join(
    (
        "TT\tTên nhiệm vụ\tCơ quan chủ trì\tCơ quan phối hợp\tThời gian hoàn thành\tSản phẩm\tNguồn nhiệm vụ",
        "1.\tRà soát thủ tục hành chính\tSở Du lịch\tSở Tài chính\tQuý II/2026\tBáo cáo\tKế hoạch năm",
    )
)


ROUTE = {
    "id": "fallen-trees",
    "effective_from": "2026-01-01",
    "categories": ["trees"],
    "words": {"any": ["cây đổ", "gãy cành"]},
    "to": "commune_of_place",
    "why": {"vi": "Cây đổ do xã phường xử lý", "en": "Fallen trees are for the commune"},
    "source": "unofficial default",
    "status": "R",
}


@dataclass(frozen=True)
class Call:
    """One call. `caller` is a key of `CALLERS`; `status` is what it must be answered with."""

    operation: str
    caller: str
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    version: int | None = None
    status: int = 200
    raw: tuple[str, str] | None = None
    """Media type and text of a body that is no JSON."""


def toured(operation: Mapping[str, Any]) -> bool:
    """Whether the tour calls an operation of the contract: one that answers JSON.

    Health is asked by machines. Pictures are bytes, and uploads in parts go by headers: both have tests of their own.
    """
    own = {"health", "uploads"}.isdisjoint(operation["tags"])
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    return own and any("application/json" in answer.get("content", ()) for answer in answers)


Answers = Generator[Call, Any, Any]
"""Yields calls, and is sent the JSON of each answer."""

CALLERS: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "nobody": ((), None),
    "citizen": (("citizen",), None),
    "neighbour": (("citizen",), None),
    "office": (("coordinator",), None),
    "head": (("officer", "unit_head"), UNIT),
    "officer": (("officer",), UNIT),
    "operator": (("operator",), None),
    "channel": (("system",), None),
}
"""Roles and unit."""

REPORT: Mapping[str, Any] = {
    "channel": "web",
    "kind": "on_site",
    "title": "Đèn đường",
    "content": "Đèn đường hỏng ba đêm liền",
}
TASK: Mapping[str, Any] = {
    "title": "Rà soát thủ tục hành chính",
    "lead_unit": UNIT,
    "due_on": "2061-06-30",
    "product": "Báo cáo",
}
REASON = {"reason": "Không thuộc phạm vi"}


@dataclass(frozen=True)
class Step:
    """An action with who takes it, what is said with it, and the actions that come before it."""

    caller: str = "head"
    body: Mapping[str, Any] | None = None
    after: tuple[str, ...] = ()
    at_once: bool = True
    """Whether it is also taken on many at once."""


_ACCEPTED = ("assign", "accept")
_ANSWERED = (*_ACCEPTED, "draft_answer", "approve_answer")
REPORT_STEPS: Mapping[str, Step] = {
    "assign": Step("office", {"unit": UNIT}),
    "accept": Step(after=("assign",)),
    "return": Step(body={"reason": "out_of_competence"}, after=("assign",)),
    "transfer": Step(body={"unit": OTHER_UNIT, **REASON}, after=("assign",)),
    "classify": Step("office", {"severity": "normal", "category": "lighting"}),
    "mark_unjustified": Step("office", {"handover": 3, **REASON}, after=("assign", "transfer")),
    "ask_supplement": Step(body={"question": "Đèn ở số nhà nào?"}, after=_ACCEPTED),
    "supplement": Step("citizen", {"text": "Trước số nhà 12"}, after=(*_ACCEPTED, "ask_supplement"), at_once=False),
    "extend": Step(body={"days": 3, "reason": "Chờ vật tư"}, after=_ACCEPTED),
    "draft_answer": Step(body={"answer": "Đã thay bóng đèn", "outcome": "resolved"}, after=_ACCEPTED),
    "reject_answer": Step(body={"reason": "Chưa nói rõ thay khi nào"}, after=(*_ACCEPTED, "draft_answer")),
    "approve_answer": Step(after=(*_ACCEPTED, "draft_answer")),
    "publish": Step("office", after=_ANSWERED),
    "rate": Step("citizen", {"satisfied": True}, after=_ANSWERED, at_once=False),
    "reopen": Step("citizen", {"reason": "Đèn vẫn hỏng"}, after=_ANSWERED, at_once=False),
    "refuse": Step("office", {"reason": "complaint"}),
    "split": Step("office", {"parts": [{"unit": OTHER_UNIT, "task": "Cắt cây che đèn"}]}, _ACCEPTED, at_once=False),
    "follow": Step("neighbour", {"following": True}, at_once=False),
    "add_note": Step(body={"note": "Đã gọi điện cho người gửi"}, after=("assign",)),
}
EXTENSION = {"due_on": "2061-07-15", "reason": "Chờ văn bản của Bộ"}
TASK_STEPS: Mapping[str, Step] = {
    "start": Step(),
    "report": Step("officer", {"content": "Đã trình dự thảo"}, after=("start",)),
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
}
ALL_STEPS: Mapping[str, Mapping[str, Step]] = {"feedback": REPORT_STEPS, "tasks": TASK_STEPS}


def tour() -> Answers:
    """All of it."""
    yield from _directory()
    yield from _actions("feedback", REPORT_STEPS, _sent)
    yield from _closing()
    yield from _duplicates()
    yield from _actions("tasks", TASK_STEPS, lambda: Call("tasks.create", "office", body=TASK, status=201))
    yield from _channels()
    yield from _reading()
    yield from _attachments()
    yield from _advice()
    yield from _plans()
    yield from _open311()
    yield from _publications()
    for service in ("feedback", "scoring"):
        yield Call(f"parked_events.{service}.list", "operator", query={"limit": 5})
        path = {"event": 1 << 40, "action": "retry"}
        yield Call(f"parked_events.{service}.act", "operator", path=path, body={"reason": "Đã sửa"}, status=404)
        meant = {"reason": "Đã sửa", "of": "failed"}
        yield Call(f"parked_events.{service}.act_on_all", "operator", path={"action": "retry"}, body=meant)


def _directory() -> Answers:
    yield Call("units.list", "nobody", query={"as_of": "2026-03-02", "kind": "department", "q": "khu cong nghe cao"})
    yield Call("units.get", "nobody", path={"code": UNIT}, query={"as_of": "2026-03-02"})
    unit = yield Call("units.get", "nobody", path={"code": UNIT})
    defined = {name: unit[name] for name in ("name", "kind", "parent", "valid_from", "valid_to", "successors")}
    yield Call("units.put", "operator", path={"code": UNIT}, body=defined)
    yield Call("calendar.deadline", "nobody", query={"start": "2026-03-02", "working_days": 3})


def _actions(resource: str, steps: Mapping[str, Step], begin: Callable[[], Call]) -> Answers:
    for action, step in steps.items():
        for many in (False, True) if step.at_once else (False,):
            thing = yield begin()
            code = thing["code"]
            version = count(1)
            for earlier in step.after:
                yield _one(resource, earlier, ALL_STEPS[resource][earlier], code, next(version))
            if many:
                item = {"code": code, "version": next(version), **(step.body or {})}
                done = yield Call(f"{resource}.{action}_many", step.caller, body={"items": [item]})
                assert [each["status"] for each in done["results"]] == [200], done
            else:
                yield _one(resource, action, step, code, next(version))


def _sent() -> Call:
    return Call("feedback.submit", "citizen", body=REPORT, status=201)


def _closing() -> Answers:
    """Of a kind that needs no picture for it."""
    step = Step("office", {"explanation": "Đã trả kết quả ngày 12/3"}, after=_ANSWERED)
    begin = lambda: Call("feedback.submit", "citizen", body={**REPORT, "kind": "procedure"}, status=201)  # noqa: E731
    yield from _actions("feedback", {"close": step}, begin)


def _duplicates() -> Answers:
    first = yield _sent()
    step = Step("office", {"original": first["code"]})
    yield from _actions("feedback", {"mark_duplicate": step}, _sent)
    first = yield _sent()
    again, third = (yield _sent()), (yield _sent())
    body = {"duplicates": [again["code"]]}
    yield Call("feedback.merge", "office", path={"code": first["code"]}, body=body, version=1)
    item = {"code": first["code"], "version": 2, "duplicates": [third["code"]]}
    yield Call("feedback.merge_many", "office", body={"items": [item]})
    yield Call("feedback.parts", "office", path={"code": first["code"]})
    yield Call("following.list", "neighbour", query={"limit": 5})


def _one(resource: str, action: str, step: Step, code: str, version: int) -> Call:
    return Call(f"{resource}.{action}", step.caller, path={"code": code}, body=step.body, version=version)


def _channels() -> Answers:
    item = {**REPORT, "channel": "hotline", "channel_ref": str(uuid4()), "key": str(uuid4())}
    sent = yield Call("feedback.submit_many", "channel", body={"items": [item]})
    assert [each["status"] for each in sent["results"]] == ["accepted"], sent
    message = {"msg_id": str(uuid4()), "text": "Cây đổ chắn đường"}
    event = {
        "event_name": "user_send_text",
        "app_id": "360846524940903967",
        "timestamp": "1772415000000",
        "sender": {"id": "246845883529197922"},
        "message": message,
    }
    yield Call("channels.zalo", "channel", body=event, status=201)
    call = {
        "call_id": str(uuid4()),
        "caller": "0912 345 678",
        "started_at": "2026-03-02T01:30:00Z",
        "agent": "Tổng đài viên 7",
        "transcript": "Đèn đường hỏng ba đêm liền",
    }
    yield Call("channels.hotline", "channel", body=call, status=201)
    passed_on = {
        "code": str(uuid4()),
        "classification": "PETITION_CLASSIFICATION_TTHC",
        "content": "Hồ sơ nộp đã hai tuần chưa có kết quả",
        "status": "Tiếp nhận ở địa phương",
    }
    yield Call("channels.national_portal", "channel", body=passed_on, status=201)
    headers = f"From: bay@example.vn\nMessage-ID: <{uuid4()}@example.vn>\nSubject: Đèn đường\n"
    mail = f"{headers}Content-Type: text/plain; charset=utf-8\n\nĐèn đường hỏng ba đêm liền.\n"
    yield Call("channels.email", "channel", raw=("message/rfc822", mail), status=201)


def _reading() -> Answers:
    report = yield Call("feedback.submit", "nobody", body=REPORT, status=201)
    yield _one("feedback", "assign", REPORT_STEPS["assign"], report["code"], 1)
    for operation in ("feedback.get", "feedback.history", "feedback.clocks"):
        yield Call(operation, "office", path={"code": report["code"]})
    yield Call("public_map.get", "nobody", path={"code": report["code"]})
    yield Call("vocabulary.get", "nobody")
    yield from _privacy()
    yield Call("feedback.list", "head", query={"status": "assigned", "limit": 1})
    yield Call("places.find", "nobody", query={"lat": 21.03, "lon": 105.84})
    yield Call("routing.trial", "office", body={"rules": {"routing": [ROUTE]}, "limit": 1})
    counted = {"group_by": "month,channel", "from": "2026-01-01", "to": "2099-12-31"}
    yield Call("statistics.feedback", "head", query=counted)
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    for operation in ("tasks.get", "tasks.history"):
        yield Call(operation, "head", path={"code": task["code"]})
    yield Call("tasks.list", "head", query={"status": "not_started", "role": "lead", "limit": 1})
    period = {"set": "CCHC-CITY", "period": "2061"}
    yield Call("scores.list", "office", query=period)
    yield Call("scores.get", "office", path={"unit": UNIT}, query=period, status=200)
    evidence = {"unit": UNIT, "criterion": "1.1.1"}
    yield Call("scores.evidence", "head", path=evidence, query={**period, "limit": 1})


def _privacy() -> Answers:
    body = {**REPORT, "unit": UNIT, "reporter": {"name": "Nguyễn Văn Bảy", "phone": "0912345678"}}
    report = yield Call("feedback.submit", "citizen", body=body, status=201)
    path = {"code": report["code"]}
    yield Call("privacy.reporter", "head", path=path, query={"purpose": "verify"})
    corrected = {"name": "Nguyễn Văn Bảy", "phone": "0987654321"}
    yield Call("privacy.correct", "citizen", path=path, body=corrected, version=1)
    yield Call("privacy.anonymize", "citizen", path=path)
    yield Call("privacy.contact_accesses", "office", path=path, query={"limit": 1})
    yield Call("privacy.my_data", "citizen", path=path)
    yield Call("privacy.all_my_data", "citizen", query={"limit": 1})
    yield Call("privacy.screen", "head", body={"text": "Gọi tôi theo số 0912 345 678"})
    ended = yield Call("feedback.submit", "citizen", body=body, status=201)
    path = {"code": ended["code"]}
    steps = (*REPORT_STEPS["approve_answer"].after, "approve_answer")
    for version, action in enumerate(steps, 1):
        yield _one("feedback", action, REPORT_STEPS[action], ended["code"], version)
    yield Call("privacy.erase", "operator", path=path, body={"what": "contact", "reason": "sender_request"})
    yield Call("privacy.erasures", "office", path=path)


def _attachments() -> Answers:
    report = yield Call("feedback.submit", "citizen", body=REPORT, status=201)
    code, version = report["code"], count(1)
    for action in ("assign", "accept", "draft_answer", "approve_answer", "publish"):
        yield _one("feedback", action, REPORT_STEPS[action], code, next(version))
    file = {"file": "%PDF-1.4\n%%EOF\n", "purpose": "before", "caption": "Ảnh hiện trường"}
    attached = yield Call("attachments.attach", "citizen", path={"code": code}, body=file, status=201)
    yield Call("attachments.list", "citizen", path={"code": code})
    for action in ("publish", "hide"):
        yield Call(f"attachments.{action}", "head", path={"code": code, "attachment": attached["id"]})


def _advice() -> Answers:
    place = {"lat": 21.0341, "lon": 105.8245}
    body = {**REPORT, "category": "lighting", "location": place, "unit": UNIT}
    yield Call("feedback.submit", "citizen", body=body, status=201)
    report = yield Call("feedback.submit", "citizen", body=body, status=201)
    path = {"code": report["code"]}
    yield Call("public.similar", "nobody", query={**place, "category": "lighting"})
    yield Call("feedback.similar", "office", path=path)
    reply = {"title": "Đèn đường", "text": "Phản ánh {code} do {unit} trả lời:", "category": "lighting"}
    made = yield Call("standard_replies.create", "head", body=reply, status=201)
    one = {"reply": made["id"]}
    yield Call("standard_replies.preview", "head", path={**path, **one})
    changed = {**reply, "text": "{unit} trả lời phản ánh {code} trước ngày {answer_by}:"}
    yield Call("standard_replies.change", "head", path=one, body=changed, version=1)
    yield Call("standard_replies.get", "head", path=one)
    yield Call("standard_replies.list", "head", query={"category": "lighting", "limit": 1})
    yield Call("standard_replies.history", "head", path=one)
    yield Call("standard_replies.retire", "head", path=one, version=2)
    for version, action in enumerate(_ACCEPTED, 1):
        yield _one("feedback", action, REPORT_STEPS[action], report["code"], version)
    vague = Step(body={"answer": "Đã tiếp nhận, sẽ xử lý sớm.", "outcome": "forwarded"})
    yield _one("feedback", "draft_answer", vague, report["code"], 3)
    yield Call("feedback.advice", "head", path=path)


def _publications() -> Answers:
    listed = yield Call("publications.months", "nobody")
    there = {each["month"] for each in listed["items"]}
    month = next(each for year in range(2001, 2024) if (each := f"{year}-02") not in there)
    path = {"month": month}
    reason = {"reason": "Công bố số liệu cũ"}
    made = yield Call("publications.correct", "office", path=path, body=reason, status=201)
    as_json = {**path, "form": "json"}
    yield Call("publications.read", "nobody", path=as_json, query={"version": 1})
    today = datetime.fromisoformat(made["published_at"]).astimezone(timezone(timedelta(hours=7))).date()
    posting = {"version": 1, "place": "Bảng tin trụ sở", "posted_on": today.isoformat()}
    posted = yield Call("publications.post", "head", path=path, body=posting, status=201)
    yield Call("publications.read_unit", "nobody", path={**as_json, "unit": "so-noi-vu"})
    yield Call("publications.postings", "nobody", path=path, query={"unit": posted["unit"]})


def _plans() -> Answers:
    document = {
        "document_no": "9/KH-UBND",
        "issued_on": "2026-01-05",
        "title": "Kế hoạch cải cách hành chính năm 2026",
        "issuer": "UBND Thành phố Hà Nội",
        "file": ANNEX,
    }
    yield Call("plans.import", "office", query={"dry_run": "true"}, body=document)
    plans = yield Call("plans.list", "office", query={"limit": 1})
    code = plans["items"][0]["code"]
    yield Call("plans.get", "office", path={"code": code})
    yield Call("plans.progress", "office", path={"code": code}, query={"as_of": "2024-06-30"})


def _open311() -> Answers:
    as_json = {"format": "json"}
    yield Call("open311.discovery", "nobody", path=as_json)
    yield Call("open311.services", "nobody", path=as_json)
    yield Call("open311.definition", "nobody", path={"service_code": "flooding", **as_json})
    light = {
        "api_key": "test-key",
        "service_code": "lighting",
        "lat": 21.028511,
        "long": 105.804817,
        "description": "Đèn đường hỏng ba đêm liền",
    }
    [sent] = yield Call("open311.submit", "nobody", path=as_json, body=light, status=201)
    code = sent["service_request_id"]
    anything = {"api_key": "test-key", "service_code": "other", "address_string": "Hồ Gươm"}
    [pending] = yield Call("open311.submit", "nobody", path=as_json, body=anything, status=201)
    yield Call("open311.token", "nobody", path={"token": pending["token"], **as_json})
    yield Call("open311.requests", "nobody", path=as_json, query={"service_request_id": code})
    yield Call("open311.read", "nobody", path={"service_request_id": code, **as_json})
    remark = {
        "api_key": "test-key",
        "service_request_id": code,
        "update_id": f"{code}-1",
        "status": "open",
        "updated_datetime": "2026-03-02T08:30:00+07:00",
        "description": "Đèn vẫn tắt",
    }
    yield Call("open311.remark", "nobody", path=as_json, body=remark, status=201)
    yield _one("feedback", "assign", REPORT_STEPS["assign"], code, 1)
    yield Call("open311.updates", "nobody", path=as_json)
    yield Call("feedback.open311", "office", path={"code": code})
