"""The connection to ClickHouse through its driver: limits, timeouts and errors. No SQL of ours."""

import contextlib
import logging
import math
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from genesis_mcp.errors import ConfigError, GenesisError, StoreTimeout, StoreUnavailable
from genesis_mcp.stores import tls
from genesis_mcp.stores.clickhouse.address import Address
from genesis_mcp.stores.clickhouse.connecting import Connecting
from genesis_mcp.stores.clickhouse.faults import (
    BY_TLS,
    CANNOT_OPEN,
    NO_CHDB,
    SILENT,
    TOO_SLOW,
    hangs_up,
    translate,
)
from genesis_mcp.stores.clickhouse.patience import Patience
from genesis_mcp.stores.time_limit import counted

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

CONNECT_SECONDS = 3
"""To a server that runs this takes milliseconds; the driver tries twice."""

ANSWER_SECONDS = 1
"""On top of the time limit, so that the server's own word on it comes first."""

LEAST_SECONDS, LONGEST_SECONDS = 0.001, 3600.0
"""Of what the server is told as its limit; 0 would mean none."""

KILL_QUERY = "KILL QUERY WHERE query_id = '{query_id}' ASYNC"
"""Takes no parameters; the id is a UUID of ours."""

Rows = Sequence[Sequence[Any]]


class Connection:
    """One client of the driver, made with its first use. Several threads may use it."""

    def __init__(self, address: Address, timeout_seconds: float) -> None:
        self._address = address
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._connecting: Connecting[Client] | None = None
        self._patience = Patience()
        self._answered_at = float("-inf")

    def rows(self, sql: str, values: Mapping[str, Any] | None = None, *, deadline: float) -> Rows:
        """What a SELECT gives, as tuples.

        Raises:
            StoreError: see `faults.py`.
        """
        with self._running(deadline, writing=False) as (client, settings):
            result = client.query(sql, parameters=dict(values or {}), settings=settings)
            return result.result_rows

    def command(self, sql: str, *, deadline: float) -> None:
        """Run a statement that gives nothing back and changes something."""
        with self._running(deadline, writing=True) as (client, settings):
            client.command(sql, settings=settings)

    def insert(
        self,
        database: str,
        table: str,
        columns: Mapping[str, Sequence[Any]],
        types: Mapping[str, str],
        *,
        token: str,
        deadline: float,
    ) -> None:
        """Insert rows, one block, once: the driver may send it again, the token tells that it did.

        `columns` has the values of each, `types` what they are.
        """
        with self._running(deadline, writing=True) as (client, settings):
            settings |= {
                "async_insert": 0,  # acknowledged when it is in the table, not in a buffer
                "insert_deduplicate": 1,
                "insert_deduplication_token": token,
            }
            context = client.create_insert_context(
                table,
                database=database,
                column_names=list(columns),
                column_type_names=[types[name] for name in columns],
                column_oriented=True,
                settings=settings,
            )
            # By itself the driver sends a block for each 2 MB: the engine would take the second for
            # the first one again, since both have the same token, and drop it.
            values = list(columns.values())
            context.req_block_size = len(values[0])
            client.insert(data=values, context=context)

    def is_allowed(self, check: str, *, deadline: float) -> bool:
        """What CHECK GRANT says; an account that is read-only by its profile is allowed nothing."""
        with self._running(deadline, writing=False) as (client, settings):
            if _readonly(client) != "0":
                return False
            settings.pop("readonly", None)  # with it the answer would be no
            return bool(client.query(check, settings=settings).result_rows[0][0])

    def waited_in_vain(self, since: float) -> StoreTimeout:
        """For a call that waited for others of this process since a time of `monotonic`."""
        return StoreTimeout(TOO_SLOW if self._answered_at > since else SILENT)

    def close(self) -> None:
        """Close the client, if there is one."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def _running(
        self, deadline: float, *, writing: bool
    ) -> Iterator[tuple["Client", dict[str, Any]]]:
        """The client, and the settings of one query; one that is given up is killed."""
        if time.monotonic() >= deadline:
            raise StoreTimeout(TOO_SLOW)
        query_id = str(uuid.uuid4())
        client: Client | None = None
        try:
            with counted():
                client = self._connected(deadline)
                with self._patience.until(deadline):
                    yield client, self._settings(client, query_id, deadline, writing=writing)
            self._answered_at = time.monotonic()
        except GenesisError:
            raise
        except Exception as error:
            knew_limit = client is None or _readonly(client) != "1"
            translated = translate(error, writing=writing, knew_limit=knew_limit)
            if client is None and hangs_up(error):
                by_tls = self._address.secure
                translated = StoreUnavailable(tls.hangs_up(BY_TLS, by_tls=by_tls))
            if client is not None and isinstance(translated, StoreTimeout):
                self._kill(client, query_id)
            raise translated from error
        except BaseException:  # the caller was interrupted: nothing of the call remains running
            if client is not None:
                self._kill(client, query_id)
            raise

    def _settings(
        self, client: "Client", query_id: str, deadline: float, *, writing: bool
    ) -> dict[str, Any]:
        """Limits for one query, as far as the account's profile lets a client set any."""
        settings: dict[str, Any] = {} if self._address.path else {"query_id": query_id}
        readonly = _readonly(client)
        if readonly == "1":
            return settings
        seconds = min(max(LEAST_SECONDS, deadline - time.monotonic()), LONGEST_SECONDS)
        settings["max_execution_time"] = f"{seconds:.3f}"
        if readonly == "0" and not writing and not self._address.path:
            settings["readonly"] = 2  # what reads cannot write, whatever the account may do
        return settings

    def _connected(self, deadline: float) -> "Client":
        """The client, made by a thread of its own, for which all callers wait side by side.

        Raises:
            StoreTimeout: until the deadline there was none; it may be there for the next call.
        """
        with self._lock:
            if self._client is not None:
                return self._client
            if self._connecting is None:
                self._connecting = Connecting(self._connect, self._took)
            connecting = self._connecting
        return connecting.wait(deadline)

    def _took(self, client: "Client | None") -> None:
        with self._lock:
            self._client, self._connecting = client, None

    def _connect(self) -> "Client":
        import clickhouse_connect

        # What the driver has to say of a fault is not for a person: `faults.py` tells it.
        logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
        address = self._address
        if address.path is not None:
            return _open_embedded(address)
        answer_seconds = math.ceil(self._timeout + ANSWER_SECONDS)
        client: Client = clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            interface="https" if address.secure else "http",
            secure=address.secure,
            verify=address.verify,
            ca_cert=address.ca_cert,
            client_cert=address.client_cert,
            client_cert_key=address.client_cert_key,
            connect_timeout=CONNECT_SECONDS,
            send_receive_timeout=answer_seconds,
            autogenerate_session_id=False,  # threads may not share a session
            query_retries=0,
            tz_mode="aware",
        )
        self._patience.bound(client, CONNECT_SECONDS, answer_seconds)
        return client

    def _kill(self, client: "Client", query_id: str) -> None:
        """Without waiting: the server may be what does not answer."""
        if self._address.path is not None:
            return

        def kill() -> None:
            with contextlib.suppress(Exception):
                client.command(KILL_QUERY.format(query_id=query_id))

        threading.Thread(target=kill, name="kill-query", daemon=True).start()


def _readonly(client: "Client") -> str:
    setting = client.server_settings.get("readonly")
    return str(setting.value) if setting else "0"


def _open_embedded(address: Address) -> "Client":
    import clickhouse_connect
    from clickhouse_connect.driver.exceptions import ProgrammingError

    try:
        client: Client = clickhouse_connect.get_client(interface="chdb", path=str(address.path))
    except ImportError:
        raise ConfigError(NO_CHDB) from None
    except (ProgrammingError, OSError, RuntimeError) as error:
        raise StoreUnavailable(CANNOT_OPEN) from error
    return client
