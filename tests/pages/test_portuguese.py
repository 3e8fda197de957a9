"""The README in Portuguese has what the one in English has."""

import re

import pytest

from tests.helpers.paths import ROOT

LANGUAGES = ("README.md", "README.pt-BR.md")


def headings(text):
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def blocks(text):
    return re.findall(r"^```(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text):
    return re.findall(r"`((?:genesis-mcp|pytest|pipx|node|uv|python3|\.venv/bin/)[^`]*)`", text)


def code_in_tables(text):
    """What is code in each row, and how many tables and columns there are."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [(row.count("|"), sorted(re.findall(r"`([^`]+)`", row))) for row in rows]


def links(text):
    return sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - {*LANGUAGES})


@pytest.mark.parametrize("part", [headings, blocks, commands, code_in_tables, links])
def test_both_languages_have_the_same(part):
    english, portuguese = ((ROOT / name).read_text("utf-8") for name in LANGUAGES)
    assert part(english)
    assert part(portuguese) == part(english)
