"""Makes of a file what may be kept: an image without anything but its picture, or a PDF as it is.

It runs in a process of its own (`clean_apart`), which may be killed: files of strangers are read here.
"""

import asyncio
import re
import warnings
from collections.abc import Callable, Collection
from contextlib import suppress
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from cchc_shared.contract.provenance import Text

T = TypeVar("T")
MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"]
PDF: Final = "application/pdf"
THUMBNAIL: Final = "image/webp"

AT_ONCE: Final = 2
"""Files that are read at once by one process of the service; one of the largest takes half a gigabyte."""
SECONDS: Final = 25.0
"""How long one may take, waiting included: less than a caller's patience."""

_READERS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
_KEPT_AS: Final = {"JPEG": "JPEG", "MPO": "JPEG", "HEIF": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
"""MPO is what some telephones write: a JPEG with further pictures behind it."""
_SAVED: Final = {"JPEG": {"quality": 90}, "PNG": {}, "WEBP": {"quality": 90}}
_END_OF_PDF: Final = re.compile(rb"%%EOF[\s\x00]*\Z")


class Fault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TYPE = "type"
    BROKEN = "broken"
    PIXELS = "pixels"


class Unfit(Exception):
    """The file is not taken: a `Fault`, with names or numbers that need no language."""

    @property
    def fault(self) -> Fault:
        return Fault(self.args[0])

    @property
    def detail(self) -> str:
        return str(self.args[1])


class Overdue(Exception):
    """The file could not be read in time, or not for want of memory, disk or processes: that is no fault of it."""


class Wanted(NamedTuple):
    """What is taken, and how large a thumbnail is made; None for none."""

    media_types: Collection[str]
    most_pixels: int
    thumbnail_pixels: int | None


class Cleaned(NamedTuple):
    """What stands in the folder now: `clean`, and `thumbnail` for an image if wanted. Sides are in pixels."""

    media_type: str
    width: int | None = None
    height: int | None = None
    has_thumbnail: bool = False


Read = Callable[[Path, Path, Wanted], Cleaned | Text]
"""Writes what may be kept of a file into a folder; a text says why nothing is. It raises `Unfit`."""


async def apart(read: Callable[..., T], *given: object, places: CapacityLimiter) -> T:
    """Have a file read by another process. Raises what the reader does, `Overdue`, and `BrokenWorkerProcess` for a file
    that ends its reader."""
    try:
        async with asyncio.timeout(SECONDS):
            return await to_process.run_sync(read, *given, cancellable=True, limiter=places)
    except (OSError, MemoryError) as error:
        raise Overdue from error
    except BrokenWorkerProcess as error:
        if error.args:  # it never came to the file
            raise Overdue from error
        raise


def clean(given: Path, folder: Path, wanted: Wanted) -> Cleaned:
    """Write what may be kept of the file into the folder, with its thumbnail. Raises `Unfit`.

    The type is what the content says. Of an image the picture alone is written anew, turned as its camera was held and
    in sRGB: neither its metadata (place, time, device, comments, thumbnails) nor anything that was glued to it remains.
    A PDF is kept to the byte, so it may begin and end as a PDF only.
    """
    with given.open("rb") as file:
        head = file.read(5)
    if not head:
        raise Unfit(Fault.EMPTY, "")
    if head == b"%PDF-" and PDF in wanted.media_types:
        return _keep_pdf(given, folder)
    _set_up(wanted.most_pixels)
    formats = [reader for media_type, reader in _READERS.items() if media_type in wanted.media_types]
    try:
        with Image.open(given, formats=formats) as image:
            return _redraw(image, folder, wanted)
    except UnidentifiedImageError as error:
        raise Unfit(Fault.TYPE, ", ".join(sorted(wanted.media_types))) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit(Fault.PIXELS, str(wanted.most_pixels)) from error
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # libraries of pictures raise whatever they like
        if isinstance(error, OSError) and error.errno is not None:  # the system's own
            raise
        raise Unfit(Fault.BROKEN, "") from error


async def clean_apart(
    given: Path, folder: Path, wanted: Wanted, places: CapacityLimiter, read: Read = clean
) -> Cleaned | Text:
    """Have it read in another process. Raises `Unfit`, or `Overdue`."""
    try:
        return await apart(read, given, folder, wanted, places=places)
    except BrokenWorkerProcess as error:
        raise Unfit(Fault.BROKEN, "") from error  # whoever crashes its reader is no picture


def is_smaller(file: Path, pixels: int) -> bool:
    """Whether it is a picture whose sides are both shorter than that, as its header says."""
    try:
        with Image.open(file, formats=(*_READERS.values(), "GIF")) as image:
            return max(image.size) < pixels
    except Exception:  # noqa: BLE001 - libraries of pictures raise whatever they like
        return False


def _keep_pdf(given: Path, folder: Path) -> Cleaned:
    content = given.read_bytes()
    if not _END_OF_PDF.search(content, max(0, len(content) - 1024)):
        raise Unfit(Fault.BROKEN, "")
    given.rename(folder / "clean")
    return Cleaned(PDF)


@cache
def _set_up(most_pixels: int) -> None:
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False)
    # Pillow warns above its bound and refuses above twice as much; both are errors here.
    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _redraw(image: Image.Image, folder: Path, wanted: Wanted) -> Cleaned:
    if image.width * image.height > wanted.most_pixels:  # known from the header: nothing was decoded yet
        raise Unfit(Fault.PIXELS, f"{wanted.most_pixels}")
    kept_as = _KEPT_AS[str(image.format)]
    image.load()
    ImageOps.exif_transpose(image, in_place=True)  # a picture of many pixels is held twice at most
    picture = _plain(image, kept_as)
    picture.info.clear()  # comments and the like would be written again
    picture.save(folder / "clean", kept_as, **_SAVED[kept_as])
    width, height = picture.size
    if wanted.thumbnail_pixels is not None:
        picture.thumbnail((wanted.thumbnail_pixels, wanted.thumbnail_pixels))
        picture.save(folder / "thumbnail", "WEBP", quality=80)
    return Cleaned(f"image/{kept_as.lower()}", width, height, wanted.thumbnail_pixels is not None)


def _plain(image: Image.Image, kept_as: str) -> Image.Image:
    """The picture in a mode that every reader shows alike, its colours in sRGB."""
    if image.has_transparency_data and kept_as != "JPEG":
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if profile := image.info.get("icc_profile"):
        with suppress(ImageCms.PyCMSError, OSError):  # a faulty profile says nothing of the colours
            image = _in_srgb(image, ImageCms.ImageCmsProfile(BytesIO(profile)))
    mode = "L" if image.mode in {"1", "L"} else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    own = ImageCms.createProfile("sRGB")
    if image.mode == "RGB":
        ImageCms.profileToProfile(image, profile, own, inPlace=True)
    elif image.mode == "CMYK":
        return ImageCms.profileToProfile(image, profile, own, outputMode="RGB") or image
    return image
