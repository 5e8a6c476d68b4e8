"""Documents of Open311 as XML and as JSON. The JSON is the XML by the Spark convention: without the root's name, lists
for containers even of one, and null for what is empty."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from starlette.responses import Response

Format = Literal["xml", "json"]
MEDIA: Final[Mapping[str, str]] = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
ITEMS: Final = {
    "attributes": "attribute",
    "endpoints": "endpoint",
    "errors": "error",
    "formats": "format",
    "service_request_updates": "request_update",
    "service_requests": "request",
    "services": "service",
    "values": "value",
}
"""Container → what each element in it is called in XML."""

# Control characters may stand in a report, and XML 1.0 (2.2) has no way to write them.
_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(form: Format, root: str, content: Any, *, status: int = 200, language: str) -> Response:
    """The document as a response, its texts in that language.

    `content` is made of dicts, lists, texts, numbers, booleans and None.
    """
    body = xml(root, content) if form == "xml" else msgspec.json.encode(content)
    return Response(body, status, {"Content-Type": MEDIA[form], "Content-Language": language})


def xml(root: str, content: Any) -> bytes:
    """The content as an XML document in UTF-8."""
    element = Element(root)
    _fill(element, content)
    body: bytes = tostring(element, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _fill(element: Element, content: Any) -> None:
    match content:
        case None:
            pass
        case dict():
            for name, value in content.items():
                _fill(SubElement(element, name), value)
        case list():
            for each in content:
                _fill(SubElement(element, ITEMS[element.tag]), each)
        case bool():
            element.text = "true" if content else "false"
        case _:
            element.text = _UNWRITABLE.sub("\ufffd", str(content))
