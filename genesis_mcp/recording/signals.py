"""The signals that ask a process to end; each platform has some of them."""

import signal

STOPPING_SIGNALS = [
    number
    for number in signal.Signals
    if number.name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"}
]
