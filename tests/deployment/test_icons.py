"""The app's icons are as Teams asks for them, and as the script draws them."""

import struct
import zlib

import pytest

from deployment.manifest import icons
from deployment.manifest.package import HERE, ICONS


def read_png(name):
    """Return the sides of a picture of 8-bit RGBA pixels, and its pixels."""
    data = (HERE / name).read_bytes()
    assert data[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    width, height, depth, kind, *ways = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, kind, ways) == (8, 6, [0, 0, 0])
    start = data.index(b"IDAT")
    [length] = struct.unpack(">I", data[start - 4 : start])
    lines = zlib.decompress(data[start + 4 : start + 4 + length])
    rows = [lines[at + 1 : at + 1 + width * 4] for at in range(0, len(lines), width * 4 + 1)]
    assert len(rows) == height
    return (width, height), [tuple(row[at : at + 4]) for row in rows for at in range(0, len(row), 4)]


def test_the_colour_icon_is_opaque_on_the_accent_colour_with_the_symbol_in_the_safe_area():
    size, pixels = read_png("color.png")
    assert size == (192, 192)
    assert {alpha for *_, alpha in pixels} == {255}
    drawn = [(at % 192, at // 192) for at, pixel in enumerate(pixels) if pixel[:3] != icons.ACCENT]
    xs, ys = [x for x, _ in drawn], [y for _, y in drawn]
    assert (min(xs), max(xs)) == (48, 143)
    assert 48 <= min(ys) <= max(ys) <= 143


def test_the_outline_icon_is_white_on_nothing_and_fills_its_picture():
    size, pixels = read_png("outline.png")
    assert size == (32, 32)
    assert {pixel[:3] for pixel in pixels} == {(255, 255, 255)}
    solid = [at for at, pixel in enumerate(pixels) if pixel[3] == 255]
    assert 200 < len(solid) < 512, "a line and a figure, neither empty nor full"
    assert pixels[0][3] == pixels[-1][3] == 0
    assert {0, 31} <= {at % 32 for at in solid}


def test_the_accent_colour_is_the_manifests():
    assert f'"accentColor": "#{bytes(icons.ACCENT).hex().upper()}"' in (HERE / "manifest.json").read_text("utf-8")


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_small(name):
    assert (HERE / name).stat().st_size < 10_000


def test_the_icons_are_the_ones_that_the_script_draws():
    assert read_png("color.png")[1] == icons.color_icon(), "run: python -m deployment.manifest.icons"
    assert read_png("outline.png")[1] == icons.outline_icon(), "run: python -m deployment.manifest.icons"
