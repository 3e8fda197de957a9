"""What each question takes: the models behind the tools' input schemas and the CLI's flags.

One place decides what is acceptable, and says what is wanted when something is not.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from genesis_mcp.runs import fields
from genesis_mcp.runs.model import INT32_MAX, INT32_MIN, LABEL_CHARS_MAX, UINT32_MAX
from genesis_mcp.runs.names import cleaned_names
from genesis_mcp.runs.times import parse_timestamp
from genesis_mcp.text.clean import clean, scrub

PATTERN_CHARS_MAX = 500
"""Characters of a text that is looked for."""

TEXTS_MAX = 10
"""Texts of which any may be found."""


def _object(value: object) -> object:
    # Some clients send an object as the text of one.
    if isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _list(value: object) -> object:
    # And a list of texts. Each of them stands in a line that has the list itself.
    if isinstance(value, str) and value.lstrip().startswith("["):
        read = _object(value)
        if isinstance(read, list) and read and all(isinstance(one, str) for one in read):
            return read
    return value


# The fields of a run as types of an input schema; `fields` has the rules.
NotBoolean = BeforeValidator(fields.not_boolean)
Int32 = Annotated[int, Field(ge=INT32_MIN, le=INT32_MAX), NotBoolean]
UInt32 = Annotated[int, Field(ge=0, le=UINT32_MAX), NotBoolean]
Duration = Annotated[int, Field(ge=0, le=UINT32_MAX), BeforeValidator(fields.rounded)]
Name = Annotated[
    str,
    Field(min_length=1, max_length=LABEL_CHARS_MAX, strict=True),
    BeforeValidator(fields.label),
]
Label = Annotated[
    Annotated[str, Field(max_length=LABEL_CHARS_MAX, strict=True)] | None,
    BeforeValidator(fields.optional_label),
]
KeptName = Annotated[
    str,
    Field(min_length=1, max_length=LABEL_CHARS_MAX, strict=True),
    BeforeValidator(fields.name),
]
KeptLabel = Annotated[
    Annotated[str, Field(max_length=LABEL_CHARS_MAX, strict=True)] | None,
    BeforeValidator(fields.optional_name),
]
Level = Annotated[KeptLabel, BeforeValidator(fields.level)]
Text = Annotated[str, BeforeValidator(fields.text)]
OptionalText = Annotated[str | None, BeforeValidator(fields.text)]
Timestamp = Annotated[datetime, BeforeValidator(parse_timestamp)]
Context = Annotated[
    dict[str, Any] | None, BeforeValidator(fields.context), BeforeValidator(_object)
]

Since = Annotated[str | None, Field(description="ISO 8601, or 30m, 24h, 7d")]
Until = Annotated[str | None, Field(description="like since")]
Detail = Literal["summary", "full"]
Part = Literal["summary", "stdout", "stderr", "code", "message", "before", "tests"]


def _one_line(value: object) -> object:
    # What is searched has no invisible characters either.
    if isinstance(value, list):
        return [_one_line(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        value = clean(scrub(value)).strip()
        if not value or "\n" in value:
            raise ValueError("must be a part of one line")
    return value


OneText = Annotated[str, Field(max_length=PATTERN_CHARS_MAX)]
Texts = Annotated[
    OneText | Annotated[list[OneText], Field(min_length=1, max_length=TEXTS_MAX)],
    BeforeValidator(_one_line),
    BeforeValidator(_list),
]
"""A text that is looked for, or several of which any will do."""


class Arguments(BaseModel):
    """Base of the arguments of every question: strict about names, lenient about "not given"."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_what_means_not_given(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not cls._not_given(name, value)}

    @classmethod
    def _not_given(cls, name: str, value: object) -> bool:
        field = cls.model_fields.get(name)
        if field is None or field.is_required():
            return False
        # A program may print the word "null": in a text, and to be found in one, that is a value.
        is_text = name in ("stdout", "stderr", "message", "code_snapshot")
        is_word = value == "null" and not (is_text or name == "grep")
        return value is None or value == {} or (value == "" and not is_text) or is_word


class RecentFailures(Arguments):
    limit: Annotated[int, Field(ge=1, le=50), NotBoolean] = 10
    since: Since = None
    until: Until = None
    spec_id: Label = None
    service: Label = None
    sprint_id: Label = None
    task_id: Label = None
    error: Annotated[Label, Field(description="a run_id: all failures with its error")] = None
    before: Annotated[Label, Field(description="run_id from More")] = None
    detail: Detail = "summary"


class LogsForSpec(Arguments):
    spec_id: Name
    limit: Annotated[int, Field(ge=1, le=50), NotBoolean] = 5
    iteration: UInt32 | None = None
    failures_only: bool = False
    before: Annotated[str | None, Field(description="run_id or time: older attempts")] = None
    detail: Detail = "summary"


class DescribeLogs(Arguments):
    fields: bool = False


class GetRun(Arguments):
    run_id: Annotated[Name, Field(description="id, its first 8+ characters, or SPEC#ITERATION")]
    part: Annotated[
        Part, Field(description="before: what its request or service logged before it")
    ] = "summary"
    from_line: Annotated[int | None, Field(ge=1), NotBoolean] = None
    lines: Annotated[int | None, Field(ge=1, le=2000), NotBoolean] = None
    grep: Annotated[
        Texts | None,
        Field(description="literal, or any of a list; in any part"),
    ] = None


class SearchLogs(Arguments):
    text: Annotated[Texts, Field(description="part of one line, literal, any case; a list: any")]
    since: Since = None
    until: Until = None
    spec_id: Label = None
    failures_only: bool = True
    limit: Annotated[int, Field(ge=1, le=30), NotBoolean] = 10
    before: Annotated[str | None, Field(description="run_id: older runs")] = None


class CompareRuns(Arguments):
    spec_id: Name
    run_a: Annotated[Label, Field(description="run_id; alone: with the attempt before")] = None
    run_b: Annotated[Label, Field(description="run_id")] = None


class WaitForRun(Arguments):
    spec_id: Name
    after: Annotated[Label, Field(description="run_id: a newer run answers at once")] = None
    timeout_seconds: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)] = 25


class WatchRuns(Arguments):
    """What `genesis-mcp watch` is told."""

    spec_id: Name
    after: Label = None
    timeout_seconds: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    """None: until it is interrupted."""


class RecordRun(Arguments):
    spec_id: KeptName
    exit_code: Annotated[Int32, Field(description="0 passed; -1 killed or timed out")]
    stdout: Text = ""
    stderr: Text = ""
    iteration: Annotated[UInt32 | None, Field(description="default: the next")] = None
    code_snapshot: OptionalText = None
    duration_ms: Duration | None = None
    timestamp: Timestamp | None = None
    level: Level = None
    message: OptionalText = None
    sprint_id: KeptLabel = None
    task_id: KeptLabel = None
    service: KeptLabel = None
    version: KeptLabel = None
    context: Context = None
    run_id: Annotated[KeptLabel, Field(description="makes a repeated call safe")] = None
    _cleaned: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _note_what_is_cleaned(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if isinstance(data, Mapping):
            made.cleaned.update(cleaned_names(data))
        return made

    @property
    def cleaned(self) -> dict[str, str]:
        """The names that are not kept as they were given."""
        return self._cleaned


class RunCommand(Arguments):
    """What `genesis-mcp run` is told about the command that it runs."""

    spec_id: KeptName
    iteration: UInt32 | None = None
    sprint_id: KeptLabel = None
    task_id: KeptLabel = None
    service: KeptLabel = None
    version: KeptLabel = None
    timeout_seconds: Annotated[float, Field(ge=0, le=86_400 * 7, allow_inf_nan=False)] = 60.0
    """0 means no limit."""


class IngestDefaults(Arguments):
    """What `genesis-mcp ingest` is told about records that do not say it themselves."""

    spec_id: KeptLabel = None
    iteration: UInt32 | None = None
    service: KeptLabel = None


class Prune(Arguments):
    """How old a record must be to be deleted."""

    days: Annotated[int, Field(ge=1, le=36_500), NotBoolean]


class Expiry(Arguments):
    """How old a record must be for the store's engine to delete it by itself."""

    ttl_days: Annotated[int, Field(ge=1, le=20_000), NotBoolean]
    """MongoDB takes at most 2^31-1 seconds."""


def _scopes(value: object) -> object:
    return [one.strip() for one in value.split(",")] if isinstance(value, str) else value


class NewToken(Arguments):
    """What `genesis-mcp token new` is told."""

    name: KeptName
    scopes: Annotated[
        list[Literal["read", "record"]], Field(min_length=1), BeforeValidator(_scopes)
    ] = ["read"]
    service: KeptLabel = None
    days: Annotated[int | None, Field(ge=1, le=36_500), NotBoolean] = None
