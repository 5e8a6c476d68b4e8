"""Files of LibreOffice and of earlier Word, and some that pretend to be."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Final

ODT: Final = "application/vnd.oasis.opendocument.text"
DOC: Final = "application/msword"
_SECTOR: Final = 512
_END: Final = 0xFFFFFFFE
_FREE: Final = 0xFFFFFFFF
_FIRST: Final = 4096
"""Smaller streams would stand elsewhere."""


def content(inner: str = "<text:p>Căn cứ</text:p>") -> str:
    """The main part of an .odt."""
    return (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
        'xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"><office:scripts/>'
        f"<office:body><office:text>{inner}</office:text></office:body></office:document-content>"
    )


def odt(parts: Mapping[str, str | bytes] = {}, mimetype: str = ODT) -> bytes:
    """A small text, with more parts or others."""
    whole: dict[str, str | bytes] = {"mimetype": mimetype, "content.xml": content()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in (whole | dict(parts)).items():
            archive.writestr(name, each, zipfile.ZIP_STORED if name == "mimetype" else None)
    return file.getvalue()


def linking(element: str, href: str) -> bytes:
    """An .odt with one element that has an address."""
    return odt({"content.xml": content(f'<{element} xlink:href="{href}"/>')})


def doc(*, version: int = 0xC1, flags: int = 0, text: bytes = b"", template: str = "", storages: str = "") -> bytes:
    """A small file of Word 97. `storages` are folders with one stream each, separated by spaces."""
    names = struct.pack("<HHH", 0xFFFF, 2, 0) + struct.pack("<H", 0) + struct.pack("<H", len(template))
    names += template.encode("utf-16-le")
    head = bytearray(2048)
    struct.pack_into("<HH6xH", head, 0, 0xA5EC, version, flags)
    struct.pack_into("<II", head, 0x9A + 32 * 8, 0, len(names))
    table = "1Table" if flags & 0x200 else "0Table"
    return compound({"WordDocument": bytes(head) + text, table: names}, storages.split())


def compound(streams: Mapping[str, bytes], storages: Sequence[str] = ()) -> bytes:
    """A compound file (MS-CFB) with these streams, and one more in each of the storages."""
    entries = [("Root Entry", 5, b"")]
    entries += [(name, 2, each.ljust(_FIRST, b"\0")) for name, each in streams.items()]
    first_storage = len(entries)
    for name in storages:
        entries += [(name, 1, b""), ("within", 2, bytes(_FIRST))]
    directory = -(-len(entries) // 4)
    table, body, listed, at = [0xFFFFFFFD, *_chain(1, directory)], b"", b"", 1 + directory
    for number, (name, kind, each) in enumerate(entries):
        sectors = -(-len(each) // _SECTOR)
        top = number < first_storage or kind == 1
        following = number + (1 if number < first_storage else 2)
        right = following if number and top and following < len(entries) else _FREE
        child = 1 if kind == 5 else number + 1 if kind == 1 else _FREE
        encoded = (name + "\0").encode("utf-16-le")
        listed += struct.pack("<64sHBBIII", encoded, len(encoded), kind, 1, _FREE, right, child)
        listed += struct.pack("<16x4x16xIQ", at if sectors else _END if kind == 5 else 0, len(each))
        table += _chain(at, sectors)
        body += each.ljust(sectors * _SECTOR, b"\0")
        at += sectors
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, _FIRST, _END, 0, _END, 0),
    )
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    fat = struct.pack("<128I", *(table + [_FREE] * (128 - len(table))))
    return head + fat + listed.ljust(directory * _SECTOR, b"\0") + body


def _chain(first: int, sectors: int) -> list[int]:
    return [*range(first + 1, first + sectors), _END] if sectors else []


BAD: Final[Mapping[str, bytes]] = {
    "macros of LibreOffice": odt({"Basic/Standard/Module1.xml": "<m/>"}),
    "a script": odt({"Scripts/python/x.py": "import os"}),
    "a script in the text": odt({"content.xml": content('<script:event-listener script:language="ooo:script"/>')}),
    "a macro to click on": odt({"content.xml": content("<text:execute-macro/>")}),
    "an embedded program": linking("draw:object-ole", "./Object 1"),
    "a picture from elsewhere": linking("draw:image", "https://attacker.example/x.png"),
    "a picture from a share": linking("draw:image", "//attacker/x.png"),
    "a picture beside the file": linking("draw:image", "../x.png"),
    "a section from elsewhere": linking("text:section-source", "file:///etc/passwd"),
    "a chart from elsewhere": odt({"Object 1/content.xml": content('<draw:image xlink:href="http://a.vn"/>')}),
    "styles from elsewhere": odt({"styles.xml": content('<draw:fill-image xlink:href="http://a.vn"/>')}),
    "a live table": odt({"content.xml": content("<office:dde-source/>")}),
    "a secret text": odt({"META-INF/manifest.xml": '<m xmlns="urn:m"><encryption-data/></m>'}),
    "no XML at all": odt({"content.xml": "<a>"}),
    "an entity": odt({"content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    "a template of LibreOffice": odt(mimetype=f"{ODT}-template"),
    "a text with something behind": odt() + b"<script>",
    "macros of Word": doc(storages="Macros"),
    "macros of Word, hidden": doc(storages="_VBA_PROJECT_CUR"),
    "a program in Word": doc(storages="ObjectPool"),
    "a program that Word starts": doc(text=b"\x13 DDEAUTO c:\\\\x \x15"),
    "the same in two bytes": doc(text="\x13DDE c:\\\\x \x15".encode("utf-16-le")),
    "a template of Word from elsewhere": doc(template="http://attacker.example/mau.dot"),
    "a template of Word from a share": doc(template="\\\\attacker\\mau.dot"),
    "a secret file of Word": doc(flags=0x100),
    "Word 95": doc(version=0x68),
    "no file of Word": compound({"Workbook": b""}),
    "half a file of Word": doc()[:1500],
    "nothing of Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
}
GOOD: Final[Mapping[str, tuple[str, bytes]]] = {
    "a text": (ODT, odt()),
    "a text with a link": (ODT, linking("text:a", "https://hanoi.gov.vn")),
    "a text with its picture": (ODT, linking("draw:image", "Pictures/1.png")),
    "a text with a chart": (ODT, odt({"Object 1/content.xml": content('<draw:object xlink:href=".."/>')})),
    "a file of Word": (DOC, doc()),
    "the other table": (DOC, doc(flags=0x200, template="C:\\Users\\Normal.dot")),
}
