"""Texts of LibreOffice (OpenDocument, ISO/IEC 26300): .odt."""

import posixpath
import re
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from cchc_shared.files.packages import Package, broken, encrypted
from tasks_api.office.refusals import active, fetching

MIMETYPE: Final = "mimetype"
"""The part that says what the file is."""
TEXT: Final = "application/vnd.oasis.opendocument.text"
_MANIFEST: Final = "META-INF/manifest.xml"
_MAIN: Final = "content.xml"
_READ: Final = ("content.xml", "styles.xml")
"""Parts that hold what is shown, of the text itself and of the charts and formulas in it."""
_RUNNING: Final = ("basic/", "scripts/", "dialogs/")
_ACTIVE: Final = frozenset({"script", "event-listener", "execute-macro", "object-ole", "plugin", "applet"})
_FETCHING: Final = frozenset({"floating-frame", "dde-source", "dde-connection-decl"})
_CLICKED: Final = "a"
"""Links that people click on are none that fetch."""
_HREF: Final = "http://www.w3.org/1999/xlink href"
_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]", re.IGNORECASE | re.ASCII)


def kind_of(package: Package) -> str:
    """Its media type. Raises `Unreadable`."""
    kind = package.bytes_of(MIMETYPE).decode("ascii", "replace")
    if kind != TEXT or _MAIN not in package:
        raise broken()
    if any(name.startswith(_RUNNING) for name in package.names):
        raise active()
    if _MANIFEST in package and next(package.elements(_MANIFEST, ("encryption-data",)), None) is not None:
        raise encrypted()
    for name in package.names:
        if posixpath.basename(name) in _READ:
            _look_into(package.bytes_of(name), posixpath.dirname(name))
    return kind


def _look_into(content: bytes, folder: str) -> None:
    """A part may be large: it is read without being kept."""

    def look(name: str, attributes: Mapping[str, str]) -> None:
        element = name.rpartition(" ")[2]
        if element in _ACTIVE:
            raise active()
        if element in _FETCHING or (element != _CLICKED and _is_elsewhere(attributes.get(_HREF, ""), folder)):
            raise fetching()

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = look
    try:
        parser.Parse(content, True)  # noqa: FBT003 - it takes no names
    except expat.ExpatError as error:
        raise broken() from error


def _is_elsewhere(href: str, folder: str) -> bool:
    """Whether an address leads out of the file."""
    if _ELSEWHERE.match(href):
        return True
    return posixpath.normpath(posixpath.join(folder, href)).startswith("..")
