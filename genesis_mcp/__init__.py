"""Through this package Claude reads the execution logs of a run-read-fix loop, and records runs."""

__version__ = "0.1.0"
