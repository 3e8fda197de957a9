"""`describe_logs`: what there is, what its fields mean, how fresh it is, what the limits are."""

from datetime import datetime, timedelta

from genesis_mcp.answers import DayLine, SpecLine, StoreDescription, call
from genesis_mcp.answers.readable import shown_name
from genesis_mcp.questions.arguments import DescribeLogs
from genesis_mcp.questions.neighbours import NOTHING_RECORDED, begun_anew
from genesis_mcp.runs.query import RunQuery, StoreStats
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.runs.wording import at, instant, local_offset, plural
from genesis_mcp.stores.contract import ReadsAtOnce

DAYS = 14
"""Days, up to the newest record, of which counts are given."""

FIELDS = {
    "run_id": "names one run",
    "timestamp": "when it ended, UTC",
    "spec_id": "what was under test",
    "iteration": "which attempt; may repeat or restart",
    "exit_code": "0 passed, other failed, -1 no exit code (killed, timed out)",
    "outcome": "passed, failed, timeout, killed, not_started, unknown; none for events",
    "level, message": "of a log line (event) or a note on the run",
    "stdout, stderr": "what it printed",
    "code_snapshot": "the code that ran",
    "duration_ms": "how long it ran",
    "sprint_id, task_id, service, version, context": "where it belongs",
}


def answer(store: ReadsAtOnce, arguments: DescribeLogs, moment: datetime) -> StoreDescription:
    newest = store.find(RunQuery(limit=1)).runs
    # In a store where nothing happened lately, the days when something did are worth more.
    last_day = min([moment, *(run.timestamp for run in newest)])
    stats = store.describe(last_day - timedelta(days=DAYS))
    return StoreDescription(
        summary=_summary(stats, moment) + begun_anew(store),
        hint=call("recent_failures") if stats.failed or stats.events else None,
        engine=stats.engine,
        writable=stats.writable,
        runs=stats.runs,
        failed=stats.failed,
        events=stats.events,
        counted_since=at(stats.counted_since, moment) if stats.counted_since else None,
        without_time=stats.untimed or None,
        oldest=at(stats.oldest, moment) if stats.oldest else None,
        newest=at(stats.newest, moment) if stats.newest else None,
        size_bytes=stats.size_bytes,
        time_zone=f"times are UTC, this machine is at {local_offset(moment)}",
        days=[
            DayLine(
                day=day.day.isoformat(), runs=day.runs, failed=day.failed, events=day.events or None
            )
            for day in stats.days
        ],
        specs=[
            SpecLine(
                spec_id=shown_name(spec.spec_id) or "",
                runs=spec.runs,
                failed=spec.failed,
                runs_is_minimum=spec.is_minimum or None,
                newest=instant(spec.newest),
            )
            for spec in stats.specs
        ],
        specs_not_shown=max(0, stats.spec_count - len(stats.specs)) or None,
        services={shown_name(one.value) or "": one.records for one in stats.services},
        sprints={shown_name(one.value) or "": one.records for one in stats.sprints},
        limits=(
            f"each text at most {TEXT_BYTES_MAX // 1024} KiB (head and tail kept); "
            f"counts of the {DAYS} days to the newest record; "
            f"{'; '.join(stats.notes) or 'nothing is deleted unasked'}"
        ),
        fields=FIELDS if arguments.fields or not newest else None,
    )


def _summary(stats: StoreStats, moment: datetime) -> str:
    if stats.newest is None:
        return NOTHING_RECORDED
    events = f" and {plural(f'{stats.events:,}', 'event')}" if stats.events else ""
    since = ""
    if stats.counted_since:
        since = f" since {instant(stats.counted_since)} (older ones are not counted)"
    return (
        f"{plural(f'{stats.runs:,}', 'run')} ({stats.failed:,} failed){events} of "
        f"{plural(f'{stats.spec_count:,}', 'spec')}{since}; newest {at(stats.newest, moment)}."
    )
