"""Archives that hurt are refused before anything of them is unpacked."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.files.packages import Package
from cchc_shared.files.unreadable import Unreadable
from tests.support.vietnamese import foreign_words

MOST = 1_000_000
RELATIONS = (
    '<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="xl/workbook.xml"/>'
    '<Relationship Id="r2" Type="http://x/hyperlink" Target="http://elsewhere" TargetMode="External"/></Relationships>'
)
ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'


def archive(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def encrypted(content: bytes) -> bytes:
    """With the flag that says so set in the directory."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + bytes([content[at] | 1]) + content[at + 1 :]


REFUSED = {
    "nothing": b"",
    "no archive": b"PK\x03\x04" + bytes(50),
    "half of one": archive({"a.xml": "<a/>" * 100})[:60],
    "a bomb": archive({"a.bin": bytes(MOST + 1)}),
    "too many parts": archive({f"{number}.xml": "" for number in range(2_001)}),
    "macros": archive({"xl/vbaProject.bin": "x"}),
    "a password": encrypted(archive({"a.xml": "<a/>"})),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_it_comes(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        Package(REFUSED[name], MOST)
    assert foreign_words(refused.value.message.vi) == []


@pytest.mark.parametrize("part", [ENTITIES, "<a", "<a>" * 300, ""])
def test_a_part_that_is_no_plain_xml_is_refused(part: str) -> None:
    package = Package(archive({"a.xml": part}), MOST)
    with pytest.raises(Unreadable):
        package.tree("a.xml")
    with pytest.raises(Unreadable):
        list(package.elements("a.xml", ("b",)))


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    content = archive({"a.xml": "<a>" + "x" * 1000 + "</a>"})
    size = (1007).to_bytes(4, "little")
    assert content.count(size) == 2
    package = Package(content.replace(size, (10).to_bytes(4, "little")), MOST)
    with pytest.raises(Unreadable):
        package.bytes_of("a.xml")


def test_only_parts_of_the_file_itself_are_related() -> None:
    package = Package(archive({"_rels/.rels": RELATIONS, "xl/_rels/a.xml.rels": RELATIONS}), MOST)
    assert package.main() == "xl/workbook.xml"
    assert package.related("xl/a.xml") == {"r1": "xl/xl/workbook.xml"}
    assert package.related("xl/none.xml") == {}
    with pytest.raises(Unreadable):
        package.bytes_of("xl/workbook.xml")


@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_archive_is_read_or_refused(place: int, value: int) -> None:
    content = bytearray(archive({"a.xml": "<a><b>1</b><b>2</b></a>"}))
    content[place % len(content)] = value
    try:
        package = Package(bytes(content), MOST)
        for name in package.names:
            package.tree(name)
    except Unreadable:
        return
