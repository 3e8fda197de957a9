// Loggers, and settings, that write text for people.
const spec_id = 'lote-1';

const prettyPino = (options) => {
  const pino = require('pino');
  const pretty = require('pino-pretty');
  const logger = pino({ base: { pid: 41, hostname: 'w1' } }, pretty({ sync: true, destination: 1, colorize: false, ...options }));
  return {
    say: (level, text) => logger[level]({ spec_id }, text),
    fail: (text, error) => logger.error({ spec_id, err: error }, text),
  };
};

const textWinston = (make) => {
  const winston = require('winston');
  const logger = winston.createLogger({
    format: make(winston.format), defaultMeta: { spec_id }, transports: [new winston.transports.Console()],
  });
  return {
    say: (level, text) => logger.log(level, text),
    fail: (text, error) => logger.error(text, error),
    end: () => new Promise((resolve) => logger.on('finish', resolve).end()),
  };
};
const joined = (message, error) => `${message} ${error.message}`;

const nest = (options, own = (logger) => logger) => {
  const { ConsoleLogger } = require('@nestjs/common');
  const logger = own(new ConsoleLogger('Importa', { colors: false, ...options }));
  const names = { info: 'log' };
  return { say: (level, text) => logger[names[level] ?? level](text), fail: (text, error) => logger.error(text, error.stack) };
};

const simple = (logger) => ({ say: (level, text) => logger[level](text), fail: (text, error) => logger.error(text, error) });

const log4jsWith = (layout) => {
  const log4js = require('log4js');
  log4js.configure({
    appenders: { out: { type: 'stdout', layout } }, categories: { default: { appenders: ['out'], level: 'info' } },
  });
  return { ...simple(log4js.getLogger('importa')), end: () => new Promise((resolve) => log4js.shutdown(resolve)) };
};

const signaleWith = (config = {}) => {
  const { Signale } = require('signale');
  const logger = new Signale({ config });
  return { say: (level, text) => logger[level](text), fail: (_, error) => logger.error(error) };
};

const bunyanPrinted = (...modes) => {
  const { spawnSync } = require('node:child_process');
  const { PassThrough } = require('node:stream');
  const bunyan = require('bunyan');
  const written = [];
  const stream = new PassThrough();
  stream.on('data', (part) => written.push(part));
  const logger = bunyan.createLogger({ name: 'importa', serializers: bunyan.stdSerializers, stream });
  return {
    say: (level, text) => logger[level]({ spec_id }, text),
    fail: (text, error) => logger.error({ spec_id, err: error }, text),
    end: async () => {
      await new Promise(setImmediate);
      const printer = require.resolve('bunyan/bin/bunyan');
      const { stdout } = spawnSync(process.execPath, [printer, '--no-color', ...modes], { input: Buffer.concat(written) });
      process.stdout.write(stdout);
    },
  };
};

const consolaWith = (options) => simple(require('consola').createConsola({ stdout: process.stdout, stderr: process.stdout, ...options }));
const text = (more = '') => `labels exact ${more}`;

module.exports = {
  'pino-pretty/default': { make: () => prettyPino({}) },
  'pino-pretty/single-line': { make: () => prettyPino({ singleLine: true }) },
  'pino-pretty/colours': { make: () => prettyPino({ colorize: true, levelFirst: true, translateTime: 'SYS:standard' }) },
  'pino-pretty/single-line-colours': { make: () => prettyPino({ singleLine: true, colorize: true, translateTime: 'yyyy-mm-dd HH:MM:ss.l' }) },
  'pino-pretty/message-format': { lacks: 'exact', make: () => prettyPino({ messageFormat: '[{spec_id}] {msg}' }) },
  'pino-pretty/message-format-level': {
    lacks: 'exact', make: () => prettyPino({ messageFormat: '{levelLabel} - {pid} - {msg}', singleLine: true, ignore: 'pid,hostname' }),
  },
  'pino-pretty/hidden-objects': { lacks: 'labels error', make: () => prettyPino({ hideObject: true }) },
  'pino-pretty/ignore-all': { lacks: 'labels time', make: () => prettyPino({ ignore: 'pid,hostname,time,spec_id' }) },
  'winston/simple': { joined, lacks: 'time', make: () => textWinston((f) => f.simple()) },
  'winston/simple-colours': { joined, lacks: 'time', make: () => textWinston((f) => f.combine(f.colorize(), f.simple())) },
  'winston/pretty-print': { joined, lacks: 'time', make: () => textWinston((f) => f.prettyPrint()) },
  'winston/pretty-print-colours': { joined, make: () => textWinston((f) => f.combine(f.timestamp(), f.prettyPrint({ colorize: true }))) },
  'winston/cli': { joined, lacks: text('time error'), make: () => textWinston((f) => f.cli()) },
  'winston/printf': {
    joined, lacks: text(),
    make: () => textWinston((f) => f.combine(f.timestamp(), f.errors({ stack: true }), f.printf(({ timestamp, level, message, stack }) => `${timestamp} ${level}: ${message}${stack ? `\n${stack}` : ''}`))),
  },
  'winston/printf-brackets': {
    joined, lacks: text(),
    make: () => textWinston((f) => f.combine(f.colorize(), f.timestamp({ format: 'YYYY-MM-DD HH:mm:ss' }), f.printf(({ timestamp, level, message, stack }) => `[${timestamp}] [${level}] ${message}${stack ? ` ${stack}` : ''}`))),
  },
  'winston/printf-stack-only': {
    joined, lacks: text('no-message'),
    make: () => textWinston((f) => f.combine(f.timestamp(), f.printf(({ timestamp, level, message, stack }) => `${timestamp} ${level}: ${stack || message}`))),
  },
  'bunyan/printed': { make: () => bunyanPrinted() },
  'bunyan/printed-short': { make: () => bunyanPrinted('-o', 'short'), lacks: text('time') },
  'bunyan/printed-simple': { make: () => bunyanPrinted('-o', 'simple'), lacks: text('time error') },
  'bunyan/printed-inspect': { make: () => bunyanPrinted('-o', 'inspect') },
  'bunyan/printed-indented': { make: () => bunyanPrinted('-o', 'json') },
  'nest/console': { lacks: text('time'), make: () => nest({}) },
  'nest/colours': { lacks: text('time'), make: () => nest({ colors: true, timestamp: true }) },
  'nest/json': { lacks: 'labels', make: () => nest({ json: true }) },
  'nest/json-indented': { lacks: 'labels', make: () => nest({ json: true, compact: false }) },
  'nest/json-colours': { lacks: 'labels', make: () => nest({ json: true, colors: true }) },
  'next-logger/default': { lacks: 'labels', make: () => { require('next-logger'); return simple(console); } },
  'next-logger/next': {
    lacks: 'labels',
    make: () => {
      require('next-logger/presets/next-only');
      const log = require('next/dist/build/output/log');
      return { say: (level, text) => log[level](text), fail: (text, error) => log.error(text, error) };
    },
  },
  'next-logger/all': { lacks: 'labels', make: () => { require('next-logger/presets/all'); return { say: (level, text) => console[level](text), fail: (_, error) => console.error(error) }; }, joined: (_, error) => error.message },
  'tslog/pretty': { lacks: text(), make: () => simple(new (require('tslog').Logger)({ type: 'pretty' })) },
  'tslog/pretty-plain': { lacks: text(), make: () => simple(new (require('tslog').Logger)({ type: 'pretty', name: 'importa', pretty: { style: false } })) },
  'tslog/pretty-template': {
    lacks: text(),
    make: () => simple(new (require('tslog').Logger)({
      type: 'pretty', name: 'importa', pretty: { style: false, template: '{{dateIsoStr}} {{logLevelName}} [{{name}}] ' },
    })),
  },
  'log4js/default': { lacks: text(), make: () => log4jsWith({ type: 'colored' }) },
  'log4js/basic': { lacks: text(), make: () => log4jsWith({ type: 'basic' }) },
  'log4js/pattern': { lacks: text(), make: () => log4jsWith({ type: 'pattern', pattern: '%d{yyyy-MM-dd hh:mm:ss.SSS} %-5p %c - %m' }) },
  'consola/default': { joined, lacks: text('time type words'), make: () => consolaWith({}) },
  'consola/fancy': { joined, lacks: text('time type words'), make: () => consolaWith({ fancy: true, formatOptions: { colors: true, date: false } }) },
  'consola/dated': { joined, lacks: text('time type words'), make: () => consolaWith({ fancy: false, formatOptions: { date: true } }) },
  'signale/default': { lacks: text('time'), joined: (_, error) => error.message, make: () => signaleWith() },
  'signale/dated': { lacks: text('time'), joined: (_, error) => error.message, make: () => signaleWith({ displayDate: true, displayTimestamp: true, displayFilename: true }) },
  'signale/plain': { lacks: text('time'), joined: (_, error) => error.message, make: () => signaleWith({ displayBadge: false, displayLabel: true, uppercaseLabel: true }) },
  'console/default': { lacks: text('time level'), make: () => simple(console) },
};
