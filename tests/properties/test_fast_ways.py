"""What is read fast, as nearly everybody writes it, is what the general way reads."""

import json
from dataclasses import replace
from datetime import datetime
from re import fullmatch

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from genesis_mcp.ingest.records import parse_object
from genesis_mcp.runs.model import changed
from genesis_mcp.runs.names import clean_name, is_clean
from genesis_mcp.runs.times import parse_timestamp, whole_milliseconds
from genesis_mcp.text.clean import clean
from tests.properties.strategies import records

ANY_DATETIME = TypeAdapter(datetime).validate_python
NO_CONSTANTS = json.JSONDecoder(parse_constant=lambda _: None)

two = st.integers(0, 65).map("{:02d}".format)
zones = st.sampled_from(("", "Z", "+00:00", "-03:00", "+05:30", "+25:00", "-03:61", "+0300"))
times = st.builds(
    "{:04d}-{}-{}T{}:{}:{}{}{}".format,
    st.sampled_from((0, 1969, 1970, 2024, 2025, 2199, 2200)),
    st.integers(0, 13).map("{:02d}".format),
    st.integers(0, 32).map("{:02d}".format),
    st.integers(0, 25).map("{:02d}".format),
    two,
    two,
    st.sampled_from(("", ".5", ".123", ".123456", ".1234567", ",5")),
    zones,
)
numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)
values = st.recursive(
    st.one_of(
        numbers,
        st.sampled_from(("null", "true", "NaN", "Infinity", "-Infinity", '"\\ud83d"', '"\\u00e9"')),
        st.text(max_size=5).map(json.dumps),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda those: f"[{', '.join(those)}]"),
    max_leaves=5,
)
objects = st.lists(st.tuples(st.sampled_from(('"a"', '"b"', '"\\u0061"')), values), max_size=4).map(
    lambda pairs: "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}"
)


@given(st.lists(times, min_size=20, max_size=20))
def test_a_time_in_the_usual_form_is_the_time_that_any_form_is_read_as(written):
    for one in written:
        try:
            expected = ANY_DATETIME(one)
        except ValueError:
            expected = None
        try:
            told = parse_timestamp(one)
        except ValueError:
            assert expected is None or not 1970 <= expected.year < 2200
            continue
        assert expected is not None
        if expected.tzinfo is None:
            assert told.replace(tzinfo=None) == whole_milliseconds(expected)
        else:
            assert told == whole_milliseconds(expected)


@given(st.lists(objects, min_size=10, max_size=10))
def test_an_object_is_what_the_standard_library_reads(texts):
    for text in texts:
        expected = NO_CONSTANTS.decode(text)
        assert repr(parse_object(text)) == repr(parse_object(text.encode())) == repr(expected)


@given(records(), records())
def test_a_changed_run_is_a_replaced_one(run, other):
    values = {"signature": other.signature, "doubt": other.doubt, "recorded_at": 5}
    assert changed(run, **values) == replace(run, **values)
    assert changed(run, **values).recorded_at == 5
    assert run.recorded_at == 0


@given(st.text(max_size=220))
def test_a_text_that_is_a_clean_name_is_kept(text):
    if is_clean(text):
        assert text == clean(text).strip()
        assert fullmatch(r"[ -~]{0,200}", text)
        assert clean_name(text) == text


def test_a_character_is_seen_or_not_beside_any_others():
    for code in range(0x3000):
        for beside in ("a", "é", "✖"):
            assert clean(f"{beside}{chr(code)}") == beside + clean(chr(code)), hex(code)
