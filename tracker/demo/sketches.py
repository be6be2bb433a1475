"""Simple drawings for the demonstration's picture pairs."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

SIZE = (1200, 800)
SKY, ROAD, WALL, LINE = "#dfe7ea", "#8c9291", "#c9bfae", "#f4f1e6"
CARS = ("#a33b32", "#35607f", "#6d7f3c", "#7a6a58", "#3f4a4d")


def parking(after: bool) -> bytes:
    """A road with cars: jumbled before, between marked lines after. JPEG bytes."""
    image, draw = _canvas()
    draw.rectangle((0, 300, 1200, 800), fill=ROAD)
    if after:
        for x in range(60, 1200, 190):
            draw.line((x, 360, x + 40, 620), fill=LINE, width=10)
        draw.line((0, 700, 1200, 700), fill=LINE, width=8)
    for place, colour in enumerate(CARS):
        x = 90 + place * 190
        y = 400 if after else 350 + (place * 137) % 300
        slant = 0 if after else (place * 53) % 90 - 45
        _car(draw, x, y, colour, slant)
    return _jpeg(image)


def gate(after: bool) -> bytes:
    """A way in: open before, with a gate and a reader after. JPEG bytes."""
    image, draw = _canvas()
    draw.rectangle((0, 560, 1200, 800), fill="#b3ada0")
    draw.rectangle((0, 220, 420, 600), fill=WALL)
    draw.rectangle((780, 220, 1200, 600), fill=WALL)
    if after:
        for x in range(440, 780, 42):
            draw.rectangle((x, 300, x + 14, 600), fill="#2f5d50")
        draw.rectangle((430, 290, 780, 312), fill="#2f5d50")
        draw.rounded_rectangle((800, 380, 870, 500), 12, fill="#22302d")
        draw.ellipse((820, 400, 850, 430), fill="#79c2a5")
    return _jpeg(image)


def waste_land(after: bool) -> bytes:
    """A corner: rubble and weeds before, a bench under trees after. JPEG bytes."""
    image, draw = _canvas()
    draw.rectangle((0, 420, 1200, 800), fill="#cfdcc0" if after else "#a79a7f")
    if after:
        for x in (200, 950):
            draw.rectangle((x - 18, 300, x + 18, 560), fill="#6b5a43")
            draw.ellipse((x - 130, 120, x + 130, 380), fill="#5d8a52")
        draw.rectangle((460, 560, 760, 590), fill="#8a6844")
        for x in (490, 720):
            draw.rectangle((x, 590, x + 18, 660), fill="#8a6844")
    else:
        for place in range(26):
            x, y = (place * 211) % 1100, 450 + (place * 97) % 300
            draw.polygon([(x, y + 50), (x + 40, y), (x + 90, y + 60)], fill="#7d725e")
    return _jpeg(image)


def lift(after: bool) -> bytes:
    """A walk-up: its wall bare before, with a glass shaft after. JPEG bytes."""
    image, draw = _canvas()
    draw.rectangle((0, 640, 1200, 800), fill="#cfdcc0")
    draw.rectangle((180, 80, 1020, 680), fill=WALL)
    for floor in range(6):
        for x in (230, 340, 790, 900):
            top = 110 + floor * 94
            draw.rectangle((x, top, x + 70, top + 56), fill="#6f8591")
    if after:
        draw.rectangle((520, 40, 680, 680), fill="#b9d3da", outline="#35607f", width=8)
        draw.rectangle((540, 330, 660, 470), fill="#4d6f7e")
    else:
        draw.rectangle((560, 560, 640, 680), fill="#5b5145")
    return _jpeg(image)


def agreement(title: str) -> bytes:
    """A page of lines that stands in for the text of an agreement. PDF bytes.

    ``title`` makes two pages differ.
    """
    image = Image.new("RGB", (595, 842), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((200, 70, 200 + 14 * len(title), 90), fill=CARS[4])
    for line in range(28):
        draw.rectangle((70, 130 + line * 22, 525 - (line * 37) % 90, 138 + line * 22), fill=ROAD)
    out = io.BytesIO()
    image.save(out, "PDF")
    return out.getvalue()


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, SKY)
    return image, ImageDraw.Draw(image)


def _car(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str, slant: int) -> None:
    draw.polygon(
        [(x, y), (x + 110, y + slant), (x + 110, y + 190 + slant), (x, y + 190)], fill=colour
    )
    draw.polygon(
        [(x + 14, y + 40), (x + 96, y + 40 + slant), (x + 96, y + 80 + slant), (x + 14, y + 80)],
        fill="#d7e3e6",
    )


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()
