-- The accounts of docs/clickhouse.md: a reader for Claude, a writer for workers and for the server, a
-- keeper for `genesis-mcp init`, `prune` and `forget`. Instead of these words come the passwords of .env.

CREATE USER genesis_reader IDENTIFIED BY 'PASSWORD_OF_THE_READER'
  SETTINGS readonly = 2, max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000;
GRANT SELECT ON genesis.logs TO genesis_reader;
GRANT SELECT ON genesis.logs_notes TO genesis_reader;
CREATE QUOTA genesis_reader_quota FOR INTERVAL 1 minute MAX queries = 3000 TO genesis_reader;

CREATE USER genesis_writer IDENTIFIED BY 'PASSWORD_OF_THE_WRITER'
  SETTINGS max_execution_time = 60, max_memory_usage = 4000000000;
GRANT SELECT, INSERT ON genesis.logs TO genesis_writer;
GRANT SELECT, INSERT ON genesis.logs_notes TO genesis_writer;

CREATE USER genesis_keeper IDENTIFIED BY 'PASSWORD_OF_THE_KEEPER';
GRANT SELECT, INSERT, CREATE DATABASE, CREATE TABLE, ALTER TABLE ON genesis.* TO genesis_keeper;
