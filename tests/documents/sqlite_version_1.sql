-- A SQLite store as version 1 of the schema had it, made by the code of that version.
PRAGMA application_id = 1195724371;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY CHECK (id / 1000000 = timestamp),
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
  context TEXT
);
CREATE INDEX runs_by_standing ON runs (kind, failed, timestamp, run_id);
CREATE INDEX runs_by_spec ON runs (spec_id, kind, failed, timestamp, run_id) WHERE spec_id IS NOT NULL;
CREATE INDEX runs_by_service ON runs (service, kind, failed, timestamp, run_id) WHERE service IS NOT NULL;
CREATE INDEX runs_by_sprint ON runs (sprint_id, kind, failed, timestamp, run_id) WHERE sprint_id IS NOT NULL;
CREATE INDEX runs_by_task ON runs (task_id, kind, failed, timestamp, run_id) WHERE task_id IS NOT NULL;
CREATE INDEX runs_by_group ON runs (signature_group, kind, failed, timestamp, run_id) WHERE signature_group IS NOT NULL;
CREATE INDEX runs_by_iteration ON runs (spec_id, iteration, timestamp, run_id)
       WHERE iteration IS NOT NULL;
CREATE TABLE texts (
  id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  message, stdout NOT NULL, stderr NOT NULL, code_snapshot
);
CREATE TABLE hours (hour INTEGER PRIMARY KEY, ok_runs INTEGER NOT NULL, failed_runs INTEGER NOT NULL, ok_events INTEGER NOT NULL, failed_events INTEGER NOT NULL);
CREATE TABLE labels (
  field TEXT NOT NULL, value TEXT NOT NULL, ok_runs INTEGER NOT NULL, failed_runs INTEGER NOT NULL, ok_events INTEGER NOT NULL, failed_events INTEGER NOT NULL, newest INTEGER NOT NULL,
  PRIMARY KEY (field, value)
) WITHOUT ROWID;
CREATE INDEX specs_by_newest ON labels (newest DESC, value) WHERE field = 'spec_id';
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
CREATE TRIGGER texts_append_only BEFORE UPDATE ON texts BEGIN
  SELECT RAISE(ABORT, 'runs are never changed');
END;
CREATE VIRTUAL TABLE search USING fts5 (
  labels, message, stdout, stderr, content = '', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version) VALUES (1766158200000000000, '019b372c-0007-7000-8000-000000000000', 1766158200000, 'run', 'soma', 1, 1, 'failed', 'genesis-mcp 0.1', 0, 0, 45, 0, 'AssertionError', 'expected 7 got 7', 'soma.py', 12, '1b01f254109a2d20', 'c6395b7093f921c2', 4);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version) VALUES (1766158200000000001, '019b372c-0003-7000-8000-000000000000', 1766158200000, 'run', 'soma', 2, 1, 'failed', 'genesis-mcp 0.1', 0, 0, 45, 0, 'AssertionError', 'expected 3 got 7', 'soma.py', 12, '1b01f254109a2d20', 'e31ac4fe0217b889', 4);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version) VALUES (1766158200000000002, '019b372c-0009-7000-8000-000000000000', 1766158200000, 'run', 'soma', 3, 1, 'failed', 'genesis-mcp 0.1', 0, 0, 45, 0, 'AssertionError', 'expected 9 got 7', 'soma.py', 12, '1b01f254109a2d20', '3eb5644c8aaa646a', 4);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version) VALUES (1766158200000000003, '019b372c-0001-7000-8000-000000000000', 1766158200000, 'run', 'soma', 4, 1, 'failed', 'genesis-mcp 0.1', 0, 0, 45, 0, 'AssertionError', 'expected 1 got 7', 'soma.py', 12, '1b01f254109a2d20', 'f5be7eb9e29c354c', 4);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, sprint_id, task_id, service, version, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, context) VALUES (1766158200005000000, '019b372c-0014-7000-8000-000000000000', 1766158200005, 'run', 'soma', 5, 0, 'passed', 's-1', 't-1', 'genesis', '1.0', 'genesis-mcp 0.1', '87aab769f629f455', 0, 1800, 0, 1980, '{"ação":[1,null,"é"]}');
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, duration_ms, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_message, signature_group, signature_exact, signature_version) VALUES (1766161800000000000, '019b372c-0015-7000-8000-000000000000', 1766161800000, 'run', 'ação', 1, -1, 'timeout', 60000, 'genesis-mcp 0.1', 20, 0, 0, 0, 'timed out after 60 s', '316cf3d5d431f0c4', '316cf3d5d431f0c4', 4);
INSERT INTO runs (id, run_id, timestamp, kind, level, service, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_message, signature_group, signature_exact, signature_version) VALUES (1766244600000000000, '019b372c-0016-7000-8000-000000000000', 1766244600000, 'event', 'error', 'genesis', 'genesis-mcp 0.1', 24, 0, 0, 0, 'Falha: conexão recusada', '3731276e1de211fa', '3731276e1de211fa', 4);
INSERT INTO runs (id, run_id, timestamp, kind, level, spec_id, iteration, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes) VALUES (1766244600001000000, '019b372c-0017-7000-8000-000000000000', 1766244600001, 'event', 'info', 'soma', 99, 'genesis-mcp 0.1', 15, 0, 0, 0);
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version) VALUES (1766244600001000001, '019b372c-0018-7000-8000-000000000000', 1766244600001, 'run', 'soma', 6, 1, 'failed', 'genesis-mcp 0.1', 0, 0, 5670, 0, 'TypeError', 'x is not a function', '/app/soma.js', 15, '78ba18a161510176', '78ba18a161510176', 4);
INSERT INTO texts VALUES (1766158200000000000, NULL, '', 'soma.py:12: AssertionError: expected 7 got 7
', NULL);
INSERT INTO texts VALUES (1766158200000000001, NULL, '', 'soma.py:12: AssertionError: expected 3 got 7
', NULL);
INSERT INTO texts VALUES (1766158200000000002, NULL, '', 'soma.py:12: AssertionError: expected 9 got 7
', NULL);
INSERT INTO texts VALUES (1766158200000000003, NULL, '', 'soma.py:12: AssertionError: expected 1 got 7
', NULL);
INSERT INTO texts VALUES (1766158200005000000, NULL, X'7801CBCFE6CA1F45A321301A02A321301A02A321305243000016A7167F', '', X'78014B494D5328CECF4DD448D45148D2B4E2520082A2D492D2A23C8544056D8524AE945105A3E1309A1E46F3C568F9305A4E8E560783A95A0400B9362273');
INSERT INTO texts VALUES (1766161800000000000, 'timed out after 60 s', '', '', NULL);
INSERT INTO texts VALUES (1766244600000000000, 'Falha: conexão recusada', '', '', NULL);
INSERT INTO texts VALUES (1766244600001000000, 'Task concluída', '', '', NULL);
INSERT INTO texts VALUES (1766244600001000001, NULL, '', X'7801ED983D0A80300C46774F9151178B884B776FD00B0451A8605BDA0A7A7BF518C2CB94254BC8CFF73D77A775CE39662B97F822215651D9CEB0541F43236F6895120F95D6684AE64BFBBDD861B263D738CA691D63C3CA702E3895BC095E24F20069842C4451E3267052B8481C34F4007202358298410BFF4C4A1FB32C0978', NULL);
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766158200000000000, 'kind72756e specid736f6d61 signaturegroup31623031663235343130396132643230', '', '', 'soma.py:12: AssertionError: expected 7 got 7
');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766158200000000001, 'kind72756e specid736f6d61 signaturegroup31623031663235343130396132643230', '', '', 'soma.py:12: AssertionError: expected 3 got 7
');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766158200000000002, 'kind72756e specid736f6d61 signaturegroup31623031663235343130396132643230', '', '', 'soma.py:12: AssertionError: expected 9 got 7
');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766158200000000003, 'kind72756e specid736f6d61 signaturegroup31623031663235343130396132643230', '', '', 'soma.py:12: AssertionError: expected 1 got 7
');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766161800000000000, 'kind72756e specid61c3a7c3a36f signaturegroup33313663663364356434333166306334', 'timed out after 60 s', '', '');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766244600000000000, 'kind6576656e74 service67656e65736973 signaturegroup33373331323736653164653231316661', 'Falha: conexão recusada', '', '');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766244600001000001, 'kind72756e specid736f6d61 signaturegroup37386261313861313631353130313736', '', '', 'TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
TypeError: x is not a function
    at soma (/app/soma.js:15:3)
');
COMMIT;
