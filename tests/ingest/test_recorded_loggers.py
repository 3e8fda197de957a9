"""What loggers really wrote is read as what their programs logged, field by field.

`recorded_loggers/make.py` ran them: each stored output has with it what was logged and what the
setting leaves out of its lines (`lacks`).
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.runs.signing import sign

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parent / "recorded_loggers" / "recorded.ndjson")
    .read_text(encoding="utf-8")
    .splitlines()
]
LATER = timedelta(minutes=10)
"""When it is read, so that a time that is not read is seen."""


def read(recorded):
    last = datetime.fromtimestamp(recorded["meant"][-1]["to"] / 1000, UTC)
    stream = Stream(defaults={}, now=lambda: last + LATER, is_live=False)
    items = []
    for number, line in enumerate(recorded["output"].encode().splitlines(), 1):
        items += stream.feed(Line(number, line))
    return [sign(item.run) for item in [*items, *stream.end()] if item.run]


def compared(recorded):
    """For each field of each line that the setting tells: what was logged, and what was read."""
    lacks, left = set(recorded["lacks"]), read(recorded)
    for meant in recorded["meant"]:
        error = meant.get("error", {})
        token = error["message"] if "no-message" in lacks and error else meant["message"]
        found = [run for run in left if token in f"{run.message}\n{run.stderr}"]
        run = found[0] if found else None
        if run:
            left.remove(run)
        yield from _of_line(meant, run, lacks, error)
    for run in left:
        if run.failed:
            yield "a failure that was not logged", None, run.message


def _of_line(meant, run, lacks, error):
    what, signature = meant["message"], run.signature if run else None
    yield f"{what}: found", True, run is not None
    if run is None:
        return
    if "level" not in lacks:
        yield f"{what}: level", meant["level"], run.level
    if "time" not in lacks:
        at = run.timestamp.timestamp() * 1000
        near = 1000 if "milliseconds" in lacks or at % 1000 == 0 else 2
        fits = meant["from"] - near <= at <= meant["to"] + near
        yield f"{what}: time", True, fits or run.timestamp.isoformat()
    if "exact" not in lacks:
        yield f"{what}: message", meant["message"], run.message
    for name in ("spec_id", "service"):
        if name in meant and "labels" not in lacks:
            yield f"{what}: {name}", meant[name], getattr(run, name)
    if not error or "error" in lacks:
        return
    read_type = signature.type if signature else None
    if "type" not in lacks:
        yield f"{what}: type", error["type"], (read_type or "").rpartition(".")[2]
    said, cause = (signature and signature.message) or "", meant.get("cause")
    if "words" not in lacks:
        yield f"{what}: error", True, said.startswith(error["message"]) or said
    if "words" not in lacks and cause and cause["message"] in (run.stderr or ""):
        yield f"{what}: cause", True, cause["message"] in said or said
    if "place" not in lacks and "place" in error:
        place = signature.location if signature else None
        yield f"{what}: place", error["place"], place and place.rpartition("/")[2]


@pytest.mark.parametrize("recorded", RECORDED, ids=[one["name"] for one in RECORDED])
def test_a_log_is_read_as_it_was_meant(recorded):
    fields = list(compared(recorded))
    assert [field for field in fields if field[1] != field[2]] == []
    assert len(fields) >= 2 * len(recorded["meant"])


PREFIXES = {
    "GitHub's log": "2026-11-25T10:55:0{}.1234567Z ",
    "gh run view --log": "test (20)\tRun npm test\t2026-11-25T10:55:0{}.1234567Z ",
    "GitLab": "2026-11-25T10:55:0{}.123456Z 00O ",
    "compose": "worker-1  | ",
    "compose with a name": "worker  | ",
    "kubectl": "[pod/w-7cf-nk5/w] ",
    "CRI": "2026-11-25T10:55:0{}.123456789Z stdout F ",
    "stern": "loja-7d9f8c6b5-x2x4z api ",
    "turbo": "web:build: ",
    "nx": "api: ",
    "concurrently": "[api] ",
    "Jenkins": "10:27:4{}  ",
    "BuildKit": "#8 9.51{} ",
    "pm2": "0|worker   | ",
    "pm2 with times": "0|worker   | 2026-11-25T10:55:0{}: ",
    "journald": "Nov 25 10:55:1{} vm3 node[4121]: ",
    "Heroku": "2026-11-25T10:55:0{}.123456+00:00 app[web.1]: ",
}
BEHIND = ("pino/default", "structlog/json", "opentelemetry/protocol", "pino-pretty/default",
          "opentelemetry/protocol-indented", "winston/pretty-print", "winston/printf",
          "nest/console", "stdlib/times")  # fmt: skip
"""Records in a line, over several lines, and text with stacks below it."""


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_no_prefix_hides_a_failure(prefix):
    for recorded in RECORDED:
        if recorded["name"] in BEHIND:
            lines = recorded["output"].splitlines()
            prefixed = [prefix.format(number % 10) + line for number, line in enumerate(lines)]
            fields = list(compared({**recorded, "output": "\n".join(prefixed)}))
            asked = [field for field in fields if not field[0].endswith((": time", ": service"))]
            assert [field for field in asked if field[1] != field[2]] == []
            assert len(asked) >= 3 * len(recorded["meant"])
