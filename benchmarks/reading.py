"""How well outputs that nobody here made are read: place, message and groups on public test data.

    python -m benchmarks.reading FOLDER [open|frozen|all] [SET ...] [--misses N]

FOLDER holds snapshots as bare repositories, `owner+name/repo` each; a set whose snapshot is missing
is left out. What is right is what the data's own project asserts. One case in three, chosen by the
hash of its name, is `frozen`: look at its figures, never at its misses.

message: type and message hold, or are held in, an asserted message (letters and digits only).
place: file name and line are those of an asserted place. wrong: a place that is none of them, and
that answers do not mark as a library's.
"""

import argparse
import csv
import hashlib
import io
import re
import subprocess
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from genesis_mcp.diagnostics.finding import find_error, signature_keys
from genesis_mcp.diagnostics.recogniser import Frame, is_own
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Signature
from genesis_mcp.runs.signing import sign

FROZEN_ONE_IN = 3
JENKINS = "src/test/resources/edu/hm/hafner/analysis/parser/"
LOGHUB = re.findall(
    r"\w+",
    "HDFS Hadoop Spark Zookeeper OpenStack BGL HPC Thunderbird Windows Linux Mac Android HealthApp"
    " Apache OpenSSH Proxifier",
)
MYPY = (
    "cmdline", "pythoneval", "pep561", "cmdline.pyproject", "daemon", "errorstream",
    "parse-errors", "semanal-errors",
)  # fmt: skip
STRING = r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\""
LITERAL = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\]|\\.)*`"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One error that the data asserts, as far as it does."""

    message: str | None = None
    file: str | None = None
    line: int | None = None
    is_error: bool = True


@dataclass(frozen=True, kw_only=True)
class Case:
    """An output, and what the data asserts of it."""

    name: str
    text: str
    truths: list[Truth] = field(default_factory=list)

    @property
    def is_frozen(self) -> bool:
        return hashlib.sha256(self.name.encode()).digest()[0] % FROZEN_ONE_IN == 0


class Snapshot:
    """The newest commit of a fetched repository."""

    def __init__(self, folder: Path, repository: str) -> None:
        self._folder = folder / repository.replace("/", "+") / "repo"

    def _git(self, *arguments: str) -> str:
        command = ["git", "--git-dir", str(self._folder), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def names(self, prefix: str) -> list[str]:
        return self._git("ls-tree", "-r", "--name-only", "HEAD", prefix).splitlines()

    def text(self, name: str) -> str:
        return self._git("show", f"HEAD:{name}")


def errorformat(data: Snapshot) -> Iterator[Case]:
    """reviewdog/errorformat: `*.in`, and `*.ok` with `file|line col ...| message`."""
    for name in data.names("fmts/testdata"):
        text = data.text(name) if name.endswith(".in") else ""
        if not text.strip() or text.lstrip()[0] in "{[<":
            continue
        rows = re.finditer(
            r"(?m)^([^|\n]+)\|(\d+)(?: col \d+)?(?:-\d+[^|\n]*)?(?: [^|\n]*)?\| ?(.*)",
            data.text(name.removesuffix(".in") + ".ok"),
        )
        truths = [Truth(file=row[1], line=int(row[2]), message=row[3].strip()) for row in rows]
        if truths:
            yield Case(name=name, text=text, truths=truths)


def ale(data: Snapshot) -> Iterator[Case]:
    """dense-analysis/ale: lines as an editor's parsers get them, of tools that name the file."""
    for name in data.names("test/handler"):
        source = re.sub(r"\n\s*\\", "\n", data.text(name))
        asserted = re.finditer(
            r"AssertEqual\s*\[(.*?)\n\s*\],\s*(?:ale[\w#]*)\s*\((.*?)\n\s*\]?\s*\)",
            source,
            re.DOTALL,
        )
        for number, found in enumerate(asserted):
            given = found[2][found[2].find("[") + 1 :] if "[" in found[2] else ""
            lines = [part for line in given.split("\n") for part in _strings(line)[:1]]
            text = "\n".join(lines) + "\n"
            truths = [t for t in _ale_truths(found[1]) if str(t.line) in text]
            names_file = any(re.search(r"[\w./\\-]+\.\w+\W{1,3}(line )?\d", line) for line in lines)
            if lines and truths and names_file and text.lstrip()[:1] not in ("{", "[", "<"):
                yield Case(name=f"{name}#{number}", text=text, truths=truths)


def _strings(text: str) -> list[str]:
    return [
        found[1:-1].replace("''", "'") if found[0] == "'" else _unescaped(found[1:-1])
        for found in re.findall(STRING, text)
    ]


def _unescaped(text: str) -> str:
    return text.encode().decode("unicode_escape", "replace") if "\\" in text else text


def _ale_truths(asserted: str) -> list[Truth]:
    truths = []
    for entry in re.findall(r"\{(.*?)\n\s*\}", asserted, re.DOTALL):
        values = {
            key: found[1].strip("'")
            for key in ("lnum", "text", "filename", "type")
            if (found := re.search(rf"'{key}'\s*:\s*('?\d+'?|{STRING})", entry))
        }
        if values.get("lnum", "").isdigit():
            text = _strings(f"'{values['text']}'") if "text" in values else []
            truths.append(
                Truth(
                    line=int(values["lnum"]),
                    message=text[0].strip('"') if text else None,
                    file=values.get("filename"),
                    is_error=values.get("type") in (None, "E"),
                )
            )
    return sorted(truths, key=lambda truth: not truth.is_error)


def nvim_lint(data: Snapshot) -> Iterator[Case]:
    """mfussenegger/nvim-lint: as an editor's parsers get it, of tools that name the file."""
    for name in data.names("spec"):
        for number, test in enumerate(re.split(r"\n\s+it\(", data.text(name))[1:]):
            printed = re.search(r"\[\[\n?(.*?)\]\]", test, re.DOTALL)
            text = printed[1] if printed else ""
            rows = re.findall(r"\{[^{}]*\blnum\s*=[^{}]*\}", test.partition("]]")[2])
            truths = [truth for row in rows if (truth := _lua_truth(row))]
            names_file = re.search(r"[\w./\\-]+\.\w+\W{1,3}(line )?\d", text)
            if truths and names_file and text.lstrip()[:1] not in ("{", "[", "<"):
                yield Case(name=f"{name}#{number}", text=text, truths=truths)


def _lua_truth(row: str) -> Truth | None:
    line = re.search(r"(?<!end_)\blnum\s*=\s*(\d+)", row)
    said = re.search(rf"\bmessage\s*=\s*({LITERAL})", row)
    message = _unescaped(said[1][1:-1]) if said else None
    return Truth(line=int(line[1]) + 1, message=message) if line else None


def jenkins(data: Snapshot) -> Iterator[Case]:
    """jenkinsci/analysis-model: outputs of which its tests assert some errors."""
    files = {name.removeprefix(JENKINS): name for name in data.names(JENKINS)}
    asserted: dict[str, list[Truth]] = {}
    for name in data.names("src/test/java/edu/hm/hafner/analysis"):
        if name.endswith("Test.java"):
            for file, truth in _jenkins_truths(data.text(name), files):
                asserted.setdefault(file, []).append(truth)
    for file, truths in sorted(asserted.items()):
        text = data.text(files[file])
        if file.endswith((".xml", ".json", ".html", ".sarif", ".plog", ".csv")):
            continue
        truths = [t for t in truths if str(t.line) in text and _base(t.file) in text and t.is_error]
        if truths and text.lstrip()[:1] not in ("{", "[", "<") and len(text) < 2_000_000:
            yield Case(name=file, text=text, truths=truths)


def _jenkins_truths(source: str, files: dict[str, str]) -> Iterator[tuple[str, Truth]]:
    default = re.search(r'super\("([^"]+)"\)', source)
    methods = r"\n    (?:@Test|@Override|@ParameterizedTest|private|protected|void)"
    for method in re.split(methods, source):
        named = {one for one in re.findall(r'"([\w./-]+\.\w+)"', method) if one in files}
        if not named and "assertThatIssuesArePresent" in method and default:
            named = {default[1]} & files.keys()
        for chain in re.split(r"assertThat\(", method)[1:] if len(named) == 1 else ():
            chain = chain.split(";\n")[0]
            line = re.search(r"\.hasLineStart\((\d+)\)", chain)
            file = re.search(r'\.hasFileName\(\s*"((?:[^"\\]|\\.)*)"\)', chain)
            said = re.search(r'\.hasMessage\(\s*"((?:[^"\\]|\\.)*)"\s*\)', chain)
            grave = re.search(r"\.hasSeverity\(Severity\.(?:ERROR|WARNING_HIGH)\)", chain)
            if line and int(line[1]) and file:
                yield (
                    next(iter(named)),
                    Truth(
                        line=int(line[1]),
                        file=_unescaped(file[1]),
                        message=_unescaped(said[1]) if said else None,
                        is_error=bool(grave),
                    ),
                )


def mypy(data: Snapshot) -> Iterator[Case]:
    """python/mypy: the `[out]` sections that are mypy's own output."""
    for group in MYPY:
        for test in re.split(r"\n\[case ", data.text(f"test-data/unit/{group}.test"))[1:]:
            section = re.search(r"\n\[out\d?\]\n(.*?)(?=\n\[|\n-- |\Z)", test, re.DOTALL)
            text = "\n".join(
                line
                for line in (section[1] if section else "").split("\n")
                if line.strip() and not line.startswith(("==", "--"))
            )
            rows = re.finditer(r"(?m)^([\w./\\-]+):(\d+)(?::\d+)?(?::\d+:\d+)?: error: (.*)$", text)
            truths = [
                Truth(file=m[1], line=int(m[2]), message=re.sub(r"\s+\[[\w-]+\]$", "", m[3]))
                for m in rows
                if "." in m[1]
            ]
            if truths:
                yield Case(name=f"{group}:{test.split(']')[0]}", text=text + "\n", truths=truths)


def clippy(data: Snapshot) -> Iterator[Case]:
    """rust-lang/rust-clippy, one file in four: `.stderr`, and the lines that `//~` notes mark."""
    for name in [one for one in data.names("tests/ui") if one.endswith(".stderr")][::4]:
        text, source = data.text(name), name.removesuffix(".stderr") + ".rs"
        truths: list[Truth] = []
        for number, line in enumerate(data.text(source).split("\n"), 1):
            if found := re.search(r"//~(\^*|\||v*)\s*(\w+)", line):
                moved = len(found[1]) if "v" in found[1] else -len(found[1])
                last = truths[-1].line if truths else None
                at = last if found[1] == "|" else number + moved
                truths.append(Truth(file=source, line=at))
        heads = re.findall(r"(?m)^(?:error|warning)(?:\[\w+\])?: (?!aborting)(.*)$", text)
        if truths and heads:
            yield Case(name=name, text=text, truths=[*map(_said, heads), *truths])


def _said(message: str) -> Truth:
    return Truth(message=message)


def jest(data: Snapshot) -> Iterator[Case]:
    """jestjs/jest: snapshots of failing runs; what is right follows from the reporter's form."""
    for name in data.names("e2e/__tests__/__snapshots__"):
        for found in re.finditer(r"exports\[`(.*?)`\] = `\n(.*?)\n`;", data.text(name), re.DOTALL):
            body = found[2].replace("\\`", "`").replace("\\\\", "\\")
            if body.startswith('"') and body.endswith('"'):
                body = body[1:-1].replace('\\"', '"')
            truths = [t for t in _jest_truths(body) if len(t.message or "") > 3]
            if truths:
                yield Case(name=f"{name}:{found[1][:50]}", text=body + "\n", truths=truths)


def _jest_truths(body: str) -> Iterator[Truth]:
    frame = r"(?m)^\s+at (?:.*? \()?((?:[\w@.-]+/)*[\w.-]+\.\w+):(\d+):\d+\)?"
    for block in re.split(r"(?m)^\s*● ", body)[1:]:
        head, _, rest = block.partition("\n")
        if re.match(r"(Console|Cannot log|Validation|Deprecation|process\.exit)", head):
            continue
        paragraph = re.search(r"\n?\s*\n((?:\s*\S.*\n?)+?)(?:\s*\n|\Z)", "\n" + rest)
        place = re.search(frame, rest)
        if paragraph:
            first = paragraph[1].strip().split("\n")[0].strip()
            file, line = (place[1], int(place[2])) if place else (None, None)
            yield Truth(message=first, file=file, line=line)


def tracekit(data: Snapshot) -> Iterator[Case]:
    """getsentry/sentry-javascript: stacks of many engines, with the frame asserted on top."""
    for name in data.names("packages/browser/test/tracekit"):
        for test in re.split(r"\n  it\(", data.text(name))[1:]:
            stack = re.search(rf"stack:\s*((?:\s*(?:{LITERAL})\s*\+?)+)", test)
            expected = test[test.find("toEqual(") :]
            frames = re.findall(r"\{[^{}]*filename:[^{}]*\}", expected)
            line = re.search(r"lineno:\s*(\d+)", frames[-1]) if frames else None
            file = re.search(r"filename:\s*'((?:[^'\\]|\\.)*)'", frames[-1]) if frames else None
            if stack and line:
                value = re.search(rf"value:\s*({LITERAL})", expected)
                message = value[1][1:-1].replace("\\'", "'") if value else None
                text = "".join(_javascript(one[1:-1]) for one in re.findall(LITERAL, stack[1]))
                is_told = message and _letters(message)[:25] in _letters(text.split("\n")[0])
                head = "" if is_told else f"Uncaught Error: {message}\n"
                truth = Truth(message=message, file=file and file[1], line=int(line[1]))
                yield Case(name=f"{name}:{test[:70]}", text=f"{head}{text}\n", truths=[truth])


def _javascript(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text)


SETS: dict[str, tuple[str, Callable[[Snapshot], Iterator[Case]]]] = {
    "errorformat": ("reviewdog/errorformat", errorformat),
    "ale": ("dense-analysis/ale", ale),
    "nvim-lint": ("mfussenegger/nvim-lint", nvim_lint),
    "jenkins": ("jenkinsci/analysis-model", jenkins),
    "mypy": ("python/mypy", mypy),
    "clippy": ("rust-lang/rust-clippy", clippy),
    "jest": ("jestjs/jest", jest),
    "tracekit": ("getsentry/sentry-javascript", tracekit),
}


def _letters(text: str | None) -> str:
    return re.sub(r"\W+", " ", (text or "").lower()).strip()


def _base(path: str | None) -> str:
    return re.split(r"[\\/]", path or "")[-1]


def signature_of(text: str) -> Signature:
    run = make_run({"stderr": text, "exit_code": 1, "kind": "run"}, recorded_by="benchmark")
    signature = sign(run).signature
    assert signature is not None
    return signature


def is_message(got: Signature, truth: Truth) -> bool:
    whole = _letters(f"{got.type or ''} {got.message}")
    wanted, said = _letters(truth.message), _letters(got.message)
    return bool(wanted) and (
        wanted in whole
        or (len(whole) > 15 and said in wanted)
        or (len(wanted) > 60 and wanted[:60] in whole)
    )


def is_place(got: Signature, truth: Truth) -> bool:
    return got.line == truth.line and (not truth.file or _base(got.file) == _base(truth.file))


def stands_in(text: str, got: Signature) -> bool:
    """Whether a place that is not asserted stands in the text: the data asserts only some."""
    lines = text.split("\n")
    number = re.compile(rf"(?<!\d){got.line}(?!\d)")
    return any(
        number.search(line) and _base(got.file) in "\n".join(lines[max(0, at - 1) : at + 1])
        for at, line in enumerate(lines)
    )


def measure(name: str, cases: list[Case], misses: int) -> None:
    """Prints one row of the table, and some of the misses."""
    count: Counter[str] = Counter()
    shown: list[str] = []
    for case in cases:
        got = signature_of(case.text)
        said = [truth for truth in case.truths if _letters(truth.message)]
        placed = [truth for truth in case.truths if truth.line is not None]
        right = any(is_message(got, truth) for truth in said)
        at = any(is_place(got, truth) for truth in placed)
        count.update(messages=bool(said), message=right, places=bool(placed), place=at)
        if placed and not at and got.line is not None and is_own(Frame(got.file or "", got.line)):
            other = name == "jenkins" and stands_in(case.text, got) and not right
            count.update(wrong=not other)
        if (said and not right) or (placed and not at):
            shown.append(f"  {case.name[-60:]} | {got.type}: {got.message[:90]!r} | {got.location}")
            shown.append(f"      wanted {(said or placed)[0].message!r:.100} {placed[:1]}"[:250])
    message, place = (
        f"{count[one]}/{count[many]}"
        for one, many in (("message", "messages"), ("place", "places"))
    )
    print(f"| {name} | {len(cases)} | {message} | {place} | {count['wrong']} |", flush=True)
    print(*shown[: 2 * misses], sep="\n", end="\n" if misses and shown else "")


def loghub(data: Snapshot, *, per_system: int = 2000) -> None:
    """logpai/logparser: runs whose last word is one log line, grouped as its event template."""
    totals = []
    for system in LOGHUB:
        folder = f"data/loghub_2k_corrected/{system}/{system}_2k.log_structured_corrected.csv"
        rows = list(csv.DictReader(io.StringIO(data.text(folder))))[:per_system]
        templates = [row["EventTemplate"] for row in rows]
        groups = [_group(row["Content"]) for row in rows]
        totals.append(pairs(templates, groups))
        precision, recall, accuracy = totals[-1]
        print(f"| {system} | {precision:.4f} | {recall:.3f} | {accuracy:.3f} |", flush=True)
    means = [sum(column) / len(totals) for column in zip(*totals, strict=True)]
    print(f"| all | {means[0]:.4f} | {means[1]:.3f} | {means[2]:.3f} |")


def _group(line: str) -> str:
    error = find_error(stdout="", stderr=line + "\n")
    return signature_keys(error).group if error else ""


def pairs(labels: list[str], groups: list[str]) -> tuple[float, float, float]:
    """Precision and recall of pairs, and the share of lines whose group is their template's."""
    wanted, got, both = Counter(labels), Counter(groups), Counter(zip(labels, groups, strict=True))
    hits, truth, said = (
        sum(n * (n - 1) // 2 for n in counted.values()) for counted in (both, wanted, got)
    )
    exact = sum(n for (label, group), n in both.items() if n == wanted[label] == got[group])
    return hits / said if said else 1.0, hits / truth if truth else 1.0, exact / len(labels)


def main() -> None:
    warnings.simplefilter("ignore")  # escapes of Vim that are none of Python's
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", choices=("open", "frozen", "all"), nargs="?", default="all")
    parser.add_argument("sets", nargs="*", default=[*SETS, "loghub"])
    parser.add_argument("--misses", type=int, default=0)
    given = parser.parse_args()
    for name in given.sets:
        if name == "loghub":
            loghub(Snapshot(given.folder, "logpai/logparser"))
            continue
        repository, read = SETS[name]
        cases = [
            case
            for case in read(Snapshot(given.folder, repository))
            if given.part == "all" or case.is_frozen == (given.part == "frozen")
        ]
        if cases:
            measure(name, cases, given.misses)


if __name__ == "__main__":
    main()
