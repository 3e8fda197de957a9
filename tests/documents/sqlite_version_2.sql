-- What makes of the SQLite store in sqlite_version_1.sql one as version 2 of the schema had it: the
-- statements of the code of that version, and a run that it recorded.
PRAGMA foreign_keys = OFF;
BEGIN;

CREATE TABLE runs_2 (
  id INTEGER PRIMARY KEY CHECK (id / 1000000 = timestamp OR id >= 7300000000000000000),
  run_id TEXT NOT NULL UNIQUE CHECK (typeof(run_id) = 'text'),
  timestamp INTEGER NOT NULL CHECK (typeof(timestamp) = 'integer' AND timestamp >= 0),
  kind TEXT NOT NULL CHECK (kind IN ('run', 'event')),
  level TEXT,
  spec_id TEXT CHECK (typeof(spec_id) IN ('text', 'null')),
  iteration INTEGER CHECK (typeof(iteration) IN ('integer', 'null') AND iteration >= 0),
  exit_code INTEGER CHECK (typeof(exit_code) IN ('integer', 'null')),
  outcome TEXT
    CHECK (outcome IN ('passed', 'failed', 'timeout', 'killed', 'not_started', 'unknown')),
  failed INTEGER NOT NULL GENERATED ALWAYS AS (
    CASE kind
      WHEN 'event' THEN ifnull(level IN ('error', 'fatal'), 0)
      ELSE ifnull(outcome IN ('failed', 'timeout', 'killed', 'not_started'), 0)
    END
  ) STORED,
  duration_ms INTEGER CHECK (typeof(duration_ms) IN ('integer', 'null') AND duration_ms >= 0),
  sprint_id TEXT CHECK (typeof(sprint_id) IN ('text', 'null')),
  task_id TEXT CHECK (typeof(task_id) IN ('text', 'null')),
  service TEXT CHECK (typeof(service) IN ('text', 'null')),
  version TEXT,
  recorded_by TEXT,
  code_hash TEXT,
  message_bytes INTEGER NOT NULL CHECK (typeof(message_bytes) = 'integer'),
  stdout_bytes INTEGER NOT NULL CHECK (typeof(stdout_bytes) = 'integer'),
  stderr_bytes INTEGER NOT NULL CHECK (typeof(stderr_bytes) = 'integer'),
  code_bytes INTEGER NOT NULL CHECK (typeof(code_bytes) = 'integer'),
  signature_type TEXT,
  signature_message TEXT,
  signature_file TEXT,
  signature_line INTEGER,
  signature_group TEXT CHECK (typeof(signature_group) IN ('text', 'null')),
  signature_exact TEXT,
  signature_version INTEGER,
  doubt TEXT CHECK (typeof(doubt) IN ('text', 'null')),
  read_version INTEGER,
  tests_passed INTEGER,
  tests_failed INTEGER,
  tests_skipped INTEGER,
  recorded_at INTEGER NOT NULL DEFAULT 0 CHECK (typeof(recorded_at) = 'integer'),
  context TEXT
);
INSERT INTO runs_2 (id, run_id, timestamp, kind, level, spec_id, iteration, exit_code, outcome, duration_ms, sprint_id, task_id, service, version, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version, context, recorded_at) SELECT id, run_id, timestamp, kind, level, spec_id, iteration, exit_code, outcome, duration_ms, sprint_id, task_id, service, version, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version, context, (id % 1000000) FROM runs ORDER BY id;
DROP TABLE runs;
ALTER TABLE runs_2 RENAME TO runs;
ALTER TABLE texts ADD COLUMN facts;
CREATE INDEX runs_by_standing ON runs (kind, failed, timestamp);
CREATE INDEX runs_by_spec ON runs (spec_id, kind, failed, timestamp) WHERE spec_id IS NOT NULL;
CREATE INDEX runs_by_service ON runs (service, kind, failed, timestamp) WHERE service IS NOT NULL;
CREATE INDEX runs_by_sprint ON runs (sprint_id, kind, failed, timestamp) WHERE sprint_id IS NOT NULL;
CREATE INDEX runs_by_task ON runs (task_id, kind, failed, timestamp) WHERE task_id IS NOT NULL;
CREATE INDEX runs_by_group ON runs (signature_group, kind, failed, timestamp) WHERE signature_group IS NOT NULL;
CREATE INDEX runs_by_iteration ON runs (spec_id, kind, iteration, timestamp)
       WHERE iteration IS NOT NULL;
CREATE INDEX runs_in_doubt ON runs (timestamp) WHERE doubt IS NOT NULL;

CREATE TRIGGER runs_added AFTER INSERT ON runs BEGIN
  INSERT INTO hours VALUES (new.timestamp / 3600000, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1)
    ON CONFLICT (hour) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events;
  INSERT INTO labels SELECT 'spec_id', new.spec_id, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.spec_id IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'service', new.service, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.service IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'sprint_id', new.sprint_id, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.sprint_id IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'task_id', new.task_id, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.task_id IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'signature_group', new.signature_group, new.kind = 'run' AND new.failed = 0, new.kind = 'run' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.signature_group IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
END;

CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN
  UPDATE hours SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE hour = old.timestamp / 3600000;
  DELETE FROM hours WHERE hour = old.timestamp / 3600000 AND ok_runs + failed_runs + ok_events + failed_events = 0;

  UPDATE labels SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE field = 'spec_id' AND value = old.spec_id;
  DELETE FROM labels WHERE field = 'spec_id' AND value = old.spec_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE field = 'service' AND value = old.service;
  DELETE FROM labels WHERE field = 'service' AND value = old.service AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE field = 'sprint_id' AND value = old.sprint_id;
  DELETE FROM labels WHERE field = 'sprint_id' AND value = old.sprint_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE field = 'task_id' AND value = old.task_id;
  DELETE FROM labels WHERE field = 'task_id' AND value = old.task_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind = 'run' AND old.failed = 0), failed_runs = failed_runs - (old.kind = 'run' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE field = 'signature_group' AND value = old.signature_group;
  DELETE FROM labels WHERE field = 'signature_group' AND value = old.signature_group AND ok_runs + failed_runs + ok_events + failed_events = 0;
END;

CREATE TRIGGER runs_append_only BEFORE UPDATE ON runs BEGIN
  SELECT RAISE(ABORT, 'runs are never changed');
END;
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by,
  message_bytes, stdout_bytes, stderr_bytes, code_bytes, doubt, read_version, tests_passed,
  tests_failed, tests_skipped, recorded_at)
VALUES (1766250000000000000, '019b37d4-1c80-7000-8000-000000000001', 1766250000000, 'run', 'soma', 7,
  0, 'passed', 'genesis-mcp run', 0, 30, 0, 0, 'exit 0, but its own summary tells of 1 failed test',
  1, 3, 1, 0, 1766250000123456);
INSERT INTO texts (id, stdout, stderr) VALUES (1766250000000000000, '== 1 failed, 3 passed in 0.1s ==', '');
PRAGMA user_version = 2;
COMMIT;
