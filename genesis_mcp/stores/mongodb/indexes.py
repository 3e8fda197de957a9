"""The indexes: ours, those of the v1.0 document, and which of them a collection has."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pymongo import IndexModel

Key = tuple[tuple[str, int], ...]


class Index(NamedTuple):
    """An index of ours, told from others by its fields."""

    name: str
    key: Key
    only: Mapping[str, Any] | None = None
    """What a document must have to be in it."""


def _by_label(name: str, field: str) -> Index:
    # exit_code is last, so that failures are found without reading what passed. Texts only: an
    # index on other writers' nulls would be as large as the collection.
    key: Key = ((field, 1), ("timestamp", -1), ("_id", -1), ("exit_code", 1))
    return Index(name, key, {field: {"$gt": ""}})


BY_TIME = Index("genesis_time", (("timestamp", -1), ("_id", -1), ("exit_code", 1)))
LABEL_INDEXES = {
    "signature_group": _by_label("genesis_signature", "signature.group"),
    "task_id": _by_label("genesis_task", "task_id"),
    "spec_id": _by_label("genesis_spec", "spec_id"),
    "sprint_id": _by_label("genesis_sprint", "sprint_id"),
    "service": _by_label("genesis_service", "service"),
}
"""By the label that they serve, those first that fewer runs share."""
BY_LEVEL: Key = (("level", 1), ("timestamp", -1), ("_id", -1))
# Of events alone: v1.0's logger and Node's write a level with every run.
EVENTS = Index("genesis_events", BY_LEVEL, {"level": {"$exists": True}, "exit_code": None})
LINES = Index(
    "genesis_pino_time",
    (("time", -1), ("_id", -1)),
    {"time": {"$exists": True}},
)
ITERATIONS = Index("genesis_iteration", (("spec_id", 1), ("iteration", -1)))
CODES = Index("genesis_code", (("exit_code", 1),))

OURS = (BY_TIME, *LABEL_INDEXES.values(), EVENTS, LINES, ITERATIONS, CODES)

V1_0: dict[Key, str] = {
    ITERATIONS.key: "The v1.0 index on spec_id and iteration is used as it is.",
    (("timestamp", -1),): (
        "The v1.0 index on timestamp is kept; no question needs it any more, and "
        '"genesis-mcp init --ttl-days N" makes it delete what is older.'
    ),
    CODES.key: "The v1.0 index on exit_code is used as it is.",
    (("sprint_id", 1),): "The v1.0 index on sprint_id is kept; no question needs it any more.",
}
"""The indexes of MS_Prometheus_Logging v1.0 section 2.3, and what becomes of each."""

FORMER: dict[Key, str] = {
    BY_LEVEL: (
        "The index genesis_level of an earlier version is kept; no question uses it any more, and "
        "it can be dropped."
    ),
}
"""What this package made earlier."""


class Indexes:
    """What indexes a collection has."""

    kept_seconds: int | None
    """How long a document is kept before the server deletes it; None when it does not."""
    in_order: set[str]
    """Names of those of ours that order by (timestamp, _id)."""

    def __init__(self, listed: Mapping[str, Mapping[str, Any]]) -> None:
        self._listed = [
            (name, _key(index), index.get("partialFilterExpression"))
            for name, index in listed.items()
            if not index.get("sparse")  # by such a one, documents would be lost
        ]
        self.kept_seconds = min(
            (
                int(index["expireAfterSeconds"])
                for index in listed.values()
                if "expireAfterSeconds" in index and _key(index)[0][0] == "timestamp"
            ),
            default=None,
        )
        named = map(self.name, (BY_TIME, *LABEL_INDEXES.values(), EVENTS))
        self.in_order = {name for name in named if name}

    def name(self, index: Index) -> str | None:
        """What an index of ours is called here; None when there is none like it."""
        return self._name(index.key, index.only)

    def _name(self, key: Key, only: Mapping[str, Any] | None) -> str | None:
        same = (name for name, known, part in self._listed if (known, part) == (key, only))
        return next(same, None)

    def has_other(self, key: Key) -> bool:
        """Whether somebody else made an index on these fields."""
        ours = {index.name for index in OURS}
        return any(key == known and name not in ours for name, known, _ in self._listed)

    @property
    def on_timestamp(self) -> str | None:
        """The index on the timestamp alone, such as v1.0's."""
        return self._name((("timestamp", -1),), None) or self._name((("timestamp", 1),), None)

    @property
    def by_timestamp(self) -> str | None:
        """The index to read everything by: ours, else one on the timestamp alone."""
        return self.name(BY_TIME) or self.on_timestamp

    @property
    def by_code(self) -> str | None:
        """The index on the exit code alone, ours or v1.0's."""
        return self.name(CODES)

    @property
    def by_iteration(self) -> str | None:
        return self.name(ITERATIONS)

    @property
    def missing(self) -> list[Index]:
        return [index for index in OURS if self.name(index) is None]


def _key(index: Mapping[str, Any]) -> Key:
    # The driver gives whole numbers; the server keeps what a shell once sent as doubles.
    return tuple(
        (str(field), int(direction) if isinstance(direction, int | float) else 0)
        for field, direction in index["key"]
    )


def model(index: Index) -> IndexModel:
    """What the driver creates it from."""
    options: dict[str, Any] = {"name": index.name}
    if index.only is not None:
        options["partialFilterExpression"] = dict(index.only)
    return IndexModel(list(index.key), **options)
