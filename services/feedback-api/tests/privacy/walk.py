"""What people do with reports, with marks in all that they write: by every channel, in every form, by every action."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import httpx

from cchc_shared.contract.codes import Channel, FeedbackKind
from feedback_api.reports.transitions import FeedbackAction

from ..attachments.files import MARK, marked
from ..channels.test_channels import CALL, MAIL, PORTAL, ZALO
from ..conftest import HOME_AFFAIRS, JUSTICE, Headers, People, Service

NAME, PHONE, EMAIL = "Xqmarkname", "0900 000 777", "xqmark@contact.example"
ACCOUNT, CALLER_ID = "xqmarkaccount", "xqmarkid"
CONTACT: Final = (NAME, PHONE, PHONE.replace(" ", "").lstrip("0"), "xqmark@contact", ACCOUNT, MARK)
"""Of who sent it, and what a camera adds: sealed or removed, and so nowhere to be read."""
LEADING: Final = ("citizen-1", CALLER_ID)
"""What leads to who sent it, by way of others: subject of the token, ids of channels."""
WORDS: Final = "xqmarkwords"
"""In all that citizens and officials write: the report's own text, and nothing that is made of it."""

_ANSWER: Final = {"answer": f"Đã sửa cho {WORDS}", "outcome": "resolved"}
Steps = tuple[tuple[str, str, Mapping[str, Any]], ...]
SHORT: Final[Steps] = (
    ("assign", "desk", {}),
    ("accept", "officer", {}),
    ("draft_answer", "officer", _ANSWER),
    ("approve_answer", "head", {}),
    ("publish", "desk", {}),
)
LONG: Final[Steps] = (
    ("classify", "desk", {"severity": "normal"}),
    ("assign", "desk", {}),
    ("return", "officer", {"reason": "out_of_competence"}),
    ("assign", "desk", {"unit": HOME_AFFAIRS}),
    ("accept", "officer", {}),
    ("transfer", "officer", {"unit": JUSTICE, "reason": f"do {WORDS}"}),
    ("mark_unjustified", "desk", {"handover": 7, "reason": f"không phải việc của {WORDS}"}),
    ("transfer", "desk", {"unit": HOME_AFFAIRS, "reason": f"do {WORDS}"}),
    ("accept", "officer", {}),
    ("ask_supplement", "officer", {"question": f"Có phải {WORDS}?"}),
    ("supplement", "sender", {"text": f"Đúng là {WORDS}"}),
    ("extend", "head", {"days": 1, "reason": f"chờ {WORDS}"}),
    ("add_note", "officer", {"note": f"đã gọi {WORDS}"}),
    ("add_note", "officer", {"note": f"đang chờ {WORDS}", "public": True}),
    ("draft_answer", "officer", _ANSWER),
    ("reject_answer", "head", {"reason": f"thiếu tên {WORDS}"}),
    ("draft_answer", "officer", _ANSWER),
    ("approve_answer", "head", {}),
    ("publish", "desk", {}),
    ("rate", "sender", {"satisfied": False, "comment": f"{WORDS} chưa vừa lòng"}),
    ("reopen", "sender", {"reason": f"{WORDS} vẫn ngập"}),
    ("accept", "officer", {}),
    ("draft_answer", "officer", _ANSWER),
    ("approve_answer", "head", {}),
    ("close", "officer", {"outcome": "explained", "explanation": f"Đã báo {WORDS}"}),
)
REFUSED: Final[Steps] = (("refuse", "desk", {"reason": "out_of_scope", "explanation": f"việc của {WORDS}"}),)
PARTED: Final[Steps] = (
    ("assign", "desk", {}),
    ("split", "desk", {"parts": [{"unit": JUSTICE, "task": f"xem {WORDS}"}]}),
)
assert {action for steps in (LONG, REFUSED, PARTED) for action, _, _ in steps} == set(FeedbackAction) - {
    *("mark_duplicate", "merge", "follow"),  # they have no words
}


class Walk:
    """Does what people do. `secrets` has the tracking secret of each report by its path."""

    def __init__(self, service: Service, people: People) -> None:
        self.service = service
        self.client: httpx.AsyncClient = service.client
        self.people = people
        self.secrets: dict[str, Headers] = {}

    @property
    def paths(self) -> list[str]:
        return list(self.secrets)

    def body(self, **more: object) -> dict[str, Any]:
        return {
            "channel": "ihanoi",
            "kind": "on_site",
            "unit": HOME_AFFAIRS,
            "title": f"Việc {WORDS}",
            "content": f"Nhà tôi {WORDS} bị ngập",
            "location": {"lat": 21.0, "lon": 105.8, "address": f"ngõ {WORDS}"},
            "reporter": {"name": NAME, "phone": PHONE, "email": EMAIL},
            **more,
        }

    async def everything(self) -> None:
        people = self.people
        for channel in Channel:
            await self.send(channel, FeedbackKind.CONDUCT, people["system"], channel_ref=f"{CALLER_ID}-{channel}")
        for kind in FeedbackKind:
            await self.send(Channel.WEB, kind, {})
            for sender in ("officer", "desk"):
                await self.send(Channel.COUNTER, kind, people[sender])
        await self.send(Channel.IHANOI, FeedbackKind.PROCEDURE, people["citizen"], LONG)
        await self.send(Channel.IHANOI, FeedbackKind.ON_SITE, people["citizen"], REFUSED)
        await self.in_parts()
        await self.by_adapters()
        await self.in_a_batch()
        await self.by_open311()
        await self.with_files(self.paths[-3])

    async def in_parts(self) -> None:
        """A report that is split, and ends after its part."""
        await self.send(Channel.IHANOI, FeedbackKind.PROCEDURE, self.people["citizen"], PARTED)
        ((refuse, who, body),) = REFUSED
        code = self.paths[-1].rpartition("/")[2]
        for each, version in ((f"{code}-1", 1), (code, 3)):
            answer = await self.service.act(each, refuse, self.people[who], version, dict(body))
            assert answer.status_code == 200, answer.text

    async def send(
        self, channel: Channel, kind: FeedbackKind, caller: Headers, steps: Steps = SHORT, **more: str
    ) -> None:
        body = self.body(channel=channel, kind=kind, **more)
        key = {"Idempotency-Key": f"{channel} {kind} {len(self.paths)}"}
        path = self.took(await self.service.post(body, **caller, **key))
        await self.handle(path, steps)
        secret = self.secrets[path]
        corrected = {"name": NAME, "phone": PHONE, "email": EMAIL}
        for asked in (
            self.client.get(f"{path}/reporter", headers=self.people["officer"]),
            self.client.put(f"{path}/reporter", json=corrected, headers=secret | key | {"If-Match": '"1"'}),
            self.client.get(f"{path}/my-data", headers=secret),
            self.client.post(f"{path}/anonymize", headers=secret | {"Idempotency-Key": f"a {len(self.paths)}"}),
        ):
            assert (await asked).status_code in ({200} if steps is not REFUSED else {200, 403})
        for refused in ({"reporter": {"phone": [PHONE, NAME]}}, {"content": "", "title": WORDS, "surprise": NAME}):
            assert (await self.service.post(body | refused, **caller)).status_code == 422

    async def handle(self, path: str, steps: Steps) -> None:
        code = path.rpartition("/")[2]
        for version, (action, who, body) in enumerate(steps, 1):
            caller = self.secrets[path] if who == "sender" else self.people[who]
            headers = caller | {"Idempotency-Key": f"{code} {version}"}
            done = await self.service.act(code, action, headers, version, dict(body))
            assert done.status_code == 200, done.text

    async def by_adapters(self) -> None:
        """The forms of the channels' own software."""
        system = self.people["system"]
        mail = MAIL.replace("Bay <bay@example.vn>", f"{NAME} <{EMAIL}>").replace("Đường", f"Đường {WORDS}")
        mail = mail.replace("1@example.vn", f"{CALLER_ID}@example.vn")
        call = CALL | {"caller": PHONE, "caller_name": NAME, "call_id": CALLER_ID, "transcript": f"Đèn {WORDS}"}
        sender = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": f"ngõ {WORDS}"}
        portal = PORTAL | {"code": CALLER_ID, "content": f"Hồ sơ {WORDS} chậm", "sender": sender}
        message = {"text": f"Cây {WORDS} đổ", "msg_id": CALLER_ID}
        zalo = ZALO | {"sender": {"id": ACCOUNT}, "message": message}
        await self.adapted("email", {"content": mail.encode()}, system | {"Content-Type": "message/rfc822"})
        for channel, body in (("hotline", call), ("national_portal", portal), ("zalo", zalo)):
            await self.adapted(channel, {"json": body}, system)

    async def adapted(self, channel: str, sent: dict[str, Any], headers: Headers) -> None:
        path = self.took(await self.client.post(f"/v1/feedback/channels/{channel}", headers=headers, **sent))
        steps: Steps = (("assign", "desk", {"unit": HOME_AFFAIRS}), *SHORT[1:])
        await self.handle(path, steps)

    async def in_a_batch(self) -> None:
        items = [self.body(channel_ref=f"{CALLER_ID} {number}", key=f"batch {number}") for number in range(2)]
        answer = await self.client.post("/v1/feedback/batch", json={"items": items}, headers=self.people["system"])
        assert answer.status_code == 200, answer.text
        for result in answer.json()["results"]:
            path = f"/v1/feedback/{result['code']}"
            self.secrets[path] = {"X-Tracking-Secret": result["tracking_secret"]}
            await self.handle(path, SHORT)

    async def by_open311(self) -> None:
        form = {
            "api_key": "app-key",
            "service_code": "lighting",
            "lat": "21.02",
            "long": "105.8",
            "address_string": f"ngõ {WORDS}",
            "address_id": WORDS,
            "title": WORDS,
            "description": f"Đèn {WORDS} hỏng",
            "first_name": NAME,
            "email": EMAIL,
            "phone": PHONE,
            "device_id": ACCOUNT,
            "account_id": ACCOUNT,
            "media_url": f"https://pictures.example/{WORDS}.jpg",
            "attribute[fixmystreet_id]": CALLER_ID,
            "attribute[pole]": WORDS,
        }
        for form_of_answer in ("json", "xml"):
            answer = await self.client.post(f"/open311/v2/requests.{form_of_answer}", data=form)
            assert answer.is_success, answer.text
        (first,) = (await self.client.post("/open311/v2/requests.json", data=form)).json()
        path = f"/v1/feedback/{first['service_request_id']}"
        self.secrets[path] = {}
        await self.handle(path, (("assign", "desk", {"unit": HOME_AFFAIRS}), *SHORT[1:]))
        said = {name: form[name] for name in ("api_key", "first_name", "email", "phone", "account_id", "media_url")}
        remark = {
            "service_request_id": first["service_request_id"],
            "update_id": "7",
            "status": "OPEN",
            "updated_datetime": "2026-11-18T09:00:00+07:00",
            "description": f"Vẫn hỏng, {WORDS}",
        }
        for _ in range(2):
            await self.client.post("/open311/v2/servicerequestupdates.json", data=said | remark)

    async def with_files(self, path: str) -> None:
        """A picture that says where it was taken, under a name that says whose it is; and an upload that breaks off."""
        for sender, words in (("citizen", {"caption": f"Cửa nhà {WORDS}"}), ("officer", {"caption": f"Xong {WORDS}"})):
            caller = self.secrets[path] | self.people["citizen"] if sender == "citizen" else self.people[sender]
            file = {"file": (f"{NAME}.jpg", marked("JPEG", 1 if sender == "citizen" else 3), "image/jpeg")}
            headers = caller | {"Idempotency-Key": f"file {sender}"}
            answer = await self.client.post(f"{path}/attachments", files=file, data=words, headers=headers)
            assert answer.status_code == 201, answer.text
        metadata = {"report": path.rpartition("/")[2], "filename": f"{NAME}.jpg", "caption": f"Cửa nhà {WORDS}"}
        written = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())
        headers = self.secrets[path] | self.people["citizen"] | {"Tus-Resumable": "1.0.0", "Idempotency-Key": "upload"}
        begun = await self.client.post(
            "/v1/uploads", headers=headers | {"Upload-Length": "100000", "Upload-Metadata": written}
        )
        assert begun.status_code == 201, begun.text

    def took(self, answer: httpx.Response) -> str:
        assert answer.status_code == 201, answer.text
        path = f"/v1/feedback/{answer.json()['code']}"
        self.secrets[path] = {"X-Tracking-Secret": answer.json()["tracking_secret"]}
        return path
