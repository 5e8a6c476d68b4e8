"""The tour through what citizens report, and through what is published of it."""

from collections.abc import Mapping
from itertools import count
from typing import Any
from uuid import uuid4

from tests.support.steps import OTHER_UNIT, REASON, UNIT, Answers, Call, Step, actions, one
from tests.support.tour_publications import publication_tour

REPORT: Mapping[str, Any] = {
    "channel": "web",
    "kind": "on_site",
    "title": "Đèn đường",
    "content": "Đèn đường hỏng ba đêm liền",
}
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


def report_tour() -> Answers:
    """Reports from the sending to the publication, and the channels they come by."""
    yield from actions("feedback", REPORT_STEPS, _sent)
    for part in (_closing, _duplicates, _channels, _reading, _attachments, _advice, _open311):
        yield from part()
    yield from publication_tour("publications")


def _sent() -> Call:
    return Call("feedback.submit", "citizen", body=REPORT, status=201)


def _closing() -> Answers:
    """Of a kind that needs no picture for it."""
    step = Step("office", {"explanation": "Đã trả kết quả ngày 12/3"}, after=_ANSWERED)
    begin = lambda: Call("feedback.submit", "citizen", body={**REPORT, "kind": "procedure"}, status=201)  # noqa: E731
    yield from actions("feedback", {"close": step}, begin, REPORT_STEPS)


def _duplicates() -> Answers:
    first = yield _sent()
    step = Step("office", {"original": first["code"]})
    yield from actions("feedback", {"mark_duplicate": step}, _sent, REPORT_STEPS)
    first = yield _sent()
    again, third = (yield _sent()), (yield _sent())
    body = {"duplicates": [again["code"]]}
    yield Call("feedback.merge", "office", path={"code": first["code"]}, body=body, version=1)
    item = {"code": first["code"], "version": 2, "duplicates": [third["code"]]}
    yield Call("feedback.merge_many", "office", body={"items": [item]})
    yield Call("feedback.parts", "office", path={"code": first["code"]})
    yield Call("following.list", "neighbour", query={"limit": 5})


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
    yield one("feedback", "assign", REPORT_STEPS["assign"], report["code"], 1)
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
        yield one("feedback", action, REPORT_STEPS[action], ended["code"], version)
    yield Call("privacy.erase", "operator", path=path, body={"what": "contact", "reason": "sender_request"})
    yield Call("privacy.erasures", "office", path=path)


def _attachments() -> Answers:
    report = yield Call("feedback.submit", "citizen", body=REPORT, status=201)
    code, version = report["code"], count(1)
    for action in ("assign", "accept", "draft_answer", "approve_answer", "publish"):
        yield one("feedback", action, REPORT_STEPS[action], code, next(version))
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
    kept = {"reply": made["id"]}
    yield Call("standard_replies.preview", "head", path={**path, **kept})
    changed = {**reply, "text": "{unit} trả lời phản ánh {code} trước ngày {answer_by}:"}
    yield Call("standard_replies.change", "head", path=kept, body=changed, version=1)
    yield Call("standard_replies.get", "head", path=kept)
    yield Call("standard_replies.list", "head", query={"category": "lighting", "limit": 1})
    yield Call("standard_replies.history", "head", path=kept)
    yield Call("standard_replies.retire", "head", path=kept, version=2)
    for version, action in enumerate(_ACCEPTED, 1):
        yield one("feedback", action, REPORT_STEPS[action], report["code"], version)
    vague = Step(body={"answer": "Đã tiếp nhận, sẽ xử lý sớm.", "outcome": "forwarded"})
    yield one("feedback", "draft_answer", vague, report["code"], 3)
    yield Call("feedback.advice", "head", path=path)


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
    yield one("feedback", "assign", REPORT_STEPS["assign"], code, 1)
    yield Call("open311.updates", "nobody", path=as_json)
    yield Call("feedback.open311", "office", path={"code": code})
