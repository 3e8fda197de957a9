"""The settings of a process, from its environment and its flags, read once."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from genesis_mcp.answers.budget import MAX_CHARS, MAX_CHARS_RANGE
from genesis_mcp.answers.readable import hiding_also, showing_secrets
from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.questions import Service
from genesis_mcp.runs.mark_of_recording import VARIABLE
from genesis_mcp.stores import RunStore, open_store
from genesis_mcp.stores.location import default_store, documented_store
from genesis_mcp.text.personal_numbers import KINDS, Kind
from genesis_mcp.validation import parse

PREFIX = "GENESIS_"
TOKEN = "GENESIS_TOKEN"  # noqa: S105 - a name
"""What a client of the server over HTTP shows; it is no setting, and no command gets it."""


def _kinds(value: str) -> str:
    """What stands between commas, in small letters and once."""
    kinds = dict.fromkeys(one.strip().lower() for one in value.split(",") if one.strip())
    if not kinds.keys() <= KINDS.keys():
        raise ValueError(f"must be one of {', '.join(KINDS)}, or several with commas between them")
    return ",".join(kinds)


class Settings(BaseModel):
    """What can be set. Field names are the environment variables without `GENESIS_`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    store: Annotated[
        str,
        Field(
            min_length=1,
            description="URL of the store: `sqlite:///path`, `clickhouse://user:password@host/db`, "
            "`mongodb://user:password@host/db`, or `https://host` of a team's server",
        ),
    ] = Field(default_factory=default_store)
    read_only: Annotated[
        bool, Field(description="`1`: nothing is recorded, and `record_run` is not offered")
    ] = False
    max_chars: Annotated[
        int,
        Field(
            ge=MAX_CHARS_RANGE[0],
            le=MAX_CHARS_RANGE[1],
            description="characters of an answer, 2000 to 40000",
        ),
    ] = MAX_CHARS
    redact: Annotated[
        Literal["off", "read", "write"],
        Field(
            description="secrets are replaced in what is shown (`read`), also before anything is "
            "stored (`write`), or not at all (`off`)"
        ),
    ] = "read"
    redact_also: Annotated[
        str,
        AfterValidator(_kinds),
        Field(
            description="kinds of personal numbers that are replaced as well: `cpf`, `cnpj`, or "
            "both with a comma between them"
        ),
    ] = ""
    timeout_seconds: Annotated[
        float, Field(ge=0.1, le=120, description="time limit of each call to the store")
    ] = 10.0
    hook: Annotated[bool, Field(description="`off`: `genesis-mcp hook` records nothing")] = True
    hook_programs: Annotated[
        str,
        Field(
            description="programs that `genesis-mcp hook` records besides those it knows, with "
            "commas between them: `ci.sh, bin/check, acme test`"
        ),
    ] = ""
    front: Annotated[
        bool,
        Field(
            description="`off`: `genesis-mcp serve` answers nothing before all of it is loaded, "
            "which takes a second"
        ),
    ] = True

    @property
    def redacted_also(self) -> tuple[Kind, ...]:
        """The kinds of `redact_also`."""
        named = self.redact_also.split(",")
        return tuple(kind for kind in KINDS if kind in named)

    def open_store(self) -> RunStore:
        """The configured store; nothing is opened or connected before its first use."""
        return open_store(
            self.store, read_only=self.read_only, timeout_seconds=self.timeout_seconds
        )

    def open_service(self) -> Service:
        """The questions and the ways in of that store; whoever asks for it closes its store."""
        return Service.on(
            self.open_store(),
            stores_secrets=self.redact != "write",
            redacts_also=self.redacted_also,
        )

    def showing(self) -> AbstractContextManager[None]:
        """Within this, texts are shown as the settings want it."""
        return showing_secrets() if self.redact == "off" else hiding_also(self.redacted_also)


def load_settings(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings; a flag that is given beats the environment, an empty variable is not set.

    The documents' own variables name the store when GENESIS_STORE is not set.

    Raises:
        ConfigError: a variable has an unknown name, or a value cannot be used.
    """
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for variable in sorted(name for name in given if name.upper().startswith(PREFIX)):
        if variable.upper() in (VARIABLE, TOKEN):
            continue
        name = variable[len(PREFIX) :].lower()
        if name not in Settings.model_fields:
            raise ConfigError(_unknown(variable))
        if given[variable].strip():
            values[name] = given[variable].strip()
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    if "store" not in values and (url := documented_store(given)):
        values["store"] = url
    try:
        settings = parse(Settings, values)
    except InputError as error:
        lines = str(error).splitlines()
        raise ConfigError("\n".join(_variable(line) for line in lines)) from None
    if settings.redact == "off" and settings.redact_also:
        raise ConfigError("GENESIS_REDACT_ALSO: hides nothing with GENESIS_REDACT=off.")
    return settings


def _variable(line: str) -> str:
    name, colon, wanted = line.partition(":")
    return f"{PREFIX}{name.upper()}{colon}{wanted}" if colon else line


def _unknown(variable: str) -> str:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    nearest = get_close_matches(variable.upper(), known, 1, 0.5)
    meant = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"{variable} is no setting of genesis-mcp.{meant} Known: {', '.join(known)}."
