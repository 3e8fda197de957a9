"""Failures grouped by their error, and the pages of such a list: each error stands on one of them.

The first page begins with the errors that were first seen in the window that was asked for, if one
was. All others follow by their newest failure, and a page goes on behind the place of a run, so
that it ends and repeats nothing, however many failures share one millisecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from genesis_mcp.errors import InputError
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.errors_shown import error_keys, keys_wanted
from genesis_mcp.questions.history import LOOKED_BACK
from genesis_mcp.questions.naming import names_wanted
from genesis_mcp.runs.query import PAGE_MAX, Cursor, Failure, RunQuery
from genesis_mcp.runs.signing import is_current_version
from genesis_mcp.stores.asking import Asked, Count, Failures, Fetch, NewestOf
from genesis_mcp.stores.contract import ReadsAtOnce

GROUPED_MAX = 200
"""Failures that are grouped for a page: the same work however full the store is."""

SKIPPED_MAX = 5
"""Times that a page reads on when all it read stood on the pages before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedError:
    """The failures that show one error, the newest first."""

    key: str
    failures: Sequence[Failure]
    is_new: bool = False
    """Whether it was first seen in the window."""

    @property
    def newest(self) -> Failure:
        return self.failures[0]

    @property
    def specs(self) -> set[str | None]:
        return {failure.spec_id for failure in self.failures}

    @property
    def is_signed(self) -> bool:
        """Whether the store can count by the key: its rows carry it."""
        return self.newest.signature_group == self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """Some of the errors, in the order of the pages."""

    errors: Sequence[ListedError]
    distinct: int
    """Errors in what was read for this page, those of earlier pages left out."""
    new: int
    is_cut: bool
    """Whether there are older failures that were not read."""
    is_continued: bool
    next: str | None
    """The run behind which the next page goes on."""

    @property
    def not_shown(self) -> int:
        return self.distinct - len(self.errors)


def listed_errors(
    store: ReadsAtOnce, query: RunQuery, newest: Sequence[Failure], before: str | None, limit: int
) -> ErrorPage:
    """A page of at most `limit` errors.

    `newest` are the newest failures of the query, one more than GROUPED_MAX if there are so many;
    `before` is what the page before gave as `next`.

    Raises:
        InputError: no run has the id in `before`.
    """
    read = newest[:GROUPED_MAX]
    is_cut = len(newest) > GROUPED_MAX
    # Behind another page they matter only where new ones may have stood first.
    errors = _grouped(store, read) if before is None or query.since else []
    promoted = _new_ones(store, query, errors)[:limit]
    first_of_promoted = {error.newest.run_id for error in promoted}
    on_first_page = {error.key for error in promoted}
    if before is not None and before not in first_of_promoted:
        errors, read, is_cut = _older(store, query, _failure(store, before), on_first_page, limit)
    rest = [error for error in errors if error.key not in on_first_page]
    listed = [*(promoted if before is None else []), *rest]
    shown = listed[:limit]
    # The newest failure of an error that stands first means "now all the others".
    last_read = [one.run_id for one in read if one.run_id not in first_of_promoted][-1:]
    goes_on = [shown[-1].newest.run_id] if len(listed) > limit else last_read if is_cut else []
    return ErrorPage(
        errors=shown,
        distinct=len(listed),
        new=len(promoted),
        is_cut=is_cut,
        is_continued=before is not None,
        next=next(iter(goes_on), None),
    )


def _failure(store: ReadsAtOnce, run_id: str) -> Failure:
    for run in store.fetch([run_id], text_bytes=0):
        signature = run.signature
        group, version = (signature.group, signature.version) if signature else (None, None)
        return Failure(run.run_id, run.timestamp, run.spec_id, group, version, run.recorded_at)
    raise InputError("before: no run has this id; take it from the answer before.")


def _grouped(store: ReadsAtOnce, failures: Sequence[Failure]) -> list[ListedError]:
    """The errors of failures, in the order in which they come."""
    keys = error_keys(store, failures)
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(keys[failure.run_id], []).append(failure)
    return [ListedError(key=key, failures=group) for key, group in groups.items()]


def _new_ones(
    store: ReadsAtOnce, query: RunQuery, errors: Sequence[ListedError]
) -> list[ListedError]:
    """Those that were never seen before the window; of rows without a signature nobody knows."""
    if query.since is None:
        return []
    known = [error for error in errors if error.is_signed]
    counts = _group_counts(store, _earlier(query), [error.key for error in known])
    return [replace(error, is_new=True) for error in known if not counts.get(error.key)]


def new_wanted(query: RunQuery, failures: Sequence[Failure]) -> list[Count]:
    """What is asked to tell which of these failures show a new error."""
    if query.since is None:
        return []
    signed = (one for one in failures if is_current_version(one.signature_version))
    groups = dict.fromkeys(one.signature_group for one in signed)
    return _counts(_earlier(query), [group for group in groups if group is not None])


def _earlier(query: RunQuery) -> RunQuery:
    return RunQuery(failed=True, until=query.since)


def _group_counts(store: ReadsAtOnce, query: RunQuery, groups: Sequence[str]) -> dict[str, int]:
    """Whether failures show each of these errors, by signature group."""
    asked = _counts(query, groups)
    told = store.read(*asked)
    return {one.query.signature_group or "": told[one] for one in asked}


def _counts(query: RunQuery, groups: Sequence[str]) -> list[Count]:
    return [Count(replace(query, signature_group=group), 1) for group in groups]


def page_wanted(
    store: ReadsAtOnce, failures: Sequence[Failure], errors: Sequence[ListedError]
) -> list[Asked[Any]]:
    """What is asked to group failures, and of the errors that probably stand on the page."""
    first = [error.newest for error in errors]
    specs = specs_alone(errors)
    return [
        *keys_wanted(store, failures),
        Fetch(tuple(one.run_id for one in first), 0),
        *names_wanted(first),
        *([NewestOf(tuple(specs), LOOKED_BACK)] if specs else []),
        *(Fetch((one.run_id,)) for one in first[:1]),  # which is quoted, as a rule
    ]


def probable_errors(store: ReadsAtOnce, failures: Sequence[Failure]) -> list[ListedError]:
    """The errors of failures, as far as that is known before texts are read: by spec and error."""
    if not keys_wanted(store, failures):
        return _grouped(store, failures)
    groups: dict[tuple[str | None, str | None], list[Failure]] = {}
    for one in failures:
        groups.setdefault((one.spec_id, one.signature_group), []).append(one)
    return [ListedError(key=group[0].run_id, failures=group) for group in groups.values()]


def specs_alone(errors: Sequence[ListedError]) -> list[str]:
    """The specs of errors that no other spec has."""
    specs = [one.newest.spec_id for one in errors if len(one.specs) == 1]
    return [spec_id for spec_id in dict.fromkeys(specs) if spec_id is not None]


def _older(
    store: ReadsAtOnce, query: RunQuery, last: Failure, on_first_page: set[str], limit: int
) -> tuple[list[ListedError], Sequence[Failure], bool]:
    """The errors behind a failure that were on no page before, what was read, whether more is.

    An error was on a page before when one of its failures is as new as that one, or newer.
    """
    place = Cursor.of(last)
    beyond = Failures(replace(query, after=place, oldest_first=True, limit=PAGE_MAX))
    behind = Failures(replace(query, after=place, limit=GROUPED_MAX + 1))
    told = store.read(beyond, behind)
    newer = told[beyond]
    probable = probable_errors(store, told[behind])[:limit]
    ask_ahead(
        store, *keys_wanted(store, [last, *newer]), *page_wanted(store, told[behind], probable)
    )
    seen = set(error_keys(store, [last, *newer]).values()) | on_first_page
    for _ in range(SKIPPED_MAX):
        failures = store.failures(replace(query, after=place, limit=GROUPED_MAX + 1))
        if not failures:
            return [], [], False
        is_cut, failures = len(failures) > GROUPED_MAX, failures[:GROUPED_MAX]
        errors = [error for error in _grouped(store, failures) if error.key not in seen]
        if len(newer) == PAGE_MAX:
            errors = _not_seen(store, replace(query, since=newer[-1].timestamp), errors)
        if errors or not is_cut:
            break
        place = Cursor.of(failures[-1])
    return errors, failures, is_cut


def _not_seen(
    store: ReadsAtOnce, newer: RunQuery, errors: Sequence[ListedError]
) -> list[ListedError]:
    """Those that have no failure beyond the newer ones that were read, as far as rows tell."""
    keys = [error.key for error in errors if error.is_signed]
    counts = _group_counts(store, newer, keys)
    return [error for error in errors if not counts.get(error.key)]
