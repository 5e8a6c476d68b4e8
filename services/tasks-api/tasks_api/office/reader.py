"""What may be kept of a file that somebody sends: a picture, a PDF, or an office file. It runs in a process of its own.

Office files are kept to the byte: what is changed is no longer what was signed.
"""

from pathlib import Path
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.files.images import Cleaned, Fault, Unfit, Wanted, clean
from cchc_shared.files.packages import Package
from cchc_shared.files.unreadable import Unreadable
from tasks_api.office import open_document, open_xml, word97
from tasks_api.office.refusals import refuse_what_is_glued_on

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def cleaned(given: Path, folder: Path, wanted: Wanted, most_unpacked: int) -> Cleaned | Text:
    """Write it into the folder, or say what is wrong with an office file. Raises `Unfit` for others."""
    with given.open("rb") as file:
        head = file.read(len(_OLE))
    office = (_ZIP, _OLE) if word97.WORD in wanted.media_types else _ZIP
    if not head.startswith(office):
        return clean(given, folder, wanted)
    try:
        kind = _kind(given.read_bytes(), most_unpacked)
    except Unreadable as error:
        return error.message  # the error itself does not cross from one process to the other
    if kind not in wanted.media_types:
        raise Unfit(Fault.TYPE, ", ".join(sorted(wanted.media_types)))
    given.rename(folder / "clean")
    return Cleaned(kind)


def _kind(content: bytes, most_unpacked: int) -> str:
    """Its media type. Raises `Unreadable`."""
    if content.startswith(_OLE):
        return word97.kind_of(content)
    package = Package(content, most_unpacked)
    refuse_what_is_glued_on(content)
    if open_document.MIMETYPE in package:
        return open_document.kind_of(package)
    return open_xml.kind_of(package)
