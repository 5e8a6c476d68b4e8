"""Files of Word 97 to 2003 (MS-DOC in a compound file, MS-CFB): .doc."""

import io
import re
import struct
from typing import Final

import olefile

from cchc_shared.files.packages import broken, encrypted
from cchc_shared.files.unreadable import Unreadable
from tasks_api.office.refusals import active, fetching, outdated

WORD: Final = "application/msword"
_MAIN: Final = "WordDocument"
_OF_WORD: Final = 0xA5EC
_OF_97: Final = 0x00C1
"""Earlier versions keep their macros among the text."""
_ENCRYPTED: Final = 0x0100
_SECOND_TABLE: Final = 0x0200
_NAMES: Final = 0x9A + 32 * 8
"""Where the head says which names go with the document: MS-DOC 2.5.6, `fcSttbfAssoc`."""
_TEMPLATE: Final = 1
"""Its number among them."""
_RUNNING: Final = frozenset({"macros", "_vba_project_cur", "vba", "_vba_project"})
_EMBEDDED: Final = "objectpool"
_DDE: Final = re.compile(rb"\x13 *DDE|\x13\x00(?: \x00)*D\x00D\x00E\x00", re.IGNORECASE)
"""A field that starts another program, in either form that texts have."""
_LARGEST_NAMES: Final = 1_000_000


def kind_of(content: bytes) -> str:
    """Its media type. Raises `Unreadable`."""
    try:
        with olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_INCORRECT) as file:
            _look_into(file)
    except Unreadable:
        raise
    except (OSError, struct.error, ValueError, IndexError) as error:
        raise broken() from error
    return WORD


def _look_into(file: olefile.OleFileIO) -> None:
    if not file.exists(_MAIN):
        raise broken()
    parts = [[name.lower() for name in path] for path in file.listdir(streams=True, storages=True)]
    if any(_RUNNING.intersection(path) or (path[0] == _EMBEDDED and len(path) > 1) for path in parts):
        raise active()
    text = file.openstream(_MAIN).read()
    word, version, flags = struct.unpack_from("<HH6xH", text)
    if word != _OF_WORD:
        raise broken()
    if version < _OF_97:
        raise outdated()
    if flags & _ENCRYPTED:
        raise encrypted()
    if _DDE.search(text):
        raise active()
    start, size = struct.unpack_from("<II", text, _NAMES)
    table = file.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
    template = _name(table[start : start + min(size, _LARGEST_NAMES)], _TEMPLATE)
    if "://" in template or template.startswith("\\\\"):
        raise fetching()


def _name(names: bytes, number: int) -> str:
    """One of a list of names (MS-DOC 2.2.4, of two bytes a character); empty where there is none."""
    if not names:
        return ""
    mark, count, extra = struct.unpack_from("<HHH", names)
    if mark != 0xFFFF or number >= count:
        return ""
    at = 6
    for _ in range(number):
        at += 2 + 2 * int(struct.unpack_from("<H", names, at)[0]) + extra
    length = int(struct.unpack_from("<H", names, at)[0])
    return names[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
