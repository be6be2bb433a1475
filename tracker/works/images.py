"""A photo from a phone made fit to keep: checked, turned upright, made smaller, anonymous.

Pure: bytes in, bytes out. What a file is called says nothing; its content decides.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from tracker.kernel.words import M_, Message

MAX_BYTES = 16 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""Decoded, that is 120 MB: more would let one small file take the server's memory."""
LONGEST_SIDE = 2048
QUALITY = 85

_FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow raises on files that begin well and go on badly.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, struct.error)


class BadPicture(ValueError):  # noqa: N818 - a verdict on a file
    """A file that cannot become a picture; ``message`` says why."""

    message: Message = M_("打不开这张照片，文件可能已经损坏。")

    def __init__(self) -> None:
        super().__init__(str(self.message))


class NotAPicture(BadPicture):
    """The content is none of the known kinds."""

    message = M_("不是 JPEG、PNG 或 WebP 照片。")


class TooHeavy(BadPicture):
    """More bytes than ``MAX_BYTES``."""

    message = M_("文件超过 16 MB，请先缩小。")


class TooManyPixels(BadPicture):
    """More pixels than ``MAX_PIXELS``."""

    message = M_("照片超过 4000 万像素，请先缩小。")


class Damaged(BadPicture):
    """The content begins as a picture and cannot be read to its end."""


@dataclass(frozen=True)
class Cleaned:
    """A JPEG without metadata; width and height in pixels."""

    data: bytes
    width: int
    height: int


def cleaned(data: bytes) -> Cleaned:
    """A copy of the picture in ``data`` that may be kept and shown.

    It stands upright, has no more than ``LONGEST_SIDE`` pixels a side, lies on white where it
    was transparent, and carries nothing of the camera: no place, no time, no device.

    Raises BadPicture: TooHeavy, NotAPicture, TooManyPixels or Damaged.
    """
    if len(data) > MAX_BYTES:
        raise TooHeavy
    if not _looks_like_a_picture(data):
        raise NotAPicture
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise TooManyPixels
            # A JPEG can be read at a half or a quarter of its size, for less time and memory.
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = _opaque(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except BadPicture:
        raise
    except _BROKEN as error:
        raise Damaged from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Cleaned(out.getvalue(), picture.width, picture.height)


def _looks_like_a_picture(data: bytes) -> bool:
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _opaque(image: Image.Image) -> Image.Image:
    """The picture in plain colours, on white where it was transparent, without metadata."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        plain = Image.new("RGB", layer.size, "white")
        plain.paste(layer, mask=layer.getchannel("A"))
        return plain
    plain = image.convert("RGB")
    # Pillow would write what stands here (comment, EXIF, XMP) into the new file.
    plain.info = {}
    return plain
