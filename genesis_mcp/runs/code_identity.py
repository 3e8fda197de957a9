"""What `code_hash` says of the code of a run: a text's hash, or a commit and what differs from it.

Equal identities are the same code, as far as anybody recorded it; what is not known equals nothing.
"""

_GIT = "git:"
"""No text's hash begins so: those are hexadecimal digits."""

COMMIT_DIGITS, SHOWN_DIGITS = 12, 7
"""Of a commit's name, what is kept and what is shown, as git abbreviates it."""


def git_identity(commit: str, changes: str | None) -> str:
    """Such as `git:1a2b3c4d5e6f+0123456789ab`; `changes` is a digest of what differs from it."""
    return f"{_GIT}{commit[:COMMIT_DIGITS]}{f'+{changes}' if changes else ''}"


def is_git(code: str | None) -> bool:
    """Whether an identity is that of a folder under git."""
    return code is not None and code.startswith(_GIT)


def in_words(code: str) -> str:
    """Such as `commit 1a2b3c4 with local changes`, of an identity that is git's."""
    commit, changes = _parts(code)
    return f"{_named(commit)}{' with local changes' if changes else ''}"


def same_in_words(code: str) -> str:
    """Such as `same commit 1a2b3c4 with the same local changes`, of an identity that is git's."""
    commit, changes = _parts(code)
    return f"same {_named(commit)}{' with the same local changes' if changes else ''}"


def changed_in_words(before: str, after: str) -> str:
    """What tells two identities apart that are git's."""
    (old, old_changes), (new, new_changes) = _parts(before), _parts(after)
    if old != new:
        return f"{in_words(before)} → {in_words(after)}"
    if old_changes and new_changes:
        return f"same {_named(old)}, other local changes"
    return f"same {_named(old)}, local changes {'gone' if old_changes else 'since'}"


def _parts(code: str) -> tuple[str, str]:
    commit, _, changes = code.removeprefix(_GIT).partition("+")
    return commit, changes


def _named(commit: str) -> str:
    return f"commit {commit[:SHOWN_DIGITS]}" if commit.strip("0") else "repository without a commit"
