"""What a file of a document is called, where its bytes are, and which one stands in whose place."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest

from tasks_api.documents.domain import DocumentFile, replacements
from tasks_api.tasks.rules import DocumentFileType

NOW = datetime(2024, 6, 3, tzinfo=UTC)


def file(id_: int = 1, **more: object) -> DocumentFile:
    fields = {"id": UUID(int=id_), "document_id": 1, "code": "VB-2024-000001", "number": 3, "media_type": "image/png"}
    bytes_ = {"size": 1, "sha256": b"\x01", "source_sha256": b"\x02", "scanned": False}
    return DocumentFile(**fields | bytes_ | {"added_at": NOW, "added_by": "an"} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize("media_type", sorted(set(get_args(DocumentFileType)) - {"image/heic"}))
def test_every_kind_that_is_kept_has_a_name_of_its_own(media_type: str) -> None:
    name = file(media_type=media_type).name
    assert name.startswith("van-ban-3.")
    assert not name.endswith(".bin")
    assert file(media_type="image/heic").name == "van-ban-3.bin", "it is kept as JPEG"


def test_bytes_are_where_the_hashes_say_until_it_is_taken_back() -> None:
    here = file(thumbnail_sha256=b"\xff")
    assert (here.key, here.thumbnail_key) == ("VB-2024-000001/01", "VB-2024-000001/ff")
    assert here.keys == {here.key, here.thumbnail_key}
    assert file().keys == {"VB-2024-000001/01"}
    gone = file(thumbnail_sha256=b"\xff", removed_at=NOW)
    assert (gone.key, gone.thumbnail_key, gone.keys) == (None, None, frozenset())


def test_what_was_taken_back_stands_in_no_place() -> None:
    first, second, third = file(1), file(2, replaces=UUID(int=1)), file(3, replaces=UUID(int=2))
    assert replacements([first, second, third]) == {UUID(int=1): UUID(int=2), UUID(int=2): UUID(int=3)}
    gone = file(3, replaces=UUID(int=2), removed_at=NOW)
    again = file(4, replaces=UUID(int=2))
    assert replacements([first, second, gone, again]) == {UUID(int=1): UUID(int=2), UUID(int=2): UUID(int=4)}
