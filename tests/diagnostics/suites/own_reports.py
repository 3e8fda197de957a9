"""What the runners' own reports tell of a run: counts, and the names of failing tests."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

Facts = dict[str, Any]
FAILING = ("failed", "errored")


def _facts(told: list[tuple[str, str]]) -> Facts:
    """Of pairs of how a test ended and its name."""
    counts = {how: sum(1 for one, _ in told if one == how) for how in ("passed", "failed")}
    counts |= {how: sum(1 for one, _ in told if one == how) for how in ("errored", "skipped")}
    counts["flaky"] = sum(1 for one, _ in told if one == "flaky")
    counts["passed"] += counts["flaky"]
    failing = sorted(name for how, name in told if how in FAILING)
    return {**counts, "failing": failing}


def junit(file: Path) -> Facts:
    """JUnit's XML as Node, Deno, Bun and PHPUnit write it."""
    told = []
    for case in ET.parse(file).iter("testcase"):
        tags = {child.tag for child in case}
        how = "errored" if "error" in tags else "failed" if "failure" in tags else "passed"
        told.append(("skipped" if "skipped" in tags else how, case.get("name", "")))
    return _facts(told)


def junit_classes(file: Path) -> Facts:
    """A directory with JUnit's XML, one of each class, as Gradle and surefire write it."""
    told = []
    for one in sorted(file.glob("*.xml")):
        for case in ET.parse(one).iter("testcase"):
            tags = {child.tag for child in case}
            how = "errored" if "error" in tags else "failed" if "failure" in tags else "passed"
            name = f"{case.get('classname')}.{case.get('name')}"
            told.append(("skipped" if "skipped" in tags else how, name))
    return _facts(told)


def pytest(file: Path) -> Facts:
    """pytest's XML; reruns are not in it, so what is flaky is not compared."""
    told = []
    for case in ET.parse(file).iter("testcase"):
        tags = {child.tag for child in case}
        how = "errored" if "error" in tags else "failed" if "failure" in tags else "passed"
        name = f"{case.get('classname')}::{case.get('name')}" if case.get("classname") else ""
        told.append(("skipped" if "skipped" in tags else how, name or case.get("name", "")))
    return {**_facts(told), "flaky": None}


def jest(file: Path) -> Facts:
    """jest's JSON, which vitest writes as well."""
    report = json.loads(file.read_text(encoding="utf-8"))
    ways = {"passed": "passed", "failed": "failed"}
    told = []
    for suite in report["testResults"]:
        tests = suite["assertionResults"]
        if not tests and suite["status"] == "failed":
            told.append(("errored", Path(suite["name"]).name))
        for test in tests:
            is_flaky = test["status"] == "passed" and (test.get("invocations") or 1) > 1
            way = "flaky" if is_flaky else ways.get(test["status"], "skipped")
            told.append((way, test["fullName"].strip()))
    return _facts(told)


def mocha(file: Path) -> Facts:
    report = json.loads(file.read_text(encoding="utf-8"))
    failing = [("failed", test["fullTitle"]) for test in report["failures"]]
    told = [*failing, *(("passed", "") for _ in report["passes"])]
    return _facts([*told, *(("skipped", "") for _ in report["pending"])])


def playwright(file: Path) -> Facts:
    told = []
    ways = {"expected": "passed", "unexpected": "failed", "flaky": "flaky", "skipped": "skipped"}

    def walk(suite: dict[str, Any], above: str) -> None:
        for spec in suite.get("specs", []):
            name = f"{above} {spec['title']}".strip()
            told.extend((ways[test["status"]], name) for test in spec["tests"])
        for inner in suite.get("suites", []):
            walk(inner, f"{above} {inner['title']}".strip())

    for suite in json.loads(file.read_text(encoding="utf-8"))["suites"]:
        walk(suite, "")
    return _facts(told)


def go(file: Path) -> Facts:
    """`go test -json`; passes that the console does not tell are counted all the same."""
    told = []
    ways = {"pass": "passed", "fail": "failed", "skip": "skipped"}
    for line in file.read_text(encoding="utf-8").splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("Test") and event["Action"] in ways:
            told.append((ways[event["Action"]], event["Test"]))
    return _facts(told)


def cargo(file: Path) -> Facts:
    told = []
    ways = {"ok": "passed", "failed": "failed", "ignored": "skipped"}
    for line in file.read_text(encoding="utf-8").splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("type") == "test" and event["event"] in ways:
            told.append((ways[event["event"]], event["name"]))
    return _facts(told)


def rspec(file: Path) -> Facts:
    ways = {"passed": "passed", "failed": "failed", "pending": "skipped"}
    report = json.loads(file.read_text(encoding="utf-8"))
    return _facts([(ways[one["status"]], one["full_description"]) for one in report["examples"]])


def gtest(file: Path) -> Facts:
    told = []
    for suite in json.loads(file.read_text(encoding="utf-8"))["testsuites"]:
        for test in suite["testsuite"]:
            skipped = test.get("result") == "SKIPPED"
            how = "failed" if test.get("failures") else "skipped" if skipped else "passed"
            told.append((how, f"{suite['name']}.{test['name']}"))
    return _facts(told)


def told(text: str) -> Facts:
    """Facts that a suite was written to have: `1 failed, 2 passed: name; name`."""
    counts, _, names = text.partition(":")
    found = {how: int(number) for number, how in re.findall(r"(\d+) (\w+)", counts)}
    whole = dict.fromkeys(("passed", "failed", "errored", "skipped", "flaky"), 0) | found
    failing = sorted(name.strip() for name in names.split(";")) if names else None
    return {**whole, "failing": failing}


READERS = {reader.__name__: reader for reader in (junit, pytest, jest, mocha, playwright, go)}
READERS |= {reader.__name__: reader for reader in (cargo, rspec, gtest, junit_classes)}
