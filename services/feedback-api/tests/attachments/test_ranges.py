"""Parts of files: what a viewer of large pictures and a broken download ask for."""

import pytest

from .conftest import Report
from .files import PDF, jpeg


@pytest.mark.parametrize("of", ["picture", "thumbnail", "document"])
async def test_a_part_is_answered_with_its_place_in_the_whole(report: Report, of: str) -> None:
    shown = await report.attached(PDF if of == "document" else jpeg(800, 600))
    path = f"{shown['id']}/thumbnail" if of == "thumbnail" else shown["id"]
    whole = await report.get(path)
    content = whole.content
    assert whole.headers["Accept-Ranges"] == "bytes"
    last = len(content) - 1
    for wanted, expected in (
        ("bytes=0-9", (0, 9)),
        ("bytes=10-", (10, last)),
        ("bytes=-5", (last - 4, last)),
        (f"bytes=3-{last + 100}", (3, last)),
    ):
        part = await report.get(path, "citizen", Range=wanted)
        first, until = expected
        assert (part.status_code, part.content) == (206, content[first : until + 1]), wanted
        assert part.headers["Content-Range"] == f"bytes {first}-{until}/{len(content)}"
        for name in ("ETag", "Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Security-Policy"):
            assert part.headers[name] == whole.headers[name]
    pieces = [(await report.get(path, "citizen", Range=f"bytes={at}-{at + 99}")).content for at in range(0, last, 100)]
    assert b"".join(pieces) == content


async def test_bytes_that_are_not_there(report: Report) -> None:
    shown = await report.attached(PDF)
    answer = await report.get(shown["id"], "citizen", Range=f"bytes={len(PDF)}-")
    assert (answer.status_code, answer.json()["code"]) == (416, "out-of-range")
    assert answer.headers["Content-Range"] == f"bytes */{len(PDF)}"


async def test_the_whole_is_sent_where_a_part_would_not_fit(report: Report) -> None:
    shown = await report.attached(PDF)
    tag = (await report.get(shown["id"])).headers["ETag"]
    for headers, status in (
        ({"Range": "bytes=0-9", "If-Range": tag}, 206),
        ({"Range": "bytes=0-9", "If-Range": '"another"'}, 200),
        ({"Range": "bytes=0-9", "If-Range": f"W/{tag}"}, 200),
        ({"Range": "bytes=0-9", "If-Range": "Wed, 18 Nov 2026 08:59:00 GMT"}, 200),
        ({"Range": "bytes=0-1,4-5"}, 200),
        ({"Range": "pages=1-2"}, 200),
        ({"Range": "bytes=0-9", "If-None-Match": tag}, 304),
        ({"Range": "bytes=0-9", "If-None-Match": '"another"'}, 206),
    ):
        answer = await report.get(shown["id"], "citizen", **headers)
        assert answer.status_code == status, headers
        assert ("Content-Range" in answer.headers) == (status == 206)
        assert answer.content == {200: PDF, 206: PDF[:10], 304: b""}[status]


async def test_a_range_does_not_count_for_head(report: Report) -> None:
    shown = await report.attached(PDF)
    path = f"{report.path}/{shown['id']}"
    head = await report.service.client.head(path, headers=report.secret | {"Range": "bytes=0-9"})
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(PDF)))


@pytest.mark.parametrize("who", ["nobody", "other_citizen"])
async def test_who_may_not_read_it_learns_nothing_of_its_size(report: Report, who: str) -> None:
    shown = await report.attached(PDF)
    for wanted in ("bytes=0-9", "bytes=999999-"):
        answer = await report.get(shown["id"], who, Range=wanted)
        assert (answer.status_code, "Content-Range" in answer.headers) == (404, False)


async def test_what_is_not_there_is_not_unchanged(report: Report) -> None:
    """A document has no thumbnail, whatever its reader has seen."""
    shown = await report.attached(PDF)
    answer = await report.get(f"{shown['id']}/thumbnail", "citizen", **{"If-None-Match": "*"})
    assert answer.status_code == 404
