// Loggers in the formats of clouds and collectors.
const spec_id = 'lote-1';

const pinoWith = (options) => {
  const pino = require('pino');
  const logger = pino(options, pino.destination({ fd: 1, sync: true }));
  return {
    say: (level, text) => logger[level]({ spec_id }, text),
    fail: (text, error) => logger.error({ spec_id, err: error }, text),
  };
};

const winstonWith = (format, transport) => {
  const winston = require('winston');
  const logger = winston.createLogger({
    format, defaultMeta: { spec_id }, transports: [transport ?? new winston.transports.Console()],
  });
  return {
    say: (level, text) => logger.log(level, text),
    fail: (text, error) => logger.error(text, { err: error }),
    end: () => new Promise((resolve) => setTimeout(resolve, 300)),
  };
};

const googleWinston = (options = {}) => {
  const { LoggingWinston } = require('@google-cloud/logging-winston');
  const cloud = new LoggingWinston({ projectId: 'p', redirectToStdout: true, ...options });
  const logger = require('winston').createLogger({ level: 'info', transports: [cloud] });
  return {
    say: (level, text) => logger.log(level, text, { spec_id }),
    fail: (text, error) => logger.error(text, { spec_id, stack: error.stack }),
    end: () => new Promise((resolve) => setTimeout(resolve, 500)),
  };
};

const lambda = (options, env = {}) => {
  Object.assign(process.env, env);
  const { Logger } = require('@aws-lambda-powertools/logger');
  const logger = new Logger({ serviceName: 'loja', persistentKeys: { spec_id }, ...options });
  return { say: (level, text) => logger[level](text), fail: (text, error) => logger.error(text, error) };
};

// The exporters of OpenTelemetry, fed as an instrumented program feeds them.
const telemetry = (exporter) => {
  const { LoggerProvider, SimpleLogRecordProcessor } = require('@opentelemetry/sdk-logs');
  const { resourceFromAttributes } = require('@opentelemetry/resources');
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'loja' }),
    processors: [new SimpleLogRecordProcessor({ exporter: exporter() })],
  });
  const logger = provider.getLogger('importa');
  const numbers = { info: 9, warn: 13, error: 17 };
  const emit = (level, body, attributes = {}) => logger.emit({
    severityNumber: numbers[level], severityText: level.toUpperCase(), body, timestamp: Date.now(),
    attributes: { spec_id, ...attributes },
  });
  return {
    say: (level, text) => emit(level, text),
    fail: (text, error) => emit('error', text, {
      'exception.type': error.name, 'exception.message': error.message, 'exception.stacktrace': error.stack,
    }),
    end: () => provider.forceFlush(),
  };
};

const protocolLines = (indent) => () => {
  const { JsonLogsSerializer } = require('@opentelemetry/otlp-transformer');
  return {
    export(records, done) {
      const text = new TextDecoder().decode(JsonLogsSerializer.serializeRequest(records));
      process.stdout.write(`${indent ? JSON.stringify(JSON.parse(text), null, indent) : text}\n`);
      done({ code: 0 });
    },
    shutdown: async () => {}, forceFlush: async () => {},
  };
};

module.exports = {
  'ecs-pino/default': { service: 'loja', make: () => pinoWith(require('@elastic/ecs-pino-format').ecsFormat({ serviceName: 'loja' })) },
  'ecs-pino/no-errors': {
    service: 'loja',
    make: () => pinoWith(require('@elastic/ecs-pino-format').ecsFormat({ serviceName: 'loja', convertErr: false })),
  },
  'ecs-pino/environment': {
    service: 'loja',
    make: () => pinoWith(require('@elastic/ecs-pino-format').ecsFormat({ serviceName: 'loja', serviceEnvironment: 'producao', serviceVersion: '2.1' })),
  },
  'ecs-winston/default': { make: () => winstonWith(require('@elastic/ecs-winston-format').ecsFormat()) },
  'ecs-winston/service': { service: 'loja', make: () => winstonWith(require('@elastic/ecs-winston-format').ecsFormat({ serviceName: 'loja', convertReqRes: true })) },
  'gcp-pino/default': { make: () => pinoWith(require('@google-cloud/pino-logging-gcp-config').createGcpLoggingPinoConfig()) },
  'gcp-pino/service': {
    service: 'loja',
    make: () => pinoWith(require('@google-cloud/pino-logging-gcp-config').createGcpLoggingPinoConfig({ serviceContext: { service: 'loja', version: '1' } })),
  },
  'gcp-winston/default': { make: () => googleWinston() },
  'gcp-winston/labels': { make: () => googleWinston({ labels: { zona: 'a' } }) },
  'gcp-winston/service': { make: () => googleWinston({ serviceContext: { service: 'loja' }, useMessageField: false }) },
  'powertools-node/default': { service: 'loja', make: () => lambda({}) },
  'powertools-node/indented': { service: 'loja', make: () => lambda({}, { POWERTOOLS_DEV: 'true' }) },
  'powertools-node/local-zone': { service: 'loja', make: () => lambda({ logRecordOrder: ['message', 'level'] }, { TZ: 'America/Sao_Paulo' }) },
  'opentelemetry/console': {
    service: 'loja', make: () => telemetry(() => new (require('@opentelemetry/sdk-logs').ConsoleLogRecordExporter)()),
  },
  'opentelemetry/protocol': { service: 'loja', make: () => telemetry(protocolLines(0)) },
  'opentelemetry/protocol-indented': { service: 'loja', make: () => telemetry(protocolLines(2)) },
};
