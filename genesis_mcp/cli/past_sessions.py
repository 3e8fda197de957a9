"""`genesis-mcp ingest --claude-transcripts DIR`: what was run in past sessions, recorded once."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from genesis_mcp.cli.shared import open_writer
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError
from genesis_mcp.hook.programs import programs_of
from genesis_mcp.hook.transcripts import read_transcripts
from genesis_mcp.runs.model import Run

BATCH = 100


def record_past_sessions(settings: Settings, folder: Path, *, as_json: bool) -> int:
    """Record the runs of all sessions in the folder, and say how many there were.

    Secrets are replaced before, as by a hook.

    Raises:
        InputError: there is no such folder, or a file in it cannot be read.
        GenesisError: the store takes no runs; what was recorded before, is.
    """
    if not folder.is_dir():
        raise InputError("--claude-transcripts: there is no such folder.")
    if settings.redact != "off":
        settings = settings.model_copy(update={"redact": "write"})
    found = read_transcripts(folder, programs_of(settings.hook_programs))
    became = Counter[str]()
    with open_writer(settings) as writer:
        try:
            for runs in _batches(found):
                became.update(one.status for one in writer.record(runs))
        except OSError as error:
            raise InputError(
                f"--claude-transcripts: a file cannot be read ({error.strerror})."
            ) from None
    counts = {
        "recorded": became["recorded"],
        "duplicates": became["duplicate"] + became["conflict"],  # a hook saw it otherwise
    }
    print(
        json.dumps(counts)
        if as_json
        else ", ".join(f"{number:,} {name}" for name, number in counts.items())
    )
    return 0


def _batches(runs: Iterable[Run]) -> Iterator[list[Run]]:
    rest = iter(runs)
    while batch := list(islice(rest, BATCH)):
        yield batch
