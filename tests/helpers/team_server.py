"""A server for a team: `genesis-mcp serve --http` in a process of its own, and requests to it."""

import http.client
import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from genesis_mcp.http_server.tokens import TokenFile
from tests.helpers.command_line import environment
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT, until


class TeamServer:
    """Serves a store on a port of its own; what it says stands in a file."""

    program = "genesis_mcp"
    """The module that serves."""

    def __init__(self, folder, store_url, *flags, address="127.0.0.1:0", **variables):
        self.folder, self.store_url = Path(folder), store_url
        self.tokens = TokenFile(self.folder / "tokens.jsonl")
        self.log = self.folder / "server.log"
        self._flags, self._variables = flags, variables
        self.address = address
        self.url = ""
        self.kinds = None
        self._process = None

    def start(self):
        """Begin to serve, at the same place as before."""
        before = self.said()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.program, "serve", "--http", self.address),
                    *("--tokens", str(self.tokens.path), *self._flags),
                ],
                env=environment(self.store_url, **self._variables),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(lambda: "/mcp)" in self.said()[len(before) :] or self._process.poll() is not None)
        assert self._process.poll() is None, self.said()
        self.url = self.said()[len(before) :].split("serving ")[1].split(" (MCP")[0]
        self.address = urlsplit(self.url).netloc
        return self

    def stop(self, how=signal.SIGTERM):
        """Ask it to end, and wait; its exit code."""
        if how is signal.SIGTERM and sys.platform == "win32":
            self._process.terminate()
        else:
            self._process.send_signal(how)
        return self._process.wait(WAIT)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(WAIT)

    def said(self):
        """All that it wrote to its stderr."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def entries(self):
        """The lines of its access log."""
        return [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]

    def connection(self):
        place = urlsplit(self.url)
        return http.client.HTTPConnection(place.hostname, place.port, timeout=WAIT)

    def ask(self, method, path, body=None, *, token=None, headers=None):
        """One request: its status, its headers and what its JSON says."""
        sent = {"Content-Type": "application/json"} if method == "POST" else {}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        with_body = json.dumps(body) if isinstance(body, dict | list) else body
        connection = self.connection()
        try:
            connection.request(method, path, with_body, sent | (headers or {}))
            response = connection.getresponse()
            text = response.read()
            is_json = response.headers.get_content_type() == "application/json"
            return response.status, response.headers, json.loads(text) if is_json and text else text
        finally:
            connection.close()

    def question(self, name, arguments=None, *, token=None):
        """What a question is answered with: its status and its JSON."""
        status, _, told = self.ask("POST", f"/questions/{name}", arguments or {}, token=token)
        return status, told
