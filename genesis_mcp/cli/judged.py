"""The options of `genesis-mcp run` as the models judge them, where they are not plainly right."""

from collections.abc import Mapping
from typing import Any

from genesis_mcp.cli.shared import arguments_of
from genesis_mcp.config import Settings, load_settings
from genesis_mcp.errors import WriteNotAllowed
from genesis_mcp.questions.arguments import RunCommand


def judged(values: Mapping[str, str | bool]) -> tuple[Settings, dict[str, Any]]:
    """The settings, and the fields of the run with its `timeout_seconds`.

    Raises:
        InputError, ConfigError, WriteNotAllowed: an option or a setting is not acceptable.
    """
    settings = load_settings({name: values.get(name) or None for name in ("store", "read_only")})
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): the run was not started.")
    return settings, arguments_of(RunCommand, values).model_dump(exclude_none=True)
