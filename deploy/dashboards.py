"""The dashboards: Grafana's for the two forms of ClickHouse's table, MongoDB Charts' for the logs.

    python -m deploy.dashboards     writes grafana/dashboards/*.json and mongodb/charts.json here

Figures only: log texts are not in them, because nobody hides the secrets there. Each query counts
as `describe_logs` does, of which a test sees to it.
"""

# ruff: noqa: S608 - only constants are put into the SQL

import json
from pathlib import Path
from typing import Any, NamedTuple

from bson import json_util

from genesis_mcp.stores.clickhouse.schema import ADDED, DAY
from genesis_mcp.stores.mongodb.conditions import KIND, MOMENT, has_failed, label

FOLDER = Path(__file__).parent
CHARTS = FOLDER / "mongodb" / "charts.json"
LISTED = 20

IN_RANGE = "$__timeFilter_ms(timestamp)"
"""A macro of Grafana's data source for ClickHouse: the time that the dashboard shows."""

_COUNTS = (
    "countIf(kind = 'run') AS runs, countIf(kind = 'run' AND failed) AS failures,"
    " countIf(kind = 'event') AS events"
)
_ATTEMPTS = "countIf(kind != 'event') AS runs, countIf(kind != 'event' AND failed) AS failures"


class Panel(NamedTuple):
    """A panel of Grafana's; `width` of 24."""

    title: str
    kind: str
    sql: str
    width: int
    height: int
    only_ours: bool = False
    """Whether it needs a column that the documents' table lacks."""


PANELS = (
    Panel("Totals", "stat", f"SELECT {_COUNTS} FROM logs WHERE {IN_RANGE}", 16, 4),
    Panel(
        "Newest record", "stat", f"SELECT max(timestamp) AS newest FROM logs WHERE {IN_RANGE}", 8, 4
    ),
    Panel(
        "Runs and failures a day",
        "barchart",
        f"SELECT toDateTime({DAY} * 86400, 'UTC') AS time, {_COUNTS} FROM logs"
        f" WHERE {IN_RANGE} AND kind != 'suite' GROUP BY time ORDER BY time",
        24,
        8,
    ),
    Panel(
        "Specs that fail most",
        "table",
        f"SELECT spec_id, {_ATTEMPTS}, max(timestamp) AS newest FROM logs"
        f" WHERE {IN_RANGE} AND spec_id != '' GROUP BY spec_id HAVING failures > 0"
        f" ORDER BY failures DESC, spec_id LIMIT {LISTED}",
        12,
        10,
    ),
    Panel(
        "Errors",
        "table",
        "SELECT signature_group AS error, any(signature_type) AS type, count() AS failures,"
        " uniqExact(spec_id) AS specs, max(timestamp) AS newest FROM logs"
        f" WHERE {IN_RANGE} AND failed AND signature_group != ''"
        f" GROUP BY error ORDER BY failures DESC, error LIMIT {LISTED}",
        12,
        10,
        only_ours=True,
    ),
    Panel(
        "Newest failures",
        "table",
        "SELECT timestamp, spec_id, iteration, exit_code, outcome, duration_ms FROM logs"
        f" WHERE {IN_RANGE} AND failed ORDER BY timestamp DESC LIMIT {LISTED}",
        12,
        10,
    ),
    Panel(
        "Records of each service",
        "barchart",
        f"SELECT service, count() AS records FROM logs WHERE {IN_RANGE} AND service != ''"
        f" AND kind != 'suite' GROUP BY service ORDER BY records DESC, service LIMIT {LISTED}",
        12,
        10,
    ),
)

# What our columns are worked out from where the table has none: kind, outcome and failed.
_WORKED_OUT = "WITH {} ".format(
    ", ".join(
        f"{column.default} AS {column.name}"
        for column in ADDED
        if column.name in ("kind", "outcome", "failed")
    )
)
FORMS = {
    "genesis.json": ("genesis-mcp", "", PANELS),
    "genesis-v1.2.json": (
        "genesis-mcp, the table of MS_Prometheus_Logging v1.2",
        _WORKED_OUT,
        tuple(panel for panel in PANELS if not panel.only_ours),
    ),
}
"""By file: the title, what stands before each query, the panels."""


def dashboard(file: str) -> dict[str, Any]:
    """What Grafana reads of one file."""
    title, before, panels = FORMS[file]
    placed, x, y = [], 0, 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > 24:
            x, y = 0, y + panels[number - 2].height
        placed.append(_panel(number, panel, before, {"x": x, "y": y}))
        x += panel.width
    return {
        "uid": file.removesuffix(".json").replace(".", "-"),
        "title": title,
        "tags": ["genesis-mcp"],
        "timezone": "utc",
        "schemaVersion": 39,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "panels": placed,
    }


def _panel(number: int, panel: Panel, before: str, place: dict[str, int]) -> dict[str, Any]:
    source = {"type": "grafana-clickhouse-datasource", "uid": "genesis-clickhouse"}
    target = {
        "refId": "A",
        "datasource": source,
        "editorType": "sql",
        "queryType": "table",
        "format": 1,
        "rawSql": before + panel.sql,
    }
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": source,
        "gridPos": {"w": panel.width, "h": panel.height, **place},
        "targets": [target],
    }


# --- MongoDB Charts -------------------------------------------------------------------------------

_LABELS = ("spec_id", "service")
_READ: dict[str, Any] = {
    "_id": 0,
    "moment": MOMENT,
    "kind": KIND,
    "exit_code": 1,
    "outcome": 1,
    **{name: label(name) for name in _LABELS},
}
_JUDGED: dict[str, Any] = {
    **dict.fromkeys(("moment", "kind", *_LABELS), 1),
    "failed": has_failed("$kind"),
}


def _number(*conditions: Any) -> dict[str, Any]:
    return {"$sum": {"$cond": [{"$and": list(conditions)}, 1, 0]}}


_IS_EVENT, _IS_SUITE = {"$eq": ["$kind", "event"]}, {"$eq": ["$kind", "suite"]}
_IS_RUN = {"$not": [{"$in": ["$kind", ["event", "suite"]]}]}
_NUMBERS = {
    "runs": _number(_IS_RUN),
    "failures": _number(_IS_RUN, "$failed"),
    "events": _number(_IS_EVENT),
}
_OF_SPEC = {
    "runs": _number({"$not": [_IS_EVENT]}),
    "failures": _number({"$not": [_IS_EVENT]}, "$failed"),
    "newest": {"$max": "$moment"},
}
PIPELINES: dict[str, list[dict[str, Any]]] = {
    "Totals": [{"$group": {"_id": None, **_NUMBERS, "newest": {"$max": "$moment"}}}],
    "Runs and failures a day": [
        {"$match": {"kind": {"$ne": "suite"}}},
        {"$group": {"_id": {"$dateTrunc": {"date": "$moment", "unit": "day"}}, **_NUMBERS}},
        {"$sort": {"_id": 1}},
    ],
    "Specs that fail most": [
        {"$match": {"spec_id": {"$ne": None}}},
        {"$group": {"_id": "$spec_id", **_OF_SPEC}},
        {"$match": {"failures": {"$gt": 0}}},
        {"$sort": {"failures": -1, "_id": 1}},
        {"$limit": LISTED},
    ],
    "Records of each service": [
        {"$match": {"service": {"$ne": None}, "kind": {"$ne": "suite"}}},
        {"$group": {"_id": "$service", "records": {"$sum": 1}}},
        {"$sort": {"records": -1, "_id": 1}},
        {"$limit": LISTED},
    ],
}


def charts() -> list[dict[str, Any]]:
    """By title, the pipeline of a chart over the collection of logs."""
    return [
        {"title": title, "pipeline": [{"$project": _READ}, {"$project": _JUDGED}, *steps]}
        for title, steps in PIPELINES.items()
    ]


def files() -> dict[Path, str]:
    """What each file holds."""
    made = {
        FOLDER / "grafana" / "dashboards" / name: json.dumps(dashboard(name), indent=2) + "\n"
        for name in FORMS
    }
    lines = ",\n".join(json_util.dumps(chart) for chart in charts())
    return {**made, CHARTS: f"[\n{lines}\n]\n"}


if __name__ == "__main__":
    for place, text in files().items():
        place.write_text(text, encoding="utf-8")
