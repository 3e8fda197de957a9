"""Reports of tests in few words, as a reader makes them of an output."""

import hashlib

from genesis_mcp.diagnostics.test_results.report import NOT_TOLD, TEST_DIGITS, FailingTest
from genesis_mcp.runs.test_report import TestReport


def digits(text):
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def report(failing="", passed=0, *, errored=0, runner="pytest", **fields):
    """A report: `failing` has the names of tests, each perhaps with how it failed (`a=boom b`)."""
    tests = []
    for one in failing.split():
        name, _, message = one.partition("=")
        way = digits(message)[TEST_DIGITS:] if message != "?" else NOT_TOLD
        told = None if message == "?" else message or f"{name} broke"
        key = digits(name)[:TEST_DIGITS] + way
        tests.append(FailingTest(name=name, file="tests/test_conta.py", message=told, key=key))
    known = {"failing_keys": tuple(test.key for test in tests)} | fields
    failed = fields.get("failed", len(tests) - errored)
    return TestReport(
        **{"runner": runner, "passed": passed, "failed": failed, "errored": errored}
        | {"failing": tuple(tests), **known}
    )


def counts(told):
    """The columns of a run with this report."""
    return {
        "tests": told,
        "tests_passed": told.passed,
        "tests_failed": told.failed + told.errored,
        "tests_skipped": told.skipped,
    }
