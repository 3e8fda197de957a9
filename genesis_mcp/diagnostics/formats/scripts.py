"""Recognisers of the errors of Ruby, PHP, Lua, Perl, R, Tcl and Elixir, and of their test runners.

Shells stand with the plain errors; Python and JavaScript have modules of their own.
"""

import re
from dataclasses import replace
from re import Match, Pattern

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.recogniser import (
    TYPE_NAME,
    Frame,
    Hit,
    Lines,
    join_until,
    own_frame,
    with_cause,
)
from genesis_mcp.text.pattern import pattern

_RUBY_HEAD = pattern(
    r"(?P<file>(?:\.{0,2}/|[A-Za-z]:[\\/])[^:]*|[^\s:]+|<internal:[^>]+>)"
    r":(?P<line>\d+):(?:in [`'](?:[^']|'(?!:))*':)?"
    r" (?P<message>.+)$"
)
_RUBY_TYPE = pattern(r"(.*) \(([A-Z][\w:]*)\)$")
_RUBY_FRAME = pattern(r"(?:# |\s+(?:from )?(?:# )?)(\S[^:]*|<internal:[^>]+>):(\d+)(?::in |$)")
_MINITEST = pattern(r"\s*\d+\) (?:Failure|Error):$")
_MINITEST_PLACE = pattern(r".*\[(.+):(\d+)\]:$")
_CARETS = pattern(r"\s*\^+$")
_RSPEC_CODE = pattern(r"\s*(?:[\d.]+\) )?Failure/Error: ")
_RSPEC_NEXT = pattern(r"\s*\d+(?:\.\d+)*\) ")
_RSPEC_TYPE = pattern(r"\s*(?!Diff:)([A-Z][\w:]*):$")
_RSPEC_END = pattern(r"\s*(?:# |\(compared using|Diff:)")

_PHP = pattern(
    r"(?:PHP )?(?:Fatal|Parse|Compile|Core|Recoverable fatal|Catchable fatal) error: ++"
    r"(?!exception )"
    r"(?:Uncaught (?:exception ')?([\w\\]+)'?(?:: | with message ))?(.*)$"
)
_PHP_WARNING = pattern(r"(?:PHP )?Warning: ++(.+)")
_PHP_PLACE = pattern(r" in (\S+\.\w+)(?: on line |:)(\d+)$")
_PHP_NEXT = pattern(r"Next ([\w\\]+): (.*)$")
_PHP_STACK = pattern(r"Stack trace:|#\d+ |\s+thrown in ")
_PHP_THROWN = pattern(r"\s+thrown in ")
_PHP_FRAME = pattern(r"#\d+ (\S.*)\((\d+)\): ")
_PHPUNIT = pattern(r"\d+\) [\w\\]+::\w+| ✘ \S")
_PHPUNIT_PLACE = pattern(r"(\S.*\.php):(\d+)$")

_LUA = pattern(r"(?:\S*lua\S*: )?([^\s:]+):(\d+): (.+)")
_LUA_SYNTAX = pattern(r"(?:\S*/)?lua[\w.]*: (\S+\.lua):(\d+): (.+)")
_BUSTED = pattern(r"(?:Failure|Error) (?:->|→) (\S+) @ (\d+)$")
_PERL = pattern(
    r"(?:#\s+)?(.*?)\s*\bat (\S+) line (\d+)(?:, <\w*> (?:line|chunk) \d+)?(?:, near .*)?\.?$"
)
_PERL_TEST = pattern(r"\s*#\s+Failed test\b")
_R = pattern(r"Error(?: in (?:.*?\S) ?)?: ?(.*)$")
_TCL_STACK = pattern(r"    (?:while executing|invoked from within|while compiling)$")
_TCL_FILE = pattern(r'    \(file "(.+)" line (\d+)\)$')
_ELIXIR = pattern(r"\s*\*\* \(([A-Z][\w.]*)\) (?:(\S+\.exs?):(\d+): )?(.*)$")
_ELIXIR_FRAME = pattern(r"\s+(\S+\.exs?):(\d+): ")
_EX_UNIT = pattern(r"\s+\d+\) test .* \(.+\)$")
_EX_UNIT_END = pattern(r"\s+(?:code|stacktrace):")

SHOWN_SOURCE = 2
"""Lines in which Ruby shows the source of an error: the code and what marks a part of it."""
FRAME_REACH = 60
"""Lines below an error in which its frames are looked for."""


def find_ruby_error(lines: Lines) -> Hit | None:
    """The first headline `file:line:in 'method': message (Type)`; the frames stand below it."""
    for index, line in enumerate(lines):
        head = _RUBY_HEAD.match(line) if ":in " in line or "syntax error" in line else None
        if head and not line.lstrip().startswith(("from ", "# ")):
            typed = _RUBY_TYPE.match(head["message"])
            if typed or "syntax error" in head["message"]:
                frames = [Frame(head["file"], int(head["line"])), *_ruby_frames(lines, index + 1)]
                message, name = typed.groups() if typed else (head["message"], "SyntaxError")
                return Hit(line_number=index, type=name, message=message, frame=own_frame(frames))
    return None


def _ruby_frames(lines: Lines, start: int) -> list[Frame]:
    frames = map(_RUBY_FRAME.match, lines[start : start + FRAME_REACH])
    return [Frame(frame[1], int(frame[2])) for frame in frames if frame]


def find_minitest_failure(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines[:-2]):
        if _MINITEST.match(line):
            place = _MINITEST_PLACE.match(lines[index + 1])
            if place:
                message = join_until(lines, index + 2, pattern(r"$"), limit=20)
                frame = Frame(place[1], int(place[2]))
                return Hit(line_number=index + 2, message=message, frame=frame)
            name, _, message = lines[index + 2].strip().partition(": ")
            frames = _frames_of_paragraph(lines, index + 3)
            return Hit(line_number=index + 2, type=name, message=message, frame=own_frame(frames))
    return None


def _frames_of_paragraph(lines: Lines, start: int) -> list[Frame]:
    """The frames up to an empty line; before them Ruby may show the line of source, and mark it."""
    shown = next((i for i in range(start, len(lines)) if _RUBY_FRAME.match(lines[i])), start)
    between = [line for line in lines[start:shown] if line.strip()]
    start = shown if len(between) == SHOWN_SOURCE and _CARETS.match(between[-1]) else start
    stop = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    return _ruby_frames(lines[start:stop], 0)


def find_rspec_failure(lines: Lines) -> Hit | None:
    """The first failure: an exception has its type on a line above its message."""
    for index, line in enumerate(lines):
        if _RSPEC_CODE.match(line):
            below = _to_next(lines[index + 1 : index + 1 + FRAME_REACH], _RSPEC_NEXT)
            typed = next(
                ((i, m) for i, part in enumerate(below) if (m := _RSPEC_TYPE.match(part))), None
            )
            start = index + 2 + typed[0] if typed else index + 1
            message = join_until(lines, start, _RSPEC_END, limit=20)
            frames = [f for f in _ruby_frames(below, 0) if f.file.endswith(".rb")]
            return Hit(
                line_number=start - 1 if typed else _next_text(lines, start),
                type=typed[1][1] if typed else None,
                message=message,
                frame=own_frame(frames),
            )
    return None


def _to_next(lines: Lines, pattern: Pattern[str]) -> Lines:
    stop = next((i for i, line in enumerate(lines) if pattern.match(line)), len(lines))
    return lines[:stop]


def _next_text(lines: Lines, start: int) -> int:
    return next((i for i in range(start, len(lines)) if lines[i].strip()), start - 1)


def find_php_error(lines: Lines) -> Hit | None:
    """The first fatal error: of a chain, which begins with its cause, the one thrown at last."""
    index, found = next(
        ((i, m) for i, line in enumerate(lines) if (m := _PHP.match(line))), (0, None)
    )
    if not found:
        return None
    thrown = _php_exception(lines, index, found)
    cause = None
    for below in range(index + 1, len(lines)):
        if _PHP.match(lines[below]) or _PHP_THROWN.match(lines[below]):
            break
        if following := _PHP_NEXT.match(lines[below]):
            cause, thrown = thrown, _php_exception(lines, below, following)
    if cause is None:
        return thrown
    return replace(thrown, message=with_cause(thrown.message, (cause.type, cause.message)))


def _php_exception(lines: Lines, index: int, head: Match[str]) -> Hit:
    """One exception; its message may go over lines up to the stack, and ends in the place."""
    message = head[2]
    if head[1] and not _PHP_PLACE.search(message):
        message = f"{message} {join_until(lines, index + 1, _PHP_STACK, limit=20)}"
    place = _PHP_PLACE.search(message)
    frames = [Frame(place[1], int(place[2]))] if place else []
    for line in lines[index + 1 : index + 1 + FRAME_REACH]:
        if _PHP_NEXT.match(line):
            break
        if frame := _PHP_FRAME.match(line):
            frames.append(Frame(frame[1], int(frame[2])))
    message = message[: place.start()] if place else message
    return Hit(line_number=index, type=head[1], message=message, frame=own_frame(frames))


def find_php_warning(lines: Lines) -> Hit | None:
    """The last warning of PHP: the nearest to where the script gave up."""
    for index in range(len(lines) - 1, -1, -1):
        if (found := _PHP_WARNING.match(lines[index])) and (place := _PHP_PLACE.search(found[1])):
            frame = Frame(place[1], int(place[2]))
            return Hit(line_number=index, message=found[1][: place.start()], frame=frame)
    return None


def find_phpunit_failure(lines: Lines) -> Hit | None:
    """The first numbered failure: its message, an empty line, and the places."""
    for index, line in enumerate(lines):
        if _PHPUNIT.match(line):
            # With --testdox the lines stand behind a bar.
            below = [part.lstrip(" │├") for part in lines[index + 1 : index + 1 + FRAME_REACH]]
            places = [Frame(m[1], int(m[2])) for m in map(_PHPUNIT_PLACE.match, below) if m]
            message = join_until(below, 0, _PHPUNIT_PLACE, limit=20)
            named = re.match(rf"([\w\\]*?{TYPE_NAME}): (.+)", message)
            name, message = (named[1], named[2]) if named else (None, message)
            return Hit(line_number=index + 1, type=name, message=message, frame=own_frame(places))
    return None


def find_lua_error(lines: Lines) -> Hit | None:
    """The line above `stack traceback:`; a missing module lists where it was looked for first.

    A file that Lua cannot read has one line and no stack.
    """
    end = next((i for i, line in enumerate(lines) if line.startswith("stack traceback:")), 0)
    for index in range(end - 1, max(-1, end - FRAME_REACH), -1):
        if found := _LUA.match(lines[index]):
            frame = Frame(found[1], int(found[2]))
            return Hit(line_number=index, message=found[3], frame=frame)
    for index, line in enumerate(lines):
        if found := _LUA_SYNTAX.match(line):
            frame = Frame(found[1], int(found[2]))
            return Hit(line_number=index, message=found[3], frame=frame)
    return None


def find_busted_failure(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _BUSTED.match(line):
            for below in range(index + 1, min(index + 5, len(lines))):
                if place := _LUA.match(lines[below]):
                    rest = join_until(lines, below + 1, pattern(r"$|stack traceback"), limit=8)
                    message = f"{place[3]} {rest}"
                    frame = Frame(place[1], int(place[2]))
                    return Hit(line_number=below, message=message, frame=frame)
            frame = Frame(found[1], int(found[2]))
            return Hit(
                line_number=index,
                message=join_until(lines, index + 1, pattern("$"), 5),
                frame=frame,
            )
    return None


def find_perl_error(lines: Lines) -> Hit | None:
    """The first message that Perl died with, which ends in its place: `... at x.pl line 3.`."""
    for index, line in enumerate(lines):
        if " line " in line and "at " in line and (found := _PERL.match(line)):
            message = found[1]
            if not message or message == "#":
                continue
            return Hit(line_number=index, message=message, frame=Frame(found[2], int(found[3])))
    return None


def find_perl_test(lines: Lines) -> Hit | None:
    """The first failure of Test::More: what failed, where, what came and what was expected."""
    for index, line in enumerate(lines):
        if _PERL_TEST.match(line):
            block: list[str] = []
            for part in lines[index : index + 8]:
                if not part.lstrip().startswith("#") or (block and _PERL_TEST.match(part)):
                    break
                block.append(part.strip(" #"))
            places = map(_PERL.match, (f" {part}" for part in block))
            place = next((Frame(p[2], int(p[3])) for p in places if p), None)
            message = " ".join(part for part in block if not part.startswith("at "))
            return Hit(line_number=index, message=message, frame=place)
    return None


def find_r_error(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _R.match(line):
            below = lines[index + 1].strip() if index + 1 < len(lines) else ""
            return Hit(line_number=index, message=found[1] or below)
    return None


def find_tcl_error(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if _TCL_STACK.match(line) and index:
            below = map(_TCL_FILE.match, lines[index : index + FRAME_REACH])
            place = next((Frame(m[1], int(m[2])) for m in below if m), None)
            return Hit(line_number=index - 1, message=lines[index - 1], frame=place)
    return None


def find_elixir_error(lines: Lines) -> Hit | None:
    """An exception, whose frames of libraries have their library in front; or a failed test."""
    for index, line in enumerate(lines):
        if found := _ELIXIR.match(line):
            frames = [Frame(found[2], int(found[3]))] if found[2] else _elixir_frames(lines, index)
            return Hit(line_number=index, type=found[1], message=found[4], frame=own_frame(frames))
        if _EX_UNIT.match(line) and index + 2 < len(lines):  # a run that was killed may end here
            message = join_until(lines, index + 2, _EX_UNIT_END, limit=5)
            if "** (" not in message:
                frame = own_frame(_elixir_frames(lines, index))
                return Hit(line_number=index + 2, message=message, frame=frame)
    return None


def _elixir_frames(lines: Lines, start: int) -> list[Frame]:
    frames = map(_ELIXIR_FRAME.match, lines[start + 1 : start + 1 + FRAME_REACH])
    return [Frame(frame[1], int(frame[2])) for frame in frames if frame]


RECOGNISERS = (
    Format(name="minitest", hints=(") Failure:", ") Error:"), find=find_minitest_failure),
    Format(name="rspec", hints=("Failure/Error: ",), find=find_rspec_failure),
    Format(name="ruby", hints=(":in `", ":in '", ": syntax error"), find=find_ruby_error),
    Format(
        name="php",
        hints=("Fatal error: ", "Parse error: ", "atal error: "),
        find=find_php_error,
        examples=(
            Example(
                "Fatal error: Uncaught PDOException: SQLSTATE[42S02]: no such table in /w/Db.php:8"
                "\nStack trace:\n#0 /w/src/Caixa.php(12): Db->query()\n#1 {main}\n\n"
                "Next App\\CaixaFechado: sem caixa: in /w/src/Caixa.php:14\nStack trace:\n"
                "#0 /w/index.php(3): Caixa->abrir()\n#1 {main}\n\n"
                "Next RuntimeException: dia sem caixa in /w/index.php:5\nStack trace:\n#0 {main}\n"
                "  thrown in /w/index.php on line 5\n",
                "dia sem caixa <- App\\CaixaFechado: sem caixa:",
                "/w/index.php:5",
                "RuntimeException",
            ),
            Example(
                "PHP Fatal error:  Uncaught LogicException: dois motivos:\n- sem saldo\n- sem "
                "limite in /w/conta.php:21\nStack trace:\n#0 /w/index.php(9): sacar(90)\n"
                "#1 {main}\n  thrown in /w/conta.php on line 21\n",
                "dois motivos: - sem saldo - sem limite",
                "/w/conta.php:21",
                "LogicException",
            ),
        ),
    ),
    Format(name="phpunit", hints=("PHPUnit ",), find=find_phpunit_failure),
    Format(name="busted", hints=("Failure -> ", "Error -> ", "→ "), find=find_busted_failure),
    Format(name="lua", hints=("stack traceback:", "lua"), find=find_lua_error),
    Format(name="elixir", hints=("** (", ") test "), find=find_elixir_error),
    Format(name="tcl", hints=("while executing", "invoked from within"), find=find_tcl_error),
    Format(name="r", hints=("Execution halted",), find=find_r_error),
    Format(name="perl test", hints=("Failed test",), find=find_perl_test),
)
"""Perl's own errors look like many a sentence: they come after the named errors."""
