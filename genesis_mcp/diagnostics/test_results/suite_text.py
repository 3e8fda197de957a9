"""The text of a suite's run, whose tests are recorded as runs: written, and read back."""

from collections.abc import Iterator, Mapping, Sequence

from genesis_mcp.diagnostics.test_results.report import KEYS_MAX, MESSAGE_CHARS_MAX, NAME_CHARS_MAX
from genesis_mcp.diagnostics.test_results.runner import Named, Told
from genesis_mcp.text.clean import clean_line
from genesis_mcp.text.pattern import pattern

COUNTED = ("failed", "errored", "passed", "skipped", "flaky")

_BEGIN = "genesis-mcp suite"
_HEAD = pattern(rf"{_BEGIN}(?: of (?P<runner>[\w.+-]+))?: (?P<counts>\d+ \w+(?:, \d+ \w+)*)$")
_TEST = pattern(r"(?P<how>FAILED|ERROR|FLAKY) (?P<name>\S.*)$")
_MESSAGE = pattern(r"  (?P<message>\S.*)$")
_PLACE = pattern(r"    at (?P<file>\S.*?)(?::(?P<line>\d{1,9}))?$")


def suite_text(
    counts: Mapping[str, int],
    *,
    failing: Sequence[Named] = (),
    flaky: Sequence[str] = (),
    runner: str | None = None,
) -> str:
    """What a suite's run has as its output: a line of counts, then tests that did not just pass.

    At most KEYS_MAX of them are named, with the first MESSAGE_CHARS_MAX characters of each error.
    """
    told = ", ".join(f"{counts.get(key, 0)} {key}" for key in COUNTED)
    lines = [f"{_BEGIN}{f' of {runner}' if runner else ''}: {told}", ""]
    for one in failing[:KEYS_MAX]:
        lines += _told(one)
    lines += [f"FLAKY {_one_line(name, NAME_CHARS_MAX)}" for name in flaky[:KEYS_MAX]]
    return "\n".join(lines).rstrip("\n") + "\n"


def _told(one: Named) -> Iterator[str]:
    yield f"{'ERROR' if one.ended_in_error else 'FAILED'} {_one_line(one.name, NAME_CHARS_MAX)}"
    if message := _one_line(one.message, MESSAGE_CHARS_MAX):
        yield f"  {message}"
    if one.file:
        line = "" if one.line is None else f":{one.line}"
        yield f"    at {_one_line(one.file, NAME_CHARS_MAX)}{line}"


def _one_line(text: str, characters: int) -> str:
    return clean_line(text, characters).strip()


def read_suite(text: str) -> tuple[str, Told] | None:
    """The runner and what `suite_text` told of it; None for any other text."""
    if not text.startswith(_BEGIN):
        return None
    first, *lines = text.splitlines()
    head = _HEAD.match(first)
    if head is None:
        return None
    pairs = (pair.split(" ") for pair in head["counts"].split(", "))
    counts = {key: int(number) for number, key in pairs if key in COUNTED}
    failing: list[Named] = []
    flaky: list[str] = []
    for line in lines:
        if test := _TEST.match(line):
            if test["how"] == "FLAKY":
                flaky.append(test["name"])
            else:
                failing.append(Named(test["name"], ended_in_error=test["how"] == "ERROR"))
        elif failing and (place := _PLACE.match(line)):
            number = place["line"]
            failing[-1] = failing[-1]._replace(
                file=place["file"], line=int(number) if number else None
            )
        elif failing and (message := _MESSAGE.match(line)):
            failing[-1] = failing[-1]._replace(message=message["message"])
    return head["runner"] or "suite", Told(counts, tuple(failing), tuple(flaky))
