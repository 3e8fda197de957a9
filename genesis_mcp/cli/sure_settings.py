"""Settings that are surely right, and what is to be known of them before the models are there."""

from __future__ import annotations

import os
import re

from genesis_mcp.runs.mark_of_recording import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE = ("1", "true", "on", "yes")

SWITCH = "(?i:1|true|on|yes|0|false|off|no)"

HOST = r"[A-Za-z0-9][A-Za-z0-9.-]*(:[1-9]\d{0,3})?"

LOGIN = r"([\w.-]+(:[\w.~%-]+)?@)?"

DATABASE = r"[a-z]\w{0,40}"

MONGODB = rf"mongodb(\+srv)?://{LOGIN}{HOST}(,{HOST})*"

OPTION = r"(authSource|replicaSet|tls|ssl|retryWrites|directConnection|readPreference)=[\w-]+"
"""Of MongoDB; whether the driver takes the value shows with the first call."""

SURE = {
    "read_only": SWITCH,
    "max_chars": r"[2-9]\d{3}|[123]\d{4}",
    "redact": "off|read|write",
    "redact_also": "(cpf|cnpj)(,(cpf|cnpj))*",
    "timeout_seconds": r"[1-9]\d?(\.\d{1,3})?",
    "hook": SWITCH,
    "hook_programs": r"[ -~]+",
    "front": SWITCH,
    "store": "|".join(
        [
            r"sqlite:///[^?\0]+",
            rf"clickhouse://{LOGIN}{HOST}/{DATABASE}(\?secure=(true|false))?",
            rf"{MONGODB}/{DATABASE}(\?{OPTION}(&{OPTION})*)?",
            f"https://{HOST}",
        ]
    ),
}
"""What is right for each setting, without doubt; more may be."""

DOCUMENTED = {
    "CLICKHOUSE_HOST": HOST.partition("(")[0],
    "CLICKHOUSE_PORT": r"[1-9]\d{0,3}",
    "CLICKHOUSE_SECURE": SWITCH,
    "CLICKHOUSE_DATABASE": DATABASE,
    "MONGO_URI": rf"{MONGODB}(/\w*(\?{OPTION}(&{OPTION})*)?)?",
}
"""As `SURE`, of the documents' variables that name a store."""


class SureSettings:
    """As much of the settings as is to be known before the models that judge them are there."""

    def __init__(self, *, front: bool, read_only: bool, file: str | None) -> None:
        self.front = front
        self.read_only = read_only
        self.file = file
        """The path of the store, where it is one in SQLite."""

    def tools(self) -> str | None:
        """Which tools the server would offer now: all, reading, or None where the store must say.

        As `SQLiteStore.may_write` has it for a file; the other stores ask what the account may do.
        """
        if self.read_only:
            return "reading"
        if self.file is None:
            return None
        places = (self.file, os.path.dirname(self.file))  # noqa: PTH120 - see `front`
        effective = os.access in os.supports_effective_ids
        try:
            os.stat(self.file)  # noqa: PTH116
        except FileNotFoundError:
            return "all"
        except (OSError, ValueError):
            return None
        may = all(os.access(place, os.W_OK, effective_ids=effective) for place in places)
        return "all" if may else None


def sure_settings(
    values: Mapping[str, str | bool], environment: Mapping[str, str]
) -> SureSettings | None:
    """The settings where `load_settings` is sure to take them; None where that is not known."""
    known = {f"GENESIS_{name.upper()}": name for name in SURE}
    given = {}
    for variable, value in environment.items():
        if variable.upper()[:8] == "GENESIS_" and variable not in ("GENESIS_TOKEN", VARIABLE):
            if variable not in known:
                return None
            if value.strip():
                given[known[variable]] = value.strip()
    given |= {name: one for name, one in values.items() if isinstance(one, str)}
    if not all(_is_sure(one, SURE[name]) for name, one in given.items()):
        return None
    if given.get("redact") == "off" and "redact_also" in given:
        return None
    file = _file_of(given.get("store"), environment)
    if file == "":
        return None
    return SureSettings(
        front=_is_true(given.get("front", "on")),
        read_only=_is_true(given.get("read_only", "off")) or values.get("read_only") is True,
        file=file,
    )


def _is_sure(value: str, pattern: str) -> bool:
    return re.fullmatch(pattern, value, re.ASCII) is not None


def _is_true(value: str) -> bool:
    return value.lower() in TRUE


def _file_of(store: str | None, environment: Mapping[str, str]) -> str | None:
    """The path of the store; None where it is no file, and empty where that is not sure."""
    if store is None:
        documented = {name: environment.get(name, "").strip() for name in DOCUMENTED}
        if documented["CLICKHOUSE_HOST"] or documented["MONGO_URI"]:
            are_sure = (_is_sure(one, DOCUMENTED[name]) for name, one in documented.items() if one)
            return None if all(are_sure) else ""
        store = "sqlite:///~/.genesis-mcp/logs.db"
    if not store.startswith("sqlite:///"):
        return None
    name = store.removeprefix("sqlite:///")
    if name.startswith("~/"):
        name = os.path.expanduser(name)  # noqa: PTH111
    elif os.name == "posix" and not name.startswith(("/", "~", ":")):
        name = f"/{name}"
    return name if os.path.isabs(name) else ""  # noqa: PTH117
