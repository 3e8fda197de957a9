"""Claude reads the execution logs of a run-read-fix loop; this package is the server and its tools."""

__version__ = "0.1.0"
