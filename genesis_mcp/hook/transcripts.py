"""Past sessions of Claude Code hold commands and what they printed: the same runs as a hook's.

A session is a file of JSON lines. A command stands in an assistant's message (`tool_use`), how it
ended in a user's (`tool_result`, with `toolUseResult` beside the message). The format is Claude
Code's own and changes: a line of another form is passed over.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from genesis_mcp.hook.event import FAILURE, event_of
from genesis_mcp.hook.event_run import run_of_event
from genesis_mcp.hook.programs import may_start
from genesis_mcp.hook.what_runs import look
from genesis_mcp.hook.work_tree import work_tree
from genesis_mcp.runs.mark_of_recording import is_told_in
from genesis_mcp.runs.model import Run

RECORDED_BY = "genesis-mcp ingest --claude-transcripts"

LINE_BYTES_MAX = 64 * 1024 * 1024
"""A longer one holds an image, or is damaged."""


def read_transcripts(folder: Path, extra: list[str]) -> Iterator[Run]:
    """The runs of all sessions in a folder, session by session, each run once.

    Which code they ran nobody knows any more. `extra` are programs of configuration.

    Raises:
        OSError: a file cannot be read.
    """
    seen = set[str]()
    files = sorted(folder.rglob("*.jsonl"), key=lambda file: (file.stat().st_mtime, file.name))
    for file in files:
        for told in _commands(file):
            name = told["tool_use_id"]
            run = None if name in seen else _run(told, extra)
            seen.add(name)
            if run:
                yield run


def _run(told: dict[str, Any], extra: list[str]) -> Run | None:
    event = event_of(told)
    if event is None or not event.folder or not may_start(event.command, extra):
        return None
    if event.failed and event.exit_code is None and not event.outcome:
        return None  # it was refused, and never ran
    looked = look(
        event.command,
        event.folder,
        exists=os.path.isfile,
        work_tree=work_tree,
        extra=extra,
    )
    if looked.run is None or is_told_in(f"{event.stdout}\n{event.stderr}"):
        return None
    return run_of_event(event, looked.run, at=told["ended"], recorded_by=RECORDED_BY)


def _commands(file: Path) -> Iterator[dict[str, Any]]:
    """What a hook would have been told of each command of a session, and when it ended."""
    begun: dict[str, dict[str, Any]] = {}
    for entry in _entries(file):
        at = _moment(entry.get("timestamp"))
        for block in _blocks(entry):
            if block.get("type") == "tool_use" and isinstance(block.get("input"), dict):
                begun[str(block.get("id"))] = _begun(entry, block, at)
            elif block.get("type") == "tool_result":
                told = begun.pop(str(block.get("tool_use_id")), None)
                if told and at:
                    yield told | _ended(entry, block, at, told["began"])


def _begun(
    entry: Mapping[str, Any], block: Mapping[str, Any], at: datetime | None
) -> dict[str, Any]:
    return {
        "tool_use_id": str(block.get("id")),
        "tool_input": block["input"],
        "cwd": entry.get("cwd"),
        "session_id": entry.get("sessionId"),
        "agent_id": entry.get("agentId"),
        "began": at,
    }


def _ended(
    entry: Mapping[str, Any], block: Mapping[str, Any], at: datetime, began: datetime | None
) -> dict[str, Any]:
    told: dict[str, Any] = {"ended": at}
    if began and at >= began:
        told["duration_ms"] = (at - began).total_seconds() * 1000
    if block.get("is_error") is True:
        return told | {"hook_event_name": FAILURE, "error": _text(block.get("content"))}
    response = entry.get("toolUseResult")
    return told | {
        "hook_event_name": "PostToolUse",
        "tool_response": response if isinstance(response, dict) else _text(block.get("content")),
    }


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for line in lines:
            if b"tool_" not in line or len(line) > LINE_BYTES_MAX:
                continue
            try:
                entry = json.loads(line.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict):
                yield entry


def _blocks(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    message = entry.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    return [one for one in content if isinstance(one, dict)] if isinstance(content, list) else []


def _text(content: Any) -> str:
    if isinstance(content, list):
        texts = [one.get("text") for one in content if isinstance(one, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _moment(told: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None
