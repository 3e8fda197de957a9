-- The table of docs/clickhouse.md: that of MS_Prometheus_Logging v1.2 with its TTL of 90 days, and
-- what genesis-mcp adds. Made by tests/deploy: what `genesis-mcp init` does in an empty server.

CREATE DATABASE IF NOT EXISTS `genesis`;

CREATE TABLE IF NOT EXISTS `genesis`.logs (
  `timestamp` DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
  `level` LowCardinality(String),
  `message` String CODEC(ZSTD(1)),
  `spec_id` LowCardinality(String),
  `iteration` UInt32,
  `stdout` String CODEC(ZSTD(1)),
  `stderr` String CODEC(ZSTD(1)),
  `exit_code` Int32,
  `code_snapshot` String CODEC(ZSTD(1)),
  `duration_ms` UInt32,
  `sprint_id` LowCardinality(String),
  `task_id` LowCardinality(String),
  `service` LowCardinality(String) DEFAULT 'genesis-pipeline',
  `version` LowCardinality(String),
  `run_id` String DEFAULT concat('row-', toString(toUnixTimestamp64Milli(timestamp)), '-', lower(hex(sipHash64(toString(level), message, toString(spec_id), iteration, exit_code, duration_ms, toString(sprint_id), toString(task_id), toString(service), toString(version), length(stdout), length(stderr), length(code_snapshot))))) CODEC(ZSTD(1)),
  `kind` LowCardinality(String) DEFAULT multiIf(exit_code != 0, 'run', level IN ('error', 'ERROR', 'fatal', 'FATAL', 'err', 'ERR', 'critical', 'CRITICAL', 'crit', 'CRIT', 'alert', 'ALERT', 'emerg', 'EMERG', 'emergency', 'EMERGENCY', 'panic', 'PANIC', 'Error', 'Fatal', 'Critical', '50', '60', '51', '52', '53', '54', '55', '56', '57', '58', '59', '70', '80', '90', '100'), 'event', stdout != '', 'run', code_snapshot != '', 'run', duration_ms != 0 AND spec_id != '', 'run', duration_ms != 0 AND iteration != 0, 'run', message != '', 'event', duration_ms != 0, 'run', level != '', 'event', stderr != '', 'run', iteration != 0, 'run', 'event'),
  `outcome` LowCardinality(String) DEFAULT multiIf(kind = 'event', '', exit_code = 0, 'passed', exit_code = -2 AND stdout = '' AND stderr = '', 'not_started', exit_code < 0, 'killed', 'failed'),
  `failed` UInt8 DEFAULT toUInt8(if(kind = 'event', level IN ('error', 'ERROR', 'fatal', 'FATAL', 'err', 'ERR', 'critical', 'CRITICAL', 'crit', 'CRIT', 'alert', 'ALERT', 'emerg', 'EMERG', 'emergency', 'EMERGENCY', 'panic', 'PANIC', 'Error', 'Fatal', 'Critical', '50', '60', '51', '52', '53', '54', '55', '56', '57', '58', '59', '70', '80', '90', '100'), outcome IN ('failed', 'timeout', 'killed', 'not_started'))),
  `absent` LowCardinality(String) DEFAULT concat(if(iteration = 0, 'iteration ', ''), if(kind = 'event', 'exit_code ', ''), if(duration_ms = 0, 'duration_ms ', '')),
  `recorded_by` LowCardinality(String) DEFAULT '',
  `context` String DEFAULT '' CODEC(ZSTD(1)),
  `code_hash` String DEFAULT '',
  `message_bytes` UInt64 DEFAULT length(message) CODEC(ZSTD(1)),
  `stdout_bytes` UInt64 DEFAULT length(stdout) CODEC(ZSTD(1)),
  `stderr_bytes` UInt64 DEFAULT length(stderr) CODEC(ZSTD(1)),
  `code_bytes` UInt64 DEFAULT length(code_snapshot) CODEC(ZSTD(1)),
  `signature_type` LowCardinality(String) DEFAULT '',
  `signature_message` String DEFAULT '' CODEC(ZSTD(1)),
  `signature_file` String DEFAULT '' CODEC(ZSTD(1)),
  `signature_line` Nullable(Int64) DEFAULT NULL,
  `signature_group` LowCardinality(String) DEFAULT '',
  `signature_exact` String DEFAULT '' CODEC(ZSTD(1)),
  `signature_version` Nullable(UInt32) DEFAULT NULL,
  `recorded_at` Int64 DEFAULT toInt64(iteration) CODEC(Delta(8), ZSTD(1)),
  `doubt` String DEFAULT '' CODEC(ZSTD(1)),
  `read_version` Nullable(UInt32) DEFAULT NULL,
  `tests_passed` Nullable(UInt32) DEFAULT NULL CODEC(ZSTD(1)),
  `tests_failed` Nullable(UInt32) DEFAULT NULL CODEC(ZSTD(1)),
  `tests_skipped` Nullable(UInt32) DEFAULT NULL CODEC(ZSTD(1)),
  `facts` String DEFAULT '' CODEC(ZSTD(1)),
  INDEX idx_level level TYPE set(10) GRANULARITY 4,
  INDEX idx_exit_code exit_code TYPE set(10) GRANULARITY 4,
  INDEX idx_failed failed TYPE set(2) GRANULARITY 4,
  INDEX idx_spec_id spec_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_sprint_id sprint_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_task_id task_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_service service TYPE set(100) GRANULARITY 4,
  INDEX idx_signature signature_group TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_words lowerUTF8(replaceRegexpAll(if(failed, concat(message, '\n', stdout, '\n', stderr), ''), '[^\\pL\\pN]+', ' ')) TYPE text(tokenizer = 'splitByNonAlpha'),
  PROJECTION by_run (SELECT run_id, timestamp ORDER BY run_id),
  PROJECTION by_spec_2 (SELECT timestamp, level, spec_id, iteration, exit_code, duration_ms, sprint_id, task_id, service, version, run_id, kind, outcome, failed, absent, recorded_by, context, code_hash, message_bytes, stdout_bytes, stderr_bytes, code_bytes, signature_type, signature_message, signature_file, signature_line, signature_group, signature_exact, signature_version, recorded_at, doubt, read_version, tests_passed, tests_failed, tests_skipped ORDER BY spec_id, timestamp),
  PROJECTION by_day (SELECT toInt32(floor(toUnixTimestamp64Milli(timestamp) / 86400000)), kind, failed, service, sprint_id, count(), min(timestamp), max(timestamp) GROUP BY toInt32(floor(toUnixTimestamp64Milli(timestamp) / 86400000)), kind, failed, service, sprint_id),
  PROJECTION groups_2 (SELECT signature_group, kind, failed, count() GROUP BY signature_group, kind, failed),
  PROJECTION specs (SELECT spec_id, kind, failed, count(), max(timestamp) GROUP BY spec_id, kind, failed)
) ENGINE = MergeTree
PARTITION BY toMonday(timestamp)
ORDER BY (timestamp, spec_id)
TTL toDateTime(timestamp) + INTERVAL 90 DAY
SETTINGS index_granularity = 512, min_compress_block_size = 16384, ttl_only_drop_parts = 1, fsync_after_insert = 1, fsync_part_directory = 1, lightweight_mutation_projection_mode = 'rebuild', deduplicate_merge_projection_mode = 'rebuild', non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS `genesis`.logs_notes (`signature_group` String, `signature_version` UInt32, `text` String, `noted_at` Int64, `run_id` String, `witness` String, `written_at` Int64) ENGINE = ReplacingMergeTree(written_at) ORDER BY signature_group SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
