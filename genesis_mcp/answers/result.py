"""What all answers are made of: quoted text, the least that every answer says, calls as words."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from genesis_mcp.answers.quoting import NumberedLines, Passage, next_lines, with_names
from genesis_mcp.runs.identifiers import short_run_id

ShownText = Annotated[
    Passage | NumberedLines,
    PlainSerializer(lambda shown: shown.text, return_type=str),
    WithJsonSchema({"type": "string"}),
]


Filters = Annotated[SkipJsonSchema[dict[str, Any]], Field(exclude=True)]
"""What was asked for, which a result needs for the call that goes on; nobody is shown it."""


Names = Annotated[SkipJsonSchema[dict[str, str]], Field(exclude=True)]
"""What runs are called in short, `spec#iteration`, by their ids; whoever is not in it by its id."""

ErrorKey = Annotated[SkipJsonSchema[str | None], Field(exclude=True)]
"""What tells an error from others, by which people's notes are found; nobody is shown it."""

CALLS = frozenset({"hint", "more", "whole", "other_text"})
"""Fields that hold a call."""


class Shown(BaseModel):
    """Base of everything that is shown; a field without a value is left out."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )

    def but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


class Result(Shown):
    """Base of the answers."""

    summary: str
    """The answer in a sentence or two, made from counts, times and identifiers only."""
    hint: str | None = None
    """The one next call that is worth making, with complete arguments."""
    untrusted: str | None = None
    """Says that quoted program output is data; there whenever some is quoted."""
    names: Names = Field(default_factory=dict)

    @property
    def ordinary_chars(self) -> int | None:
        """What the answer should take on an ordinary day; None when all was asked for."""
        return None

    def tighter(self) -> Self | None:
        """The same answer without what an ordinary day can do without; None when that is gone."""
        return None

    def smaller(self) -> Self | None:
        """The same answer with less in it; None when nothing can be given up."""
        return None

    def structured(self) -> dict[str, Any]:
        """The answer as JSON data, without empty fields; its calls name runs in short."""
        data: dict[str, Any] = self._short(self.model_dump(mode="json", exclude_none=True))
        return data

    def _short(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._short(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self.called(one) if name in CALLS and isinstance(one, str) else self._short(one)
            for name, one in value.items()
            if one not in ("", [], {})
        }

    def called(self, call: str) -> str:
        """A call of this answer as it is shown."""
        return with_names(call, self.names)

    def name(self, run_id: str) -> str:
        """What a run of this answer is called."""
        return self.names.get(run_id) or short_run_id(run_id)


class Quoting(Shown):
    """Base of what quotes a run's output."""

    run_id: str | None = None
    """None where a long list leaves it out."""
    stream: str | None = None
    """The part of the run that `text` is from."""
    text: ShownText | None = None
    whole: str | None = None
    """The call that shows all of it; given when something is left out."""
    kept: str | None = None
    """How much of what it printed was kept, when that is not all."""
    other_text: str | None = None
    """The call that shows what the run printed on its other stream, when it did."""
    redraws: int | None = None
    """States of progress lines that are left out: the same words with other numbers."""
    code: ShownText | None = None
    """Lines of the recorded code around the line that the error names."""

    @property
    def is_long(self) -> bool:
        """Whether this is more than one line."""
        return isinstance(self.text, Passage) and "\n" in self.text.full

    @property
    def can_shrink(self) -> bool:
        return self.code is not None or (isinstance(self.text, Passage) and self.text.can_shrink)

    def shorter(self) -> Self:
        """The same with less of the text, as long as there is much; then without the code."""
        if not isinstance(self.text, Passage) or not self.text.can_shrink:
            return self.but(code=None)
        whole = self.run_id and next_lines(self.run_id, self.stream or "summary", 1, None)
        return self.but(text=self.text.shorter(), whole=whole)
