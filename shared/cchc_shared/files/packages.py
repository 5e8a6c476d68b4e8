"""Office files are ZIP archives of XML from strangers: what they unpack to is bounded before anything is unpacked."""

import io
import posixpath
import zipfile
from collections.abc import Collection, Iterator
from typing import Final

from lxml import etree

from cchc_shared.files.unreadable import Unreadable

_MOST_ENTRIES: Final = 2000
_PROLOGUE: Final = 4096
_OFFICE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"


class Package:
    """The parts of a .docx or .xlsx. Links to other files are never followed; macros are refused."""

    def __init__(self, content: bytes, most_unpacked: int) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise broken() from error
        entries = self._archive.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise encrypted()
        if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > most_unpacked:
            raise Unreadable(
                "Tệp nén quá nhiều dữ liệu: hãy chỉ giữ bảng cần gửi trong tệp.",
                "The file unpacks to too much: keep only the table in it that is meant.",
            )
        self._names = {entry.filename.lower(): entry for entry in entries}
        if any(name.endswith("vbaproject.bin") for name in self._names):
            raise Unreadable(
                "Tệp có macro: hãy lưu lại dưới dạng .docx hoặc .xlsx thường.",
                "The file has macros: save it as a plain .docx or .xlsx.",
            )

    @property
    def names(self) -> Collection[str]:
        """Its parts, in lower case."""
        return self._names.keys()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def bytes_of(self, name: str) -> bytes:
        """A part, unpacked to no more than the archive's directory says of it."""
        entry = self._names.get(name.lower())
        if entry is None:
            raise broken()
        try:
            with self._archive.open(entry) as part:
                content = part.read(entry.file_size + 1)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise broken() from error
        except Exception as error:  # the decompressors of zipfile have errors of their own
            raise broken() from error
        if len(content) > entry.file_size or b"<!DOCTYPE" in content[:_PROLOGUE]:  # no office suite writes one
            raise broken()
        return content

    def tree(self, name: str) -> etree._Element:
        """A part as XML, without entities or anything from outside."""
        try:
            return etree.fromstring(self.bytes_of(name), _parser())
        except (etree.XMLSyntaxError, ValueError) as error:
            raise broken() from error

    def elements(self, name: str, tags: tuple[str, ...]) -> Iterator[etree._Element]:
        """Elements of a large part one after another, each gone when the next comes. Tags have no name space."""
        wanted = [f"{{*}}{tag}" for tag in tags]
        events = etree.iterparse(
            io.BytesIO(self.bytes_of(name)), tag=wanted, resolve_entities=False, no_network=True, huge_tree=False
        )
        try:
            for _, element in events:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except (etree.XMLSyntaxError, ValueError) as error:
            raise broken() from error

    def related(self, part: str) -> dict[str, str]:
        """The parts to which a part points, by id; what lies outside of the file is left out."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self:
            return {}
        found = {}
        for each in self.tree(relations):
            target = each.get("Target", "")
            if each.get("TargetMode") != "External":
                path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[each.get("Id", "")] = posixpath.normpath(path)
        return found

    def main(self) -> str:
        """The part with which the file begins."""
        for each in self.tree("_rels/.rels"):
            if each.get("Type", "").endswith("/officeDocument"):
                return posixpath.normpath(str(each.get("Target", "")).lstrip("/"))
        raise broken()


def relation(element: etree._Element) -> str:
    """The id of the part that an element stands for."""
    return str(element.get(f"{_OFFICE}id") or element.get(f"{_STRICT}id") or "")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)


def broken() -> Unreadable:
    return Unreadable(
        "Tệp hỏng hoặc không phải .docx, .xlsx: hãy mở bằng phần mềm văn phòng và lưu lại.",
        "The file is broken or no .docx or .xlsx: open it in an office suite and save it again.",
    )


def encrypted() -> Unreadable:
    return Unreadable(
        "Tệp có mật khẩu: hãy lưu lại không đặt mật khẩu.", "The file has a password: save it without one."
    )
