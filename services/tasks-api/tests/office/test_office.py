"""What is kept of office files, and why others are not: without a server."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.provenance import Text
from cchc_shared.files.images import Cleaned, Unfit, Wanted
from tasks_api.office.reader import cleaned
from tasks_api.tasks.rules import DocumentFileType, EvidenceType

from ..evidence.papers import PDF, office, types_of
from .files import BAD, DOC, GOOD, ODT, doc, odt

MOST = 200_000_000
ALL = frozenset(get_args(DocumentFileType))


def read(folder: Path, content: bytes, media_types: frozenset[str] = ALL) -> Cleaned | Text:
    (folder / "given").write_bytes(content)
    return cleaned(folder / "given", folder, Wanted(media_types, 1_000_000, 100), MOST)


@pytest.mark.parametrize("what", GOOD)
def test_texts_are_kept_to_the_byte(tmp_path: Path, what: str) -> None:
    kind, content = GOOD[what]
    assert read(tmp_path, content) == Cleaned(kind)
    assert (tmp_path / "clean").read_bytes() == content


@pytest.mark.parametrize("what", BAD)
def test_what_runs_is_fetched_or_cannot_be_read_is_refused(tmp_path: Path, what: str) -> None:
    answer = read(tmp_path, BAD[what])
    assert isinstance(answer, Text), answer
    assert not (tmp_path / "clean").exists()


@pytest.mark.parametrize(("kind", "content"), [(ODT, odt()), (DOC, doc()), (types_of("docx"), office())])
def test_only_what_is_wanted_is_taken(tmp_path: Path, kind: str, content: bytes) -> None:
    with pytest.raises(Unfit):
        read(tmp_path, content, ALL - {kind})


def test_evidence_knows_no_files_that_its_rules_do_not_name(tmp_path: Path) -> None:
    assert {ODT, DOC}.isdisjoint(get_args(EvidenceType))
    assert read(tmp_path, PDF) == Cleaned("application/pdf")


@given(st.data())
def test_a_damaged_file_of_word_is_refused_or_kept_and_breaks_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(doc(template="x", storages="Data"))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    whole = bytes(content[: data.draw(st.integers(8, len(content)))])
    assert isinstance(read(tmp_path_factory.mktemp("doc"), whole), Cleaned | Text)
