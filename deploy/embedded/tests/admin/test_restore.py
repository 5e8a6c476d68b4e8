"""What stood in the place of a restored folder is put aside, and never lost."""

from pathlib import Path

import pytest

from cchc_embedded.admin import restore

pytestmark = pytest.mark.unit


def test_two_restores_within_one_second_put_both_former_folders_aside(tmp_path: Path) -> None:
    place = tmp_path / "postgres"
    for words in ("first", "second", "third"):
        made = tmp_path / "draft"
        made.mkdir()
        (made / "words").write_text(words)
        restore._put(made, place)
    assert (place / "words").read_text() == "third"
    former = sorted(tmp_path.glob("postgres-before-*"))
    assert [(each / "words").read_text() for each in former] == ["first", "second"]
