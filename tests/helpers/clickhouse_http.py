"""ClickHouse's HTTP interface over chDB, on the loopback, in a process of its own: for tests only.

The engine is the real one. What a server adds to it is here: HTTP, logins and users. chDB runs all
as one user, so the engine is opened anew, with the rights and settings of whoever asks, when that
is somebody else than before.

    python -m tests.helpers.clickhouse_http DIRECTORY [PORT]  prints its port; ends with stdin

For the tests, /test/cut-inserts?times=N makes it break off the connection after it has executed an
insert, /test/hold?on=1 has everybody but its administrator wait for answers until /test/hold?on=0,
and /test/read tells how many rows and bytes the engine has read of tables so far.
"""

import base64
import email
import gzip
import json
import os
import re
import sys
import tempfile
import threading
import zlib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import starmap
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import chdb

ALL_RIGHTS = "GRANT ALL ON *.* WITH GRANT OPTION"
OF_HTTP = {"query", "database", "default_format", "query_id", "session_id", "wait_end_of_query"}
OF_HTTP |= {"client_protocol_version", "user", "password", "compress", "decompress"}
CREATE_USER = re.compile(
    r"CREATE USER (\w+)\s+IDENTIFIED (?:WITH \w+ )?BY '([^']*)'(?:\s+SETTINGS (.*))?$",
    re.IGNORECASE | re.DOTALL,
)
DROP_USER = re.compile(r"DROP USER (\w+)$", re.IGNORECASE)
GRANT = re.compile(r"(GRANT .*) TO (\w+)$", re.IGNORECASE | re.DOTALL)
QUOTA = re.compile(
    r"CREATE QUOTA \w+\s+FOR INTERVAL (\d+) (minute|hour)\s+MAX queries = (\d+)\s+TO (\w+)$",
    re.IGNORECASE | re.DOTALL,
)
INSERT = re.compile(
    rb"(\s*INSERT\s+INTO\s.*?)\sFORMAT\s+(\w+)\s*?(?:\r?\n|$)", re.IGNORECASE | re.DOTALL
)
CLUSTER = (
    "<tcp_port>9000</tcp_port><remote_servers><alone><shard><replica><host>localhost</host>"
    "<port>9000</port></replica></shard></alone></remote_servers>"
)
"""A cluster of this engine alone: what has its host and port it asks without a connection."""
WAITS_FOR_EVER = re.compile(rb"(DROP DATABASE [^;]*) SYNC$")
"""With chDB 4.0, which is ClickHouse 25.8."""
COMMENT = re.compile(r"--[^\n]*")


class User:
    def __init__(self, password, settings="", grants=()):
        self.password, self.grants, self.settings, self.quota = password, list(grants), {}, None
        for setting in filter(None, map(str.strip, (settings or "").split(","))):
            name, value, *kind = re.split(r"\s*=\s*|\s+", setting)
            self.settings[name] = (value, kind[0].lower() if kind else None)

    def as_xml(self):
        """A users.xml in which the engine's one user is this one."""
        grants = "".join(f"<query>{escape(grant)}</query>" for grant in self.grants)
        values = "".join(f"<{name}>{value}</{name}>" for name, (value, _) in self.settings.items())
        fixed = "".join(
            f"<{name}><readonly/></{name}>"
            for name, (_, kind) in self.settings.items()
            if kind in ("const", "readonly")
        )
        seconds, queries = self.quota or (60, 0)
        return (
            "<clickhouse><users><default><password></password><networks><ip>::/0</ip></networks>"
            f"<profile>default</profile><quota>default</quota><grants>{grants}</grants></default>"
            f"</users><profiles><default>{values}<constraints>{fixed}</constraints></default>"
            f"</profiles><quotas><default><interval><duration>{seconds}</duration>"
            f"<queries>{queries}</queries></interval></default></quotas></clickhouse>"
        )


class Engine:
    """chDB in one directory, as one user at a time."""

    def __init__(self, directory):
        self.users = {"default": User("", grants=[ALL_RIGHTS])}
        self.inserts_to_cut = 0
        self.is_answering = threading.Event()
        self.is_answering.set()
        self.read = [0, 0]
        self._users_file = directory / "users.xml"
        config = directory / "config.xml"
        config.write_text(
            f"<clickhouse><users_config>{self._users_file}</users_config>{CLUSTER}</clickhouse>"
        )
        self._place = f"{directory / 'data'}?config-file={config}"
        self._changed = threading.Condition()
        self._active, self._current, self._anchor = 0, None, None

    @contextmanager
    def connection(self, user):
        """A session of its own."""
        with self._changed:
            self._changed.wait_for(lambda: self._current == user or not self._active, timeout=60)
            if self._current != user:
                self._become(user)
            self._active += 1
        try:
            connection = chdb.connect(self._place)
            try:
                yield connection
            finally:
                connection.close()
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def _become(self, user):
        if self._anchor is not None:
            self._anchor.close()
        self._users_file.write_text(self.users[user].as_xml())
        self._anchor = chdb.connect(self._place)
        self._current = user

    def manage_users(self, statement):
        """Whether it was a statement about users, which chDB cannot keep."""
        if match := CREATE_USER.match(statement):
            self.users[match[1]] = User(match[2], match[3])
        elif match := DROP_USER.match(statement):
            self.users.pop(match[1], None)
        elif match := GRANT.match(statement):
            self.users[match[2]].grants.append(match[1])
        elif match := QUOTA.match(statement):
            seconds = int(match[1]) * {"minute": 60, "hour": 3600}[match[2].lower()]
            self.users[match[4]].quota = (seconds, int(match[3]))
        else:
            return False
        self._current = None
        return True


class Failed(Exception):
    def __init__(self, text):
        super().__init__(text)
        found = re.search(r"Code: (\d+)", text)
        self.code = found[1] if found else "1002"


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each small answer waits 40 ms for an acknowledgement

    def log_message(self, *_):
        pass

    def do_GET(self):
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n")
        elif urlsplit(self.path).path == "/test/cut-inserts":
            self.server.engine.inserts_to_cut = int(self.path.split("=")[1])
            self._answer(200, b"")
        elif urlsplit(self.path).path == "/test/hold":
            answering = self.server.engine.is_answering
            answering.clear() if self.path.endswith("1") else answering.set()
            self._answer(200, b"")
        elif urlsplit(self.path).path == "/test/read":
            self._answer(200, json.dumps(self.server.engine.read).encode())
        else:
            self.do_POST()

    def do_POST(self):
        options = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        kind = self.headers.get("Content-Type") or ""
        if kind.startswith("multipart/form-data"):  # a query with long parameters
            options |= form_fields(kind, body)
            body = b""
        text = b"\n".join(part for part in (options.get("query", "").encode(), body) if part)
        try:
            user = self._login(options)
            if user != "default":
                self.server.engine.is_answering.wait()
            self._run(user, text, options)
        except Failed as failure:
            status = {"516": 403, "81": 404, "60": 404, "497": 403}.get(failure.code, 500)
            self._answer(
                status, f"{failure}\n".encode(), {"X-ClickHouse-Exception-Code": failure.code}
            )

    def _body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return decompressed(body, self.headers.get("Content-Encoding"))

    def _login(self, options):
        name = self.headers.get("X-ClickHouse-User") or options.get("user") or "default"
        password = self.headers.get("X-ClickHouse-Key") or options.get("password") or ""
        given = self.headers.get("Authorization") or ""
        if given.startswith("Basic "):
            name, _, password = base64.b64decode(given[6:]).decode().partition(":")
        user = self.server.engine.users.get(name)
        if user is None or user.password != password:
            raise Failed(
                f"Code: 516. DB::Exception: {name}: Authentication failed: password is incorrect, "
                "or there is no user with such name. (AUTHENTICATION_FAILED)"
            )
        return name

    def _run(self, user, text, options):
        engine = self.server.engine
        plain = COMMENT.sub("", text[:10_000].decode("utf-8", "replace")).strip().rstrip(";")
        if user == "default" and engine.manage_users(plain):
            return self._answer(200, b"")
        settings = {
            name: value
            for name, value in options.items()
            if name not in OF_HTTP and not name.startswith("param_")
        }
        parameters = {
            name[6:]: value for name, value in options.items() if name.startswith("param_")
        }
        output = options.get("default_format", "TabSeparated")
        if chdb.__version__.startswith("4.0"):
            text = WAITS_FOR_EVER.sub(rb"\1", text)
        with engine.connection(user) as connection:
            try:
                if "database" in options and options["database"] != "default":
                    connection.query(f"USE `{options['database']}`")
                if settings:
                    connection.query("SET " + ", ".join(starmap(assigned, settings.items())))
                insert = INSERT.match(text)
                if insert:
                    return self._insert(connection, insert, text[insert.end() :])
                # The engine gets no query_id from chDB; KILL QUERY finds it as a comment.
                kill = re.match(r"KILL QUERY WHERE query_id = '([^']+)'", plain, re.IGNORECASE)
                if kill:
                    text = f"KILL QUERY WHERE query LIKE '%-- {kill[1]}'".encode()
                elif "query_id" in options:
                    text += f"\n-- {options['query_id']}".encode()
                result = connection.query(text, output, params=parameters)
            except Exception as error:
                raise Failed(str(error)) from None
            engine.read[0] += result.storage_rows_read()
            engine.read[1] += result.storage_bytes_read()
            summary = {
                "read_rows": str(result.storage_rows_read()),
                "read_bytes": str(result.storage_bytes_read()),
                "elapsed_ns": str(int(result.elapsed() * 1e9)),
            }
            format_name = re.search(rb"\bFORMAT\s+(\w+)\s*(?:--[^\n]*)?$", text, re.IGNORECASE)
            return self._answer(
                200,
                result.bytes() or b"",
                {
                    "X-ClickHouse-Summary": json.dumps(summary),
                    "X-ClickHouse-Format": format_name[1].decode() if format_name else output,
                    "X-ClickHouse-Timezone": "UTC",
                    "X-ClickHouse-Query-Id": options.get("query_id", ""),
                },
            )

    def _insert(self, connection, insert, data):
        # Not by chDB's send_insert, which reports success whatever has happened.
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            sql = f"{insert[1].decode()} FROM INFILE '{file.name}' FORMAT {insert[2].decode()}"
            done = connection.query(sql)
        if self.server.engine.inserts_to_cut:
            self.server.engine.inserts_to_cut -= 1
            self.close_connection = True
            return self.connection.shutdown(2)
        summary = {"written_rows": str(done.rows_read()), "written_bytes": str(done.bytes_read())}
        return self._answer(200, b"", {"X-ClickHouse-Summary": json.dumps(summary)})

    def _answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def assigned(name, value):
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name} = '{quoted}'"


def form_fields(kind, body):
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    return {
        part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True).decode()
        for part in message.get_payload()
    }


def decompressed(body, encoding):
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    if encoding == "lz4":
        import lz4.frame

        return lz4.frame.decompress(body)
    if encoding == "zstd":
        from backports import zstd

        return zstd.decompress(body)
    return body


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.engine = Engine(directory)

    def handle_error(self, *_):
        """A client that went away is no news."""


def main():
    server = Server(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    with suppress(KeyboardInterrupt):
        sys.stdin.read()
    # Not by Python's own end: the engine's threads sometimes never let go of it. What was inserted
    # is on the disk.
    os._exit(0)


if __name__ == "__main__":
    main()
