"""The icon: one drawing, as the server tells it and as the bundle has it."""

import base64
import struct
import zlib

import pytest

from deploy.icons import SIZES, SVG, png, read_icon
from genesis_mcp.mcp_server.tools import ICON


def test_the_server_tells_the_drawing_of_the_file():
    told = base64.b64decode(ICON.src.removeprefix("data:image/svg+xml;base64,"))
    assert told == SVG.read_bytes().strip()


@pytest.mark.parametrize("size", SIZES[1:4])
def test_a_png_has_the_ground_the_line_and_corners_that_are_clear(size):
    icon = read_icon()
    rows = pixels(png(icon, size), size)
    corner, bend = rows[0][0], rows[size * 22 // 32][size * 12 // 32]
    ground = rows[size * 28 // 32][size * 20 // 32]
    assert corner[3] < 128
    assert bend == (*icon.ink, 255)
    assert ground == (*icon.ground, 255)


def pixels(data, size):
    """Rows of red, green, blue and alpha."""
    assert struct.unpack(">II", data[16:24]) == (size, size)
    start = data.index(b"IDAT")
    [length] = struct.unpack(">I", data[start - 4 : start])
    lines = zlib.decompress(data[start + 4 : start + 4 + length])
    width = 1 + 4 * size
    return [[tuple(lines[y * width + 1 + 4 * x :][:4]) for x in range(size)] for y in range(size)]
