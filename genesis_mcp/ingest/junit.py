"""Runs from JUnit XML, as pytest, jest-junit, surefire, gotestsum and many others write it.

Python's own expat reads it in pieces, after `xml_text` has made XML of it. A document type is
refused at its first character: test reports have none, and entities, which expand without end or
name other files, need one.
"""

from collections.abc import Callable, Iterator
from typing import Protocol
from xml.parsers import expat

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.junit_cases import FAILED, Case
from genesis_mcp.ingest.junit_suites import RECORDED_BY, Suite
from genesis_mcp.ingest.xml_text import XmlText, shown
from genesis_mcp.runs.fields import UnfitFields
from genesis_mcp.runs.wording import plural

CHUNK_BYTES = 64 * 1024

DEPTH_MAX = 64
"""Suites within each other; what stands deeper belongs to the last of them."""

NAMES_MAX = 200_000
"""Names of test cases in one report that are known when they come again."""

NO_XML = "from here on it is no well-formed XML."


class Readable(Protocol):
    """What gives bytes, such as a file."""

    def read(self, size: int, /) -> bytes: ...


def read_junit(file: Readable, say: Callable[[str], None] = lambda _: None) -> Iterator[Item]:
    """One `Item` for each test case, numbered by where it ends in the file.

    What was read before a fault in the XML is kept, with the test case in which it stands; the
    fault is the last line. An event tells of what is missing: after a fault, and when a suite
    declares more than it holds; the latter is also given to `say`.
    """
    parser, text = expat.ParserCreate("utf-8"), XmlText()
    report = Report(say, lambda: parser.CurrentLineNumber)
    _connect(parser, report)
    size = 0
    try:
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            parser.Parse(text.take(chunk).encode(), False)
            yield from report.taken()
        parser.Parse(text.take(b"", final=True).encode(), True)
        report.let_go()
        yield from report.taken()
    except expat.ExpatError as error:
        parser.buffer_text = False  # the text before the fault comes out
        report.broken(error.lineno)
        yield from report.taken()
        yield Item(error.lineno, 0, 1, False, None, NO_XML)
    except InputError as error:
        yield from report.taken()
        yield Item(report.line, 0, 1, False, None, str(error))
    else:
        if not report.is_junit:
            yield Item(
                1, size, 1, False, None, "is no JUnit XML: it has neither testsuites nor testsuite."
            )


def _connect(parser: expat.XMLParserType, report: "Report") -> None:
    """Have the parser tell the report what it reads, without the prefixes of namespaces."""

    def start(name: str, attributes: dict[str, str]) -> None:
        report.start(local(name), {key: shown(value) for key, value in attributes.items()})

    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: report.end(local(name))
    parser.CharacterDataHandler = lambda text: report.text(shown(text))


class Report:
    """What was read of a report so far, told as the elements of JUnit's XML.

    Reports of another form are told by the same elements; `recorded_by` says how they came here.
    `line` tells how far the report was read.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        line: Callable[[], int],
        recorded_by: str = RECORDED_BY,
    ) -> None:
        self.is_junit = False
        self._say = say
        self._line = line
        self._recorded_by = recorded_by
        self._suites: list[Suite] = []
        self._deeper = 0
        self._case: Case | None = None
        self._held: Case | None = None
        """The last one, which may be repeated at once."""
        self._number = 0
        self._names: dict[int, int] = {}
        self._items: list[Item] = []

    @property
    def line(self) -> int:
        return self._line()

    def taken(self) -> list[Item]:
        """The test cases that are complete, once."""
        items, self._items = self._items, []
        return items

    def broken(self, line: int) -> None:
        """A fault, or an early end: take the open test case, and tell what is missing."""
        failed_last = self._case is not None and self._case.failed
        self.cut_off()
        self.let_go()
        if self._suites:
            declared = self._suites[0].tests or sum(suite.tests for suite in self._suites)
            of = f" of {declared:,} declared" if declared else ""
            message = (
                f"the report is cut off or broken in line {line:,}: "
                f"{plural(f'{self._number:,}', 'test case')}{of} read."
            )
            level = "warn" if failed_last else "error"
            self._items.append(
                Item(line, 0, 1, False, self._suites[-1].event(message, level, self._number))
            )

    def declare(self, tests: int) -> None:
        """How many tests the outermost open suite has, when that is known only now."""
        self._suites[0].tests = tests

    def cut_off(self) -> None:
        """How the open test case ended is not told."""
        if self._case is not None:
            self._case.cut()
            self._finish(self._case)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        suite = self._suites[-1] if self._suites else None
        if self._case is not None:
            self._case.start(name, attributes)
        elif name in ("testsuites", "testsuite"):
            self.is_junit = True
            if len(self._suites) < DEPTH_MAX:
                is_root = name == "testsuites"
                self._suites.append(
                    Suite(attributes, suite, is_root=is_root, recorded_by=self._recorded_by)
                )
            else:
                self._deeper += 1
        elif name == "testcase":
            self._begin(attributes, suite or Suite({}, None))
        elif suite and name in FAILED:  # said of the suite itself: it could not be loaded or built
            case = self._begin({}, suite)
            case.of_suite = True
            case.start(name, attributes)
        elif suite:
            suite.start(name, attributes)

    def _begin(self, attributes: dict[str, str], suite: Suite) -> Case:
        self._number += 1
        self._case = Case(attributes, suite, self._number)
        return self._case

    def end(self, name: str) -> None:
        """An element ends."""
        if self._case is not None:
            if name == "testcase" and not self._case.of_suite:
                self._finish(self._case)
            else:
                self._case.end(name)
                if self._case.of_suite and not self._case.is_open:
                    self._finish(self._case)
        elif name in ("testsuites", "testsuite"):
            self._end_suite()
        elif self._suites:
            self._suites[-1].end(name)

    def _end_suite(self) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        self.let_go()
        suite = self._suites[-1]
        missing = suite.missing()
        if missing:
            self._say(f"line {self.line}: {missing}")
        if suite.is_empty_failure:
            case = self._begin({}, suite)
            case.tell(suite)
            self._finish(case)
            self.let_go()
        elif missing:
            level = "error" if suite.hides_failures else "warn"
            event = suite.event(missing, level, self._number)
            self._items.append(Item(self.line, 0, 1, False, event))
        self._suites.pop()
        if self._suites:
            self._suites[-1].add(suite)

    def text(self, text: str) -> None:
        """What stands in the innermost element."""
        if self._case is not None:
            self._case.text(text)
        elif self._suites and not self._deeper:
            self._suites[-1].text(text)

    def _finish(self, case: Case) -> None:
        self._case = None
        case.line = self.line
        case.suite.count(failed=case.failed)
        held = self._held
        if held and case.suite.repeats_are_reruns and case.spec_id == held.spec_id:
            case.reran(held)
        else:
            self.let_go()
        self._held = case

    def let_go(self) -> None:
        """Make a run of the test case that was held for a repetition."""
        case, self._held = self._held, None
        if case is None:
            return
        try:
            run = case.run(self._occurrence(case))
            item = Item(case.line, case.size, 1, False, run, is_error=case.is_error)
            self._items.append(item)
        except UnfitFields as error:
            reason = str(error).replace("\n", " ")
            self._items.append(Item(case.line, case.size, 1, False, None, reason))

    def _occurrence(self, case: Case) -> int:
        """1 for the first test case of this name in the report, 2 for the next one."""
        name = hash(case.spec_id)
        if name not in self._names and len(self._names) >= NAMES_MAX:
            return 1
        self._names[name] = self._names.get(name, 0) + 1
        return self._names[name]


def refuse_doctype(*_: object) -> None:
    raise InputError("has a document type, which no test report needs: it is not read.")


def local(name: str) -> str:
    """The name of an element without the prefix of a namespace."""
    return name.rpartition(":")[2]
