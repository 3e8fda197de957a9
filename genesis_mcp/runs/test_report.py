"""What a run tells of its tests, as one bounded value; how it is read out of an output is not here.

Its text is JSON of at most JSON_BYTES_MAX bytes. Stores keep it in a side text beside a run, which
lists never read.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

from genesis_mcp.diagnostics.test_results.report import FailingTest

JSON_BYTES_MAX = 64 * 1024
"""UTF-8 bytes of the whole report as JSON."""

FAILING_MAX = 200
"""Failing tests that are named."""

KEYS_MAX = 5_000
"""Failing tests that are known by their keys, so that the difference of two runs is exact; as bytes
they take 53 KB of JSON."""

FLAKY_MAX = 200
NAME_CHARS_MAX, MESSAGE_CHARS_MAX = 500, 1_000
SHORT_MESSAGE_CHARS = 100
"""Of each message, where the whole would be too long."""

RUNNER_CHARS_MAX = 100
_KEY_DIGITS = 16
_COUNTS = ("failed", "errored", "skipped", "flaky")


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """Counts, and the tests that failed: facts of a run, like its signature."""

    __test__: ClassVar[bool] = False  # for pytest, which takes the name for a test's

    runner: str | None = None
    passed: int | None = 0
    """Those that passed on a retry among them; None: the output does not tell."""
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    flaky: int = 0
    failing: tuple[FailingTest, ...] = ()
    """At most FAILING_MAX of them, in the order of the output."""
    failing_keys: tuple[str, ...] = ()
    """Of all of them, unless there are more than KEYS_MAX."""
    flaky_tests: tuple[str, ...] = ()
    """Names of those that passed on a retry, at most FLAKY_MAX."""
    is_complete: bool = True
    """Whether `failing_keys` has every test that failed; otherwise only the counts are sure."""

    def within_bounds(self) -> Self:
        """The report as it can be stored: messages are cut first, names then, keys at last."""
        too_many = len(self.failing_keys) > KEYS_MAX
        report = replace(
            self,
            runner=_cut(self.runner, RUNNER_CHARS_MAX),
            failing=tuple(_cut_test(one) for one in self.failing[:FAILING_MAX]),
            failing_keys=() if too_many else self.failing_keys,
            flaky_tests=tuple(name[:NAME_CHARS_MAX] for name in self.flaky_tests[:FLAKY_MAX]),
            is_complete=self.is_complete and not too_many,
        )
        for messages in (SHORT_MESSAGE_CHARS, 0):
            if _size(report) <= JSON_BYTES_MAX:
                return report
            report = replace(
                report,
                failing=tuple(
                    replace(one, message=_cut(one.message, messages) or None)
                    for one in report.failing
                ),
            )
        while (size := _size(report)) > JSON_BYTES_MAX:
            kept = JSON_BYTES_MAX / size
            report = replace(
                report,
                failing=report.failing[: int(len(report.failing) * kept * kept)],
                flaky_tests=report.flaky_tests[: int(len(report.flaky_tests) * kept)],
            )
        return report

    def to_json(self) -> str:
        """The report within its bounds, in one line."""
        return _text(self.within_bounds())

    @classmethod
    def from_json(cls, text: str) -> "TestReport | None":
        """What `to_json` wrote; None for anything else."""
        try:
            return cls.told(json.loads(text))
        except (ValueError, RecursionError):
            return None

    @classmethod
    def told(cls, told: Any) -> "TestReport | None":
        """The same of a value that was read from JSON already."""
        try:
            keys = b64decode(told["failing_keys"], validate=True).hex()
            return cls(
                runner=_optional(told["runner"], str),
                passed=_optional(told["passed"], int),
                **{name: _of(told[name], int) for name in _COUNTS},
                failing=tuple(_failing_test(one) for one in told["failing"]),
                failing_keys=tuple(
                    keys[start : start + _KEY_DIGITS] for start in range(0, len(keys), _KEY_DIGITS)
                ),
                flaky_tests=tuple(_of(name, str) for name in told["flaky_tests"]),
                is_complete=_of(told["is_complete"], bool),
            )
        except (ValueError, TypeError, LookupError):
            return None


def _size(report: TestReport) -> int:
    return len(_text(report).encode())


def _text(report: TestReport) -> str:
    keys = bytes.fromhex("".join(report.failing_keys))
    told = asdict(report) | {"failing_keys": b64encode(keys).decode()}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _cut(text: str | None, characters: int) -> str | None:
    return text and text[:characters]


def _cut_test(test: FailingTest) -> FailingTest:
    return replace(
        test,
        name=test.name[:NAME_CHARS_MAX],
        suite=_cut(test.suite, NAME_CHARS_MAX),
        file=_cut(test.file, NAME_CHARS_MAX),
        message=_cut(test.message, MESSAGE_CHARS_MAX),
    )


def _failing_test(told: Mapping[str, Any]) -> FailingTest:
    return FailingTest(
        name=_of(told["name"], str),
        suite=_optional(told.get("suite"), str),
        file=_optional(told["file"], str),
        line=_optional(told["line"], int),
        message=_optional(told["message"], str),
        key=_of(told["key"], str),
    )


def _optional(value: Any, kind: type) -> Any:
    return None if value is None else _of(value, kind)


def _of(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
