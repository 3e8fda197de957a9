"""A process that reads hostile texts and tells how many characters each pattern saw at once.

    python -m tests.helpers.watched_patterns

It prints a JSON object: the source of each pattern of ours, and the most characters of one call.
"""

import json
import re
import sys

LENGTH = 12_000
"""Characters of a text: three times what a pattern may see."""

seen = {}
compile_pattern = re.compile


class Watched:
    """A compiled pattern that notes how much of a text it is given."""

    def __init__(self, compiled):
        self._compiled = compiled

    def __getattr__(self, name):
        value = getattr(self._compiled, name)
        if not callable(value):
            return value

        def noted(*given, **named):
            if name in ("sub", "subn"):
                characters = len(given[1])
            else:
                text, start, end = [*given, None, None][:3]
                characters = len(text[start:end])
            source = str(self._compiled.pattern)
            seen[source] = max(seen.get(source, 0), characters)
            return value(*given, **named)

        return noted


def watched(source, flags=0):
    compiled = compile_pattern(source, flags)
    is_ours = sys._getframe(1).f_globals["__name__"].startswith("genesis_mcp")
    return Watched(compiled) if is_ours else compiled


def main():
    re.compile = watched
    from benchmarks.hostile_text import PIECES, READERS
    from genesis_mcp.diagnostics.finding import find_error
    from genesis_mcp.text.clean import redraws
    from genesis_mcp.text.personal_numbers import KINDS, without_personal_numbers
    from tests.diagnostics.test_growth import PIECES as PRINTED

    readers = [*READERS.values(), redraws]
    readers.append(lambda text: without_personal_numbers(text, KINDS))
    readers.append(lambda text: find_error(stdout=text, stderr=""))
    for piece in (*PIECES.values(), *PRINTED.values()):
        for shape in {piece.replace("\n", " "), piece + "\n"}:
            text = shape * (LENGTH // len(shape) + 1)
            for read in readers:
                read(text)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
