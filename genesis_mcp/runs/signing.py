"""The error of a failure, found in its texts and kept beside it as its signature."""

from dataclasses import replace
from typing import TYPE_CHECKING

from genesis_mcp.runs.model import Outcome, Run, RunFacts, Signature
from genesis_mcp.runs.wording import ended

if TYPE_CHECKING:
    from genesis_mcp.diagnostics.finding import FoundError


def find(run: Run) -> "FoundError | None":
    """The error in a run's texts; None when it printed nothing.

    A run that was ended from outside failed for the reason that its recorder noted, whatever it
    had printed until then; one that a signal killed may have printed why.
    """
    from genesis_mcp.diagnostics.finding import find_error  # slow to import, and most runs pass

    if run.message and run.outcome in (Outcome.TIMEOUT, Outcome.NOT_STARTED):
        return find_error(stdout="", stderr="", message=run.message)
    if run.message and run.outcome == Outcome.KILLED:
        return find_error(stdout=run.stdout, stderr=run.stderr, guess=False) or find_error(
            stdout="", stderr="", message=run.message
        )
    return find_error(stdout=run.stdout, stderr=run.stderr, message=run.message)


def sign(run: Run) -> Run:
    """The run with the signature of its error, when it failed; without one otherwise."""
    signature = signature_of(run, find(run)) if run.failed else None
    if signature is run.signature:  # None, as nearly always: a copy would cost more
        return run
    return replace(run, signature=signature)


def sign_anew(run: Run) -> Run:
    """The run with a signature of the present version: the one that it has, if it is."""
    is_signed = is_current(run.signature) if run.failed else run.signature is None
    return run if is_signed else sign(run)


def signature_of(run: RunFacts, found: "FoundError | None") -> Signature:
    """The signature of what was found; a silent failure is known by how it ended."""
    from genesis_mcp.diagnostics.finding import SIGNATURE_VERSION, FoundError, signature_keys

    error = found or FoundError(
        type=None,
        message=f"{ended(run)}, without output",
        file=None,
        line=None,
        stream="message",
        line_number=0,
    )
    keys = signature_keys(error)
    return Signature(
        type=error.type,
        message=error.message,
        file=error.file,
        line=error.line,
        group=keys.group,
        exact=keys.exact,
        version=SIGNATURE_VERSION,
    )


def is_current(signature: Signature | None) -> bool:
    return signature is not None and is_current_version(signature.version)


def is_current_version(version: int | None) -> bool:
    """Whether a signature of this version was made as this package makes them now."""
    if version is None:
        return False
    from genesis_mcp.diagnostics.finding import SIGNATURE_VERSION

    return version == SIGNATURE_VERSION
