"""Waiting for what is to happen, with bounds that a busy machine keeps."""

import os
import time

WAIT = 180
"""Seconds after which what was to happen will not: no measure of how fast anything is."""

STEP = 0.02


def until(happened, otherwise="it did not happen"):
    """Look until it did, for as long as a test may take."""
    deadline = time.monotonic() + WAIT
    while not happened():
        assert time.monotonic() < deadline, otherwise
        time.sleep(STEP)


def times(usual, at_length):
    """How often a kill or a step is repeated: more where the suite runs at length."""
    return at_length if os.environ.get("HYPOTHESIS_PROFILE") == "long" else usual
