"""What is kept of a huge output: its ends, the error between them, and how much is not."""

import re

import pytest

from genesis_mcp.runs.shortening import SEARCHED_BYTES_MAX, TEXT_BYTES_MAX, cap_output

ERROR = "\nTraceback (most recent call last):\n  File 'a.py', line 3, in f\nKeyError: 'balance'\n"
NOISE = "object 1 é is up to date\n"


def noise(size):
    return NOISE * (size // len(NOISE.encode()))


@pytest.mark.parametrize("place", [TEXT_BYTES_MAX, 2 * SEARCHED_BYTES_MAX])
def test_the_error_far_from_both_ends_of_a_huge_output_is_kept(place):
    whole = (
        f"begin\n{noise(place)}{ERROR}{noise(2 * SEARCHED_BYTES_MAX + TEXT_BYTES_MAX - place)}end"
    )
    kept = cap_output(whole)
    assert ERROR in kept
    assert kept.startswith("begin\n")
    assert kept.endswith("\nend")
    assert len(kept.encode()) <= TEXT_BYTES_MAX
    gaps = re.findall(r"\n\[\.\.\. ([\d,]+) bytes left out \.\.\.\]\n", kept)
    assert len(gaps) == 2
    stated = sum(int(gap.replace(",", "")) for gap in gaps)
    lines = sum(len(f"\n[... {gap} bytes left out ...]\n") for gap in gaps)
    assert (
        0 <= len(whole.encode()) - (len(kept.encode()) - lines) - stated <= 12
    )  # split characters


def test_where_no_error_is_found_the_ends_are_kept():
    kept = cap_output(f"begin\n{noise(3 * SEARCHED_BYTES_MAX)}end")
    assert kept.startswith("begin\n")
    assert kept.endswith("\nend")
    assert kept.count("bytes left out") == 1
