"""What a piece of evidence is called, and where its bytes are."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import pytest

from tasks_api.evidence.domain import Evidence
from tasks_api.tasks.rules import EvidenceType

NOW = datetime(2024, 6, 3, tzinfo=UTC)


def evidence(**more: object) -> Evidence:
    fields = {"id": UUID(int=1), "task_id": 1, "code": "NV-1", "number": 3, "unit": "a", "added_at": NOW}
    return Evidence(**fields | {"added_by": "an"} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize("media_type", sorted(set(get_args(EvidenceType)) - {"image/heic"}))
def test_every_kind_that_is_kept_has_a_name_of_its_own(media_type: str) -> None:
    name = evidence(media_type=media_type, sha256=b"1").name
    assert name.isascii()
    assert "-3." in name
    assert not name.endswith(".bin")


def test_bytes_are_where_the_hash_says_until_it_is_taken_back() -> None:
    assert evidence(sha256=bytes.fromhex("00ff")).key == "NV-1/00ff"
    assert evidence(sha256=b"1", removed_at=NOW).key is None
    assert evidence(url="https://a.vn").key is None
    assert evidence(url="https://a.vn").name == "lien-ket-3"
