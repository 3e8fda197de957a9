"""Recognisers of JavaScript's errors: the stacks of Node, of browsers and of test runners."""

from dataclasses import replace

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.recogniser import (
    TYPE_NAME,
    Frame,
    Hit,
    Lines,
    first_telling,
    is_own,
    own_frame,
    with_cause,
)
from genesis_mcp.text.pattern import pattern

# `    at name (file:line:column)`, `    at file:line:column`, vitest's ` ❯ file:line:column`.
STACK_LINE = pattern(
    r"\s*(?:at|❯) \S|\s*(?:\S*|\w+ code)@(?:\S+[/.]\S*:\d+(?::\d+)?|\[native code\])$"
    r"|\s*(?:https?|file)://\S+:\d+:\d+$"
)
_PLACE = pattern(r"(?:file://|webpack-internal:///|webpack://(?:[^/]*/)?)?(.+?):(\d+):\d+$")
HEAD = pattern(
    rf"\s*(?:(?:error: )?Uncaught (?:\(in promise\) )?|\[?cause\]?: |[Cc]aused by(?: \(\d+\))?: "
    rf"|error: |thrown: |Unhandled \w+: |Unknown )?\[?"
    rf"({TYPE_NAME})(?: \[\w+\])?(?:: (.*))?$"
)
_SAID_HEAD = pattern(r"error: (?:Uncaught (?:\(in promise\) )?(?:([A-Z]\w+): )?)?(\S.*)$")
"""What Bun and Deno say of an error: the name is only told when it is not `Error`."""
_PLAIN_HEAD = pattern(r"\s*(?:Uncaught )?([A-Z]\w*)(?: \[\w+\])?: (.*)$")
_WORDED_HEAD = pattern(rf".{{0,200}}?[\s(\]]({TYPE_NAME})(?: \[\w+\])?: (.*)$")
"""An error that a program logged with words of its own before it."""
_UNCAUGHT_HEAD = pattern(r"(?:Uncaught )?([A-Z][\w.]*)(?: \[\w+\])?: (.*)$")
_FUNCTION = pattern(r"\s*at (?:async |new )?([\w$.<>]+(?: \[as \w+\])?) \(")
_AGGREGATED = pattern(r"\s*\[errors\]: \[$")
_DIFF = pattern(r"\s*([-+])(?!\+|-)\s*(\S.*?),?$")
_DIFF_HEAD = pattern(r"\s*[-+]\s*(?:Expected|Received|actual|expected|Snapshot)\b")
_CAUSE = pattern(r"\s*(?:\[cause\]|cause|[Cc]aused by(?: \(\d+\))?): ")
_WRAPPER = "[ERR_TEST_FAILURE]"
"""What Node's test runner wraps an error in for its report."""
_INSPECTED = pattern(
    rf"\s*(?:Uncaught )?\[({TYPE_NAME})(?: \[\w+\])?: "
    r"(?:This error originated .* The promise rejected with the reason )?(.*)\](?: \{)?$"
)
_REJECTED = pattern(r"This error originated .* The promise rejected with the (reason .*?)\.?$")
"""What Node says of a promise that was rejected with something that is no error."""
_DETAIL = pattern(r"\s*(?:Expected|Received)\b.*: \S")
_CARET = pattern(r"\s*\^+$")
_SOURCE_PLACE = pattern(r"(?:\s*[A-Z][\w ]+: )?(?:file://)?(\S.*?):(\d+)$")

HEAD_REACH = 80
"""Lines: a stack's own error stands so far above it at most; a diff may lie between them."""
CAUSE_REACH = 200
"""Lines below the beginning of a stack in which its causes are looked for."""
STACKS_TRIED = 20
"""Stacks or titles to try: text that only looks like one must not cost a search at every line."""

_TSLOG_HEAD = pattern(rf" ?({TYPE_NAME}) {{1,2}}(\S.*)$")
_TSLOG_PLACE = pattern(r"\t(\S.*?):(\d+)(?::\d+)?$")
_TSLOG_CAUSE = pattern(rf"Caused by \(\d+\): ({TYPE_NAME}): (.*)$")


def find_stack(lines: Lines) -> Hit | None:
    """The error above the first stack, or the one that ended the process; its cause if it has one.

    Test runners print their failures in order, so the first is meant. An uncaught error comes
    with the source line and a caret above it, and beats what was only logged before.
    """
    starts = _stack_starts(lines)
    if len(starts) > STACKS_TRIED:
        starts = starts[: STACKS_TRIED // 2] + starts[-STACKS_TRIED // 2 :]
    found = ((start, hit) for start in starts if (hit := _read_stack(lines, start)))
    chosen = next(found, None)
    if chosen and any(map(_is_caret, lines)) and not _source_place(lines, chosen[1].line_number):
        uncaught = (pair for pair in found if _source_place(lines, pair[1].line_number))
        chosen = next(uncaught, chosen)
    if not chosen:
        return None
    start, hit = chosen
    if group := _aggregate_above(lines, hit):
        return group
    if not hit.message and (inner := _first_gathered(lines, start)):
        told = ": ".join(filter(None, [inner.type, inner.message]))
        frame = hit.frame if hit.frame and is_own(hit.frame) else inner.frame or hit.frame
        return replace(hit, message=told, frame=frame)
    cause = _cause_below(lines, start)
    if cause and _WRAPPER in lines[hit.line_number]:
        return cause
    return _led_to(hit, cause) if cause else hit


def find_bare_stack(lines: Lines) -> Hit | None:
    """A stack that stands alone: what Firefox and Safari keep does not say which error it was."""
    for start in _stack_starts(lines)[:STACKS_TRIED]:
        stack = _stack_below(lines, start)
        if len(stack) > 1 and not any(line.lstrip().startswith(("at ", "❯ ")) for line in stack):
            frame = own_frame(_frames_to_own(stack)[0][-1:])
            return Hit(line_number=start, message=lines[start].strip(), frame=frame)
    return None


def _led_to(hit: Hit, cause: Hit) -> Hit:
    """What was thrown and its cause; the cause's place where no other is one's own."""
    frame = hit.frame if hit.frame and is_own(hit.frame) else cause.frame or hit.frame
    message = with_cause(hit.message, (cause.type, cause.message))
    return replace(hit, message=message, values=hit.values or cause.values, frame=frame)


def _first_gathered(lines: Lines, start: int) -> Hit | None:
    """The first of the errors that an error gathers, printed below its stack."""
    for index in range(start, min(start + HEAD_REACH, len(lines) - 2)):
        if _AGGREGATED.match(lines[index]):
            return _read_stack(lines, index + 2)
    return None


def _aggregate_above(lines: Lines, hit: Hit) -> Hit | None:
    """The error that gathers several, of which the hit is the first."""
    for index in range(hit.line_number - 1, max(-1, hit.line_number - 4), -1):
        if "[errors]" in lines[index] and _AGGREGATED.match(lines[index]):
            for above in range(index - 1, max(-1, index - HEAD_REACH), -1):
                if head := _INSPECTED.match(lines[above]) or HEAD.match(lines[above]):
                    message = with_cause(head[2] or "", (hit.type, hit.message))
                    return replace(hit, line_number=above, type=head[1], message=message)
    return None


def _stack_starts(lines: Lines) -> list[int]:
    starts = []
    was_stack = False
    for index, line in enumerate(lines):
        may_be = "at " in line or "@" in line or "://" in line or "❯ " in line
        is_stack = may_be and STACK_LINE.match(line) is not None
        if is_stack and not was_stack and any(map(frame_of, lines[index : index + 3])):
            starts.append(index)
        was_stack = is_stack
    return starts


def _read_stack(lines: Lines, start: int) -> Hit | None:
    head = _head_above(lines, start)
    if head is None:
        return None
    index, name, message = head
    if reason := _REJECTED.match(message):
        message = reason[1]
    between = lines[index + 1 : start]
    message = first_telling(message, between, 0)
    frames, own = _frames_to_own(_stack_below(lines, start))
    if not own and (place := _source_place(lines, index)) and (is_own(place) or not frames):
        frames = [place]
    return Hit(
        line_number=index,
        type=name,
        message=message,
        values=difference(between, message) or details(between, message),
        frame=own_frame(frames[-1:] if own else frames),
        beside="\n".join(filter(None, [_function(own), _source_line(lines, index)])),
    )


def _frames_to_own(stack: Lines) -> tuple[list[Frame], str]:
    """The frames up to the innermost of one's own code, and the line of that one."""
    frames = []
    for line in stack:
        if frame := frame_of(line):
            frames.append(frame)
            if is_own(frame):
                return frames, line
    return frames, ""


def _function(line: str) -> str:
    """The function that a line of a stack names."""
    found = _FUNCTION.match(line)
    return found[1] if found and "<anonymous>" not in found[1] else ""


def difference(lines: Lines, message: str) -> str:
    """The first lines of a comparison with a minus and a plus, unless the message has them."""
    first: dict[str, str] = {}
    for line in lines:
        if (found := _DIFF.match(line)) and not _DIFF_HEAD.match(line):
            first.setdefault(found[1], found[2])
    told = [f"{sign} {value}" for sign, value in first.items() if value not in message]
    return " ".join(told)


def details(lines: Lines, message: str) -> str:
    """What was expected and what came, as jest and others tell it, unless the message does."""
    told = [line.strip() for line in lines if _DETAIL.match(line)]
    values = (line.partition(": ")[2].strip("\"'") for line in told)
    return "" if message and all(value in message for value in values) else " ".join(told)


def _head_above(lines: Lines, start: int) -> tuple[int, str | None, str] | None:
    """Index, type and message of the error that a stack belongs to."""
    for index in range(start - 1, max(-1, start - 1 - HEAD_REACH), -1):
        if STACK_LINE.match(lines[index]):
            break
        if head := HEAD.match(lines[index]):
            return index, head[1], head[2] or ""
        is_shown = index > 0 and _is_caret(lines[index - 1])
        if (is_shown or index == start - 1 or "^" in lines[start - 1]) and (
            head := _SAID_HEAD.match(lines[index])
        ):
            return index, head[1], head[2]
        if index and _is_caret(lines[index - 1]) and (head := _UNCAUGHT_HEAD.match(lines[index])):
            return index, head[1], head[2]
        if index > 1 and not lines[index - 1] and _is_caret(lines[index - 2]):
            if head := _UNCAUGHT_HEAD.match(lines[index]):
                return index, head[1], head[2]
            break
    above = lines[start - 1] if start else ""
    if head := _PLAIN_HEAD.match(above) or _WORDED_HEAD.match(above):
        if not head[2].strip():  # a sentence that happens to end in such a word is all there is
            return start - 1, None, above.strip(" :")
        return start - 1, head[1], head[2]
    return None


def _is_caret(line: str) -> bool:
    return "^" in line and _CARET.match(line) is not None


def _stack_below(lines: Lines, start: int) -> Lines:
    stop = start
    while stop < len(lines) and STACK_LINE.match(lines[stop]):
        stop += 1
    return lines[start:stop]


def frame_of(line: str) -> Frame | None:
    """The place that a line of a stack names."""
    where = line.strip().removesuffix("{").rstrip()
    if "@" in where and not where.startswith(("at ", "❯ ")):
        where = where.rpartition("@")[2]
        if not _PLACE.match(where):
            where = f"{where}:0"
    in_parentheses = where.endswith(")")
    if ":" not in where:
        return None
    place = _PLACE.match(where[:-1].rpartition("(")[2] if in_parentheses else where.split(" ")[-1])
    return Frame(place[1], int(place[2])) if place else None


def _source_place(lines: Lines, head: int) -> Frame | None:
    """`file:line` that Node prints, with the source line and a caret, above an uncaught error."""
    above = lines[max(0, head - 8) : head]
    carets = [index for index, line in enumerate(above) if _is_caret(line)]
    if not carets:
        return None
    places = (_SOURCE_PLACE.match(line) for line in reversed(above[: carets[-1]]))
    return next((Frame(place[1], int(place[2])) for place in places if place), None)


def _source_line(lines: Lines, head: int) -> str:
    """The line of source that Node prints above an uncaught error."""
    for index in range(head - 1, max(-1, head - 4), -1):
        if _is_caret(lines[index]) and index:
            return lines[index - 1].strip()
    return ""


def _cause_below(lines: Lines, start: int) -> Hit | None:
    """The innermost `[cause]` that Node prints under a stack, or `caused by: ` of Pino."""
    cause = None
    for index in range(start, min(start + CAUSE_REACH, len(lines) - 1)):
        if lines[index].startswith("}") or not lines[index].strip():
            break
        if "ause" in lines[index] and _CAUSE.match(lines[index]):
            cause = _read_stack(lines, index + 1) or cause
    return cause


def find_tslog_error(lines: Lines) -> Hit | None:
    """An error as tslog prints it: its head, a list of frames of two lines each, its causes."""
    for index, line in enumerate(lines):
        head = _TSLOG_HEAD.match(lines[index - 1]) if index and line == "error stack:" else None
        if head is None:
            continue
        hit = Hit(line_number=index - 1, type=head[1], message=head[2], frame=None)
        return _with_listed(hit, lines[index + 1 : index + 1 + CAUSE_REACH])
    return None


def _with_listed(hit: Hit, below: Lines) -> Hit:
    """The error with its own frames, and with the innermost of its causes."""
    frames, cause = [], None
    for line in below:
        if found := _TSLOG_CAUSE.match(line):
            cause = (found[1], found[2])
        elif not line.startswith(("  • ", "\t")):
            break
        elif cause is None and (found := _TSLOG_PLACE.match(line)):
            frames.append(Frame(found[1], int(found[2])))
    return replace(hit, message=with_cause(hit.message, cause), frame=own_frame(frames))


def find_thrown_value(lines: Lines) -> Hit | None:
    """What was thrown without being an error: its text stands under the source line and a caret."""
    for index, line in enumerate(lines):
        if "--trace-uncaught" in line and index:
            place = _source_place(lines, index - 1)
            return Hit(line_number=index - 1, message=lines[index - 1], frame=place)
    return None


def find_inspected(lines: Lines) -> Hit | None:
    """An error without a stack, which Node prints in brackets; of a rejection the reason."""
    for index, line in enumerate(lines):
        if found := _INSPECTED.match(line):
            place = _source_place(lines, index)
            own = place if place and is_own(place) else None
            return Hit(line_number=index, type=found[1], message=found[2], frame=own)
    return None


RECOGNISERS = (
    Format(
        name="tslog",
        hints=("error stack:",),
        find=find_tslog_error,
        examples=(
            Example(
                "2026-11-27 20:25:36.075\tERROR\t/w/node_modules/tslog/core/meta.js:65\tnada\n\n"
                " TypeError  no price\nerror stack:\n  • soma.js\tsoma\n\tsoma.js:3\n"
                "  • log.js\tmain\n\tlog.js:37\nCaused by (1): RangeError: no freight\n"
                "  • soma.js\tfreight\n\tsoma.js:7\n",
                "no price <- RangeError: no freight",
                "soma.js:3",
                "TypeError",
            ),
        ),
    ),
    Format(
        name="javascript stack",
        hints=(
            "  at ",
            "❯ ",
            "@http",
            "@file:",
            "@webpack",
            "\nhttp",
            "-extension://",
            "@resource:",
            ".bundle:",
            "@app:",
            "@/",
        ),
        find=find_stack,
        examples=(
            Example(  # bun
                '3 | const c = 2;\n    ^\nerror: Expected "}" but found "const"\n'
                "    at /w/a.ts:3:1\n\n3 | const c = 2;\n          ^\n"
                'error: Expected ";" but found "c"\n    at /w/a.ts:3:7\n\nBun v1.4.5 (Linux x64)\n',
                'Expected "}" but found "const"',
                "/w/a.ts:3",
            ),
            Example(  # deno
                'error: Uncaught (in promise) NotCapable: Requires read access to "/w/x"\n'
                'Deno.readTextFileSync("/w/x");\n     ^\n'
                "    at Object.readTextFileSync (ext:deno_fs/30_fs.js:1:9859)\n"
                "    at file:///w/a.ts:1:6\n",
                'Requires read access to "/w/x"',
                "/w/a.ts:1",
                "NotCapable",
            ),
        ),
    ),
    Format(
        name="bare stack",
        hints=("@http", "@file:", "@webpack", "-extension://", "@resource:", ".bundle:"),
        find=find_bare_stack,
        examples=(
            Example(
                "render@http://localhost:8000/caixa.js:48:16\n"
                "@http://localhost:8000/caixa.js:61:3\n",
                "render@http://localhost:8000/caixa.js:48:16",
                "http://localhost:8000/caixa.js:48",
            ),
        ),
    ),
    Format(name="thrown value", hints=("--trace-uncaught",), find=find_thrown_value),
    Format(name="inspected error", hints=("]\n", "] {"), find=find_inspected),
)
