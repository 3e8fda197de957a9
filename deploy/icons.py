"""The PNGs of the icon, drawn from `icon.svg`: its square with round corners, and its line.

This draws what that file has and no more. A renderer for any SVG would be another package, which
has to be there, in the same version, wherever a bundle is built.
"""

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from math import hypot
from pathlib import Path
from typing import NamedTuple

SVG = Path(__file__).with_name("icon.svg")
SIZES = (16, 32, 64, 128, 256, 512)

NAMESPACE = "{http://www.w3.org/2000/svg}"

Point = tuple[float, float]
Color = tuple[int, int, int]


class Icon(NamedTuple):
    """What the file draws, in its own units."""

    size: float
    radius: float
    ground: Color
    points: list[Point]
    width: float
    ink: Color


def read_icon() -> Icon:
    """The icon, from its file."""
    root = ET.fromstring(SVG.read_text(encoding="utf-8"))  # noqa: S314 - our own file
    square, line = root.find(f"{NAMESPACE}rect"), root.find(f"{NAMESPACE}path")
    assert square is not None
    assert line is not None
    numbers = [float(one) for one in re.findall(r"[\d.]+", line.attrib["d"])]
    return Icon(
        size=float(square.attrib["width"]),
        radius=float(square.attrib["rx"]),
        ground=_color(square.attrib["fill"]),
        points=list(zip(numbers[::2], numbers[1::2], strict=True)),
        width=float(line.attrib["stroke-width"]),
        ink=_color(line.attrib["stroke"]),
    )


def png(icon: Icon, pixels: int) -> bytes:
    """The icon as a PNG of so many pixels each way; the same bytes on every machine."""
    rows = b"".join(b"\0" + bytes(_row(icon, pixels, y)) for y in range(pixels))
    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _color(text: str) -> Color:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue


def _row(icon: Icon, pixels: int, y: int) -> Iterator[int]:
    scale = icon.size / pixels
    for x in range(pixels):
        place = ((x + 0.5) * scale, (y + 0.5) * scale)
        ground = _covered(_outside(icon, place), scale)
        to_line = min(
            _distance(place, start, end)
            for start, end in zip(icon.points, icon.points[1:], strict=False)
        )
        ink = _covered(to_line - icon.width / 2, scale)
        for below, above in zip(icon.ground, icon.ink, strict=True):
            yield round(below + (above - below) * ink)
        yield round(255 * ground)


def _covered(outside: float, scale: float) -> float:
    """How much of a pixel lies within, by how far its middle is outside of the edge."""
    return min(1.0, max(0.0, 0.5 - outside / scale))


def _outside(icon: Icon, place: Point) -> float:
    """How far a place is outside of the square; within it that is below 0."""
    half = icon.size / 2
    inner = half - icon.radius
    across, down = (abs(one - half) - inner for one in place)
    return hypot(max(across, 0), max(down, 0)) + min(max(across, down), 0) - icon.radius


def _distance(place: Point, start: Point, end: Point) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    along = (place[0] - start[0]) * across + (place[1] - start[1]) * down
    part = min(1.0, max(0.0, along / (across**2 + down**2)))
    return hypot(place[0] - start[0] - part * across, place[1] - start[1] - part * down)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check
