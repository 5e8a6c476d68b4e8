"""Files that are sent, kept and read back."""

from io import BytesIO

from PIL import Image

from .conftest import Report
from .files import jpeg


async def test_a_picture_is_kept_and_shown(report: Report) -> None:
    answer = await report.attach(jpeg(1000, 800), purpose="before", caption="  Vỉa hè hỏng ")
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown.items() >= {
        "name": "anh-1.jpg", "media_type": "image/jpeg", "purpose": "before", "caption": "Vỉa hè hỏng", "by": "sender",
        "public": False, "scan": "unscanned", "width": 1000, "height": 800,
    }.items()
    assert answer.headers["Location"] == f"{report.path}/{shown['id']}"
    content = await report.get(shown["id"])
    assert (content.status_code, content.headers["Content-Type"]) == (200, "image/jpeg")
    assert len(content.content) == shown["bytes"]
    small = await report.service.client.get(shown["thumbnail"], headers=report.secret)
    assert Image.open(BytesIO(small.content)).size == (480, 384)
