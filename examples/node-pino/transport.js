// A transport of Pino in the place of the `pino-clickhouse` that MS_Prometheus_Logging v1.2 names
// (section 3.7) and npm does not have: the worker's code does not change. Pino runs it in a thread
// of its own; it hands the lines to `genesis-mcp ingest`, which keeps them while the store is down.
//   pino(pino.transport({ target: require.resolve('./transport'), options: {} }))
const { spawn } = require('node:child_process');
const { writeSync } = require('node:fs');
const { Writable } = require('node:stream');

module.exports = function transport({ command = 'genesis-mcp', args = ['ingest', '--quiet'] } = {}) {
  // A group of its own: what ends the worker's, such as Ctrl-C, does not end the recording.
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  let failed = false;
  const fail = (error) => {
    if (!failed) writeSync(2, `logs go to stdout, not to the store: ${error.message}\n`);
    failed = true;
  };
  let isEnding = false;
  child.on('error', fail); // there is no such command
  child.on('exit', (code, signal) => {
    if (!isEnding) fail(new Error(`the recorder ended (${signal ?? code})`));
  });
  child.stdin.on('error', fail); // it ends just now
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve));

  return new Writable({
    highWaterMark: 64 * 1024, // beyond it lines wait in Pino's own buffer
    write(chunk, _encoding, done) {
      const toStdout = () => {
        writeSync(1, chunk); // at once: the streams of a thread are lost when the worker exits
        done();
      };
      if (failed || !child.stdin.writable) toStdout();
      else child.stdin.write(chunk, (error) => (error ? toStdout() : done()));
    },
    final(done) {
      isEnding = true;
      child.stdin.end();
      ended.then(() => done()); // the worker's exit waits for the last line
    },
  });
};
