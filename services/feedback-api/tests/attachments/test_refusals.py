"""Files that are not what they seem, are too much, or say too much."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from anyio import CapacityLimiter
from PIL import Image
from sqlalchemy import select

from cchc_shared.files.images import MediaType, Overdue, Wanted, clean_apart
from feedback_api.reports.models import attachments, discarded

from .conftest import Report, kept
from .files import HTML, MARK, PDF, SVG, archive, bomb, jpeg, marked, picture, written

JPEG = jpeg(300, 200)
TELEPHONE = Path(__file__).with_name("telephone.heic").read_bytes()

REFUSED = {
    "nothing": (b"", "rỗng"),
    "a page": (HTML, "kiểu tệp"),
    "SVG with a script": (SVG, "kiểu tệp"),
    "an archive": (archive(), "kiểu tệp"),
    "a program": (b"MZ" + bytes(2000), "kiểu tệp"),
    "GIF": (written(picture(), "GIF"), "kiểu tệp"),
    "GIF that is a page": (b"GIF89a/*" + HTML, "kiểu tệp"),
    "TIFF": (written(picture(), "TIFF"), "kiểu tệp"),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "cắt cụt"),
    "the head of a JPEG": (JPEG[:200], "cắt cụt"),
    "half a PNG": (written(picture(300, 200), "PNG")[:400], "cắt cụt"),
    "half a WebP": (written(picture(300, 200), "WEBP")[:300], ""),
    "half a HEIC": (TELEPHONE[:-200], ""),
    "100 megapixels": (bomb(), "quá nhiều điểm ảnh"),
    "a little too many pixels": (bomb(7_100), "quá nhiều điểm ảnh"),
    "PDF with an archive behind": (PDF + archive(), "phần thừa"),
    "PDF with a page behind": (PDF + HTML, "phần thừa"),
    "half a PDF": (PDF[:-9], "cắt cụt"),
    "PDF that begins late": (b"\n" + PDF, "kiểu tệp"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused(report: Report, stored: Path, what: str) -> None:
    content, said = REFUSED[what]
    answer = await report.attach(content)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["field"] == "body.file"
    assert said in error["message"]
    assert await report.service.rows(select(attachments)) == await report.service.rows(select(discarded)) == []
    assert kept(stored) == []


@pytest.mark.parametrize("size", [15_000_001, 20_000_000])
async def test_what_is_too_large_is_refused_with_413(report: Report, size: int) -> None:
    answer = await report.attach(JPEG + bytes(size - len(JPEG)))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["most_bytes"]) == (413, "content-too-large", 15_000_000)
    assert problem["errors"][0]["field"] == "body.file"


async def test_a_stranger_is_refused_before_the_body_is_read(report: Report) -> None:
    """A file of others costs nothing: not its bytes, and no answer about them."""

    async def unread() -> AsyncIterator[bytes]:
        yield b""
        raise AssertionError("the body was read")

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await report.service.client.post(report.path, content=unread(), headers=headers)
    assert answer.status_code == 404


GLUED = {
    "JPEG and a page": (JPEG + HTML, "image/jpeg"),
    "JPEG and an archive": (JPEG + archive(), "image/jpeg"),
    "JPEG and a PDF": (JPEG + PDF + MARK.encode(), "image/jpeg"),
    "PNG and an archive": (written(picture(), "PNG") + archive(), "image/png"),
    "PNG and a page": (written(picture(), "PNG") + HTML, "image/png"),
    "WebP and a page": (written(picture(), "WEBP") + HTML, "image/webp"),
}


@pytest.mark.parametrize("what", GLUED)
async def test_nothing_that_was_glued_on_survives(report: Report, stored: Path, what: str) -> None:
    content, media_type = GLUED[what]
    shown = await report.attached(content)
    assert shown["media_type"] == media_type
    served = (await report.get(shown["id"])).content
    files = [file.read_bytes() for file in kept(stored)]
    assert len(files) == 2
    for each in (served, *files):
        assert not any(sign in each for sign in (MARK.encode(), b"PK\x03\x04", b"<script", b"%PDF"))


SAYING = {kind: marked(kind) for kind in ("JPEG", "PNG", "WEBP")} | {"HEIC": TELEPHONE}


@pytest.mark.parametrize("kind", SAYING)
async def test_no_place_and_no_other_metadata_is_kept_or_served(
    report: Report, stored: Path, kind: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    assert MARK.encode() in SAYING[kind]
    answer = await report.attach(SAYING[kind])
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    served = [await report.get(shown["id"]), await report.get(f"{shown['id']}/thumbnail"), await report.get(), answer]
    files = kept(stored)
    rows = repr(await report.service.rows(select(attachments)))
    everything = [each.content for each in served] + [file.read_bytes() for file in files] + [rows.encode()]
    everything += [str(file).encode() for file in files] + [caplog.text.encode(), capsys.readouterr().out.encode()]
    for sign in (MARK.encode(), MARK.encode("utf-16-le"), b"Exif", b"adobe:ns:meta", "Nguyễn Văn A".encode()):
        assert not any(sign in each for each in everything), sign
    for each in served[:2]:
        image = Image.open(BytesIO(each.content))
        assert not image.getexif()
        assert not image.info.keys() & {"exif", "xmp", "comment", "icc_profile", "Comment"}


async def test_what_the_system_cannot_do_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (given := tmp_path / "given").write_bytes(JPEG)
    wanted = Wanted(list[MediaType](["image/jpeg"]), 1_000_000, 480)
    with pytest.raises(Overdue):
        await clean_apart(given, tmp_path / "nowhere", wanted, CapacityLimiter(1))


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_stands_upright_without_being_told(report: Report, orientation: int) -> None:
    shown = await report.attached(marked("JPEG", orientation))
    turned = Image.open(BytesIO((await report.get(shown["id"])).content))
    assert turned.size == (shown["width"], shown["height"]) == ((48, 64) if orientation > 4 else (64, 48))
