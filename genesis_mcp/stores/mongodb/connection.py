"""The connection to MongoDB: its URL, its client, and the driver's errors in our words."""

import logging
import re
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    InvalidName,
    InvalidOperation,
    InvalidURI,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from genesis_mcp.errors import (
    ConfigError,
    GenesisError,
    InputError,
    SchemaMismatch,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)
from genesis_mcp.stores import tls
from genesis_mcp.stores.mongodb.address import BAD_URL, Address
from genesis_mcp.stores.time_limit import USED_UP, began_at, counted, seconds_left

if TYPE_CHECKING:  # the driver has no public name for it
    from pymongo.read_preferences import _ServerMode as Preference

SELECTION_MS, CONNECT_MS = 3_000, 2_000
"""How long a server is looked for where one was met; connecting takes less, so that the reason is
known by then."""

CONNECT_SHARE = 3
"""Connecting may take this part of a longer time limit: the way to the server may be slow."""

REST_SECONDS = 1.0
"""With less than that left of a call's time an answer that is only slow looks like none."""

Logs = Collection[dict[str, Any]]
"""The collection of an address."""

_CODECS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    # Otherwise one date outside of Python's, or one broken character, fails the whole page.
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)

DOWN = "MongoDB cannot be reached: nothing answers at the address; start it, then repeat the call."
NO_HOST = "The host in the store's URL is not known; check the name and the network."
FROZEN = (
    "MongoDB does not answer: the server takes connections and stays silent. It may be overloaded "
    "or stopped; repeat the call when it works again."
)
BY_TLS = tls.Peer(
    name="MongoDB",
    authority="tlsCAFile in the store's URL",
    own="tlsCertificateKeyFile in the store's URL",
    with_tls="TLS: add tls=true to the store's URL",
    without_tls="check the port, or leave tls=true out of the store's URL",
)
NO_PRIMARY = (
    "No server of the replica set takes requests now (it may be electing one); repeat the call in "
    "a moment. If it stays so, check the set's name in the store's URL."
)
CUT = "The connection to MongoDB was lost; repeat the call, it connects again by itself."
ELECTING = "MongoDB's primary is changing; repeat the call in a moment."
TOO_SLOW = (
    "MongoDB did not answer within the time limit; ask for less, such as a shorter time, or raise "
    'the limit. Without the indexes of "genesis-mcp init" every question takes longer.'
)
DROPPED = "MongoDB dropped the answer half way; repeat the call."
LOGIN = "MongoDB refused the login: check user, password and authSource in the store's URL."
NO_READING = (
    "The account in the store's URL may not read this database; check the database's name, or "
    "give the account the role read."
)
NO_WRITING = (
    "The account in the store's URL may only read, so nothing can be recorded; use an account "
    "with the right to insert."
)
FULL = "MongoDB's disk is full; nothing more is recorded until there is space. Repeat the call."
NOT_DURABLE = (
    "MongoDB did not confirm in time that a majority of the servers has the runs; repeat the "
    "call: what is stored already is not stored twice."
)
INDEX_CONFLICT = "There is another index with the name or the fields of one of ours; rename that."
VIEW = "The collection in the store's URL is a view or a time series; configure a collection."
REFUSED = "MongoDB refused a run: the collection has a validation rule that it does not meet."
CLOSED = "The store has been closed."
UNKNOWN = "The store failed in an unforeseen way; the log of genesis-mcp on stderr names the error."
BAD_OPTION = "An option in the store's URL has a value that MongoDB's driver does not take."

_CODES: dict[int, tuple[type[GenesisError], str]] = {
    11: (StoreUnavailable, LOGIN),  # UserNotFound
    18: (StoreUnavailable, LOGIN),
    8000: (StoreUnavailable, LOGIN),  # Atlas
    50: (StoreTimeout, TOO_SLOW),
    262: (StoreTimeout, TOO_SLOW),
    24: (StoreTimeout, TOO_SLOW),
    43: (StoreUnavailable, DROPPED),
    237: (StoreUnavailable, DROPPED),
    11601: (StoreUnavailable, DROPPED),
    64: (StoreUnavailable, NOT_DURABLE),
    14031: (StoreUnavailable, FULL),
    85: (SchemaMismatch, INDEX_CONFLICT),
    86: (SchemaMismatch, INDEX_CONFLICT),
    121: (InputError, REFUSED),
    166: (SchemaMismatch, VIEW),
}
"""By the server's error codes (its documentation, "Error Codes")."""

_NO_NAME = re.compile(r"Errno (-\d|8\]|1100\d)")
"""What getaddrinfo gives."""

_CLOSED_AT_ONCE = "connection closed"

_STEPPING_DOWN = {91, 189, 10107, 11600, 11602, 13435, 13436}
NOT_AUTHORIZED = 13

_LOGGER = logging.getLogger(__name__)


class Connection:
    """The client, made with the first call and again after that failed."""

    def __init__(self, address: Address, timeout_seconds: float) -> None:
        self._address = address
        self._timeout = timeout_seconds
        self._client: MongoClient[dict[str, Any]] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._answered_at = self._login_refused_at = float("-inf")

    @contextmanager
    def open(
        self, *, writing: bool = False, seconds: float | None = None
    ) -> Iterator[Collection[dict[str, Any]]]:
        """The collection, for one call of the store and within its time limit.

        The limit holds for all that is asked inside, and is sent along, so that the server ends
        what nobody waits for any more.
        """
        limit = self._seconds_left() if seconds is None else seconds
        began = time.monotonic()
        try:
            client = self._connected()
            with counted(), pymongo.timeout(limit):
                preference = ReadPreference.PRIMARY if writing else client.read_preference
                _find_server(client, preference, time.monotonic() + limit)
                yield self.collection(client, preference)
            self._answered_at = time.monotonic()
        except (PyMongoError, OverflowError) as error:
            _LOGGER.warning("MongoDB store: %s %s", type(error).__name__, _code(error))
            translated = self._translated(error, writing=writing)
            if str(translated) == LOGIN:
                self._login_refused_at = time.monotonic()
            elif str(translated) == CUT and self._login_refused_at > began:
                translated = StoreUnavailable(LOGIN)  # which had the driver drop all connections
            if limit < min(self._timeout, REST_SECONDS) and isinstance(translated, StoreTimeout):
                translated = StoreTimeout(TOO_SLOW if self._has_answered() else FROZEN)
            raise translated from None

    def collection(
        self, client: MongoClient[dict[str, Any]], preference: "Preference"
    ) -> Collection[dict[str, Any]]:
        database: Database[dict[str, Any]] = client.get_database(
            self._address.database, codec_options=_CODECS
        )
        return database.get_collection(
            self._address.collection,
            read_preference=preference,
            write_concern=WriteConcern("majority", j=True),
        )

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._client is not None:
                self._client.close()

    def _connected(self) -> MongoClient[dict[str, Any]]:
        with self._lock:
            if self._closed:
                raise InvalidOperation
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def _make_client(self) -> MongoClient[dict[str, Any]]:
        defaults: dict[str, Any] = {
            "serverSelectionTimeoutMS": SELECTION_MS,
            # A replica set without a primary can be read: see docs/mongodb.md.
            "readPreference": "primaryPreferred",
            "connectTimeoutMS": max(CONNECT_MS, round(self._timeout * 1000 / CONNECT_SHARE)),
            # The driver's own retries would go on until the time limit; see `MongoDBStore._ask`.
            "retryReads": False,
            "retryWrites": False,
            # A server that failed is looked at again at once, not with its next message.
            "serverMonitoringMode": "poll",
        }
        given = {name.lower() for name, _ in parse_qsl(self._address.uri.partition("?")[2])}
        options: dict[str, Any] = {
            name: value for name, value in defaults.items() if name.lower() not in given
        }
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the driver only warns of values it leaves unused
            try:
                return MongoClient(
                    self._address.uri, connect=False, appname="genesis-mcp", **options
                )
            except Warning:
                raise ConfigError(BAD_OPTION) from None
            except InvalidURI:
                raise ConfigError(BAD_URL) from None
            except (ConfigurationError, ValueError, TypeError, OSError) as error:
                if _is_dns(error):
                    raise StoreUnavailable(NO_HOST) from None
                if any(isinstance(cause, OSError) for cause in _causes(error)):
                    raise tls.bad_file(BY_TLS) from None
                raise ConfigError(BAD_OPTION) from None

    def _translated(self, error: Exception, *, writing: bool) -> GenesisError:
        code = _code(error)
        if code == NOT_AUTHORIZED:
            return WriteNotAllowed(NO_WRITING) if writing else StoreUnavailable(NO_READING)
        if _is_changing(error):
            return StoreUnavailable(ELECTING)
        if code in _CODES:
            kind, text = _CODES[code]
            return kind(text)
        if isinstance(error, ServerSelectionTimeoutError):
            return StoreUnavailable(self._why_no_server())
        if isinstance(error, PyMongoError) and error.timeout:
            return StoreTimeout(FROZEN if isinstance(error, NetworkTimeout) else TOO_SLOW)
        if isinstance(error, AutoReconnect):
            return StoreUnavailable(CUT)
        if isinstance(error, InvalidOperation):
            return StoreUnavailable(CLOSED)
        if isinstance(error, InvalidName):
            return ConfigError("The database or collection in the store's URL has no valid name.")
        if isinstance(error, ConfigurationError):
            return StoreUnavailable(NO_HOST) if _is_dns(error) else ConfigError(BAD_OPTION)
        return StoreError(UNKNOWN)

    def _seconds_left(self) -> float:
        try:
            return seconds_left(self._timeout)
        except StoreTimeout:
            raise self._out_of_time(USED_UP if self._has_answered() else FROZEN) from None

    def _has_answered(self) -> bool:
        """Whether some of the call that is under way was answered: not that it only waited."""
        return self._answered_at > began_at()

    def waited_in_vain(self, since: float) -> GenesisError:
        """For a call that waited for others of this process since a time of `monotonic`."""
        return self._out_of_time(TOO_SLOW if self._answered_at > since else FROZEN)

    def _out_of_time(self, text: str) -> GenesisError:
        """`text` is said where a server is known."""
        if self._client and not _is_there(self._client, self._client.read_preference):
            return StoreUnavailable(self._why_no_server())
        return StoreTimeout(text)

    def _why_no_server(self) -> str:
        """What the driver met at the addresses that it tried."""
        client = self._client
        if client and _is_there(client, ReadPreference.NEAREST):
            return NO_PRIMARY  # another member answers
        servers = client.topology_description.server_descriptions() if client else {}
        errors = [server.error for server in servers.values() if server.error]
        if any(isinstance(error, NetworkTimeout) for error in errors):
            return FROZEN
        if any(isinstance(error, NotPrimaryError) for error in errors):
            return ELECTING
        # The driver keeps of the cause only its text, which is looked at and never shown.
        texts = [str(error) for error in errors]
        for told in (tls.refusal(text, BY_TLS) for text in texts):
            if told is not None:
                return str(told)
        if any(_NO_NAME.search(text) for text in texts):
            return NO_HOST
        if client and any(_CLOSED_AT_ONCE in text for text in texts):
            return tls.hangs_up(BY_TLS, by_tls=_is_by_tls(client))
        if client and _is_unheard(client):
            return FROZEN
        return DOWN if errors else NO_PRIMARY


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _find_server(
    client: MongoClient[dict[str, Any]], preference: "Preference", deadline: float
) -> None:
    """Make sure that a server is known that may be asked.

    What went wrong there is told in less time than an answer may take. As long as nothing is known
    of any server, the way there may be slow, and all of the call's time is for it.
    """
    while not _is_there(client, preference):
        try:
            with pymongo.timeout(client.options.server_selection_timeout):
                client.admin.command("ping", read_preference=preference)
        except PyMongoError as error:
            if _is_there(client, preference) and error.timeout:
                return  # it was found meanwhile, and the question too late for this round
            if not (error.timeout and _is_unheard(client)) or time.monotonic() >= deadline:
                raise


def _is_there(client: MongoClient[dict[str, Any]], preference: "Preference") -> bool:
    """Whether a server is known that may be asked by this preference."""
    return client.topology_description.has_readable_server(preference)


def _is_unheard(client: MongoClient[dict[str, Any]]) -> bool:
    """Whether none of the servers has answered, or failed to."""
    servers = client.topology_description.server_descriptions().values()
    return bool(servers) and all(
        server.server_type_name == "Unknown" and not server.error for server in servers
    )


def _is_by_tls(client: MongoClient[dict[str, Any]]) -> bool:
    return client.options.pool_options._ssl_context is not None  # noqa: SLF001 - told nowhere else


def is_lost(error: PyMongoError) -> bool:
    """Whether it is the connection that is gone, or the primary, and not the time."""
    return _is_changing(error) or (isinstance(error, AutoReconnect) and not error.timeout)


def look_again(client: MongoClient[dict[str, Any]], seconds: float) -> None:
    """Have each server looked at, and wait for the first that is found otherwise than before.

    By itself the driver takes one that refuses connections for what it was, until its next look.
    """
    client._topology.request_check_all(seconds)  # type: ignore[arg-type] # noqa: SLF001


def _is_changing(error: Exception) -> bool:
    return _code(error) in _STEPPING_DOWN or isinstance(error, NotPrimaryError)


def _is_dns(error: Exception) -> bool:
    return any(type(cause).__module__.startswith("dns.") for cause in _causes(error))


def _code(error: Exception) -> int | None:
    """The server's code; of several writes, that of the first that failed."""
    if isinstance(error, BulkWriteError):
        details = error.details or {}
        failed = [one for one in details.get("writeErrors", []) if one.get("code") != 11000]
        failed += details.get("writeConcernErrors", [])
        return failed[0].get("code") if failed else None
    return error.code if isinstance(error, OperationFailure) else None
