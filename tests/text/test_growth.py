"""That cleaning, redacting and cutting take time in proportion to the text, whatever it holds.

As in the test of the recognisers, the best of several measures of processor time counts.
"""

import time

import pytest

from benchmarks.hostile_text import PIECES, READERS

TIMES_LONGER = 4
MOST_GROWTH = 9.0
"""Half-way, on a logarithmic scale, between linear growth and growth with the square."""
TRIES = 4
LENGTH = 16_000


def seconds(reader, text):
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        reader(text)
        best = min(best, time.process_time() - start)
    return best


def growth(reader, piece):
    short = piece * (LENGTH // len(piece))
    return seconds(reader, short * TIMES_LONGER) / max(seconds(reader, short), 1e-3)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("between", ["", " ", "\n"])
@pytest.mark.parametrize("name", PIECES)
def test_time_grows_with_the_length_and_not_with_its_square(reader, between, name):
    piece = PIECES[name] + between
    measured = (growth(READERS[reader], piece) for _ in range(TRIES))
    assert any(ratio <= MOST_GROWTH for ratio in measured)
