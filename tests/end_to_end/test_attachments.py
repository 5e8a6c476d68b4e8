"""A photograph on its way through the gateway: larger than other bodies, and over a connection that breaks."""

import base64
import socket
from email.message import EmailMessage
from io import BytesIO
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from tests.support.system import System
from tests.support.waiting import until_now

REPORT = {"channel": "web", "kind": "on_site", "content": "Đèn đường hỏng ba đêm liền"}
SIDES = (2600, 1900)
SMALLEST = 3_000_000
"""Bytes: more than any other body may have."""


@pytest.fixture(scope="module")
def photograph() -> bytes:
    file = BytesIO()
    Image.effect_noise(SIDES, 90).convert("RGB").save(file, "JPEG", quality=95)
    assert len(file.getvalue()) > SMALLEST
    return file.getvalue()


def sent(http: httpx.Client) -> tuple[str, dict[str, str]]:
    """The code of a new report, and what opens it."""
    receipt = http.post("/v1/feedback", json=REPORT).raise_for_status().json()
    return receipt["code"], {"X-Tracking-Secret": receipt["tracking_secret"]}


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_large_photograph_passes(system: System, photograph: bytes) -> None:
    with httpx.Client(base_url=system.url, timeout=120) as http:
        code, secret = sent(http)
        path = f"/v1/feedback/{code}/attachments"
        answer = http.post(path, files={"file": ("x.jpg", photograph)}, headers=secret)
        assert answer.status_code == 201, answer.text
        content = http.get(f"{path}/{answer.json()['id']}", headers=secret).content
        assert Image.open(BytesIO(content)).size == SIDES
        assert http.get(f"{path}/{answer.json()['id']}").status_code == 404
        assert http.post(path, files={"file": ("x.jpg", bytes(17_000_000))}, headers=secret).status_code == 413


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_mail_with_large_files_passes(system: System, photograph: bytes) -> None:
    """Of some 9 MB, as its files are in base64."""
    mail = EmailMessage()
    mail["From"], mail["Message-ID"] = "bay@example.vn", "<large@example.vn>"
    mail.set_content("Vỉa hè hỏng")
    for more in (b"", b"behind"):
        mail.add_attachment(photograph + more, maintype="image", subtype="jpeg", filename="ảnh.jpg")
    with httpx.Client(base_url=system.url, timeout=120) as http:
        body = {"sub": "mail", "roles": ["system"]}
        token = http.post("/dev/tokens", json=body).raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "message/rfc822"}
        answer = http.post("/v1/feedback/channels/email", content=bytes(mail), headers=headers)
        assert (answer.status_code, answer.json()["warnings"]) == (201, []), answer.text
        secret = {"X-Tracking-Secret": answer.json()["tracking_secret"]}
        for path in answer.json()["attachments_kept"]:
            assert Image.open(BytesIO(http.get(path, headers=secret).content)).size == SIDES
        part = http.get(path, headers=secret | {"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
        assert http.post("/v1/feedback/channels/email", content=bytes(17_000_000), headers=headers).status_code == 413


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_what_arrived_before_a_connection_broke_is_kept(system: System, photograph: bytes) -> None:
    with httpx.Client(base_url=system.url, timeout=120) as http:
        code, secret = sent(http)
        http.headers.update(secret | {"Tus-Resumable": "1.0.0"})
        metadata = f"report {base64.b64encode(code.encode()).decode()}"
        begun = {"Upload-Length": str(len(photograph)), "Upload-Metadata": metadata}
        upload = http.post("/v1/uploads", headers=begun).raise_for_status().headers["Location"]
        break_off(system.url, upload, secret, photograph)

        def arrived() -> int:
            return int(http.head(upload).raise_for_status().headers["Upload-Offset"])

        offset = until_now(arrived, lambda bytes_: bytes_ > 0)
        assert offset <= 1_000_000
        rest = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        done = http.patch(upload, content=photograph[offset:], headers=rest)
        assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(len(photograph)))
        assert Image.open(BytesIO(http.get(done.headers["Content-Location"]).content)).size == SIDES


def break_off(url: str, upload: str, secret: dict[str, str], content: bytes) -> None:
    """Send the first million bytes of all of it, and hang up."""
    at = urlsplit(url)
    lines = {**secret, "Host": at.netloc, "Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    lines |= {"Content-Type": "application/offset+octet-stream", "Content-Length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection((at.hostname, at.port)) as connection:
        connection.sendall(f"PATCH {upload} HTTP/1.1\r\n{head}\r\n".encode() + content[:1_000_000])
