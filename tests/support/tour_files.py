"""The tour through what answers no JSON: files, small pictures, uploads in parts, calendars, pages, removals.

It is sent the response itself where there is no JSON.
"""

import zlib
from base64 import b64encode
from struct import pack
from typing import Final

from tests.support.steps import OTHER_UNIT, UNIT, Answers, Call
from tests.support.tour_dossiers import RECEIVED
from tests.support.tour_reports import REPORT
from tests.support.tour_tasks import TASK

TUS: Final = {"Tus-Resumable": "1.0.0"}


def picture() -> bytes:
    """The smallest PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")


def file_tour() -> Answers:
    """Each is made, read and removed."""
    for part in (_of_documents, _of_tasks, _of_questions, _of_reports, _uploads, _calendar, _pages, _others):
        yield from part()


def _of_documents() -> Answers:
    minutes = {
        "kind": "meeting",
        "number": "7/TB-VP",
        "dated_on": "2026-02-27",
        "sender": "Văn phòng",
        "subject": "Đất",
    }
    document = yield Call("documents.register", "office", body=minutes, status=201)
    path = {"code": document["code"]}
    kept = yield Call("document_files.add", "office", path=path, body={"file": picture()}, status=201)
    one = {**path, "file": kept["id"]}
    yield Call("document_files.content", "office", path=one)
    yield Call("document_files.thumbnail", "office", path=one)
    yield Call("document_files.remove", "office", path=one, status=204)


def _of_tasks() -> Answers:
    task = yield Call("tasks.create", "office", body=TASK, status=201)
    path = {"code": task["code"]}
    kept = yield Call("evidence.add", "officer", path=path, body={"file": picture()}, status=201)
    one = {**path, "evidence": kept["id"]}
    yield Call("evidence.content", "officer", path=one)
    yield Call("evidence.remove", "officer", path=one, status=204)
    step = yield Call("steps.add", "officer", path=path, body={"text": "Khảo sát", "due_on": "2061-03-31"}, status=201)
    yield Call("steps.remove", "officer", path={**path, "step": step["id"]}, version=1, status=204)


def _of_questions() -> Answers:
    """Where a deadline has not passed there is no notice."""
    listed = yield Call("consultations.list", "asked", query={"unit": OTHER_UNIT, "status": "open", "limit": 1})
    yield Call("consultations.notice_page", "asked", path={"code": listed["items"][0]["id"]}, status=404)


def _of_reports() -> Answers:
    report = yield Call("feedback.submit", "citizen", body={**REPORT, "unit": UNIT}, status=201)
    path = {"code": report["code"]}
    file = {"file": picture(), "purpose": "before"}
    kept = yield Call("attachments.attach", "citizen", path=path, body=file, status=201)
    one = {**path, "attachment": kept["id"]}
    yield Call("attachments.content", "citizen", path=one)
    yield Call("attachments.thumbnail", "citizen", path=one)


def _uploads() -> Answers:
    report = yield Call("feedback.submit", "citizen", body={**REPORT, "unit": UNIT}, status=201)
    words = {"report": report["code"], "purpose": "before"}
    said = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in words.items())
    yield Call("uploads.options", "nobody", headers=TUS, status=204)
    begin = {**TUS, "Upload-Length": "15", "Upload-Metadata": said}
    begun = yield Call("uploads.begin", "citizen", headers=begin, status=201)
    path = {"upload": begun.headers["Location"].rpartition("/")[2]}
    yield Call("uploads.get", "citizen", path=path, headers=TUS)
    part = ("application/offset+octet-stream", "%PDF-1")
    yield Call("uploads.append", "citizen", path=path, headers={**TUS, "Upload-Offset": "0"}, raw=part, status=204)
    yield Call("uploads.end", "citizen", path=path, headers=TUS, status=204)


def _calendar() -> Answers:
    path = {"code": UNIT}
    link = yield Call("calendars.make_link", "head", path=path, body={"name": "Lịch phòng một cửa"}, status=201)
    yield Call("calendars.read", "nobody", path=path, query={"secret": link["path"].rpartition("=")[2]})


def _pages() -> Answers:
    for kind in ("publications", "dossier_publications"):
        listed = yield Call(f"{kind}.months", "nobody")
        month = {"month": listed["items"][0]["month"]}
        yield Call(f"{kind}.page", "nobody", path=month)
        yield Call(f"{kind}.page_unit", "nobody", path={**month, "unit": "so-noi-vu"})
    yield Call("public_map.list", "nobody", query={"bbox": "105.8,21,105.9,21.1", "zoom": 12})


def _others() -> Answers:
    yield Call("dossiers.send_day", "channel", raw=("application/x-ndjson", "{}\n"))
    yield Call("dossiers.send", "channel", body={"items": [RECEIVED]})
    yield Call("events.stream", "head", query={"seconds": 0})
    webhook = {"url": "http://127.0.0.1:9/receiver", "event_types": ["vn.hanoi.cchc.dossier.opened.v1"]}
    systems = yield Call("webhooks.list", "operator", query={"limit": 1})
    made = yield Call(
        "webhooks.create", "operator", body={**webhook, "system": systems["items"][0]["system"]}, status=201
    )
    yield Call("webhooks.delete", "operator", path={"id": made["id"]}, status=204)
