"""Somebody with an empty home and the pages alone: types their lines, and asks as a client does."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from genesis_mcp.mcp_server.client import text_of
from tests.helpers.paths import ROOT
from tests.helpers.waiting import WAIT

HAS = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "npm_config_cache")
"""What a machine tells its programs of certificates and caches; nothing else is passed on."""

LINE_SECONDS = 600
"""An installation on a busy machine."""

SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin")


class Newcomer:
    """A person; what they typed, and the seconds of each line, waited for and worked."""

    def __init__(self, home, *programs):
        self.home = Path(home)
        self.home.mkdir()
        (self.home / "tmp").mkdir()  # else the home is in the folder for temporary files
        self.lines = []
        self.has_arrived = False
        path = [self.home / ".local" / "bin", *programs, Path(sys.base_prefix) / "bin", *SYSTEM]
        self.variables = {name: os.environ[name] for name in HAS if name in os.environ} | {
            "HOME": str(self.home),
            "PATH": os.pathsep.join(map(str, path)),
            "TMPDIR": str(self.home / "tmp"),
            "LANG": "C.UTF-8",
        }
        self.folder = self.home / "genesis_mcp"
        command = ["git", "clone", "-q", str(ROOT), str(self.folder)]
        subprocess.run(command, check=True, timeout=WAIT)
        self.pages = ""

    def reads(self, *pages):
        """From now on they know these pages, too."""
        for page in pages:
            self.pages += (self.folder / page).read_text(encoding="utf-8")

    def types(self, line, *, exits=0, words=None, **variables):
        """Type a line of the pages, with words of their own where the pages say so."""
        assert line in self.pages.replace("\\|", "|"), f"no page says: {line}"
        for placeholder, word in (words or {}).items():
            line = line.replace(placeholder, word)
        return self.does(line, exits=exits, **variables)

    def does(self, line, *, exits=0, **variables):
        """Type what is theirs, not ours: what is counted are lines of both."""
        began = _clocks()
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.variables | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LINE_SECONDS,
        )
        self._note(line, began)
        assert done.returncode == exits, f"$ {line}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def reads_of(self, text, entry):
        """Ask what broke lately, and find this text in what a client with this entry shows."""
        began = _clocks()
        server = StdioServerParameters(
            command=entry["command"],
            args=entry["args"],
            # None of the shell's variables, and another folder.
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", **entry.get("env", {})},
            cwd="/",
        )

        async def ask():
            with (self.home / "server.log").open("w", encoding="utf-8") as log:
                async with Client(stdio_client(server, errlog=log)) as client:
                    return text_of(await client.call_tool("recent_failures", {}))

        assert text in anyio.run(ask)
        self._note("What broke lately?", began)
        self.has_arrived = True

    def _note(self, line, began):
        spent = [now - before for now, before in zip(_clocks(), began, strict=True)]
        self.lines.append((line, *spent))

    def cost(self):
        """Of all that they typed and asked, in words; reading and thinking are not in it."""
        _, waited, worked = zip(*self.lines, strict=True)
        return f"{len(self.lines)} lines, {sum(waited):.0f} s, {sum(worked):.0f} s"


def _clocks():
    """The time, and the processor's time of all children that have ended."""
    import resource  # not on Windows

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), children.ru_utime + children.ru_stime


def printed_token(said):
    """The token that `genesis-mcp token new` printed."""
    [token] = set(re.findall(r"gmcp_\w+", said))
    return token
