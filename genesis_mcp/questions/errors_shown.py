"""The errors of failures as answers show them: read anew where needed, quoted, grouped."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from genesis_mcp.answers.quoting import Passage, next_lines
from genesis_mcp.answers.readable import readable, shown_line
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.remembered import Reading, read_once, readings
from genesis_mcp.runs.model import READ_FIELDS, Outcome, Run, RunFacts, Signature
from genesis_mcp.runs.query import Failure
from genesis_mcp.runs.signing import find, is_current, is_current_version, sign
from genesis_mcp.runs.test_facts import is_read, told_of_tests
from genesis_mcp.stores.asking import Fetch
from genesis_mcp.stores.contract import ReadsAtOnce
from genesis_mcp.text.clean import redraws

if TYPE_CHECKING:  # a model: slow to make, and recording needs none
    from genesis_mcp.answers import Quoting

SIGNED_BYTES = 16 * 1024
"""Bytes of each text from which the signature of another writer's row is made when it is read."""

SIGNED_MAX = 200
"""Rows signed while reading, the newest ones; each costs the transfer of its texts."""

READ_WHOLE_MAX = 20
"""Of them those whose ends show no error and whose texts are read whole."""

PASSES_READ = 20
"""Passes of other writers, the newest ones, of which is read whether their output contradicts
them."""

PASS_BYTES = 4 * 1024
"""Bytes of each text of such a pass: a summary stands at an end."""

IDLE_CHARS = 4_000
"""Characters that a runner's header and advice have at most, about."""

LOCATION_CHARS_MAX = 80
"""Characters shown of a location."""


def signed(store: ReadsAtOnce, runs: Sequence[RunFacts]) -> list[RunFacts]:
    """The same runs; what nobody read, or an older version did, is read now.

    Of failures the error and the tests; what has a signature is not read again for its tests. Of
    the first PASSES_READ passes whether their output contradicts them.
    """
    failed, passed = _unread(runs)
    ask_ahead(store, *signing_wanted(store, runs))
    found = _read_failures(store, failed) | read_once(
        store,
        passed,
        lambda run_ids: map(sign, store.fetch(run_ids, text_bytes=PASS_BYTES)),
    )
    return [_with_read(run, found.get(run.run_id)) for run in runs]


def signing_wanted(store: ReadsAtOnce, runs: Sequence[RunFacts]) -> list[Fetch]:
    """What `signed` will ask, but for the few texts that it reads whole."""
    return [
        Fetch(missing, text_bytes)
        for run_ids, text_bytes in zip(_unread(runs), (SIGNED_BYTES, PASS_BYTES), strict=True)
        if (missing := _missing(store, run_ids))
    ]


def _unread(runs: Sequence[RunFacts]) -> tuple[list[str], list[str]]:
    """The failures, and the passes, that are read when they are shown."""
    failed = [run.run_id for run in runs if run.failed and not is_current(run.signature)]
    passed = [run.run_id for run in runs if run.outcome == Outcome.PASSED and not is_read(run)]
    return failed[:SIGNED_MAX], passed[:PASSES_READ]


def _missing(store: ReadsAtOnce, run_ids: Sequence[str]) -> tuple[str, ...]:
    known = readings(store, run_ids)
    return tuple(run_id for run_id in run_ids if run_id not in known)


def _with_read(run: RunFacts, read: Reading | None) -> RunFacts:
    """The run with what was read of its texts."""
    if read is None:
        return run
    names = READ_FIELDS if isinstance(run, Run) else (set(READ_FIELDS) - {"tests"})
    return replace(run, **{name: read[name] for name in names})


def signed_one(store: ReadsAtOnce, run: RunFacts | None) -> RunFacts | None:
    """`signed` for one run or none."""
    return signed(store, [run])[0] if run else None


def signatures_of(store: ReadsAtOnce, run_ids: Sequence[str]) -> dict[str, Signature]:
    """Signatures made from the texts of failures, of the first SIGNED_MAX of them."""
    read = _read_failures(store, run_ids)
    return {run_id: one["signature"] for run_id, one in read.items() if one["signature"]}


def _read_failures(store: ReadsAtOnce, run_ids: Sequence[str]) -> dict[str, Reading]:
    return read_once(store, run_ids[:SIGNED_MAX], lambda some: map(sign, _read(store, some)))


def _read(store: ReadsAtOnce, run_ids: Sequence[str]) -> list[Run]:
    """Failures with the ends of their texts, whole where those show no error."""
    runs = store.fetch(run_ids, text_bytes=SIGNED_BYTES)
    unread = [run.run_id for run in runs if _is_in_between(run)][:READ_WHOLE_MAX]
    whole = {run.run_id: run for run in store.fetch(unread)} if unread else {}
    return [whole.get(run.run_id, run) for run in runs]


def _is_in_between(run: Run) -> bool:
    """Whether the ends of long texts show no error, which then may stand between them."""
    if max(run.stdout_bytes, run.stderr_bytes) <= SIGNED_BYTES:
        return False
    found = find(run)
    return not (found and found.is_error)


def error_line(signature: Signature | None) -> str | None:
    """The error in one line, such as `ValueError: esperado 4, veio 5`."""
    if signature is None:
        return None
    prefix = f"{signature.type}: " if signature.type else ""
    return shown_line(prefix + signature.message)


def error_location(signature: Signature | None) -> str | None:
    """Where the error arose, such as `soma.py:3`."""
    if signature is None or signature.location is None:
        return None
    location = shown_line(signature.location, LOCATION_CHARS_MAX * 4)
    if len(location) <= LOCATION_CHARS_MAX:
        return location
    # The end of a long path tells more than its head.
    return "…" + location[-LOCATION_CHARS_MAX:]


def rerun_of(run: Run) -> str | None:
    """The line for a shell that runs only what failed; None where it cannot be told, or shown."""
    if run.tests is None or not run.context:
        return None
    from genesis_mcp.runs.rerunning import rerun_command

    line = rerun_command(run.context.get("command"), run.tests)
    return line if line and readable(line) == line else None


def quote(run: Run, limit: int, *, is_whole: bool = True) -> "Quoting | None":
    """The text that shows why a run failed, or what it printed; None when it printed nothing.

    `is_whole`: its texts are all that the store has.
    """
    from genesis_mcp.answers import Quoting
    from genesis_mcp.diagnostics.idle_lines import idle_lines
    from genesis_mcp.diagnostics.prefixes import shown
    from genesis_mcp.questions.failing_code import failing_lines

    texts = {"stderr": run.stderr, "stdout": run.stdout, "message": run.message or ""}
    tests = run.tests if is_read(run) else told_of_tests(run).get("tests")
    found = find(run, tests) if run.failed else None
    printed = next((stream for stream, text in texts.items() if text.strip()), None)
    stream = found.stream if found and found.stream != "message" else printed
    if stream is None:
        return None
    focus = found.line_number if found and found.stream == stream else None
    has_head = not run.tests_failed  # a runner's header tells nothing of what failed
    text = shown(readable(texts[stream]).rstrip())
    is_nearly_whole = not has_head and len(text) <= limit + IDLE_CHARS
    idle = idle_lines(text) if is_nearly_whole else ()
    passage = Passage(text, limit, focus, has_head, idle)
    others = [name for name in ("stderr", "stdout") if name != stream and texts[name].strip()]
    return Quoting(
        run_id=run.run_id,
        stream=stream,
        text=passage,
        other_text=next_lines(run.run_id, others[0], 1, None) if others else None,
        whole=next_lines(run.run_id, stream, 1, None) if passage.is_cut else None,
        kept=_kept(run, stream) if passage.is_cut and is_whole else None,
        redraws=redraws(texts[stream]) or None,
        code=failing_lines(run, found),
    )


def _kept(run: Run, stream: str) -> str | None:
    written = getattr(run, f"{stream}_bytes")
    kept = len((getattr(run, stream) or "").encode())
    return f"{kept:,} of {written:,} bytes" if kept < written else None


def keys_wanted(store: ReadsAtOnce, failures: Sequence[Failure]) -> list[Fetch]:
    """What `error_keys` will ask, as `signing_wanted`."""
    run_ids = _missing(store, _unsigned(failures)[:SIGNED_MAX])
    return [Fetch(run_ids, SIGNED_BYTES)] if run_ids else []


def _unsigned(failures: Sequence[Failure]) -> list[str]:
    return [one.run_id for one in failures if not is_current_version(one.signature_version)]


def error_keys(store: ReadsAtOnce, failures: Sequence[Failure]) -> dict[str, str]:
    """The error of each failure as a key: equal keys show the same error.

    Of those that nobody signed, what comes after SIGNED_MAX stands alone.
    """
    signatures = signatures_of(store, _unsigned(failures))
    keys: dict[str, str] = {}
    for one in failures:
        signature = signatures.get(one.run_id)
        stored = one.signature_group if is_current_version(one.signature_version) else None
        keys[one.run_id] = (signature.group if signature else stored) or one.run_id
    return keys
