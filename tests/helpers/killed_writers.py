"""Five kinds of writers in processes of their own, and an account of what became of each run."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from itertools import count

from tests.helpers.command_line import environment
from tests.helpers.waiting import WAIT

LINES = 12
"""Of one file that `ingest` reads."""

EXIT_CODE = 3
"""Of every recorded run: the runner's own codes are others."""

FROM_PYTHON = """if True:
    import logging, sys
    from genesis_mcp import GenesisError, record_run, recording
    logging.disable()
    for place, spec in enumerate(iter(sys.stdin.readline, "")):
        spec, became = spec.strip(), "acknowledged"
        if place % 2:
            with recording(spec) as run:
                run.note(exit_code=3)
            became = "acknowledged" if run.recorded else "kept"
        else:
            try:
                record_run(spec, exit_code=3)
            except GenesisError:
                became = "failed"
        print(became, flush=True)
"""
"""Says what became of a run only when the call has returned."""


class Account:
    """Each run by its spec, which no other run has."""

    def __init__(self):
        self.asked = set()
        self.acknowledged = set()
        self.kept = set()
        self.failed = set()

    @property
    def unstored(self):
        """How many the store did not take."""
        return len(self.kept) + len(self.failed)

    def check(self, stored):
        """What was acknowledged or kept is stored, once, and nothing that nobody asked for."""
        assert self.acknowledged - stored.keys() == set()
        assert self.kept - stored.keys() == set()
        assert [spec for spec, number in stored.items() if number > 1] == []
        assert stored.keys() <= self.asked


class Writer(threading.Thread):
    """Records one run after the other, in a process that anybody may kill at any moment."""

    kind = ""

    def __init__(self, url, account, folder, *, pause_seconds=0.0):
        super().__init__(daemon=True)
        self.url, self.account, self.folder = url, account, folder
        self._pause_seconds = pause_seconds
        self.process = None
        self.acknowledged = 0
        self.stopped = threading.Event()
        self.fault = None
        self._numbers = count()

    def run(self):
        try:
            while not self.stopped.is_set():
                self.write()
                self.stopped.wait(self._pause_seconds)
            self.close()
        except BaseException as fault:
            self.fault = fault
            raise

    def write(self):
        """Have one run recorded, or a few, and enter what became of it."""
        raise NotImplementedError

    def close(self):
        """End a process that lives longer than one run."""

    def next_spec(self):
        spec = f"{self.kind}/{self.name}/{next(self._numbers)}"
        self.account.asked.add(spec)
        return spec

    def enter(self, became, *specs):
        getattr(self.account, became).update(specs)
        self.acknowledged += len(specs) if became == "acknowledged" else 0

    def kill(self):
        """As the kernel does when memory is short; whether there was something to kill."""
        process = self.process
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return True

    def done(self, *arguments, given=None):
        """A command of ours: its exit code, and what it printed on both streams."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "genesis_mcp", *arguments],
            env=environment(self.url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        output, errors = self.process.communicate(given, timeout=WAIT)
        return self.process.returncode, output, errors


class Run(Writer):
    kind = "run"

    def write(self):
        spec = self.next_spec()
        script = f"raise SystemExit({EXIT_CODE})"
        code, _, said = self.done("run", "--spec", spec, "--", sys.executable, "-c", script)
        if code == EXIT_CODE:  # also when the run could not be recorded
            assert b"Traceback" not in said, said
            self.enter("kept" if b"was kept" in said else "acknowledged", spec)


class Record(Writer):
    kind = "record"

    def write(self):
        spec = self.next_spec()
        line = json.dumps({"spec_id": spec, "exit_code": EXIT_CODE}).encode()
        code, _, said = self.done("record", given=line)
        if code == 0:
            self.enter("acknowledged", spec)
        elif b"was kept" in said:
            self.enter("kept", spec)


class Ingest(Writer):
    """It acknowledges a file as a whole, at its end; the same file again records nothing twice."""

    kind = "ingest"

    def write(self):
        specs = [self.next_spec() for _ in range(LINES)]
        file = self.folder / f"{self.name}.ndjson"
        records = [{"spec_id": spec, "exit_code": EXIT_CODE} for spec in specs]
        file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
        while not self.stopped.is_set():
            code, output, _ = self.done("ingest", "--json", str(file))
            if code == 0:
                self.enter("acknowledged", *specs)
                return
            if output and json.loads(output).get("kept") == LINES:
                self.enter("kept", *specs)
                return


class Talking(Writer):
    """A process that records many runs, each when it is told to by a line."""

    command: tuple[str, ...] = ()

    def write(self):
        if self.process is None or self.process.poll() is not None:
            self.close()
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                env=environment(self.url),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            self.greet()
        spec = self.next_spec()
        if answer := self.told(self.line(spec)):
            self.enter(self.became(answer), spec)

    def told(self, line):
        """What it answers to a line; nothing when it was killed before it did."""
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except OSError:
            return ""
        answer = self.process.stdout.readline()
        return answer if answer.endswith("\n") else ""

    def greet(self):
        """What comes before the first run."""

    def line(self, spec):
        return spec

    def became(self, answer):
        return answer.strip()

    def close(self):
        if self.process is not None:
            self.process.kill()
            with suppress(OSError):  # what was written for it as it was killed
                self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait(WAIT)


class Python(Talking):
    kind = "Python"
    command = ("-c", FROM_PYTHON)


class OverMCP(Talking):
    kind = "record_run"
    command = ("-m", "genesis_mcp")

    def greet(self):
        client = {"name": "kills", "version": "1"}
        version = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        self.told(self._request("initialize", version))

    def line(self, spec):
        arguments = {"spec_id": spec, "exit_code": EXIT_CODE}
        return self._request("tools/call", {"name": "record_run", "arguments": arguments})

    def became(self, answer):
        return "failed" if json.loads(answer)["result"].get("isError") else "acknowledged"

    @staticmethod
    def _request(method, params):
        return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


KINDS = (Run, Record, Ingest, Python, OverMCP)
