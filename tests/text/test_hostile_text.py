"""Texts of the recognisers' own alphabet, in any order, change nothing that must hold."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile_text import PIECES
from genesis_mcp.text.clean import clean
from genesis_mcp.text.excerpt import excerpt
from genesis_mcp.text.placeholders import is_placeholder
from genesis_mcp.text.redact import redact
from genesis_mcp.text.windows import WINDOW
from tests.text.option_redactions import OPTION_HARMLESS, OPTION_SECRETS

EXAMPLES = 150

WORDS = [re.sub("[«»]", "", text) for text in (*OPTION_SECRETS, *OPTION_HARMLESS)]
pieces = st.one_of(
    st.sampled_from([*PIECES.values()]),
    st.sampled_from(WORDS),
    st.sampled_from(
        ["\n", " ", "=", ":", '"', "'", "\\", "/", "-p ", "\r", "\b", "\x1b[K", "a1b2c3d4"]
    ),
    st.text(max_size=8),
)
texts = st.lists(pieces, max_size=30).map("".join)
long_texts = st.tuples(texts, st.integers(1, 60)).map(lambda part: part[0] * part[1])


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts)
def test_cleaning_twice_changes_nothing_and_nothing_invisible_is_left(text):
    once = clean(text)
    assert clean(once) == once
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ud800-\udfff]", once)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.one_of(texts, long_texts).map(clean))
def test_redacting_twice_changes_nothing_and_no_line_appears_or_goes(text):
    once = redact(text)
    assert once.count("\n") == text.count("\n")
    assert redact(once) == once


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts.map(clean), st.integers(80, 2_000), st.integers(-5, 50))
def test_an_excerpt_keeps_within_its_limit_and_counts_what_it_leaves_out(text, limit, focus):
    shown = excerpt(text, limit, focus)
    assert len(shown.text) <= max(limit, 80)
    assert shown.total_chars == len(text)
    assert 0 <= shown.left_out_lines <= shown.total_lines


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts)
def test_a_placeholder_is_recognised_anywhere_without_a_fault(text):
    assert is_placeholder(f"{text} ${{PASS}}", len(text) + 1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(OPTION_SECRETS), st.integers(-WINDOW, WINDOW), st.integers(1, 3))
def test_a_secret_in_a_long_line_goes_wherever_the_line_is_cut(secret, shift, windows):
    whole = secret.replace("\n", " ")
    alone = redact(re.sub("[«»]", "", whole))
    before = "a 1, " * ((windows * WINDOW + shift) // 5)
    long = redact(f"{before}\x20{re.sub('[«»]', '', whole)} {'b 2, ' * 2_000}")
    for found in re.findall("«(.*?)»", whole):
        if found not in alone:
            assert found not in long
