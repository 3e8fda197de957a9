"""What others log, as runs and events: run records, Pino's lines, pino-pretty's, and plain text.

`records` and `pino` read one record, `stream` and `groups` a stream of lines, `counted_batches`
stores what comes of it, `stream_recorder` does so beside a worker that must not wait.
"""

from genesis_mcp.ingest.records import parse_object, run_of

__all__ = ["parse_object", "run_of"]
