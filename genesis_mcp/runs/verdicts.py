"""What an attempt means against the one before it. Pure functions on facts; no store, no text."""

from collections.abc import Sequence

from genesis_mcp.runs.model import Outcome, RunFacts, Verdict


def is_known(run: RunFacts) -> bool:
    """Whether it is known how a run ended: it was recorded, and its output does not doubt it."""
    return run.outcome not in (None, Outcome.UNKNOWN) and run.doubt is None


def verdict(run: RunFacts, previous: RunFacts | None) -> Verdict | None:
    """The verdict on `run`, given the run of the same spec before it in time.

    None for an event and for a run whose outcome is not known. `previous` is the nearest earlier
    run with a known outcome.
    """
    if run.kind == "event" or not is_known(run):
        return None
    if previous is None:
        return Verdict.FIRST
    if not run.failed:
        return Verdict.FIXED if previous.failed else Verdict.STILL_PASSING
    if not previous.failed:
        return Verdict.REGRESSED
    if not same_error(run, previous):
        return Verdict.NEW_ERROR
    return Verdict.NOTHING_CHANGED if same_code(run, previous) else Verdict.SAME_ERROR


def same_error(run: RunFacts, other: RunFacts) -> bool:
    """Whether two failures show the same error, values of an assertion included."""
    if run.signature is None or other.signature is None:
        return run.signature is other.signature and (run.outcome, run.exit_code) == (
            other.outcome,
            other.exit_code,
        )
    return run.signature.exact == other.signature.exact


def same_code(run: RunFacts, other: RunFacts) -> bool:
    """Whether two runs ran the same code, as far as it was recorded."""
    return run.code_hash is not None and run.code_hash == other.code_hash


def same_error_streak(attempts: Sequence[RunFacts]) -> int:
    """How many of the newest attempts (given newest first) fail with one and the same error."""
    count = 0
    for attempt in attempts:
        if not attempt.failed or not same_error(attempt, attempts[0]):
            break
        count += 1
    return count


def flaky_code(attempts: Sequence[RunFacts]) -> str | None:
    """The code that both passed and failed, if there is one; never guessed without code."""
    outcomes: dict[str, set[bool]] = {}
    for attempt in attempts:
        if attempt.code_hash and is_known(attempt):
            outcomes.setdefault(attempt.code_hash, set()).add(attempt.failed)
    return next((code for code, seen in outcomes.items() if len(seen) > 1), None)
