"""The page itself: one file of HTML without a script, whatever a log printed, and not too large."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from genesis_mcp import __version__
from genesis_mcp.answers.readable import hiding_secrets, readable
from genesis_mcp.questions import Service
from genesis_mcp.report.content import Content, content_of, is_broken
from genesis_mcp.report.gathering import ASKED_AT_ONCE, ATTEMPTS_SHOWN, ask
from genesis_mcp.report.localised import Words
from genesis_mcp.report.telling import KINDS, SIZES, Telling
from genesis_mcp.text.clean import REPLACEMENT, scrub
from genesis_mcp.validation import parse_moment

PAGE_BYTES_MAX = 300_000
"""What is quickly sent, mailed and opened."""

SINCE = "14d"
"""What a page is about unless told otherwise: as many days as answers count."""

MARK = "<!doctype html><!-- genesis-mcp report -->"
"""What a page of ours begins with, by which its file is known and may be written anew."""


@cache
def _style() -> str:
    return files("genesis_mcp.report").joinpath("templates/report.css").read_text("utf-8").strip()


@cache
def _policy() -> str:
    """Only our style counts, by its hash; no script, no request, no form, no other base."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def safety() -> dict[str, str]:
    """Headers of an answer over HTTP that is such a page."""
    return {
        "Content-Security-Policy": f"{_policy()}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def is_report(beginning: bytes) -> bool:
    """Whether a file that begins so is a page of ours."""
    return beginning.startswith(MARK.encode())


def page_of(
    service: Service,
    *,
    since: str,
    language: str,
    moment: datetime,
    at_once: int = ASKED_AT_ONCE,
) -> str:
    """The report in HTML, of at most PAGE_BYTES_MAX bytes; `moment` gives the zone of its times.

    Secrets are replaced, whatever the settings say of answers.

    Raises:
        InputError: `since` is no time.
        GenesisError: the store could not answer.
    """
    begin = parse_moment("since", since, moment)
    assert begin is not None
    with hiding_secrets():
        answers = ask(service, since, is_broken, at_once=at_once)
        content = content_of(answers, begin.astimezone(moment.tzinfo), moment)
        pages = _pages(content, Words(language))
        return next(page for page in pages if len(page.encode()) <= PAGE_BYTES_MAX)


def _pages(content: Content, words: Words) -> Iterator[str]:
    """The page, each time with less."""
    template = _environment().get_template("report.html.j2")
    for size in SIZES:
        yield (
            MARK
            + "\n"
            + template.render(
                content=content,
                telling=Telling(content, words, size),
                words=words,
                style=_style(),
                policy=_policy(),
                version=__version__,
                attempts=ATTEMPTS_SHOWN,
                kinds=KINDS,
            )
        )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("genesis_mcp.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: Any) -> Any:
    """Every value on its way into the page."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _NO_CHARACTER.sub(REPLACEMENT, scrub(readable(value)))
    return value


_NO_CHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""What no text may hold by HTML's rules: Unicode's noncharacters."""
