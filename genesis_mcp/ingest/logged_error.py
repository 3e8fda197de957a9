"""The error in a log line, in every form in which loggers write one, as the text of a program.

An error is a text, a list of lines, a list of frames or causes, or an object; the names in it are
those of Node's serializers, of structlog, zap, zerolog, Monolog, log4j, ECS and OpenTelemetry.
"""

from collections.abc import Mapping, Sequence
from typing import Any

TYPE_NAMES = ("type", "name", "class", "exc_type", "errorType", "kind")
MESSAGE_NAMES = ("message", "msg", "value", "exc_value", "errorMessage", "description")
STACK_NAMES = (
    *("stack", "stacktrace", "stack_trace", "stackTrace", "traceback", "backtrace"),
    *("extendedStackTrace", "frames", "trace", "errorVerbose"),
)
CODE_NAMES = ("code", "errno", "status", "statusCode")
CAUSE_NAMES = ("cause", "previous", "innerException", "errors", "aggregateErrors")
"""Each in the order in which they are looked for; the first that fits is taken."""

_FILE_NAMES = ("filename", "file", "source", "filePath", "fileName")
_LINE_NAMES = ("lineno", "line", "lineNumber", "fileLine")
_COLUMN_NAMES = ("column", "colno", "columnNumber", "fileColumn")
_FUNCTION_NAMES = ("name", "function", "func", "method")

CAUSES_MAX = 10
"""Causes of causes, and errors of one error, that are told."""

FRAMES_MAX = 200
"""Of one stack; the others are left out of its text and stay in the record."""

REASON_CHARS_MAX = 200
REASONS_MAX = 5
_REASON_NAMES = (
    *("message", "mensagem", "error_description", "detail", "title", "error", "erro", "errors"),
)
"""Where the answer of an HTTP server says what was wrong."""

_PYTHON_CHAIN = (
    "\n\nDuring handling of the above exception, another exception occurred:\n\n",
    "\n\nThe above exception was the direct cause of the following exception:\n\n",
)


def is_error(value: object, *, is_named: bool = False) -> bool:
    """Whether a value is an error; `is_named`: the name of its field says so, and less suffices."""
    if isinstance(value, str | int) or not isinstance(value, Mapping):  # the first as nearly always
        return False
    if any(isinstance(value.get(name), str) for name in ("stack", "stack_trace", "stacktrace")):
        return True
    kind = any(isinstance(value.get(name), str) for name in ("type", "name"))
    if kind and isinstance(value.get("message"), str):
        return True
    return is_named and bool(_head(value) or _stack(value))


def error_text(value: object) -> str | None:
    """What a program would have printed of it; None when it says nothing."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list):
        return _of_list(value)
    return _with_causes(value) if isinstance(value, Mapping) else None


def stack_text(value: object) -> str | None:
    """The text of a stack: lines, or frames as objects."""
    if isinstance(value, str):
        return value if value.strip() else None
    if not isinstance(value, list):
        return None
    frames = [_frame(one) for one in value[:FRAMES_MAX]]
    return "\n".join(filter(None, frames)) or None


def _of_list(parts: Sequence[object]) -> str | None:
    if parts and all(isinstance(one, str) for one in parts):
        return "\n".join(str(one).rstrip("\n") for one in parts[:FRAMES_MAX])
    if parts and all(isinstance(one, Mapping) and "exc_type" in one for one in parts):
        return _python_text([one for one in parts if isinstance(one, Mapping)][:CAUSES_MAX])
    texts = [text for one in parts[:CAUSES_MAX] if (text := error_text(one))]
    return "\ncaused by: ".join(texts) or None


def _python_text(chain: list[Mapping[str, Any]]) -> str:
    """A traceback as Python prints it of structlog's list, which begins with the last error."""
    text = ""
    for error in reversed(chain):
        before = text and _PYTHON_CHAIN[bool(chain[chain.index(error) + 1].get("is_cause"))]
        frames = stack_text(error.get("frames"))
        stack = f"Traceback (most recent call last):\n{frames}\n" if frames else ""
        text = f"{text}{before}{stack}{_head(error)}"
    return text


def _with_causes(error: Mapping[str, Any]) -> str | None:
    parts: list[str] = []
    waiting: list[object] = [error]
    while waiting and len(parts) < CAUSES_MAX:
        one = waiting.pop(0)
        text = _one_error(one) if isinstance(one, Mapping) else error_text(one)
        if text and not any(text in part for part in parts):  # Pino joins causes into a stack
            parts.append(text)
        if isinstance(one, Mapping):
            for name in CAUSE_NAMES:
                inner = one.get(name)
                waiting += inner[:CAUSES_MAX] if isinstance(inner, list) else [inner]
    return "\ncaused by: ".join(parts) or None


def _one_error(error: Mapping[str, Any]) -> str:
    head, stack = _head(error), _stack(error) or ""
    first, line_feed, rest = stack.partition("\n")
    if not stack:
        text, rest = head, ""
    elif first.startswith('  File "'):  # Python's frames, of which the error is the last line
        text, rest = f"Traceback (most recent call last):\n{stack.rstrip()}\n{head}", ""
    elif not head or _says(first, error):
        text, rest = first, line_feed + rest
    else:
        text, rest = head, f"\n{stack}"
    reason = _reason(error)
    if reason and reason not in text:
        text = f"{text}: {reason}"
    return text + rest


def _says(first: str, error: Mapping[str, Any]) -> bool:
    """Whether the first line of a stack is its error's, and no frame."""
    if first.lstrip().startswith(("at ", "File ", "#0 ")):
        return False
    if first.startswith("Traceback "):
        return True
    kind, message = _text(error, TYPE_NAMES), _text(error, MESSAGE_NAMES)
    if kind and first.startswith(kind):
        return True
    said = (message or kind or "").split("\n", 1)[0]
    own = first.partition(": ")[2]  # Pino's message goes on with that of the cause
    return said in first or bool(own and said.startswith(own))


def _head(error: Mapping[str, Any]) -> str:
    kind, message = _text(error, TYPE_NAMES), _text(error, MESSAGE_NAMES)
    if not message and (not kind or kind == "Error"):
        code = next((error[name] for name in CODE_NAMES if error.get(name)), None)
        message = str(code) if isinstance(code, str | int) else None
    return ": ".join(filter(None, (kind, message)))


def _stack(error: Mapping[str, Any]) -> str | None:
    text = next((text for name in STACK_NAMES if (text := stack_text(error.get(name)))), None)
    file, line = error.get("file"), error.get("line")
    if "class" not in error or not isinstance(file, str):
        return text
    place = f"{file}:{line}" if isinstance(line, int) else file  # PHP's, and its trace from there
    return "\n    at ".join(["    at " + place, *(text or "").split("\n")]).rstrip()


def _frame(frame: object) -> str | None:
    """A frame as the language of its file prints it."""
    if isinstance(frame, str):
        return frame.rstrip("\n")
    if not isinstance(frame, Mapping):
        return None
    file, function = _text(frame, _FILE_NAMES), _text(frame, _FUNCTION_NAMES)
    line = next((frame[name] for name in _LINE_NAMES if frame.get(name)), None)
    if file is None or not isinstance(line, int | str):
        return f"    at {function}" if function else None
    if isinstance(frame.get("class"), str):
        return f"\tat {frame['class']}.{function}({file}:{line})"
    if file.endswith(".go"):
        return f"{function or 'main'}(...)\n\t{file}:{line}"
    if "lineno" in frame:
        return f'  File "{file}", line {line}, in {function or "<module>"}'
    column = next((frame[name] for name in _COLUMN_NAMES if frame.get(name)), None)
    place = f"{file}:{line}:{column}" if isinstance(column, int | str) else f"{file}:{line}"
    return f"    at {function} ({place})" if function else f"    at {place}"


def _reason(error: Mapping[str, Any]) -> str | None:
    """What the HTTP server said, of a client's error: axios' `response.data`, Nest's `response`."""
    response = error.get("response")
    told = response.get("data", response) if isinstance(response, Mapping) else response
    said = _said(told)
    return said[:REASON_CHARS_MAX] if said else None


def _said(value: object, depth: int = 3) -> str | None:
    if isinstance(value, str):
        return " ".join(value[:1000].split()) or None
    if isinstance(value, list):
        parts = [_said(one, depth - 1) for one in value[:REASONS_MAX]] if depth else []
        return "; ".join(filter(None, parts)) or None
    if isinstance(value, Mapping) and depth:
        told = (_said(value.get(name), depth - 1) for name in _REASON_NAMES)
        return next(filter(None, told), None)
    return None


def _text(value: Mapping[str, Any], names: Sequence[str]) -> str | None:
    texts = (value[name] for name in names if isinstance(value.get(name), str))
    return next((text for text in texts if text), None)
