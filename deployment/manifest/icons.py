"""Draws the app's two icons, as `python -m deployment.manifest.icons`: a question in whose bubble somebody is found."""

import struct
import sys
import zlib
from collections.abc import Callable
from math import hypot
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLOR_SIDE, OUTLINE_SIDE = 192, 32
ACCENT = (0x4F, 0x52, 0xB2)
"""The manifest's accent colour."""
WHITE = (255, 255, 255)
OPAQUE = 255
SYMBOL = 96
"""Teams crops the colour icon to a hexagon: the symbol stands in the middle, half as wide as the picture."""
STROKE = 6
"""How thick the bubble's line of the outline icon is: two pixels, of three units of the symbol each."""

Shape = Callable[[float, float], float]
"""How far a point is outside an edge, negative inside; the symbol's square is 96 wide, from its upper left corner."""
Pixel = tuple[int, int, int, int]


def main() -> int:
    (HERE / "color.png").write_bytes(png(COLOR_SIDE, color_icon()))
    (HERE / "outline.png").write_bytes(png(OUTLINE_SIDE, outline_icon()))
    return 0


def color_icon() -> list[Pixel]:
    """Return a white bubble with somebody in it, on the accent colour."""
    edge = (COLOR_SIDE - SYMBOL) / 2
    return [
        (*_between(ACCENT, WHITE, _share(max(bubble(x, y), -person(x, y)))), OPAQUE)
        for x, y in _points(COLOR_SIDE, SYMBOL / (COLOR_SIDE - 2 * edge), -edge)
    ]


def outline_icon() -> list[Pixel]:
    """Return the line of the bubble and somebody in it, white on nothing; the symbol fills the picture."""
    scale = SYMBOL / OUTLINE_SIDE
    return [
        (*WHITE, round(OPAQUE * _share(min(max(bubble(x, y), -bubble(x, y) - STROKE), person(x, y)) / scale)))
        for x, y in _points(OUTLINE_SIDE, scale, 0)
    ]


def bubble(x: float, y: float) -> float:
    return min(_rounded(x, y, (0, 3, 96, 78), 21), _triangle(x, y))


def person(x: float, y: float) -> float:
    """Return head and shoulders; the shoulders are the upper part of a disc."""
    head = hypot(x - 48, y - 30) - 12
    shoulders = max(hypot(x - 48, y - 66) - 21, y - 63)
    return min(head, shoulders)


def _rounded(x: float, y: float, box: tuple[float, float, float, float], radius: float) -> float:
    left, top, right, bottom = box
    across = abs(x - (left + right) / 2) - (right - left) / 2 + radius
    down = abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius
    return hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - radius


def _triangle(x: float, y: float) -> float:
    """Return the bubble's tail, from its lower edge to the point at (21, 93)."""
    right = (x - 21) * 0.6 + (y - 93) * 0.8
    return max(21 - x, 66 - y, right)


def _points(side: int, scale: float, shift: float) -> list[tuple[float, float]]:
    """Return the middles of the pixels, row by row, in the units of the symbol."""
    middles = [(pixel + 0.5 + shift) * scale for pixel in range(side)]
    return [(x, y) for y in middles for x in middles]


def _share(distance: float) -> float:
    """Return how much of a pixel lies inside an edge that is `distance` pixels away."""
    return min(max(0.5 - distance, 0.0), 1.0)


def _between(ground: tuple[int, int, int], front: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(ground, front, strict=True))
    return red, green, blue


def png(side: int, pixels: list[Pixel]) -> bytes:
    """Return a square picture of 8-bit RGBA pixels."""
    rows = (pixels[start : start + side] for start in range(0, len(pixels), side))
    lines = b"".join(b"\0" + bytes(channel for pixel in row for channel in pixel) for row in rows)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)), (b"IDAT", zlib.compress(lines, 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in [*parts, (b"IEND", b"")])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    sys.exit(main())
