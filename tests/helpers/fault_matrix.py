"""Everybody who uses a store, under one fault of it: what each is told, and after what time."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from genesis_mcp.config import load_settings
from genesis_mcp.errors import GenesisError
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.recording.writer import Writer, writer_at
from genesis_mcp.runs.conforming import make_run
from tests.helpers.command_line import cli, environment
from tests.helpers.waiting import until
from tests.helpers.wire import Wire

WORKS = "works"
EXIT_CODE = 3
"""Of the commands that are recorded; none of ours."""

QUESTIONS: dict[str, dict[str, Any]] = {
    "recent_failures": {},
    "logs_for_spec": {"spec_id": "soma"},
    "describe_logs": {},
    "get_run": {"run_id": "soma#1"},
    "search_logs": {"text": "boom"},
    "compare_runs": {"spec_id": "soma"},
    "wait_for_run": {"spec_id": "soma", "timeout_seconds": 1},
}
FIRST: dict[str, Any] = {
    "spec_id": "soma",
    "exit_code": EXIT_CODE,
    "stderr": "boom",
    "run_id": "the-first-run",
}

MORE_ARRIVED = "If they arrived meanwhile, the same command copies them"

RUN = {"exit_code": EXIT_CODE}
OTHER = FIRST | {"run_id": "another-run", "iteration": 2}
"""soma#1 remains the name of one run."""


class When(StrEnum):
    """How long somebody waits to be told."""

    AT_ONCE = "at once"
    WITHIN = "within the limit"
    AND_A_SECOND = "within the limit and a second"


LIMITS = {When.AT_ONCE: 120, When.WITHIN: 3, When.AND_A_SECOND: 3}
"""Time limits of the store, in seconds. What is told at once comes long before a long one is over,
however busy the machine is; what waits for the limit has a short one, and all of WAIT to say so."""


IN_TIME: dict[When, Callable[[float], bool]] = {
    When.AT_ONCE: lambda seconds: seconds < LIMITS[When.AT_ONCE],
    When.WITHIN: lambda _: True,  # or the test would wait for longer than WAIT
    When.AND_A_SECOND: lambda seconds: seconds >= LIMITS[When.AND_A_SECOND],
}


class Fault(NamedTuple):
    """Something that happens to a store, and whom it concerns: None, who goes on working."""

    name: str
    begins: Callable[[], AbstractContextManager[Any]]
    asks: When | None
    records: When | None
    is_met_at_start: bool = False
    """Servers that run already have the store open, and do not meet it."""
    is_beyond_doctor: bool = False
    """Only a run that is recorded meets it: the doctor has no way to try."""
    of_first: bool = False
    """It is met by who records for the spec of FIRST; of others it may leave some alone."""

    def spec(self, caller: str) -> str:
        """For which a caller records."""
        return FIRST["spec_id"] if self.of_first else f"{caller} {self.name}"


class Told(NamedTuple):
    """One answer: all that was said, and whether it did what it was asked for."""

    said: str
    works: bool
    seconds: float

    def tells(self, sentence: str) -> bool:
        return self.works if sentence == WORKS else sentence in self.said


Commands = dict[str, Callable[[], Told]]


class Group(NamedTuple):
    """What was told under one fault: to those who ask, who record, who do both."""

    asked: dict[str, Told]
    recorded: dict[str, Told]
    both: dict[str, Told]


class Callers(Protocol):
    """Who uses a store."""

    recorded: set[str]
    """Specs of runs that must be in the store when all is well again, once each."""

    def warm_up(self) -> None:
        """Wait until it works for all who have the store open."""
        ...

    def under(self, fault: Fault) -> Group:
        """What all are told now."""
        ...


def row_of(fault: Fault, callers: Callers) -> tuple[tuple[str, ...], list[str]]:
    """A row of the table, and who did not say what its group says, or not in its time."""
    callers.warm_up()
    with fault.begins():
        group = callers.under(fault)
    to_ask, not_asked = the_same(group.asked, fault.asks)
    to_record, not_recorded = the_same(group.recorded, fault.records)
    expected = to_record if fault.asks is None else to_ask
    wrong = not_asked + not_recorded
    wrong += [
        f"{name}: {one}"
        for name, one in group.both.items()
        if not one.tells(expected) and not (name == "doctor" and fault.is_beyond_doctor)
    ]
    when = fault.records or fault.asks
    row = fault.name, to_ask, to_record, when.value if when else "-"
    return row, [f"{fault.name}: {one}" for one in wrong]


def the_same(told: dict[str, Told], when: When | None) -> tuple[str, list[str]]:
    """The one sentence of a group, and who of it says something else, or says it too late."""
    if when is None:
        return WORKS, [f"{name}: {one}" for name, one in told.items() if not one.works]
    sentence = next(iter(told.values())).said.partition(" Repeat it with run_id=")[0]
    is_in_time = IN_TIME[when]
    return sentence, [
        f"{name}: {one}"
        for name, one in told.items()
        if one.works or sentence not in one.said or not is_in_time(one.seconds)
    ]


class Here:
    """A question, a run and one that is kept, in this process."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self._url = url
        self.recorded: set[str] = set()
        self._writers = self._opened(stack)

    def _opened(self, stack: ExitStack) -> dict[int, Writer]:
        writers = {}
        for limit in set(LIMITS.values()):
            settings = load_settings({"store": self._url, "timeout_seconds": limit}, {})
            writers[limit] = writer_at(settings)
            stack.callback(writers[limit].service.store.close)
        return writers

    def warm_up(self) -> None:
        for writer in self._writers.values():
            until(lambda: self._asked(writer).works)  # noqa: B023

    def under(self, fault: Fault) -> Group:
        with ExitStack() as stack:
            writers = self._opened(stack) if fault.is_met_at_start else self._writers
            asks, records = (writers[limit] for limit in limits_of(fault))
            pool = stack.enter_context(ThreadPoolExecutor(3))
            asked = pool.submit(self._asked, asks)
            recorded = pool.submit(self._recorded, records, fault.spec("record_run"))
            ended = pool.submit(self._ended, records, fault.spec("run"))
        both = {"record_run": recorded.result(), "run": ended.result()}
        return Group({"recent_failures": asked.result()}, both, {})

    @staticmethod
    def _asked(writer: Writer) -> Told:
        return timed(lambda: writer.service.recent_failures(RecentFailures()))

    def _recorded(self, writer: Writer, spec: str) -> Told:
        run = make_run(RUN | {"spec_id": spec}, recorded_by="tests")
        told = timed(lambda: writer.record_one(run))
        self.recorded |= {spec} if told.works else set()
        return told

    def _ended(self, writer: Writer, spec: str) -> Told:
        began = time.monotonic()
        ended = writer.record_or_keep(make_run(RUN | {"spec_id": spec}, recorded_by="tests"))
        self.recorded.add(spec)
        return Told(ended.said, ended.recorded is not None, time.monotonic() - began)


def timed(call: Callable[[], object]) -> Told:
    began = time.monotonic()
    try:
        call()
    except GenesisError as error:
        return Told(str(error), False, time.monotonic() - began)
    return Told(WORKS, True, time.monotonic() - began)


def limits_of(fault: Fault) -> tuple[int, int]:
    """For those who ask and for those who record."""
    return LIMITS[fault.asks or When.AT_ONCE], LIMITS[fault.records or When.AT_ONCE]


class Everybody:
    """Each question and each command, in processes of their own; the servers run on."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self.url, self.folder, self._stack = url, folder, stack
        self.recorded: set[str] = set()
        self.servers = self._started(*set(LIMITS.values()))

    def _started(self, *limits: int) -> dict[int, Wire]:
        servers = {}
        for limit in limits:
            server = Wire(self.url, GENESIS_TIMEOUT_SECONDS=str(limit))
            servers[limit] = self._stack.enter_context(server)
            server.initialize()
        return servers

    def warm_up(self) -> None:
        for server in self.servers.values():
            ask = (server, "recent_failures", QUESTIONS["recent_failures"])
            until(lambda: called([ask])["recent_failures"].works)  # noqa: B023

    def under(self, fault: Fault) -> Group:
        asks, records = limits_of(fault)
        servers = self._started(asks, records) if fault.is_met_at_start else self.servers
        tools = [(servers[asks], name, given) for name, given in QUESTIONS.items()]
        spec = fault.spec("record_run")
        tools.append((servers[records], "record_run", RUN | {"spec_id": spec}))
        with ThreadPoolExecutor(4) as pool:
            asked, noted, both = [
                {name: pool.submit(call) for name, call in commands.items()}
                for commands in self._commands(fault, asks, records)
            ]
            told = called(tools)
        self.recorded |= {spec} if told["record_run"].works else set()
        recorded = {"record_run": told.pop("record_run")}
        return Group(told | done(asked), recorded | done(noted), done(both))

    def _commands(
        self, fault: Fault, asks: int, records: int
    ) -> tuple[Commands, Commands, Commands]:
        """Commands that ask, that record, and that ask first and record then."""
        return (
            {
                "failures": lambda: self._command(asks, "failures"),
                "export": lambda: self._command(asks, "export"),
                "copy --from": self._copy_from,
            },
            {
                "run": lambda: self._run(records, fault.spec("run")),
                "ingest": lambda: self._piped(records, "ingest", fault.spec("ingest")),
                "record": lambda: self._piped(records, "record", fault.spec("record")),
            },
            {
                "copy --to": self._copy_to,
                "doctor": lambda: self._command(min(asks, records), "doctor"),
            },
        )

    def _command(self, limit: int, *arguments: str, **options: Any) -> Told:
        began = time.monotonic()
        variables = {"GENESIS_TIMEOUT_SECONDS": str(limit)}
        done = cli(*arguments, store_url=self.url, variables=variables, **options)
        said = done.stderr.decode()
        assert "Traceback" not in said, said
        said += done.stdout.decode() if arguments == ("doctor",) else ""
        return Told(said, done.returncode == 0, time.monotonic() - began)

    def _run(self, limit: int, spec: str) -> Told:
        script = f"raise SystemExit({EXIT_CODE})"
        began = time.monotonic()
        done = cli(
            *("run", "--spec", spec, "--", sys.executable, "-c", script),
            store_url=self.url,
            variables={"GENESIS_TIMEOUT_SECONDS": str(limit)},
        )
        said = done.stderr.decode()
        assert done.returncode == EXIT_CODE, said
        self.recorded.add(spec)  # or kept
        return Told(said, "was kept" not in said, time.monotonic() - began)

    def _piped(self, limit: int, command: str, spec: str) -> Told:
        line = json.dumps({"spec_id": spec, "exit_code": EXIT_CODE}).encode() + b"\n"
        told = self._command(limit, command, input=line)
        if told.works or re.search(r"(was|is) kept", told.said):
            self.recorded.add(spec)
        return told

    def _copy_from(self) -> Told:
        """Once more as it says itself, when others recorded meanwhile."""
        target = f"sqlite:///{(self.folder / 'target.db').as_posix()}"
        told = self._copy(self.url, target)
        while MORE_ARRIVED in told.said:
            told = self._copy(self.url, target)
        return told

    def _copy_to(self) -> Told:
        source = f"sqlite:///{(self.folder / 'source.db').as_posix()}"
        cli("record", store_url=source, input=json.dumps(OTHER).encode())
        return self._copy(source, self.url)

    def _copy(self, source: str, target: str) -> Told:
        """Until it says something: a fault that may pass it waits for, for minutes."""
        began = time.monotonic()
        copying = [sys.executable, "-m", "genesis_mcp", "copy", "--from", source, "--to", target]
        with subprocess.Popen(
            copying, env=environment(self.url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as process:
            said = process.stderr.readline().decode()
            process.kill()
        return Told(said, not said, time.monotonic() - began)


def called(tools: list[tuple[Wire, str, dict[str, Any]]]) -> dict[str, Told]:
    """Tools of servers, called side by side."""
    began = time.monotonic()
    asked = [
        (server, name, server.send("tools/call", {"name": name, "arguments": arguments}))
        for server, name, arguments in tools
    ]
    return {name: _told(server.answer(number), began) for server, name, number in asked}


def _told(answer: dict[str, Any], began: float) -> Told:
    result = answer["result"]
    text, works = result["content"][0]["text"], not result.get("isError")
    return Told(text, works, time.monotonic() - began)


def done(futures: dict[str, Future[Told]]) -> dict[str, Told]:
    return {name: future.result() for name, future in futures.items()}
