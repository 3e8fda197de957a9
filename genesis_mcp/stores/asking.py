"""What a store is asked, as values: a question says in one call all that it wants to know next."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Attempt, Failure, InDoubt, RunPage, RunQuery, SpecStats
from genesis_mcp.stores.contract import Reads

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Asked(ABC, Generic[T_co]):
    """One thing that a store is asked; equal ones have the same answer."""

    @abstractmethod
    def of(self, store: Reads) -> T_co:
        """The answer of a store that is asked nothing else at the same time."""


@dataclass(frozen=True)
class Find(Asked[RunPage]):
    """See `Reads.find`."""

    query: RunQuery

    def of(self, store: Reads) -> RunPage:
        return store.find(self.query)


@dataclass(frozen=True)
class Failures(Asked[list[Failure]]):
    """See `Reads.failures`."""

    query: RunQuery

    def of(self, store: Reads) -> list[Failure]:
        return store.failures(self.query)


@dataclass(frozen=True)
class Fetch(Asked[list[Run]]):
    """See `Reads.fetch`."""

    run_ids: tuple[str, ...]
    text_bytes: int | None = None

    def of(self, store: Reads) -> list[Run]:
        return store.fetch(self.run_ids, text_bytes=self.text_bytes)


@dataclass(frozen=True)
class Count(Asked[int]):
    """See `Reads.count`."""

    query: RunQuery
    at_most: int

    def of(self, store: Reads) -> int:
        return store.count(self.query, at_most=self.at_most)


@dataclass(frozen=True)
class Repeated(Asked[set[Attempt]]):
    """See `Reads.repeated`."""

    attempts: frozenset[Attempt]

    def of(self, store: Reads) -> set[Attempt]:
        return store.repeated(self.attempts)


@dataclass(frozen=True)
class Ids(Asked[list[str]]):
    """See `Reads.ids`."""

    beginning: str
    limit: int

    def of(self, store: Reads) -> list[str]:
        return store.ids(self.beginning, limit=self.limit)


@dataclass(frozen=True)
class Specs(Asked[list[SpecStats]]):
    """See `Reads.specs`."""

    limit: int

    def of(self, store: Reads) -> list[SpecStats]:
        return store.specs(limit=self.limit)


@dataclass(frozen=True)
class Spec(Asked[SpecStats | None]):
    """See `Reads.spec`."""

    spec_id: str

    def of(self, store: Reads) -> SpecStats | None:
        return store.spec(self.spec_id)


@dataclass(frozen=True)
class NewestOf(Asked[dict[str, RunPage]]):
    """The newest attempts at several specs, by spec.

    A store that reads them together may leave out a spec whose attempts lie far behind those of the
    others: whoever needs it asks for its list.
    """

    spec_ids: tuple[str, ...]
    limit: int

    def of(self, store: Reads) -> dict[str, RunPage]:
        return {spec_id: store.find(one.query) for spec_id, one in self.lists().items()}

    def lists(self) -> dict[str, Find]:
        """The list of each spec."""
        return {spec_id: newest_attempts(spec_id, self.limit) for spec_id in self.spec_ids}


def newest_attempts(spec_id: str, number: int) -> Find:
    """The list of a spec's newest attempts."""
    return Find(RunQuery(spec_id=spec_id, kind="run", limit=number))


@dataclass(frozen=True)
class DoubtsAmong(Asked[InDoubt]):
    """See `Reads.in_doubt`."""

    query: RunQuery

    def of(self, store: Reads) -> InDoubt:
        return store.in_doubt(self.query)


class Answers:
    """The answers to what was asked, by what was asked."""

    def __init__(self, answers: Mapping[Asked[Any], Any]) -> None:
        self._answers = answers

    def __getitem__(self, asked: Asked[T]) -> T:
        answer: T = self._answers[asked]
        return answer


def in_turn(store: Reads, asked: Iterable[Asked[Any]]) -> Answers:
    """What a store gives that loses no time between two questions."""
    return Answers({one: one.of(store) for one in dict.fromkeys(asked)})
