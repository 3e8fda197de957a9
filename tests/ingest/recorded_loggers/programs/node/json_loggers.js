// Loggers whose settings write an object a line.
const spec_id = 'lote-1';

const pinoOf = (options, key = 'err', own = (fields) => fields) => {
  const pino = require('pino');
  const logger = pino(options, pino.destination({ fd: 1, sync: true }));
  return {
    say: (level, text) => logger[level](own({ spec_id }), text),
    fail: (text, error) => logger.error(own({ spec_id, [key]: error }), text),
  };
};

const winstonOf = (format, options = {}) => {
  const winston = require('winston');
  const logger = winston.createLogger({
    format: typeof format === 'function' ? format(winston.format) : format,
    defaultMeta: { service: 'loja', spec_id },
    transports: [new winston.transports.Console()],
    ...options,
  });
  return {
    say: (level, text) => logger.log(level, text),
    fail: (text, error) => logger.error(text, error),
    end: () => new Promise((resolve) => logger.on('finish', resolve).end()),
  };
};
const joined = (message, error) => `${message} ${error.message}`; // winston's own way

const bunyanOf = (options = {}) => {
  const bunyan = require('bunyan');
  const logger = bunyan.createLogger({ name: 'importa', service: 'loja', ...options });
  return {
    say: (level, text) => logger[level]({ spec_id }, text),
    fail: (text, error) => logger.error({ spec_id, err: error }, text),
  };
};

const tslogOf = (options) => {
  const { Logger } = require('tslog');
  const logger = new Logger({ name: 'importa', ...options });
  return { say: (level, text) => logger[level](text), fail: (text, error) => logger.error(text, error) };
};

module.exports = {
  'pino/default': { service: 'loja', make: () => pinoOf({ base: { service: 'loja' } }) },
  'pino/production': {
    service: 'loja',
    make: () => pinoOf({
      base: { service: 'loja' }, messageKey: 'message', errorKey: 'error',
      formatters: { level: (level) => ({ level }) }, timestamp: () => `,"time":"${new Date().toISOString()}"`,
    }, 'error'),
  },
  'pino/nested': { make: () => pinoOf({ nestedKey: 'payload', errorKey: 'failure', messageKey: 'text' }, 'err') },
  'pino/gravity-first': {
    make: () => pinoOf({ formatters: { level: (label, number) => ({ severity: label.toUpperCase(), level: number }) } }),
  },
  'winston/default': { service: 'loja', joined, lacks: 'time type', make: () => winstonOf((f) => f.json()) },
  'winston/production': {
    service: 'loja', joined, lacks: 'type',
    make: () => winstonOf((f) => f.combine(f.timestamp(), f.errors({ stack: true, cause: true }), f.json())),
  },
  'winston/error-objects': {
    service: 'loja', joined: (_, error) => error.message, lacks: 'type',
    make: () => {
      const logger = winstonOf((f) => f.combine(f.errors({ stack: true, cause: true }), f.timestamp({ format: 'YYYY-MM-DDTHH:mm:ss.SSSZ' }), f.json()));
      return { ...logger, fail: (_, error) => logger.fail(error) };
    },
  },
  'winston/logstash': {
    service: 'loja', joined, make: () => winstonOf((f) => f.combine(f.timestamp(), f.errors({ stack: true }), f.logstash())),
  },
  'winston/ms': {
    service: 'loja', joined, make: () => winstonOf((f) => f.combine(f.label({ label: 'importa' }), f.ms(), f.timestamp(), f.json())),
  },
  'bunyan/default': { service: 'loja', make: () => bunyanOf({ serializers: require('bunyan').stdSerializers }) },
  'bunyan/src': { service: 'loja', make: () => bunyanOf({ src: true, serializers: { err: require('bunyan').stdSerializers.err } }) },
  'bunyan/no-serializers': {
    service: 'loja', lacks: 'error',
    make: () => bunyanOf({ streams: [{ level: 'debug', stream: process.stdout }] }),
  },
  'tslog/json': { lacks: 'labels', make: () => tslogOf({ type: 'json' }) },
  'tslog/json-nested': { lacks: 'labels', make: () => tslogOf({ type: 'json', argumentsArrayName: 'args' }) },
  'log4js/json': {
    lacks: 'labels error',
    make: () => {
      const log4js = require('log4js');
      log4js.addLayout('json', () => (event) => JSON.stringify(event));
      log4js.configure({
        appenders: { out: { type: 'stdout', layout: { type: 'json' } } },
        categories: { default: { appenders: ['out'], level: 'info' } },
      });
      const logger = log4js.getLogger('importa');
      return {
        say: (level, text) => logger[level](text), fail: (text, error) => logger.error(text, error),
        end: () => new Promise((resolve) => log4js.shutdown(resolve)),
      };
    },
  },
  'consola/json': {
    lacks: 'labels',
    make: () => {
      const { createConsola } = require('consola');
      const logger = createConsola({ reporters: [{ log: ({ date, args, type, level, tag }) => {
        const errors = args.filter((one) => one instanceof Error);
        const text = args.filter((one) => typeof one === 'string').join(' ');
        const err = errors[0] && { name: errors[0].name, message: errors[0].message, stack: errors[0].stack };
        process.stdout.write(`${JSON.stringify({ date, type, level, tag, message: text, err })}\n`);
      } }] });
      return { say: (level, text) => logger[level](text), fail: (text, error) => logger.error(text, error) };
    },
  },
  'roarr/default': {
    make: () => {
      process.env.ROARR_LOG = 'true';
      const { Roarr } = require('roarr');
      const { serializeError } = { serializeError: (e) => ({ name: e.name, message: e.message, stack: e.stack }) };
      const logger = Roarr.child({ spec_id });
      return {
        say: (level, text) => logger[level](text),
        fail: (text, error) => logger.error({ error: serializeError(error) }, text),
      };
    },
  },
};
