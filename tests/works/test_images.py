"""What becomes of a photo, and which files are none."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.factories.works import GPS_FOLDER, TURNED_RIGHT, photo
from tracker.works import images


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def is_red(pixel: tuple[int, ...]) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


def test_the_sample_tells_where_it_was_taken():
    assert opened(photo()).getexif().get_ifd(GPS_FOLDER)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_kept_photo_is_a_jpeg_that_tells_nothing(kind):
    kept = images.cleaned(photo(kind=kind))
    image = opened(kept.data)
    assert image.format == "JPEG"
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"neighbour" not in kept.data
    assert b"at home" not in kept.data


def test_a_photo_taken_upright_stands_upright():
    kept = images.cleaned(photo((80, 60), orientation=TURNED_RIGHT))
    assert (kept.width, kept.height) == (60, 80)
    image = opened(kept.data)
    assert is_red(image.getpixel((30, 5)))
    assert not is_red(image.getpixel((30, 75)))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((2048, 10), (2048, 10)), ((2049, 1024), (2048, 1024)), ((100, 4096), (50, 2048))],
)
def test_the_longest_side_is_2048_at_most(size, expected):
    kept = images.cleaned(photo(size))
    assert (kept.width, kept.height) == expected
    assert opened(kept.data).size == expected


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_a_photo(mode):
    kept = images.cleaned(photo(kind="PNG", mode=mode))
    assert opened(kept.data).mode == "RGB"


def test_what_was_transparent_is_white():
    kept = images.cleaned(photo(kind="PNG", mode="RGBA"))
    assert opened(kept.data).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"0" * 40,
        b"%PDF-1.7",
        b"RIFF0000WAVEfmt ",
        b"\x00\x00\x00\x18ftypheic",
    ],
)
def test_a_file_that_is_no_photo_is_refused_whatever_its_name(data):
    with pytest.raises(images.NotAPicture):
        images.cleaned(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_photo_is_refused(kind):
    whole = photo((400, 300), kind=kind)
    with pytest.raises(images.Damaged):
        images.cleaned(whole[: len(whole) // 2])


def test_a_photo_of_more_than_16_megabytes_is_refused():
    data = photo()
    assert images.cleaned(data + b"\0" * (images.MAX_BYTES - len(data)))
    with pytest.raises(images.TooHeavy):
        images.cleaned(data + b"\0" * (images.MAX_BYTES - len(data) + 1))


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that ask for a large canvas: a decompression bomb."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 5001), (9000, 9999), (10_000, 10_000), (60_000, 60_000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(images.TooManyPixels):
        images.cleaned(png_that_claims(*size))


def test_a_bomb_is_refused_where_warnings_are_errors_too():
    with pytest.raises(images.TooManyPixels):
        images.cleaned(png_that_claims(10_000, 10_000))


def test_forty_million_pixels_are_not_too_many():
    with pytest.raises(images.Damaged):
        images.cleaned(png_that_claims(8000, 5000))


SAMPLES = [photo(kind=kind) for kind in ("JPEG", "PNG", "WEBP")]


# Pillow warns of odd tags and reads on.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_spoilt_file_is_kept_or_refused_and_never_an_error(sample, data):
    spoilt = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = images.cleaned(bytes(spoilt))
    except images.BadPicture:
        return
    assert opened(kept.data).size == (kept.width, kept.height)
