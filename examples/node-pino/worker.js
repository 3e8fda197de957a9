// Runs code as MS_Prometheus_Logging v1.0 (section 4.1) does, and logs as v1.2 (section 2.2) does.
// Reads tasks on stdin, one a line:
//   {"spec_id": "soma", "iteration": 1, "code": "...", "task_id": "T01", "sprint_id": "S030"}
// Usage: npm start < tasks.ndjson, which is: node worker.js < tasks.ndjson | genesis-mcp ingest
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const { logger, logExecution } = require('./logger');

const TIMEOUT_MS = 60000;

function execute(code) {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-'], { timeout: TIMEOUT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (data) => (stdout += data));
    child.stderr.setEncoding('utf8').on('data', (data) => (stderr += data));
    child.on('close', (exitCode) => {
      resolve({ stdout, stderr, exitCode, code, durationMs: Date.now() - started });
    });
    child.stdin.end(code);
  });
}

async function work(line) {
  try {
    const task = JSON.parse(line);
    logger.info({ task_id: task.task_id, topic: 'run-code' }, 'Task recebida');
    const result = await execute(task.code);
    const context = { sprintId: task.sprint_id, taskId: task.task_id };
    logExecution(task.spec_id, task.iteration, result, context);
    const { exitCode, durationMs } = result;
    logger.info({ task_id: task.task_id, result: exitCode, duration_ms: durationMs }, 'Task concluída');
  } catch (err) {
    logger.error({ error: err.message, stack: err.stack }, 'Falha ao processar');
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await work(line);
  }
}

main();
