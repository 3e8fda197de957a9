"""Runs from the log of a CI job, one a step: of GitHub Actions, of GitLab and of Buildkite."""

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, BinaryIO, Protocol

from genesis_mcp.errors import InputError
from genesis_mcp.ingest import ci_buildkite, ci_github, ci_gitlab
from genesis_mcp.ingest.ci_buildkite import BuildkiteLog
from genesis_mcp.ingest.ci_github import GitHubLog
from genesis_mcp.ingest.ci_gitlab import GitLabLog
from genesis_mcp.ingest.ci_step import Step, Steps
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.lines import Lines

CHUNK_BYTES = 64 * 1024

LOOKED_AT_MAX = 400
"""Lines in which a log says whose it is."""

UNKNOWN = (
    "is no log of a CI job that is known: of GitHub Actions (`gh run view --log`, or a job's log "
    "from its API), GitLab or Buildkite. Without --ci-log its lines are recorded as they are."
)


class _Log(Protocol):
    def feed(self, number: int, line: str) -> Iterator[Step]: ...
    def end(self) -> Iterator[Step]: ...


_SERVICES: tuple[tuple[Any, type[_Log]], ...] = (
    (ci_gitlab, GitLabLog),
    (ci_buildkite, BuildkiteLog),
    (ci_github, GitHubLog),
)


def read_ci_log(file: BinaryIO, known: Mapping[str, Any]) -> Iterator[list[Item]]:
    """The steps of a log as they end; an id is the same for the same step of the same log.

    `known` are fields of each run; its `spec_id` stands for a job that the log does not name.

    Raises:
        InputError: nothing in its first lines says which service wrote it.
    """
    lines = _lines(file)
    first = list(islice(lines, LOOKED_AT_MAX))
    if not first:
        return
    service, log = _service_of(first)
    steps = Steps(service, known)
    for number, line in chain(first, lines):
        yield [steps.item(step) for step in log.feed(number, line)]
    yield [steps.item(step) for step in log.end()]


def _service_of(first: list[tuple[int, str]]) -> tuple[str, _Log]:
    for _, line in first:
        for module, log in _SERVICES:
            if module.MARK.match(line):
                return module.SERVICE, log()
    raise InputError(UNKNOWN)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    lines = Lines()
    while chunk := file.read(CHUNK_BYTES):
        for line in lines.feed(chunk):
            yield line.number, line.data.decode("utf-8", "replace")
    for line in lines.end():
        yield line.number, line.data.decode("utf-8", "replace")
