"""How package managers print what they cannot do: pip, uv, poetry, npm, pnpm, yarn, cargo."""

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.recogniser import Hit, Lines, with_cause
from genesis_mcp.text.pattern import pattern

_ERROR = pattern(r"(?:error|Error): (.+)")
_CAUSE = pattern(r"\s+(?:\d+: )?(\S.*)")


def find_causes(lines: Lines) -> Hit | None:
    """The first error with a list of causes below, as cargo and many programs in Rust print it."""
    head: int | None = None
    cause = ""
    for index, line in enumerate(lines):
        if _ERROR.match(line):
            if cause:
                break
            head = index
        elif line == "Caused by:":
            for below in lines[index + 1 :]:
                if not (found := _CAUSE.match(below)):
                    break
                cause = found[1]
    error = _ERROR.match(lines[head]) if head is not None else None
    if head is None or not error or not cause:
        return None
    return Hit(line_number=head, message=with_cause(error[1], (None, cause)))


_YARN_NOTES = "0000|0002|0005|0006|0007|0008|0013|0019|0032|0050|006\\d|0076|008\\d"

FORMATS: tuple[Format, ...] = (
    Format(
        name="pip",
        hints=("ERROR: ",),
        start=r"\s*ERROR: (?P<message>(?:Cannot install|No matching distribution|Failed building"
        r"|Could not build|Invalid requirement|Could not install|Package '|Directory '"
        r"|[\w.-]+ \S+ (?:has requirement|requires)).*)",
        examples=(
            Example(
                "ERROR: Could not find a version that satisfies the requirement fila (from "
                "versions: none)\nERROR: No matching distribution found for fila\n",
                "No matching distribution found for fila",
            ),
            Example(
                "ERROR: Cannot install a==2.0 and b==4.2 because these package versions have "
                "conflicting dependencies.\n\nERROR: ResolutionImpossible: for help visit x\n",
                "Cannot install a==2.0 and b==4.2 because these package versions have conflicting "
                "dependencies.",
            ),
        ),
    ),
    Format(
        name="pip build",
        hints=(" error: ",),
        start=r"\s+error: (?P<message>.+)\n\s*\[end of output\]",
        examples=(
            Example(
                "  × Preparing metadata (pyproject.toml) did not run successfully.\n"
                "  ╰─> [2 lines of output]\n      creating x.egg-info\n"
                "      error: invalid command 'bdist_wheel'\n      [end of output]\n\n"
                "error: metadata-generation-failed\n\n"
                "× Encountered error while generating package metadata.\n",
                "invalid command 'bdist_wheel'",
            ),
        ),
    ),
    Format(
        name="uv",
        hints=("╰─▶ ",),
        start=r"\s*╰─▶ (?P<message>.+)",
        goes_on=r"\s{4,}(?!╰|hint)\S",
        pick="last",
        examples=(
            Example(
                "  × No solution found when resolving dependencies:\n  ╰─▶ Because a==4.2 depends "
                "on c>=3, we can conclude that a==4.2\n      is unsatisfiable.\n",
                "Because a==4.2 depends on c>=3, we can conclude that a==4.2 is unsatisfiable.",
            ),
        ),
    ),
    Format(
        name="pnpm",
        hints=("ERR_PNPM_",),
        start=r"\s*(?P<code>ERR_PNPM_(?!RECURSIVE_RUN|RECURSIVE_EXEC|LIFECYCLE)\w+)\s+(?P<message>.+)",
        examples=(
            Example(
                ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"\n',
                'Cannot install with "frozen-lockfile"',
                None,
                "ERR_PNPM_OUTDATED_LOCKFILE",
            ),
        ),
    ),
    Format(
        name="yarn",
        hints=("➤ YN",),
        start=rf"➤ (?P<code>YN(?!{_YARN_NOTES})\d{{4}}): [│┌└·]?\s*(?P<message>\S.*)",
        examples=(
            Example(
                "➤ YN0000: ┌ Resolution step\n➤ YN0035: │ nada@npm:^9.9.9: Package not found\n"
                "➤ YN0035: │   Response Code: 404 (Not Found)\n"
                "➤ YN0000: · Failed with errors in 0s 530ms\n",
                "nada@npm:^9.9.9: Package not found",
                None,
                "YN0035",
            ),
        ),
    ),
    Format(name="caused by", hints=("Caused by:\n",), find=find_causes),
)
