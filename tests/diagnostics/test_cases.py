"""Small outputs of many kinds, rebuilt from public reports of bugs, and what is to be read in each.

`cases/truth.json` names for each file type, message and place, and how a second one compares;
`cases/examples.ndjson` holds more, one a line; `cases/prefixes.json` four errors and what runners
write before each line.
"""

import json
import re
from pathlib import Path

import pytest

from genesis_mcp.diagnostics.prefixes import shown
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import Signature
from genesis_mcp.runs.signing import find, sign
from genesis_mcp.text.clean import clean

FOLDER = Path(__file__).parent / "cases"
TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))["cases"]
EXAMPLES = [
    json.loads(line)
    for line in (FOLDER / "examples.ndjson").read_text(encoding="utf-8").splitlines()
]
NOT_REDACTED = [one for one in EXAMPLES if not one["about"].startswith("redaction: ")]
"""Those of redaction are tested on whole answers."""
PREFIXES = json.loads((FOLDER / "prefixes.json").read_text(encoding="utf-8"))


def signature_of(stdout: str, stderr: str, exit_code: int = 1) -> Signature:
    given = {"stdout": stdout, "stderr": stderr, "exit_code": exit_code, "kind": "run"}
    run = make_run(given, recorded_by="test")
    signature = sign(run).signature
    assert signature is not None
    return signature


def unlike(signature: Signature, expected: dict) -> list[str]:
    """What is not as expected."""
    name = re.split(r"[.\\:$]", signature.type)[-1] if signature.type else None
    said = squeezed(f"{signature.type}: {signature.message}")
    wrong = []
    if name not in (expected.get("type") or [name]):
        wrong.append(f"type {signature.type}")
    if not any(squeezed(part) in said for part in expected.get("message_contains") or [""]):
        wrong.append(f"message {signature.message}")
    beginnings = expected.get("message_not_begin") or ()
    wrong += [f"begins with {one}" for one in beginnings if re.match(one, signature.message)]
    places = expected.get("location") or [signature.location]
    if not any(is_at(signature, place) for place in places):
        wrong.append(f"place {signature.location}")
    return wrong


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.lower())


def is_at(signature: Signature, place: str | None) -> bool:
    if place is None or signature.file is None:
        return place == signature.location
    found = signature.location if re.search(r":\d+$", place) else signature.file
    return f"/{found}".endswith(f"/{place}")


def compared(one: Signature, other: Signature) -> dict[str, bool]:
    return {
        "same_group": one.group == other.group,
        "different_group": one.group != other.group,
        "same_exact": one.exact == other.exact,
        "different_exact": one.exact != other.exact,
    }


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_an_output_is_read_as_its_case_says(case):
    def read(name: str) -> Signature:
        text = (FOLDER / name).read_text(encoding="utf-8")
        is_stderr = case.get("stream") == "stderr"
        return signature_of("" if is_stderr else text, text if is_stderr else "")

    expected = case["expect"]
    signature = read(case["file"])
    assert unlike(signature, expected) == []
    if pair := expected.get("pair"):
        kept = compared(signature, read(pair["file"]))
        assert [name for name in pair["expect"] if not kept[name]] == []


@pytest.mark.parametrize("example", NOT_REDACTED, ids=lambda example: example["about"])
def test_an_example_is_read_as_it_says(example):
    expected = example["expect"]
    signature = signature_of(example["stdout"], example["stderr"], example["exit_code"])
    assert unlike(signature, expected) == []
    if pair := expected.get("pair"):
        other = signature_of(pair["stdout"], pair["stderr"], example["exit_code"])
        kept = compared(signature, other)
        assert [name for name in pair["expect"] if not kept[name]] == []


@pytest.mark.parametrize("error", PREFIXES["errors"], ids=lambda error: error["id"])
@pytest.mark.parametrize("prefix", PREFIXES["prefixes"], ids=lambda prefix: prefix["id"])
def test_an_error_is_the_same_behind_what_a_runner_writes_before_each_line(prefix, error):
    lines = zip(prefix["lines"], error["text"].split("\n"), strict=False)
    prefixed = "".join(f"{before}{line}\n" for before, line in lines)
    alone, behind = (signature_of(text, "") for text in (error["text"] + "\n", prefixed))
    assert unlike(behind, error["expect"]) == []
    assert behind == alone


EXCERPTS = [case for case in TRUTH if case["expect"].get("excerpt_without")]


@pytest.mark.parametrize("case", EXCERPTS, ids=lambda case: case["id"])
def test_what_is_quoted_is_without_prefix_and_has_the_same_lines(case):
    text = clean((FOLDER / case["file"]).read_text(encoding="utf-8"))
    quoted = shown(text)
    if not case["id"].endswith("-excerpt"):
        return
    assert quoted.count("\n") == text.count("\n")
    run = make_run({"stdout": text, "exit_code": 1, "kind": "run"}, recorded_by="test")
    found = find(run)
    assert found is not None
    for line in quoted.split("\n")[max(0, found.line_number - 1) : found.line_number + 3]:
        assert not any(part in line for part in case["expect"]["excerpt_without"])


@pytest.mark.parametrize(
    "text",
    [
        "name: a\nage: 3\ncity: b\n",
        "#0 /w/app.php(7): check()\n#1 [internal function]: f()\n#2 {main}\n",
        "error: one\nerror: two\nerror: three\n",
        "[ok] a\n[ok] b\n[failed] c\n",
        "1.234 a\nb\nc\n",
    ],
)
def test_what_only_looks_like_a_prefix_stays(text):
    assert shown(text) == text


STAMP = "2026-11-25T10:55:10.123456789Z"


@pytest.mark.parametrize(
    "cut",
    [
        [f"{STAMP} stderr P ValueError: ", f"{STAMP} stderr P no", f"{STAMP} stderr F  route"],
        [f"{STAMP} 01E ValueError: ", f"{STAMP} 01E+no", f"{STAMP} 01E+ route"],
        [
            json.dumps({"log": text, "stream": "stderr"})
            for text in ("ValueError: ", "no", " route\n")
        ],
    ],
    ids=["CRI", "GitLab", "docker"],
)
def test_a_line_that_a_runtime_cut_is_read_whole(cut):
    head = [
        "Traceback (most recent call last):",
        '  File "/w/a.py", line 3, in f',
        "    g()",
    ]
    begins = cut[0].partition("ValueError")[0]
    ends = '\\n", "stream": "stderr"}' if begins.startswith("{") else ""
    whole = begins.replace(" P ", " F ")
    above = [
        f"{whole}{json.dumps(line)[1:-1]}{ends}" if ends else f"{whole}{line}" for line in head
    ]
    signature = signature_of("", "\n".join([*above, *cut]) + "\n")
    assert (signature.type, signature.message) == ("ValueError", "no route")
    assert signature.location == "/w/a.py:3"
