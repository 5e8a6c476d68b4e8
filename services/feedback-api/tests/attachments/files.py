"""Files of every kind that people send, and kinds that nobody should."""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

MARK: Final = "ParisSecretPlace"
"""Stands in every metadata field of a marked file: whoever finds it later has found metadata."""
HTML: Final = b"<!DOCTYPE html><html><script>alert('" + MARK.encode() + b"')</script></html>"
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A gradient: no two corners look alike."""
    image = Image.linear_gradient("L").resize((width, height))
    other = image.rotate(90, expand=True).resize((width, height))
    merged = Image.merge("RGB", (image, other, image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)))
    return merged.convert(mode)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(width: int = 64, height: int = 48, **options: object) -> bytes:
    return written(picture(width, height), "JPEG", **options)


def exif(orientation: int = 1) -> Image.Exif:
    """Where, when and with what, and a small picture inside."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = data[0x0110] = data[0x013B] = data[0x8298] = data[0x010E] = MARK
    place = data.get_ifd(0x8825)
    place.update({1: "N", 2: (21.0, 1.0, 42.0), 3: "E", 4: (105.0, 50.0, 3.0), 0x1B: MARK.encode()})
    data.get_ifd(0x8769).update({0x9003: "2026:11:18 09:00:00", 0x9286: MARK.encode()})
    return data


def marked(kind: str, orientation: int = 1) -> bytes:
    """A picture with the mark in everything that is not its picture."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK.encode()
    options: dict[str, object] = {"exif": exif(orientation), "icc_profile": profile}
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><place>{MARK}</place></x:xmpmeta>".encode()
    match kind:
        case "JPEG":
            options |= {"comment": MARK, "xmp": xmp}
        case "WEBP":
            options |= {"xmp": xmp}
        case "PNG":
            notes = PngInfo()
            notes.add_text("Comment", MARK)
            notes.add_itxt("XML:com.adobe.xmp", xmp.decode())
            options |= {"pnginfo": notes}
    return written(picture(), kind, **options)


def archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr(f"{MARK}.txt", MARK)
    return file.getvalue()


def bomb(side: int = 10_000) -> bytes:
    """A PNG that says it has a hundred million pixels, in a few kilobytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
