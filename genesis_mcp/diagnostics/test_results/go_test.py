"""What `go test` printed, plain, with -v or with -json: no summary, but a line a package."""

import json
import re
from collections.abc import Iterator, Mapping

from genesis_mcp.diagnostics.test_results.runner import Counts, Line, Named, Printed, Runner, Told
from genesis_mcp.diagnostics.test_results.told_lines import compiled, end_of_line, matches

RESULT = Line(
    hints=("--- FAIL: ", "--- PASS: ", "--- SKIP: "),
    pattern=r"(?P<margin> *)--- (?P<how>FAIL|PASS|SKIP): (?P<name>\S.*) \([\d.]+s\)$",
)
PACKAGE = Line(
    hints=("FAIL\t", "ok  \t"),
    pattern=r"(?P<how>FAIL|ok  )\t(?P<package>\S+)(?:\t|\s)(?P<rest>.*)$",
)
STARTED = Line(hints=("=== RUN ",), pattern=r"=== RUN +(?P<name>\S.*)$")
HEADING = Line(hints=("# ",), pattern=r"# (?P<package>\S+)")
_SAID = r"\s+(?P<file>[\w.-]+\.go):(?P<line>\d+): (?P<message>.*)"
_PANIC = r"panic: (?P<message>.*?)(?: \[recovered\])?$"
_FRAME = r"\t(?P<file>\S+_test\.go):(?P<line>\d+) "
_WAYS = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
DETAIL_CHARS = 4_000
KEPT = 5_000


def find(text: str) -> Told | None:
    """What all packages of the output told together."""
    if '"Action":"' in text and (events := _events(text)):
        return _of_events(events)
    return _of_lines(text)


def _of_lines(text: str) -> Told | None:
    packages = matches(text, PACKAGE)
    results = matches(text, RESULT)
    if not packages and not results:
        return None
    started = {match["name"] for match in matches(text, STARTED)}
    results = [one for one in results if not started or one["name"] in started]
    closes_failed = bool(packages) and (_has_failed(packages[-1]) or _ends_failed(text, packages))
    counts: Counts = {"failed": 0, "errored": 0, "skipped": 0}
    if started:
        counts["passed"] = 0
    failing: list[Named] = []
    headings: dict[str, int] = {}
    for heading in matches(text, HEADING):
        headings.setdefault(heading["package"], heading.start())
    bounds = [*(match.start() for match in packages), len(text)]
    number = 0
    for place, match in zip(bounds, [*packages, None], strict=True):
        here = []
        while number < len(results) and results[number].start() < place:
            here.append(results[number])
            number += 1
        package = match["package"] if match else None
        has_passed = match is not None and match["how"] != "FAIL"
        for one in here:
            if has_passed and one["how"] == "FAIL":
                continue
            way = _WAYS[one["how"]]
            counts[way] = counts.get(way, 0) + 1
            if way == "failed" and len(failing) < KEPT:
                failing.append(_failing(text, one, package, bool(started)))
        is_told = closes_failed or (match and match["rest"].startswith("["))
        if match and match["how"] == "FAIL" and is_told and not any(map(_has_failed, here)):
            counts["errored"] += 1
            if len(failing) < KEPT:
                failing.append(_broken(text, headings, match))
    return Told(
        counts, tuple(failing), is_sure=closes_failed or not packages, is_summed=bool(packages)
    )


def _has_failed(result: re.Match[str]) -> bool:
    return result["how"] == "FAIL"


def _ends_failed(text: str, packages: "list[re.Match[str]]") -> bool:
    """Whether `go test` closed with its own line after the last package."""
    return bool(packages) and "\nFAIL\n" in text[packages[-1].end() :] + "\n"


def _failing(text: str, match: re.Match[str], package: str | None, is_verbose: bool) -> Named:
    name = match["name"]
    if is_verbose:
        first = max(0, match.start() - DETAIL_CHARS)
        begun = text.rfind(f"=== RUN   {name}\n", first, match.start())
        above = text[max(begun, first) : match.start()]
        details = _own(above, name) + "\n" + text[match.end() : match.end() + DETAIL_CHARS]
    else:
        details = text[match.end() : match.end() + DETAIL_CHARS]
    return _said(name, package, _up_to_next(details))


def _own(above: str, name: str) -> str:
    """What a test printed, without what others printed meanwhile."""
    kept, is_own = [], True
    for line in above.split("\n"):
        if line.startswith("=== "):
            is_own = line.endswith(f" {name}")
        elif is_own and not line.lstrip().startswith("--- "):
            kept.append(line)
    return "\n".join(kept)


def _up_to_next(details: str) -> str:
    following = compiled(r"(?m)^(?: *--- |FAIL$|FAIL\t|ok  \t|=== )").search(details, 1)
    return details[: following.start()] if following else details


def _said(name: str, package: str | None, details: str) -> Named:
    """The last line that a test said with a place: a log comes before the failure."""
    lines = details.split("\n")[:200]
    said = [match for match in map(compiled(_SAID).match, lines) if match]
    panic = next(filter(None, map(compiled(_PANIC).match, lines)), None)
    if panic:
        frame = next(filter(None, map(compiled(_FRAME).match, lines)), None)
        message = f"panic: {panic['message']}"
        if not frame:
            return Named(name, message=message, suite=package)
        return Named(name, frame["file"], int(frame["line"]), message, package)
    if not said:
        return Named(name, suite=package)
    last = said[-1]
    message = last["message"]
    if not message.strip():  # testify: the trace stands below
        error = next((m for m in map(compiled(r"\s+Error:\s+(\S.*)").match, lines) if m), None)
        message = error[1] if error else message
    return Named(name, last["file"], int(last["line"]), message.strip(), package)


def _broken(text: str, headings: Mapping[str, int], match: re.Match[str]) -> Named:
    """A package that could not be built, or ended without saying which test failed.

    `headings`: where what the compiler says of a package begins.
    """
    package, rest = match["package"], match["rest"].strip()
    message, file, line = rest.strip("[]") if rest.startswith("[") else "failed", None, None
    begun = headings.get(package)
    if begun is not None:
        told = compiled(r"(?P<file>\S+?\.go):(?P<line>\d+)(?::\d+)?: (?P<message>.*)").match(
            text, end_of_line(text, begun) + 1
        )
        if told:
            message, file, line = (
                told["message"].partition("\n")[0],
                told["file"],
                int(told["line"]),
            )
    return Named(package, file, line, message, None, is_error=True)


# --- go test -json ---


def _events(text: str) -> list[dict[str, str]]:
    return list(_parsed(text))


def _parsed(text: str) -> Iterator[dict[str, str]]:
    for line in text.split("\n"):
        if line.startswith("{") and '"Action":"' in line:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and "Package" in event:
                yield event


def _of_events(events: list[dict[str, str]]) -> Told:
    counts: Counts = {"passed": 0, "failed": 0, "errored": 0, "skipped": 0}
    printed: dict[tuple[str, str], list[str]] = {}
    failing: list[Named] = []
    failed_packages: list[str] = []
    for event in events:
        package, test, action = event["Package"], event.get("Test", ""), event["Action"]
        if action == "output":
            printed.setdefault((package, test), []).append(event.get("Output", ""))
        elif test and action in ("pass", "fail", "skip"):
            counts[_WAYS[action.upper()]] += 1
            if action == "fail" and len(failing) < KEPT:
                said = "".join(printed.get((package, test), []))[:DETAIL_CHARS]
                lines = (
                    line
                    for line in said.split("\n")
                    if not line.lstrip().startswith(("=== ", "--- "))
                )
                failing.append(_said(test, package, "\n".join(lines)))
        elif action == "fail":
            failed_packages.append(package)
    named = {one.suite for one in failing}
    for package in failed_packages:
        if package not in named:
            counts["errored"] += 1
            failing.append(Named(package, message="failed", is_error=True))
    return Told(counts, tuple(failing))


RUNNER = Runner(
    name="go test",
    hints=("--- FAIL: ", "--- PASS: ", "--- SKIP: ", "FAIL\t", '"Action":"'),
    find=find,
    examples=(
        Printed(
            "ok  \tloja/cliente\t0.004s\n--- FAIL: TestTotal (0.00s)\n    a_test.go:9: total = "
            "100, want 90\nFAIL\n"
            "FAIL\tloja/pedido\t0.004s\nFAIL\n",
            {"failed": 1},
            ("TestTotal",),
        ),
    ),
)
