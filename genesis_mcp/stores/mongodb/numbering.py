"""Iterations that no two writers give at once: counters in a small collection beside the logs.

What the logs hold decides; a counter only says what was given a moment ago, and may not be there
yet for all to see. So nothing goes wrong with counters that are lost, old, or not allowed.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure

from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.stores.mongodb.connection import NOT_AUTHORIZED, Logs
from genesis_mcp.stores.side_by_side import side_by_side
from genesis_mcp.text.clean import scrub

BESIDE = "_iterations"
"""Behind the name of the collection of logs."""

COUNTED_MS = 60_000
"""How long a counter is believed, by the server's clock: after that, what was recorded is there."""

TRIES = 5
"""When several writers make the counter of a spec at once, all but one of them try again."""


def reserved(logs: Logs, highest: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    """The iterations behind which those that are wanted, so many of each spec, are this call's.

    `highest` is what the logs say; it is the answer for an account that may not write counters.
    """
    behind = dict(highest)
    counters = logs.database[logs.name + BESIDE]

    def reserve(spec_id: str, number: int) -> tuple[str, int]:
        return spec_id, _reserve(counters, scrub(spec_id), highest.get(spec_id, 0), number)

    try:
        behind |= side_by_side([partial(reserve, *one) for one in wanted.items()])
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise
    return behind


def forget_counters(logs: Logs, spec_ids: Iterable[str]) -> None:
    """Delete the counters of those of these specs of which nothing is left: they are their names.

    What the account may not delete stays.
    """
    gone = [one for one in spec_ids if logs.find_one({"spec_id": one}, {"_id": 1}) is None]
    try:
        if gone:
            logs.database[logs.name + BESIDE].delete_many({"_id": {"$in": gone}})
    except OperationFailure as error:
        if error.code != NOT_AUTHORIZED:
            raise


def _reserve(counters: Logs, spec_id: str, highest: int, number: int) -> int:
    for tries_left in reversed(range(TRIES)):
        try:
            counter = counters.find_one_and_update(
                {"_id": spec_id},
                _raised(highest, number),
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
            raised = int(counter["highest"]) if counter else highest + number
            return min(raised - number, UINT32_MAX)
        except DuplicateKeyError:
            if not tries_left:
                raise
    raise AssertionError


def _raised(highest: int, number: int) -> list[dict[str, Any]]:
    """The update: the counter, or what the logs say if that is more, and then so many more."""
    is_fresh = {"$gt": ["$at", {"$subtract": ["$$NOW", COUNTED_MS]}]}
    given = {"$cond": [is_fresh, "$highest", 0]}
    behind = {"$min": [{"$max": [given, highest]}, UINT32_MAX]}
    return [{"$set": {"highest": {"$add": [behind, number]}, "at": "$$NOW"}}]
