// Logs to stdout in every setting of Pino that occurs. What the lines mean goes as JSON to the file
// that the first argument names: one object for each line that was meant, known by its spec_id.
const fs = require('node:fs');
const pino = require('pino');
const pretty = require('pino-pretty');

const stdout = pino.destination({ fd: 1, sync: true });
stdout.setMaxListeners(0); // one for each pino-pretty below
const meant = [];
const START = Date.UTC(2025, 11, 19, 15, 30, 0, 123);
let clock = START;
Date.now = () => clock;

class CustomError extends Error {}

function failure(message, fields = {}) {
  const error = new CustomError(message);
  error.stack = `CustomError: ${message}\n    at tarefa (worker.js:3:9)\n    at main (worker.js:9:1)`;
  return Object.assign(error, fields);
}

const say = (text) => fs.writeSync(1, text);
let number = 0;

// One worker: some lines in one setting. `time`: from the clock to the time that is told, or null.
function worker(name, options, settings = {}) {
  const { destination = stdout, time = (ms) => ms, wraps, level = (one) => one, write, context = {} } = settings;
  const logger = pino({ base: null, ...options }, destination);
  const expect = (fields, line) => {
    number += 1;
    clock += 1;
    const spec_id = `${name}-${number}`;
    meant.push({ worker: name, spec_id, timestamp: time(clock), context, ...fields, level: level(fields.level) });
    line(spec_id);
  };
  const own = (fields) => (wraps ? wraps(fields) : fields);
  if (write) return write(logger, expect);
  expect({ level: 'info', message: `Task recebida ${name}`, task_id: 'T01' }, (spec_id) =>
    logger.info(own({ spec_id, task_id: 'T01' }), `Task recebida ${name}`));
  expect({ level: 'error', message: `Falha em ${name}`, stderr: failure('caiu').stack, iteration: 3 }, (spec_id) =>
    logger.error(own({ spec_id, iteration: 3, err: failure('caiu') }), `Falha em ${name}`));
  say('console.log no meio\n');
  expect({ kind: 'run', level: 'error', exit_code: 1, stdout: 'saída', stderr: 'ValueError: 3', duration_ms: 12 }, (spec_id) =>
    logger.error(own({ spec_id, exit_code: 1, stdout: 'saída', stderr: 'ValueError: 3', duration_ms: 12.3 })));
  return undefined;
}

const labels = { level: (label) => ({ level: label }) };
const shouting = { level: (label) => ({ level: label.toUpperCase() }) };

worker('default', { base: { pid: 41, hostname: 'w1' } }, { context: { pid: 41, hostname: 'w1' } });
worker('base-null', {});
worker('named', { base: { pid: 41, hostname: 'w1' }, name: 'worker-email' }, { context: { name: 'worker-email' } });
worker('labels', { formatters: labels });
worker('upper-labels', { formatters: shouting });
worker('severity', { formatters: { level: (label) => ({ severity: label.toUpperCase() }) } });
worker('syslog-words', { formatters: { level: (label) => ({ level: label === 'error' ? 'ERR' : 'INFORMATIONAL' }) } }, {
  level: (label) => (label === 'error' ? 'error' : 'informational'),
});
worker('iso', { timestamp: pino.stdTimeFunctions.isoTime });
worker('unix', { timestamp: pino.stdTimeFunctions.unixTime }, { time: (ms) => Math.round(ms / 1000) * 1000 });
worker('nanoseconds', {
  timestamp: () => `,"time":"${new Date(Date.now()).toISOString().replace('Z', '456789Z')}"`,
});
worker('other-zone', {
  timestamp: () => `,"time":"${new Date(Date.now() - 3 * 3600e3).toISOString().replace('Z', '-03:00')}"`,
});
worker('at-timestamp', { timestamp: () => `,"@timestamp":"${new Date(Date.now()).toISOString()}"` });
worker('epoch-text', { timestamp: () => `,"time":"${Date.now()}"` });
worker('no-time', { timestamp: false }, { time: () => null });
worker('message-key', { messageKey: 'message' });
worker('mensagem', { messageKey: 'mensagem' });
worker('text-key', { messageKey: 'text' });
worker('error-key', { errorKey: 'error' }, {
  write(logger, expect) {
    expect({ level: 'error', message: 'caiu', stderr: failure('caiu').stack }, (spec_id) =>
      logger.child({ spec_id }).error(failure('caiu')));
  },
});
worker('nested-key', { nestedKey: 'payload' });
worker('custom-levels', { customLevels: { audit: 35, disaster: 70 } }, {
  write(logger, expect) {
    expect({ level: '35', message: 'auditado' }, (spec_id) => logger.audit({ spec_id }, 'auditado'));
    expect({ level: 'fatal', message: 'acabou' }, (spec_id) => logger.disaster({ spec_id }, 'acabou'));
  },
});
worker('custom-labels', { customLevels: { audit: 35 }, formatters: labels }, {
  write(logger, expect) {
    expect({ level: 'audit', message: 'auditado' }, (spec_id) => logger.audit({ spec_id }, 'auditado'));
  },
});
worker('every-level', { level: 'trace' }, {
  write(logger, expect) {
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) {
      expect({ level, message: `nível ${level}` }, (spec_id) => logger[level]({ spec_id }, `nível ${level}`));
    }
  },
});
worker('children', {}, {
  context: { topic: 'soma', attempt: 2 },
  write(logger, expect) {
    expect({ level: 'info', message: 'do filho', sprint_id: 'S030', service: 'api', version: '2.1' }, (spec_id) =>
      logger.child({ spec_id: 'antigo', topic: 'soma' }).child({ sprint_id: 'S030', service: 'api', version: '2.1' })
        .info({ spec_id, attempt: 2 }, 'do filho')); // spec_id stands twice in the line: the last one counts
  },
});
worker('bindings-formatter', { base: { pid: 41, hostname: 'w1' }, formatters: { bindings: () => ({ host: 'w1' }), log: (fields) => ({ ...fields, app: 'g' }) } }, {
  context: { host: 'w1', app: 'g' },
});
worker('redacted', { redact: ['password'] }, {
  context: { password: '[Redacted]' },
  write(logger, expect) {
    expect({ level: 'info', message: 'entrou' }, (spec_id) => logger.info({ spec_id, password: 'x' }, 'entrou'));
  },
});
worker('template', {}, {
  write(logger, expect) {
    const err = failure('caiu');
    expect({ level: 'info', message: 'Task recebida', task_id: 'T7' }, (spec_id) =>
      logger.info({ spec_id, task_id: 'T7', topic: 'x' }, 'Task recebida'));
    expect({ level: 'error', message: 'Falha ao processar', stderr: err.stack }, (spec_id) =>
      logger.error({ spec_id, error: err.message, stack: err.stack }, 'Falha ao processar'));
    expect({ level: 'info', message: 'Task concluída', duration_ms: 1523 }, (spec_id) =>
      logger.info({ spec_id, result: { ok: true }, duration_ms: 1523 }, 'Task concluída'));
    expect({ level: 'error', message: 'só a mensagem', stderr: 'caiu' }, (spec_id) =>
      logger.error({ spec_id, error: 'caiu' }, 'só a mensagem'));
  },
});
worker('v1.0-log', {}, {
  context: { time: START },
  write(logger, expect) {
    // v1.0's log(level, message, context): a time of the call's own beside Pino's.
    expect({ level: 'warn', message: 'genérico', task_id: 'T1', timestamp: START - 1000 }, (spec_id) => {
      clock = START;
      logger.warn({ spec_id, task_id: 'T1', timestamp: new Date(START - 1000).toISOString() }, 'genérico');
    });
  },
});
worker('v1.0-record', {}, {
  write(logger, expect) {
    const run = { iteration: 4, stdout: 'Test started...\n', stderr: '', exit_code: 0, duration_ms: 1523, task_id: null };
    const rest = { sprint_id: 'S030', service: 'genesis-pipeline', version: '1.0.0' };
    expect({ kind: 'run', level: 'info', ...run, ...rest }, (spec_id) =>
      logger.info({ spec_id, ...run, code_snapshot: null, ...rest, timestamp: new Date(clock) }));
  },
});
worker('causes', {}, {
  write(logger, expect) {
    const error = failure('de fora', { cause: failure('de dentro'), code: 'E_FORA' });
    const stack = `${failure('de fora').stack}\ncaused by: ${failure('de dentro').stack}`;
    expect({ level: 'error', message: 'com causa', stderr: stack }, (spec_id) =>
      logger.error({ spec_id, err: error }, 'com causa'));
  },
});
worker('causes-apart', { serializers: { err: pino.stdSerializers.errWithCause } }, {
  write(logger, expect) {
    const error = failure('de fora', { cause: failure('de dentro') });
    const stack = `${failure('de fora').stack}\ncaused by: ${failure('de dentro').stack}`;
    expect({ level: 'error', message: 'com causa', stderr: stack }, (spec_id) =>
      logger.error({ spec_id, err: error }, 'com causa'));
  },
});
worker('mixins', { mixin: () => ({ trace: 'abc' }) }, { context: { trace: 'abc' } });
worker('unusual-values', {}, {
  context: { iteration: 'muitas', service: { nome: 'x' }, big: 12345678901234567890 },
  write(logger, expect) {
    expect({ level: 'info', message: 'estranho', iteration: null, service: null }, (spec_id) =>
      logger.info({ spec_id, iteration: 'muitas', service: { nome: 'x' }, big: 12345678901234567890 }, 'estranho'));
  },
});
worker('huge-context', {}, {
  write(logger, expect) {
    expect({ level: 'info', message: 'enorme', task_id: 'T1', shortened: true }, (spec_id) =>
      logger.info({ spec_id, task_id: 'T1', payload: 'x'.repeat(100000), small: 1 }, 'enorme'));
  },
});
worker('killed-child', {}, {
  context: { signal: 'SIGKILL' },
  write(logger, expect) {
    expect({ kind: 'run', level: 'error', exit_code: -1, message: 'morto' }, (spec_id) =>
      logger.error({ spec_id, exit_code: null, signal: 'SIGKILL', stdout: '' }, 'morto'));
  },
});

say('\n   \n/tmp/app.js:3\n  throw new TypeError("x");\n  ^\n\nTypeError: x\n    at foo (/tmp/app.js:3:9)\n\nNode.js v20.0.0\n');

// docker compose puts the container before each line.
const compose = (name) => ({ write: (line) => say(`\x1b[36m${name}  |\x1b[0m ${line}`) });
worker('compose', {}, { destination: compose('worker-1'), context: { container: 'worker-1' } });
worker('compose-named', {}, { destination: compose('api'), context: { container: 'api' } });
worker('crlf', {}, { destination: { write: (line) => say(line.replace('\n', '\r\n')) } });

// pino-pretty: a time of day without a date is of the last 24 hours.
clock = new Date().getTime();
const prettily = (options) => ({ destination: pretty({ sync: true, destination: stdout, colorize: false, ...options }) });
worker('pretty', {}, prettily({}));
worker('pretty-colours', {}, prettily({ colorize: true }));
worker('pretty-base', { base: { pid: 41, hostname: 'w1' }, name: 'w' }, { ...prettily({}), context: { name: 'w' } });
worker('pretty-single-line', {}, prettily({ singleLine: true, colorize: true }));
worker('pretty-standard-time', {}, prettily({ translateTime: 'SYS:standard' }));
worker('pretty-utc', {}, prettily({ translateTime: 'UTC:yyyy-mm-dd HH:MM:ss.l o' }));
worker('pretty-epoch', {}, prettily({ translateTime: false }));
worker('pretty-level-first', {}, prettily({ levelFirst: true, colorize: true }));
worker('pretty-no-time', {}, { ...prettily({ ignore: 'pid,hostname,time' }), time: () => null });

fs.writeFileSync(process.argv[2], JSON.stringify(meant));
