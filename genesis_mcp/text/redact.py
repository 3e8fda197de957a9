"""Replaces secrets in program output by `[redacted:kind]`; it never looks anything up.

Recognised are well-known shapes of tokens, credentials in URLs and headers, private key blocks,
passwords behind options, and values whose name says that they are secret. Hashes, UUIDs and other
long harmless values stay, and so does code that only names a secret, and what stands in for one.
Lines are never added or removed, so that line numbers stay true; redacting twice changes nothing
more.
"""

from collections.abc import Iterator

from genesis_mcp.text import command_secrets, secret_names
from genesis_mcp.text.literals import Literals
from genesis_mcp.text.secret_blocks import redact_key_blocks, redact_wrapped_tokens
from genesis_mcp.text.secret_names import ascii_lower
from genesis_mcp.text.secret_shapes import SHAPES, TOKENS, Shape
from genesis_mcp.text.windows import WINDOW, Span, chunks, end_of_run, matches

REPETITIVE_FROM = 64 * 1024
"""Characters from which on a line that repeats is read once: a runaway loop prints few others."""
MOST_PASSES = 4
"""A secret glued to another one has no beginning of its own until that one is replaced."""
MOST_JUDGED = 10_000
"""Things in one text that look like secrets at first sight and are looked at closely. A megabyte of
log with one in each line has fewer; what attacks has a hundred thousand. Where they are used up,
the rest is left out as far as there may be secrets in it: never shown unread."""
MOST_NAMES = 100_000
"""Names in one text that sound secret, each time they are read: most are dismissed at first sight,
but that takes time as well. A megabyte of counts of tokens has half as many."""

_SHAPES = (*SHAPES, *TOKENS)
_HINTS = Literals((*(shape.hint for shape in _SHAPES), *secret_names.STEMS, *command_secrets.HINTS))
COLONS = 4
"""Of a line of .pgpass: where fewer are, a colon tells of no secret by itself."""


def redact(text: str) -> str:
    """The text with every recognised secret replaced by `[redacted:kind]`.

    Linear in the length of the text. A replaced block keeps its number of lines. Where more looks
    like secrets than can be judged (`MOST_JUDGED`, `MOST_NAMES`), whole lines are left out, and a
    note says so.
    """
    hints = set(_HINTS.within(text.lower()))
    if ":" in hints and text.count(":") < COLONS:
        hints.discard(":")
    if not hints:
        return text
    text = redact_wrapped_tokens(redact_key_blocks(text), hints)
    if len(text) < REPETITIVE_FROM:
        return _Reading(hints).redacted(text)
    lines = text.split("\n")
    distinct = dict.fromkeys(lines)
    if len(distinct) > len(lines) // 2:
        return _Reading(hints).redacted(text)
    redacted = _Reading(hints).redacted("\n".join(distinct)).split("\n")
    of_line = dict(zip(distinct, redacted, strict=True))
    return "\n".join(of_line[line] for line in lines)


class _UsedUpError(Exception):
    """More looks like secrets than can be judged."""


class _Reading:
    """Reads one text part by part, and counts what it looks at closely."""

    def __init__(self, hints: set[str]) -> None:
        self._hints = hints
        self._judged = self._names = 0

    def redacted(self, text: str) -> str:
        return "".join(self._part(part) for part in chunks(text)) if self._hints else text

    def _part(self, text: str) -> str:
        lowered = text.lower()
        if not any(hint in lowered for hint in self._hints):
            return text
        try:
            return self._in_passes(text)
        except _UsedUpError:
            line_feeds = text.count("\n")
            note = f"[... {len(text) - line_feeds:,} characters left out unread ...]"
            return note + "\n" * line_feeds

    def _in_passes(self, text: str) -> str:
        for _ in range(MOST_PASSES):
            before, text = text, self._once(text)
            if text == before:
                break
        return text

    def _once(self, text: str) -> str:
        lowered = text.lower()
        self._names += secret_names.count_names(lowered)
        if self._names > MOST_NAMES:
            raise _UsedUpError
        hints = {hint for hint in self._hints if hint in lowered}
        folded = ascii_lower(text)
        for shape in _SHAPES:
            if shape.hint in hints:
                before, text = text, _replaced(text, self._shaped(shape, text, folded))
                folded = folded if text is before else ascii_lower(text)
        if not hints.isdisjoint(command_secrets.HINTS):
            text = _replaced(text, command_secrets.find_option_values(text, self._judge))
        if not hints.isdisjoint(secret_names.STEMS):
            text = _replaced(text, secret_names.find_flag_values(text, self._judge))
            text = _replaced(text, secret_names.find_named_values(text, self._judge))
        return text

    def _judge(self) -> None:
        self._judged += 1
        if self._judged > MOST_JUDGED:
            raise _UsedUpError

    def _shaped(self, shape: Shape, text: str, folded: str) -> Iterator[Span]:
        end = 0
        for found in matches(shape.pattern, folded if shape.folded else text):
            if found.start() < end:
                continue  # within a secret that is longer than what the pattern saw
            self._judge()
            if shape.is_secret(text, found):
                start, end = found.span("secret")
                if end - found.start() >= WINDOW // 2:
                    end = end_of_run(shape.goes_on, text, end)
                yield start, end, shape.kind


def _replaced(text: str, secrets: Iterator[Span]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end, kind in secrets:
        if start >= done:
            pieces += text[done:start], f"[redacted:{kind}]"
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text
