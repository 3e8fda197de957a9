-- What makes of the SQLite store in sqlite_version_1.sql and sqlite_version_2.sql one as version 3 of
-- the schema had it: the statements of the code of that version, and what it recorded.
PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE runs_rebuilt (
  id INTEGER PRIMARY KEY CHECK (id / 1000000 = timestamp OR id >= 7300000000000000000),
  run_id TEXT NOT NULL UNIQUE CHECK (typeof(run_id) = 'text'),
  timestamp INTEGER NOT NULL CHECK (typeof(timestamp) = 'integer' AND timestamp >= 0),
  kind TEXT NOT NULL CHECK (kind IN ('run', 'event', 'suite')),
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
INSERT INTO runs_rebuilt (id, run_id, timestamp, kind, level, spec_id, iteration, exit_code, outcome, duration_ms, sprint_id, task_id, service, version, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version, context, doubt, read_version, tests_passed, tests_failed, tests_skipped, recorded_at) SELECT id, run_id, timestamp, kind, level, spec_id, iteration, exit_code, outcome, duration_ms, sprint_id, task_id, service, version, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version, context, doubt, read_version, tests_passed, tests_failed, tests_skipped, recorded_at FROM runs ORDER BY id;
DROP TABLE runs;
ALTER TABLE runs_rebuilt RENAME TO runs;
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
  INSERT INTO hours SELECT new.timestamp / 3600000, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1 WHERE new.kind != 'suite'
    ON CONFLICT (hour) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events;
  INSERT INTO labels SELECT 'spec_id', new.spec_id, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.spec_id IS NOT NULL
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'service', new.service, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.service IS NOT NULL AND new.kind != 'suite'
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'sprint_id', new.sprint_id, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.sprint_id IS NOT NULL AND new.kind != 'suite'
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'task_id', new.task_id, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.task_id IS NOT NULL AND new.kind != 'suite'
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
  INSERT INTO labels SELECT 'signature_group', new.signature_group, new.kind != 'event' AND new.failed = 0, new.kind != 'event' AND new.failed = 1, new.kind = 'event' AND new.failed = 0, new.kind = 'event' AND new.failed = 1, new.timestamp
    WHERE new.signature_group IS NOT NULL AND new.kind != 'suite'
    ON CONFLICT (field, value) DO UPDATE SET ok_runs = ok_runs + excluded.ok_runs, failed_runs = failed_runs + excluded.failed_runs, ok_events = ok_events + excluded.ok_events, failed_events = failed_events + excluded.failed_events, newest = max(newest, excluded.newest);
END;
CREATE TRIGGER runs_removed AFTER DELETE ON runs BEGIN
  UPDATE hours SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1) WHERE hour = old.timestamp / 3600000 AND old.kind != 'suite';
  DELETE FROM hours WHERE hour = old.timestamp / 3600000 AND ok_runs + failed_runs + ok_events + failed_events = 0;

  UPDATE labels SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1)
    WHERE field = 'spec_id' AND value = old.spec_id;
  DELETE FROM labels WHERE field = 'spec_id' AND value = old.spec_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1)
    WHERE field = 'service' AND value = old.service AND old.kind != 'suite';
  DELETE FROM labels WHERE field = 'service' AND value = old.service AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1)
    WHERE field = 'sprint_id' AND value = old.sprint_id AND old.kind != 'suite';
  DELETE FROM labels WHERE field = 'sprint_id' AND value = old.sprint_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1)
    WHERE field = 'task_id' AND value = old.task_id AND old.kind != 'suite';
  DELETE FROM labels WHERE field = 'task_id' AND value = old.task_id AND ok_runs + failed_runs + ok_events + failed_events = 0;
  UPDATE labels SET ok_runs = ok_runs - (old.kind != 'event' AND old.failed = 0), failed_runs = failed_runs - (old.kind != 'event' AND old.failed = 1), ok_events = ok_events - (old.kind = 'event' AND old.failed = 0), failed_events = failed_events - (old.kind = 'event' AND old.failed = 1)
    WHERE field = 'signature_group' AND value = old.signature_group AND old.kind != 'suite';
  DELETE FROM labels WHERE field = 'signature_group' AND value = old.signature_group AND ok_runs + failed_runs + ok_events + failed_events = 0;
END;
CREATE TRIGGER runs_append_only BEFORE UPDATE ON runs BEGIN
  SELECT RAISE(ABORT, 'runs are never changed');
END;
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, service, recorded_by, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_group, signature_exact, signature_version, read_version, tests_passed, tests_failed, tests_skipped, recorded_at) VALUES (1766253600000000000, '019b3ceb-1d00-74f4-ad2e-668c8368331a', 1766253600000, 'run', 'soma', 8, 1, 'failed', 'genesis-pipeline', 'pytest', 'ee4ba80ac4dcf66b', 0, 1409, 0, 1560, 'AssertionError', '1 != 2', 'tests/test_soma.py', '7dd8863b2ee45c77', '8fbad982c57d9669', 7, 1, 1, 2, 0, 1766253600000000);
INSERT INTO texts (id, message, stdout, stderr, code_snapshot, facts) VALUES (1766253600000000000, NULL, X'780185D44D6AC3301086E1BD4E315D65D3A69E91D41F831781C650DA3B14D756A8C1B682A4407DA89EA217AB1DB209FAA01B2F5E31669ECDB47E185C9B5C479AFAE4C6A8547231C5FBF5FB11FDD86C8F336DEB5AA96313A3A7825A3FB5C3E9F7A7F397C479923CE93C993CD93C3DE4E9314F4F797ACE13A3F5C1FE0C000C040C080C0C0C100C140C180C1C021C021C021C021C021C021C021C021C021C021C1A38347068E0D0C0A181430387060E0D1C1A38347018E030C06180C30087010E031C06380C7018E030C06181C30287050E0B1C16382C7058E0B0C06181C35E39AAAAA2F8E543A2F582513C8D631366EAA783A7E54DD5BBD7F7FDCBF9F1FAC895E5F9E4357447BB185D48BD9FF621F85012D34D45F2EFE8E732FAE6E6CBD0E67BA3D665840E4D3FB8EE76F9CD7A429753DB4F546CB988EB427FEE730EC3', '', X'78014B494D5328CECF4DD448D45148D2B4E2520082A2D492D2A23C8544055D852405056585C32BB95246958D06C8680A19CD0BA385C3C8282D014E04B9F0', X'78019D91C14AC43010865FA5CE652F419BB0DDAE811E0AF6B29EF4A488946C362DA1691A9316AC4BDFDD495D3C2D085EC264E6CFCC377FCE30AA3006E067F093B5CA030737C71C1070220475024E0934429B183202CAFBC1C73825103AEDDC256E8CE8E6351BC5DAB6C0DFCE6045AFB0E73AE52E9E75187A71EB66CED79BC0390DF6BEAAC11A36C29A9D8C21D0AB10441BA52582F9510FB68A303CA1C94D91309487498FBFFA4E210FC8D39E324169CE32A9F2ED3D2CE46FACE3BFB01ED57C01DA7C6EAED3ECD22D93BB7D9AAA23CB682E6179FF71170DAB1118BF02BE5EAB8FEAE520B3D4B44F41940FFEF0DC94451199A2C9F5EA26DA8B4F75A8E5D03BA3E2DAA39FD4B27C03B7C69ABF');
INSERT INTO runs (id, run_id, timestamp, kind, spec_id, iteration, exit_code, outcome, service, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_group, signature_exact, signature_version, read_version, tests_passed, tests_failed, tests_skipped, recorded_at) VALUES (1766253600001000000, '019b3ceb-1d01-7cd3-a78e-35b1a4dc3032', 1766253600001, 'suite', 'all tests', 1, 1, 'failed', 'genesis-pipeline', 'pytest', 0, 1409, 0, 0, 'AssertionError', '1 != 2', 'tests/test_soma.py', '57389a0d8b043187', '23e4f832ad655160', 7, 1, 1, 2, 0, 1766253600000001);
INSERT INTO texts (id, message, stdout, stderr, code_snapshot, facts) VALUES (1766253600001000000, NULL, X'780185D44D6AC3301086E1BD4E315D65D3A69E91D41F831781C650DA3B14D756A8C1B682A4407DA89EA217AB1DB209FAA01B2F5E31669ECDB47E185C9B5C479AFAE4C6A8547231C5FBF5FB11FDD86C8F336DEB5AA96313A3A7825A3FB5C3E9F7A7F397C479923CE93C993CD93C3DE4E9314F4F797ACE13A3F5C1FE0C000C040C080C0C0C100C140C180C1C021C021C021C021C021C021C021C021C021C021C1A38347068E0D0C0A181430387060E0D1C1A38347018E030C06180C30087010E031C06380C7018E030C06181C30287050E0B1C16382C7058E0B0C06181C35E39AAAAA2F8E543A2F582513C8D631366EAA783A7E54DD5BBD7F7FDCBF9F1FAC895E5F9E4357447BB185D48BD9FF621F85012D34D45F2EFE8E732FAE6E6CBD0E67BA3D665840E4D3FB8EE76F9CD7A429753DB4F546CB988EB427FEE730EC3', '', NULL, X'78019D91C14AC43010865FA5CE652F419BB0DDAE811E0AF6B29EF4A488946C362DA1691A9316AC4BDFDD495D3C2D085EC264E6CFCC377FCE30AA3006E067F093B5CA030737C71C1070220475024E0934429B183202CAFBC1C73825103AEDDC256E8CE8E6351BC5DAB6C0DFCE6045AFB0E73AE52E9E75187A71EB66CED79BC0390DF6BEAAC11A36C29A9D8C21D0AB10441BA52582F9510FB68A303CA1C94D91309487498FBFFA4E210FC8D39E324169CE32A9F2ED3D2CE46FACE3BFB01ED57C01DA7C6EAED3ECD22D93BB7D9AAA23CB682E6179FF71170DAB1118BF02BE5EAB8FEAE520B3D4B44F41940FFEF0DC94451199A2C9F5EA26DA8B4F75A8E5D03BA3E2DAA39FD4B27C03B7C69ABF');
INSERT INTO runs (id, run_id, timestamp, kind, level, spec_id, service, recorded_by, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_group, signature_exact, signature_version, recorded_at) VALUES (1766253600002000000, '019b3ceb-1d02-7046-bf3a-e9ef49d43567', 1766253600002, 'event', 'error', 'soma', 'genesis-pipeline', 'pytest', 17, 0, 95, 0, 'Error', 'connect ECONNREFUSED 10.0.0.1:5432', '2aaec95e3be21054', 'da1249ae0a5b930f', 7, 1766253600000002);
INSERT INTO texts (id, message, stdout, stderr, code_snapshot, facts) VALUES (1766253600002000000, 'conexão recusada', '', 'Error: connect ECONNREFUSED 10.0.0.1:5432
    at TCPConnectWrap.afterConnect (node:net:1157:16)', NULL, NULL);
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766253600000000000, 'kind72756e specid736f6d61 service67656e657369732d706970656c696e65 signaturegroup37646438383633623265653435633737', '', 'collected 3 items

tests/test_soma.py .FF

passo 0 concluído
passo 1 concluído
passo 2 concluído
passo 3 concluído
passo 4 concluído
passo 5 concluído
passo 6 concluído
passo 7 concluído
passo 8 concluído
passo 9 concluído
passo 10 concluído
passo 11 concluído
passo 12 concluído
passo 13 concluído
passo 14 concluído
passo 15 concluído
passo 16 concluído
passo 17 concluído
passo 18 concluído
passo 19 concluído
passo 20 concluído
passo 21 concluído
passo 22 concluído
passo 23 concluído
passo 24 concluído
passo 25 concluído
passo 26 concluído
passo 27 concluído
passo 28 concluído
passo 29 concluído
passo 30 concluído
passo 31 concluído
passo 32 concluído
passo 33 concluído
passo 34 concluído
passo 35 concluído
passo 36 concluído
passo 37 concluído
passo 38 concluído
passo 39 concluído
passo 40 concluído
passo 41 concluído
passo 42 concluído
passo 43 concluído
passo 44 concluído
passo 45 concluído
passo 46 concluído
passo 47 concluído
passo 48 concluído
passo 49 concluído
passo 50 concluído
passo 51 concluído
passo 52 concluído
passo 53 concluído
passo 54 concluído
passo 55 concluído
passo 56 concluído
passo 57 concluído
passo 58 concluído
passo 59 concluído
=== short test summary info ===
FAILED tests/test_soma.py::test_a - AssertionError: 1 != 2
FAILED tests/test_soma.py::test_b - KeyError: ''x''
=== 2 failed, 1 passed in 0.10s ===', '');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766253600001000000, 'kind7375697465 specid616c6c207465737473 service67656e657369732d706970656c696e65 signaturegroup35373338396130643862303433313837', '', 'collected 3 items

tests/test_soma.py .FF

passo 0 concluído
passo 1 concluído
passo 2 concluído
passo 3 concluído
passo 4 concluído
passo 5 concluído
passo 6 concluído
passo 7 concluído
passo 8 concluído
passo 9 concluído
passo 10 concluído
passo 11 concluído
passo 12 concluído
passo 13 concluído
passo 14 concluído
passo 15 concluído
passo 16 concluído
passo 17 concluído
passo 18 concluído
passo 19 concluído
passo 20 concluído
passo 21 concluído
passo 22 concluído
passo 23 concluído
passo 24 concluído
passo 25 concluído
passo 26 concluído
passo 27 concluído
passo 28 concluído
passo 29 concluído
passo 30 concluído
passo 31 concluído
passo 32 concluído
passo 33 concluído
passo 34 concluído
passo 35 concluído
passo 36 concluído
passo 37 concluído
passo 38 concluído
passo 39 concluído
passo 40 concluído
passo 41 concluído
passo 42 concluído
passo 43 concluído
passo 44 concluído
passo 45 concluído
passo 46 concluído
passo 47 concluído
passo 48 concluído
passo 49 concluído
passo 50 concluído
passo 51 concluído
passo 52 concluído
passo 53 concluído
passo 54 concluído
passo 55 concluído
passo 56 concluído
passo 57 concluído
passo 58 concluído
passo 59 concluído
=== short test summary info ===
FAILED tests/test_soma.py::test_a - AssertionError: 1 != 2
FAILED tests/test_soma.py::test_b - KeyError: ''x''
=== 2 failed, 1 passed in 0.10s ===', '');
INSERT INTO search (rowid, labels, message, stdout, stderr) VALUES (1766253600002000000, 'kind6576656e74 specid736f6d61 service67656e657369732d706970656c696e65 signaturegroup32616165633935653362653231303534', 'conexão recusada', '', 'Error: connect ECONNREFUSED 10.0.0.1:5432
    at TCPConnectWrap.afterConnect (node:net:1157:16)');
PRAGMA user_version = 3;
COMMIT;
