"""What the ClickHouse driver and engine raise, as errors in our words."""

import logging

from genesis_mcp.errors import (
    GenesisError,
    SchemaMismatch,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.stores import tls

_LOGGER = logging.getLogger(__name__)

NO_TABLE = (
    'ClickHouse has no table for the logs yet: run "genesis-mcp init" with an account that may '
    "create it, or check the database in the store's URL."
)
NOT_OURS = (
    "ClickHouse's table of logs lacks columns of the documents; configure another database, or "
    'run "genesis-mcp init" for one that has no table.'
)
PLAIN_TABLE = (
    "ClickHouse's table has only the documents' columns, so runs of ours cannot be recorded "
    'there; run "genesis-mcp init" to add what is missing. Its rows stay as they are.'
)
DISTRIBUTED = (
    "ClickHouse's table is a Distributed one, of which nothing can be deleted or changed: give the "
    "command the database of the shards' own tables, on a server of each shard."
)
TOO_SLOW = (
    "ClickHouse did not answer within the time limit; ask for less, such as a shorter time, or "
    "raise the limit."
)
SILENT = (
    "ClickHouse did not answer within the time limit: the server takes connections and stays "
    "silent. It may be overloaded or stopped; repeat the call when it works again."
)
NO_ANSWER = (
    "ClickHouse did not answer within the time limit. Either it is overloaded or stopped: repeat "
    "the call later; or this takes too long: ask for less, such as a shorter time."
)
UNREACHABLE = (
    "ClickHouse cannot be reached: nothing answers at the store's host and port. Check that it "
    "runs, and the URL; then repeat the call."
)
UNKNOWN_HOST = "ClickHouse cannot be reached: the name of the store's host is not known here."
BROKEN_OFF = "ClickHouse broke off the connection; repeat the call in a moment."
NO_CLICKHOUSE = (
    "What answers at the store's host and port is not ClickHouse's HTTP interface; check the port "
    "(8123, or 8443 with TLS) and whether the URL needs secure=true."
)
BY_TLS = tls.Peer(
    name="ClickHouse",
    authority="ca_cert in the store's URL",
    own="client_cert and client_cert_key in the store's URL",
    with_tls="TLS: write clickhouses:// and its port, 8443 unless it was changed",
    without_tls=(
        "check the port (8443 with TLS, 8123 without), or write clickhouse:// without secure=true"
    ),
)
REFUSED_LOGIN = "ClickHouse refused the login; check user and password in the store's URL."
NO_READING = (
    "The ClickHouse account may not read the table of logs; grant it SELECT on the table "
    "(docs/clickhouse.md)."
)
NO_WRITING = (
    "The ClickHouse account may only read the logs, so nothing can be recorded or changed; "
    "docs/clickhouse.md has the rights of a writer."
)
SETTINGS_REFUSED = (
    "The ClickHouse account's profile refuses a setting that this call needs; "
    "docs/clickhouse.md has a profile that works."
)
NO_MEMORY = (
    "ClickHouse needed more memory for this than it may use; ask for less, such as a shorter time."
)
OVER_LIMIT = (
    "The call goes beyond the limits of the ClickHouse account; ask for less, such as a shorter "
    "time."
)
OVER_QUOTA = "The ClickHouse account has used up its quota; repeat the call later."
BUSY = "ClickHouse has too much to do; repeat the call in a moment."
FULL = "ClickHouse has no room on its disk; free some or prune old runs, then repeat the call."
SERVER_READ_ONLY = "ClickHouse holds its table read-only at the moment; repeat the call later."
DAMAGED = (
    "ClickHouse cannot read what it stored: files of its table are damaged or missing. Restore the "
    "table from a backup or a replica (docs/operations.md)."
)
CHANGED = (
    "ClickHouse's table has changed while it was in use, or lacks a column; repeat the call, and "
    'if that fails too, run "genesis-mcp init".'
)
TOO_OLD = "This version of ClickHouse lacks a function that is needed; 24.8 or newer has it."
REFUSED_ROWS = "ClickHouse refused the runs: a constraint of its table does not admit them."
CANNOT_OPEN = (
    "The embedded ClickHouse's directory cannot be opened: another process has it open (one at a "
    "time can; for several use a server), this process has another one open, or it cannot be read."
)
NO_CHDB = 'The embedded ClickHouse needs the package chdb: "pip install chdb".'
UNKNOWN = (
    "ClickHouse failed in an unforeseen way; the log of genesis-mcp on stderr names the error."
)

_FAULTS: dict[int, tuple[type[GenesisError], str]] = {
    **dict.fromkeys((60, 81), (StoreUnavailable, NO_TABLE)),
    **dict.fromkeys((10, 16, 47, 8, 36), (SchemaMismatch, CHANGED)),
    **dict.fromkeys((46, 62, 115), (SchemaMismatch, TOO_OLD)),
    **dict.fromkeys((159, 160, 394), (StoreTimeout, TOO_SLOW)),
    **dict.fromkeys((192, 193, 194, 516), (StoreUnavailable, REFUSED_LOGIN)),
    **dict.fromkeys((158, 307, 396), (StoreError, OVER_LIMIT)),
    **dict.fromkeys((202, 252, 425), (StoreUnavailable, BUSY)),
    **dict.fromkeys((209, 210, 279), (StoreUnavailable, BROKEN_OFF)),
    **dict.fromkeys((33, 40, 74, 76, 107, 246, 271, 432), (SchemaMismatch, DAMAGED)),
    164: (StoreError, SETTINGS_REFUSED),
    201: (StoreUnavailable, OVER_QUOTA),
    241: (StoreError, NO_MEMORY),
    242: (StoreUnavailable, SERVER_READ_ONLY),
    243: (StoreUnavailable, FULL),
    452: (StoreError, SETTINGS_REFUSED),
    469: (StoreError, REFUSED_ROWS),
    497: (StoreUnavailable, NO_READING),
}
"""Codes of ClickHouse (src/Common/ErrorCodes.cpp)."""

_NO_RIGHT = {164, 497}

_BY_CAUSE: tuple[tuple[str, type[GenesisError], str], ...] = (
    ("NameResolutionError", StoreUnavailable, UNKNOWN_HOST),
    ("gaierror", StoreUnavailable, UNKNOWN_HOST),
    ("ReadTimeoutError", StoreTimeout, SILENT),
    ("TimeoutError", StoreTimeout, SILENT),
    ("ConnectTimeoutError", StoreUnavailable, UNREACHABLE),
    ("NewConnectionError", StoreUnavailable, UNREACHABLE),
    ("ConnectionRefusedError", StoreUnavailable, UNREACHABLE),
    ("IncompleteRead", StoreUnavailable, BROKEN_OFF),
    ("RemoteDisconnected", StoreUnavailable, BROKEN_OFF),
    ("ConnectionResetError", StoreUnavailable, BROKEN_OFF),
    ("BrokenPipeError", StoreUnavailable, BROKEN_OFF),
    ("_IncompleteResponseError", StoreUnavailable, BROKEN_OFF),
    ("ProtocolError", StoreUnavailable, BROKEN_OFF),
    ("StreamFailureError", StoreUnavailable, BROKEN_OFF),
    ("StreamCompleteException", StoreUnavailable, BROKEN_OFF),
    ("BadStatusLine", StoreUnavailable, NO_CLICKHOUSE),
)
"""Kinds of error along a chain of causes, the first that fits. By name: importing them costs the
driver's start-up."""

_HUNG_UP = {"RemoteDisconnected", "ConnectionResetError", "BrokenPipeError"}


def translate(error: Exception, *, writing: bool, knew_limit: bool = True) -> GenesisError:
    """An error of ours for one of the driver, whose text goes nowhere.

    `knew_limit`: the server was told how long the call may take, so that one which works would have
    ended it by itself, and said so.
    """
    code = getattr(error, "code", None)
    chain = _chain(error)
    kinds = [type(one).__name__ for one in chain]
    _LOGGER.warning("ClickHouse store: %s, code %s", " < ".join(kinds), code)
    if writing and (code in _NO_RIGHT or _is_setting_refused(error)):
        return WriteNotAllowed(NO_WRITING)
    if code in _FAULTS:
        kind, text = _FAULTS[code]
        return kind(text)
    if of_tls := [str(one) for one in chain if type(one).__name__.startswith("SSL")]:
        return tls.refusal(" ".join(("SSL", *of_tls)), BY_TLS) or StoreError(UNKNOWN)
    for name, kind, text in _BY_CAUSE:
        if name in kinds:
            return kind(NO_ANSWER if text == SILENT and not knew_limit else text)
    if code is None and kinds[0] == "DatabaseError":
        return StoreUnavailable(NO_CLICKHOUSE)
    if _is_setting_refused(error):
        return StoreError(SETTINGS_REFUSED)
    return StoreError(UNKNOWN)


def hangs_up(error: Exception) -> bool:
    """Whether the server closed the connection before it said anything."""
    return any(type(one).__name__ in _HUNG_UP for one in _chain(error))


def _is_setting_refused(error: Exception) -> bool:
    # Raised by the driver itself, before anything is sent; it has no code.
    return type(error).__name__ == "ProgrammingError" and str(error).endswith("is readonly")


def _chain(error: BaseException) -> list[BaseException]:
    """The error, what caused it, and what urllib3 keeps as the reason of its last attempt."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        reason = getattr(following, "reason", None)
        nested = reason if isinstance(reason, BaseException) else None
        following = nested or following.__cause__ or following.__context__
    return chain
