"""How long the functions of `text/` take for a megabyte of text that is made to slow them down.

    python -m benchmarks.hostile_text [MOST_MS] [WORDS OF A SHAPE'S NAME ...]

Each shape is a piece, repeated with something between, to 1 MiB of characters. The table shows
milliseconds of processor time, the slowest first; its last lines count what took longer than
MOST_MS (200) and what grew faster than the text.
"""

import sys
import time
from collections.abc import Callable

from genesis_mcp.text.clean import clean
from genesis_mcp.text.excerpt import excerpt
from genesis_mcp.text.redact import redact

MEBI = 1024 * 1024
SHOWN = 40
WORTH_IT = 15
"""Milliseconds for a quarter of a megabyte, below which the whole is not measured."""
MOST_GROWTH = 2.0
"""Of the time for each character between a quarter of a megabyte and a whole one."""

READERS: dict[str, Callable[[str], object]] = {
    "clean": clean,
    "redact": redact,
    "excerpt": lambda text: excerpt(text, 8_000, text.count("\n") // 2),
}

PIECES = {
    "letter": "a",
    "digit": "7",
    "NUL": "\x00",
    "ESC": "\x1b",
    "CSI": "\x1b[",
    "colour": "\x1b[31m",
    "cut colour": "\x1b[1;",
    "erasure": "\x1b[2K",
    "erasure to the end": "\x1b[K",
    "first column": "\x1b[G",
    "title": "\x1b]0;x",
    "ended title": "\x1b]0;x\x07",
    "string end": "\x1b\\",
    "DCS": "\x1bP",
    "C1 CSI": "\x9b1;",
    "C1 OSC": "\x9d",
    "C1 string end": "\x9c",
    "C1 next line": "\x85",
    "mojibake": "\xe2\x80\x9dx\xe2\x80\x9c",
    "carriage return": "\r",
    "redrawn": "\r 50%",
    "backspace": "\b",
    "overstruck": "a\b",
    "overstruck twice": "ab\b\b",
    "zero width": "a\u200b",
    "bidi": "\u202e",
    "tag": "\U000e0041",
    "surrogate": "\ud800",
    "line separator": "\u2028",
    "accents": "ação ",
    "dotted I": "\u0130",
    "quote": '"',
    "backslash": "\\",
    "braces": "[({",
    "password": "password=",
    "password of a colon": "password: ",
    "quoted password": 'password="',
    "secret": 'secret:"',
    "secret in JSON": '{"secret":"x"}',
    "token": "token: ",
    "token of a digit": "token: a1",
    "token count": "tokens: 5 ",
    "key": "_key=",
    "key with letters": "_key=aaaaaaaa",
    "api key": "api_key: x",
    "senha": "senha do banco ",
    "saying": "senha é 'a",
    "qualified": "password_prod_dev_test",
    "call": "token=a.b.c(",
    "look-up": "token=a.b.c",
    "flag": " --a-password",
    "flag with value": " --a-password x",
    "long flag": " --" + "a" * 60,
    "URL": "http://a:b@",
    "cut URL": "://a:",
    "authorization": "authorization: bearer ",
    "digest": "authorization: digest x",
    "bearer": "Bearer ",
    "bearer with a token": "Bearer a1b2c3d4e5f6g7h8i9",
    "cookie": "cookie: a=b",
    "cut cookie": "cookie:",
    "netrc": "login a password b ",
    "set password": 'setPassword("',
    "signed": "?sig=aaaaaaaaaaaaaaaaaaaa",
    "jwt": "eyJabcdefgh.",
    "cut jwt": "-eyJ",
    "jwt after a slash": "/eyJabcdefgh",
    "api key prefix": "sk-",
    "github": "ghp_",
    "google": "1//0",
    "sendgrid": "SG.aaaaaaaaaaaaaaaaa.",
    "telegram": "123456789:aa",
    "webhook": "api/webhooks/1",
    "key block": "-----BEGIN PRIVATE KEY-----\n",
    "end of a key": "aaaaaaaaaaaaaaaaaaaa\n-----END PRIVATE KEY-----\n",
    "PRIVATE KEY": "PRIVATE KEY ",
    "curl": "curl -u ",
    "curl with a user": "curl -u a:b ",
    "mysql": "mysql -px ",
    "mysql alone": "mysql ",
    "redis-cli": "redis-cli -a 'x ",
    "docker login": "docker login -p ",
    "options": "curl -a -p -u;",
    "semicolons": "mongo ;",
    "pgpass": "*:*:*:a:",
    "pgpass lines": "h:5432:d:u:a1b2c3d4 ",
    "colons": ":5432:a:b:",
    "identified": "identified by '",
    "user identified": "user x identified by y ",
    "SQL password": "PASSWORD 'x",
    "auth": 'auth: "',
    "auth in base64": "_auth=bG9qYTpTM25oNA==",
    "wrapped": "eyJhbGciOiJIUzI1NiIsInR5\\\n",
    "wrapped by width": "eyJhbGciOiJIUzI1NiIsInR5eyJhbGciOiJIUzI1\n",
    "placeholder": "token: ${A} ",
}
BETWEEN = {
    "": "",
    " and blanks": " ",
    " and lines": "\n",
    " and slashes": "/",
    " and letters": "x9",
}
SHAPES = {
    name + words: piece + between
    for name, piece in PIECES.items()
    for words, between in BETWEEN.items()
}


def milliseconds(reader: Callable[[str], object], text: str) -> float:
    """Of processor time, the better of two."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        reader(text)
        best = min(best, (time.process_time() - start) * 1000)
        if best < 100:
            break
    return best


def main(most: float, words: list[str]) -> None:
    rows = []
    for name, piece in SHAPES.items():
        if words and not any(word in name for word in words):
            continue
        whole = (piece * (MEBI // len(piece) + 1))[:MEBI]
        for reader_name, reader in READERS.items():
            quarter = milliseconds(reader, whole[: MEBI // 4])
            taken = 4 * quarter if quarter < WORTH_IT else milliseconds(reader, whole)
            if taken > most:
                print(f"{name}: {reader_name} {taken:.0f} ms", file=sys.stderr, flush=True)
            rows.append((taken, taken / max(4 * quarter, 1), reader_name, name))
    rows.sort(reverse=True)
    print("| shape | function | ms for 1 MiB | growth |\n|---|---|---|---|")
    for taken, growth, reader_name, name in rows[:SHOWN]:
        print(f"| {name} | `{reader_name}` | {taken:.0f} | {growth:.2f} |")
    slow = sum(taken > most for taken, *_ in rows)
    steep = sum(growth > MOST_GROWTH for _, growth, *_ in rows)
    print(f"\n{len(rows)} measured: {slow} above {most:.0f} ms, {steep} grew faster than the text.")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 200, sys.argv[2:])
