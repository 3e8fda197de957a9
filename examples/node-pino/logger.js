// The logger of MS_Prometheus_Logging v1.2 (section 2.2), and v1.0's record of an execution
// (section 2.2) as one of its lines. It writes to stdout and knows no database:
//   node worker.js < tasks.ndjson | genesis-mcp ingest
const pino = require('pino');

const logger = pino({ level: process.env.LOG_LEVEL || 'info' });

function logExecution(specId, iteration, result, context = {}) {
  const record = {
    spec_id: specId,
    iteration,
    stdout: result.stdout || '',
    stderr: result.stderr || '',
    exit_code: result.exitCode ?? -1, // -1: killed or timed out
    code_snapshot: result.code || null,
    duration_ms: result.durationMs || 0,
    sprint_id: context.sprintId || null,
    task_id: context.taskId || null,
    service: 'genesis-pipeline',
    version: '1.0.0',
  };
  const passed = result.exitCode === 0;
  logger[passed ? 'info' : 'error'](record, passed ? 'Execução bem sucedida' : 'Execução falhou');
}

module.exports = { logger, logExecution };
