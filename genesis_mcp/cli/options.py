"""The options of the commands that start without click, as a table; click's help is made of it too.

`parse_plainly` understands what is plainly right. Whatever else was typed is for click to explain.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Option:
    """An option: a flag when it has no `metavar`, with an opposite when it has an `off`."""

    def __init__(
        self,
        name: str,
        flag: str,
        help_text: str,
        *,
        metavar: str | None = None,
        off: str | None = None,
        required: bool = False,
    ) -> None:
        self.name = name
        """Of the argument that it becomes."""
        self.flag = flag
        self.help_text = help_text
        self.metavar = metavar
        self.off = off
        self.required = required


COMMON = (
    Option("store", "--store", "the store (default: GENESIS_STORE)", metavar="URL"),
    Option("read_only", "--read-only", "refuse to record"),
)

RUN = (
    Option("spec_id", "--spec", "what is under test", metavar="ID", required=True),
    Option("iteration", "--iteration", "which attempt; default: the spec's next", metavar="N"),
    Option("timeout_seconds", "--timeout", "default 60; 0: no limit", metavar="SECONDS"),
    Option("code", "--code", "the code under test, kept with the run", metavar="FILE"),
    Option("sprint_id", "--sprint", "a label of the run", metavar="ID"),
    Option("task_id", "--task", "a label of the run", metavar="ID"),
    Option("service", "--service", "a label of the run", metavar="NAME"),
    Option(
        "keep_store_variables",
        "--keep-store-variables",
        "let the command have GENESIS_STORE, GENESIS_TOKEN, MONGO_URI and CLICKHOUSE_*",
    ),
    Option("quiet", "--quiet", "say no verdict: the run is kept, and recorded a little later"),
    Option(
        "tty",
        "--tty",
        "give the command a terminal for its output, or pipes; default: as we have it",
        off="--no-tty",
    ),
)

SERVE = (
    Option("http", "--http", "serve a team over HTTP there", metavar="HOST:PORT"),
    Option("tokens", "--tokens", "of genesis-mcp token; default: the usual one", metavar="FILE"),
    Option("hosts", "--hosts", "by these names, too (with commas)", metavar="NAMES"),
    Option("origins", "--origins", "for pages from there, too (with commas)", metavar="URLS"),
    Option("tls_certificate", "--tls-certificate", "PEM, with its chain", metavar="FILE"),
    Option("tls_key", "--tls-key", "PEM, without a passphrase", metavar="FILE"),
)

QUICK = {"run": RUN, "serve": SERVE}


def split_command(arguments: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """What is for us, and the command after the first `--`; None when there is no `--`."""
    if "--" not in arguments:
        return list(arguments), None
    place = arguments.index("--")
    return list(arguments[:place]), list(arguments[place + 1 :])


def parse_plainly(arguments: Sequence[str]) -> tuple[str, dict[str, str | bool], list[str]] | None:
    """The command, its options' values and what stands after `--`; None unless it is plain."""
    name, *given = arguments
    ours, command = split_command(given)
    options = {option.flag: option for option in (*COMMON, *QUICK[name])}
    options |= {option.off: option for option in options.values() if option.off}
    values: dict[str, str | bool] = {}
    words = iter(ours)
    for word in words:
        flag, equals, value = word.partition("=")
        option = options.get(flag)
        if option is None or (equals and option.metavar is None):
            return None
        if option.metavar is None:
            values[option.name] = flag == option.flag
            continue
        value = value if equals else next(words, "--")
        if value.startswith("--"):
            return None
        values[option.name] = value
    is_complete = all(option.name in values for option in options.values() if option.required)
    if not is_complete or bool(command) != (name == "run"):
        return None
    return name, values, command or []
