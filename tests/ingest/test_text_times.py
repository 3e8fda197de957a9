"""The time that a line of a text log begins with."""

from datetime import UTC, datetime

import pytest

from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.ingest.text_times import time_told

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-25 10:55:12,115 - importa - ERROR - x", "25 10:55:12.115"),
        ("2026-11-25 10:55:12.115 | ERROR    | lote:soma:5 - x", "25 10:55:12.115"),
        ("[2026-11-25T10:55:12.115] [ERROR] importa - x", "25 10:55:12.115"),
        ("[2026-11-25 10:55:12] [error] x", "25 10:55:12.0"),
        ("[ERROR] 2026-11-25 10:55:12,115 log.py:46: x", "25 10:55:12.115"),
        ("2026/11/25 10:55:12 [error] 12#12: x", "25 10:55:12.0"),
        ("[Nest] 3229  - 11/25/2026, 8:55:12 PM   ERROR [Importa] x", "25 20:55:12.0"),
        ("[Nest] 3229  - 25/11/2026, 10:55:12   ERROR [Importa] x", "25 10:55:12.0"),
        ("[Nest] 3229  - 05/11/2026, 10:55:12   ERROR [Importa] x", "5 10:55:12.0"),
        ("[Nest] 3229  - 11/5/2026, 12:55:12 AM   ERROR [Importa] x", "5 00:55:12.0"),
        ("[11/25/26 10:55:12] ERROR    x", "25 10:55:12.0"),
        ("pedido entregue em 2026-11-25 10:55:12, com atraso", None),
        ("2031-11-25 10:55:12 agendado", None),
        ("2026-13-45 10:55:12 x", None),
        ("99/99/2026, 10:55:12 x", None),
        ("10:55:12 x", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_local(line, expected):
    found = time_told(line, NOW)
    local = found and found.astimezone()
    shown = local and f"{local.day} {local:%H:%M:%S}.{local.microsecond // 1000}"
    assert shown == expected


@pytest.mark.parametrize("zone", ["Z", "+00:00", " +0000", " UTC"])
def test_a_time_with_a_zone(zone):
    found = time_told(f"2026-11-25T10:55:12.115{zone} error: x", NOW)
    assert found == datetime(2026, 11, 25, 10, 55, 12, 115000, tzinfo=UTC)


def test_an_event_of_text_has_the_time_of_its_line_and_keeps_its_id():
    stream = Stream(defaults={}, now=lambda: NOW, is_live=False)
    lines = ["2026-11-25T10:55:12Z ERROR um", "dois"]
    items = [item for number, line in enumerate(lines, 1)
             for item in stream.feed(Line(number, line.encode()))]  # fmt: skip
    moments = [item.run.timestamp for item in [*items, *stream.end()]]
    assert moments == [datetime(2026, 11, 25, 10, 55, 12, tzinfo=UTC)] * 2
