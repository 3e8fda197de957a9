"""The questions where a team's server answers them: it is asked, and believed."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from genesis_mcp.answers.told_elsewhere import ToldElsewhere
from genesis_mcp.errors import StoreUnavailable
from genesis_mcp.questions import NONE_CLEANED, Service
from genesis_mcp.questions.record_run import RecordedElsewhere
from genesis_mcp.questions.wait_for_run import Wait
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import Inserted
from genesis_mcp.stores.contract import AnsweringStore
from genesis_mcp.stores.time_limit import one_call

LOOK_SECONDS = 5.0
"""How long the server waits for a run at each look: twelve calls a minute, of 120."""


class ServiceElsewhere(Service):
    """A service whose store is a team's server."""

    store: AnsweringStore

    def recent_failures(self, arguments: Any) -> Any:
        return self._told("recent_failures", arguments)

    def logs_for_spec(self, arguments: Any) -> Any:
        return self._told("logs_for_spec", arguments)

    def describe_logs(self, arguments: Any) -> Any:
        return self._told("describe_logs", arguments)

    def get_run(self, arguments: Any) -> Any:
        return self._told("get_run", arguments)

    def search_logs(self, arguments: Any) -> Any:
        return self._told("search_logs", arguments)

    def compare_runs(self, arguments: Any) -> Any:
        return self._told("compare_runs", arguments)

    def wait_for_run(self, arguments: Any) -> Any:
        return WaitElsewhere(self.store, arguments)

    def _told(self, question: str, arguments: Any) -> ToldElsewhere:
        return told(self.store.answer(question, given(arguments)))

    def spec_ids(self, beginning: str) -> list[str]:
        """Of the specs that the server names by itself: the most recently active ones."""
        described = self.store.answer("describe_logs", {})["structured"]
        names = [one.get("spec_id", "") for one in described.get("specs", ())]
        return [name for name in names if name.startswith(beginning)]

    @one_call()
    def record_one(self, run: Run, *, cleaned: Mapping[str, str] = NONE_CLEANED) -> Any:  # noqa: ARG002
        from genesis_mcp.answers import RecordedRun

        structured = self.store.record(self.as_stored(run))["structured"]
        return RecordedRun.model_validate(structured)

    @one_call()
    def store_one(self, run: Run) -> Any:
        said = self.store.record(self.as_stored(run))
        return RecordedElsewhere(str(said["line"]), str(said["beside"]))

    @one_call()
    def record(self, runs: Sequence[Run]) -> list[Inserted]:
        return self.store.insert([self.as_stored(run) for run in runs])


class WaitElsewhere(Wait):
    """A wait in which the server looks; between two looks no run is missed."""

    def __init__(self, store: AnsweringStore, arguments: Any) -> None:
        self.seconds = arguments.timeout_seconds
        self._server = store
        self._given = given(arguments)
        self._until = time.monotonic() + self.seconds
        self._last: ToldElsewhere | None = None
        if "after" not in self._given:
            spec = {"spec_id": self._given["spec_id"], "limit": 1}
            attempts = store.answer("logs_for_spec", spec)["structured"].get("attempts")
            if attempts:
                self._given["after"] = attempts[0]["run_id"]

    def look(self) -> Any:
        """See `Wait`; this takes LOOK_SECONDS, unless a run comes."""
        seconds = min(LOOK_SECONDS, max(0.0, self._until - time.monotonic()))
        asked = {**self._given, "timeout_seconds": seconds}
        answer = told(self._server.answer("wait_for_run", asked, waits_seconds=seconds))
        if not answer.data.get("arrived"):
            self._last = answer
            return None
        self._given["after"] = answer.data["run_id"]
        return answer

    def nothing(self) -> Any:
        """See `Wait`."""
        return self._last or self.look()


def told(answer: Mapping[str, Any]) -> ToldElsewhere:
    """What a server answered.

    Raises:
        StoreUnavailable: it is no answer.
    """
    data, text = answer.get("structured"), answer.get("text")
    if not (isinstance(data, dict) and isinstance(text, str) and data.get("summary")):
        raise StoreUnavailable("What answers at the server's URL is no server of genesis-mcp.")
    return ToldElsewhere(summary=str(data["summary"]), text=text, data=data)


def given(arguments: Any) -> dict[str, Any]:
    """The arguments that were given, as JSON."""
    named: dict[str, Any] = arguments.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return named
