"""Signals to a process that records; each platform has some of them."""

import signal

STOPPING_SIGNALS = [
    number
    for number in signal.Signals
    if number.name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"}
]
"""They ask it to end."""

PASSED_ON_SIGNALS = [
    number for number in signal.Signals if number.name in {"SIGQUIT", "SIGUSR1", "SIGUSR2"}
]
"""They would end a process that does not know them, and are meant for the command that it runs."""
