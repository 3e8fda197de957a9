// Writes runs to genesis.logs as the logger of MS_Prometheus_Logging v1.0 (section 2.2) does, and
// log lines to the same collection through pino-mongodb. genesis-mcp reads both, side by side.
const pino = require('pino');
const { MongoClient } = require('mongodb');

const uri = process.env.MONGO_URI;
const database = 'genesis';
const collection = 'logs';
const client = new MongoClient(uri);

async function logExecution(specId, iteration, result, context = {}) {
  await client.db(database).collection(collection).insertOne({
    spec_id: specId,
    iteration,
    stdout: result.stdout || '',
    stderr: result.stderr || '',
    exit_code: result.exitCode ?? -1, // -1: killed or timed out
    code_snapshot: result.code || null,
    duration_ms: result.durationMs || 0,
    timestamp: new Date(),
    sprint_id: context.sprintId || null,
    task_id: context.taskId || null,
    service: 'genesis-pipeline',
    version: '1.0.0',
  });
}

const transport = pino.transport({
  target: 'pino-mongodb',
  options: { uri, database, collection },
});
const logger = pino({ level: 'trace' }, transport);

// Resolves when every line has been written and the connections are closed.
async function close() {
  await client.close();
  const closed = new Promise((resolve) => transport.once('close', resolve));
  transport.end();
  await closed;
}

module.exports = { logExecution, logger, close };
