// Reads lines of JSON on stdin and logs each:
//   {"spec_id": "soma", "iteration": 2, "result": {"exitCode": 1, "stderr": "..."}}   a run
//   {"level": "error", "msg": "...", "error": "...", ...}                             a log line
// Usage: MONGO_URI=mongodb://localhost:27017 node worker.js < lines.ndjson
const readline = require('node:readline');
const { logExecution, logger, close } = require('./logger');

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { level, msg, error, ...rest } = JSON.parse(line);
    if (level) {
      const err = error ? { err: new Error(error) } : {};
      logger[level]({ ...rest, ...err }, msg);
    } else {
      await logExecution(rest.spec_id, rest.iteration, rest.result, rest.context);
    }
  }
  await close();
}

main();
