"""`genesis-mcp report`: the page in a file, which is only written over when it is one of ours."""

import os
import sys
import webbrowser
from pathlib import Path
from typing import Any

from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.shared import open_questions
from genesis_mcp.cli.typed import with_zone
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError
from genesis_mcp.report import (
    SINCE,
    is_report,
    language_named,
    language_of_this_place,
    page_of,
)
from genesis_mcp.runs.times import now

DEFAULT_FILE = "genesis-report.html"


@command(
    "report",
    option("--since", f"what failed since: ISO 8601, or 24h, 7d; default {SINCE}", metavar="WHEN"),
    option("--lang", "pt-BR or en; default: that of the locale", name="language", metavar="LANG"),
    option(
        "--output",
        f"default: {DEFAULT_FILE} here; -: standard output",
        name="output",
        metavar="FILE",
    ),
    flag("--open", "show it in the browser", becomes="is_opened"),
    examples=[
        "genesis-mcp report --since 7d --lang pt-BR",
        "genesis-mcp report --output - | wc -c",
    ],
)
def report(settings: Settings, given: dict[str, Any]) -> int:
    """A page to look at: what failed, each spec's attempts, what changed."""
    language = language_named(given["language"]) if "language" in given else None
    output = given.get("output", DEFAULT_FILE)
    file = None if output == "-" else _writable(Path(output))
    if file is None and given.get("is_opened"):
        raise InputError("--open: needs a file; leave --output out, or name one.")
    with open_questions(settings) as service:
        page = page_of(
            service,
            since=with_zone(given.get("since", SINCE)),
            language=language or language_of_this_place(),
            moment=now().astimezone(),
        )
    if file is None:
        sys.stdout.write(page)
        return 0
    _write(file, page)
    print(file)
    if given.get("is_opened") and not webbrowser.open(file.resolve().as_uri()):
        say("no browser was found here; open the file in one.")
    return 0


def _writable(file: Path) -> Path:
    """The file, when none is there or it is an earlier report.

    Raises:
        InputError: it is something else, which is left alone.
    """
    try:
        with file.open("rb") as there:
            if is_report(there.read(100)):
                return file
    except FileNotFoundError:
        return file
    except OSError:
        raise InputError(_not_written(file)) from None
    raise InputError(
        f"{file.name}: there is a file that is no report of ours, and it is left alone; "
        "name another one with --output FILE."
    )


def _write(file: Path, page: str) -> None:
    """The file is always whole: as it was, or the new page."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(page, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise InputError(_not_written(file)) from None


def _not_written(file: Path) -> str:
    return f"{file.name}: cannot be written there; name another place with --output FILE."
