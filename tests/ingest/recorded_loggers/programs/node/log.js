// Does the same work in one setting of one logger: `node log.js LOGGER/SETTING MEANT`. The log goes
// to stdout; what was logged goes to the file MEANT as JSON, by the program's own knowledge.
const fs = require('node:fs');
const { soma, pedido } = require('./lote.js');

const settings = {
  ...require('./json_loggers.js'),
  ...require('./cloud_loggers.js'),
  ...require('./text_loggers.js'),
  ...require('./request_loggers.js'),
};
const [, , name, meantFile] = process.argv;
const SUM = { type: 'TypeError', message: 'sem preço', place: 'lote.js:3' };
const ORDER = { type: 'Error', message: 'pedido 12 recusado', place: 'lote.js:14' };
const FREIGHT = { type: 'RangeError', message: 'sem frete', place: 'lote.js:7' };

Error.stackTraceLimit = 4;
const meant = [];

async function logged(fields, log) {
  const from = Date.now();
  await log();
  meant.push({ from, to: Date.now(), ...fields });
}

// What a setting does not tell is not asked for: `lacks` names it.
async function main() {
  const { lacks = '', service, make, ownWork, joined } = settings[name];
  const labels = { spec_id: 'lote-1', ...(service ? { service } : {}) };
  const logger = await make();
  if (ownWork) {
    await ownWork(logger, logged);
  } else {
    await logged({ level: 'info', message: 'lote recebido', ...labels }, () => logger.say('info', 'lote recebido'));
    const said = (message, error) => (joined ? joined(message, error) : message);
    await logged({ level: 'error', message: said('falha ao gravar', SUM), error: SUM, ...labels }, () =>
      logger.fail('falha ao gravar', soma()));
    await logged({ level: 'warn', message: 'fila cheia', ...labels }, () => logger.say('warn', 'fila cheia'));
    await logged({ level: 'error', message: said('falha ao pagar', ORDER), error: ORDER, cause: FREIGHT, ...labels }, () =>
      logger.fail('falha ao pagar', pedido()));
    await logged({ level: 'error', message: 'sem conexão', ...labels }, () => logger.say('error', 'sem conexão'));
  }
  await logger.end?.();
  fs.writeFileSync(meantFile, JSON.stringify({ lacks: lacks.split(' ').filter(Boolean), meant }));
}

if (process.argv.length < 4) {
  console.log(Object.keys(settings).join('\n'));
} else {
  main();
}
