"""Files of Microsoft Office (ISO/IEC 29500): .docx, .xlsx, .pptx."""

from typing import Final
from xml.parsers import expat

from lxml import etree

from cchc_shared.files.packages import Package, broken
from tasks_api.office.refusals import active, fetching

_KINDS: Final = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""By the folder of its main part."""
_LARGEST_LIST: Final = 5_000_000
"""In bytes."""
_RUNNING: Final = ("/macrosheets/", "/activex/", "/ctrlprops/", "vbaproject.bin", "vbadata.xml")
_ACTIVE: Final = ("macroenabled", "ms-office.activex", "ms-excel.intlmacrosheet", "ms-excel.macrosheet")
"""In the types of its parts, which may have any name."""
_FETCHED: Final = ("/attachedtemplate", "/oleobject", "/frame", "/subdocument", "/aftchunk", "/externallinkpath")
"""Relations that make a program fetch something when the file is opened; links that people click on are none."""


def kind_of(package: Package) -> str:
    """Its media type. Raises `Unreadable`."""
    if any(part in f"/{name}" for name in package.names for part in _RUNNING):
        raise active()
    types = [each.get("ContentType", "").lower() for each in _listed(package, "[Content_Types].xml")]
    if any(word in each for each in types for word in _ACTIVE):
        raise active()
    if any("/embeddings/" in f"/{name}" and name.endswith(".bin") for name in package.names):
        raise active()
    for name in package.names:
        if name.endswith(".rels"):
            _refuse_what_is_fetched(package, name)
    main = package.main()
    kind = next((kind for folder, kind in _KINDS.items() if main.startswith(folder) and main.endswith(".xml")), None)
    if kind is None or main not in package:
        raise broken()
    _check_xml(package.bytes_of(main))
    return kind


def _listed(package: Package, name: str) -> etree._Element:
    """A part that lists others, which is never large."""
    if len(package.bytes_of(name)) > _LARGEST_LIST:
        raise broken()
    return package.tree(name)


def _check_xml(content: bytes) -> None:
    """A document may be large: it is read without being kept."""
    try:
        expat.ParserCreate().Parse(content, True)  # noqa: FBT003 - it takes no names
    except expat.ExpatError as error:
        raise broken() from error


def _refuse_what_is_fetched(package: Package, name: str) -> None:
    for each in _listed(package, name):
        kind = each.get("Type", "").lower()
        if each.get("TargetMode", "").lower() == "external" and kind.endswith(_FETCHED):
            raise fetching()
