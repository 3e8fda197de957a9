"""Whatever a log prints, in whatever field: it is text on the page, and nothing else."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.text.clean import clean
from tests.helpers.service import record, service_on
from tests.report.reading import made, read, words_of

HOSTILE = (
    "<script>alert(1)</script>",
    "</pre></section></main><h1>x</h1>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "</style><style>*{display:none}</style>",
    "]]>--><!--",
    "{{ 7 * 7 }}{% raw %}{# x",
    "&lt;b&gt;&amp;&#60;",
    "<a href=javascript:alert(1)>x</a><base href=//e/><meta http-equiv=refresh>",
    "\u202eabc\u2066def\u2069\u200f",
    "\x1b[31mx\x1b[0m\x1b]8;;http://e/\x07y\x1b]8;;\x07\x9b1m",
    "\x00\x01\x08\x0c\x7f\ufffe",
    "\ud800\udfff",
    "Z" + "\u0300\u0489" * 200,
    "A" * 3_000,
)

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff]"
)


def page_with(folder, text):
    """The page of a store that has a text in all its fields."""
    store = SQLiteStore(folder / "logs.db")
    service = service_on(store)
    try:
        name = clean(text).strip()[:150] or "x"
        fields = {"service": name, "version": name, "sprint_id": name, "task_id": name}
        record(service, f"a {name}", 0, minutes_ago=9, code_snapshot="ok\n", version="1")
        record(
            service,
            f"a {name}",
            1,
            minutes_ago=8,
            code_snapshot=f"{text}\n+{text}\n-{text}\n@@{text}",
            stderr=f'Traceback (most recent call last):\n  File "{name}", line 3, in <module>\n'
            f"ValueError: {text}\n{text}\n",
            message=text,
            **fields,
        )
        record(
            service,
            name,
            1,
            minutes_ago=7,
            stdout=f"FAILED t.py::t[{name}] - assert '{text}'\n= 2 failed, 1 passed in 0.1s =\n",
        )
        record(service, name, 0, minutes_ago=6, stdout=f"{text}\n= 1 failed in 0.1s =\n")
        record(service, None, -1, minutes_ago=5, stderr=text, level=name[:20], kind="event")
        return made(service)
    finally:
        store.close()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_text_on_the_page(tmp_path, text):
    page = page_with(tmp_path, text)
    assert not INVISIBLE.search(page)
    words = words_of(page)
    visible = " ".join(clean(text).split())[:40]
    assert visible.replace("\ufffe", "\ufffd") in words


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=some.text(max_size=80) | some.text("<>\"'&;=/-!#{}%[]\\\n scriptonload", max_size=60))
def test_any_text_leaves_the_page_as_it_is(tmp_path_factory, text):
    read(page_with(tmp_path_factory.mktemp("page"), text))
