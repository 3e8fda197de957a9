// What a server logs of its requests, and a client of the engine that gives it work.
const http = require('node:http');
const { soma } = require('./lote.js');

const asked = (server, path) => new Promise((resolve, reject) => {
  http.get({ port: server.address().port, path }, (response) => response.resume().on('end', resolve)).on('error', reject);
});
const listening = (handler) => new Promise((resolve) => {
  const server = http.createServer(handler).listen(0, '127.0.0.1', () => resolve(server));
});
const soon = () => new Promise((resolve) => setTimeout(resolve, 300));

const requests = (options, fail) => async () => {
  const pino = require('pino');
  const log = require('pino-http')({ logger: pino({}, pino.destination({ fd: 1, sync: true })), ...options });
  const server = await listening((request, response) => {
    log(request, response);
    if (request.url === '/falha') fail(request, response, soma());
    else response.end();
  });
  return { server, end: () => server.close() };
};
const SUM = { type: 'TypeError', message: 'sem preço', place: 'lote.js:3' };
const requestWork = (passed, failed) => async ({ server }, logged) => {
  await logged({ level: 'info', message: passed }, async () => { await asked(server, '/lotes'); await soon(); });
  await logged({ level: 'error', error: SUM, message: failed }, async () => { await asked(server, '/falha'); await soon(); });
};
const handed = (request, response, error) => { response.err = error; response.statusCode = 500; response.end(); };
const loggedFirst = (request, response, error) => {
  request.log.error({ err: error }, 'falha ao gravar');
  response.statusCode = 500;
  response.end();
};

// A task whose work fails, from an engine that answers as Camunda's does.
const camunda = (options) => async () => {
  const { Client, logger } = require('camunda-external-task-client-js');
  const task = { id: '7f0a', topicName: 'soma', workerId: 'w1', retries: 3, variables: {} };
  let given = false;
  const engine = await listening((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; }).on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url.endsWith('/fetchAndLock')) {
        response.end(given ? '[]' : JSON.stringify([task]));
        given = true;
      } else {
        response.statusCode = 500;
        response.end(JSON.stringify({ type: 'RestException', message: 'task 7f0a is not locked' }));
      }
    });
  });
  const client = new Client({
    baseUrl: `http://127.0.0.1:${engine.address().port}/engine-rest`, use: options.use ?? logger, workerId: 'w1',
    interval: 100, maxParallelExecutions: 1,
  });
  return { client, end: () => setTimeout(process.exit, 50, 0) };
};
const taskWork = async ({ client }, logged) => {
  await logged({ level: 'info', message: 'subscribed to topic soma' }, async () => {
    client.subscribe('soma', async ({ task, taskService }) => taskService.complete(task));
  });
  await logged({ level: 'error', message: "couldn't complete task 7f0a" }, async () => {
    await new Promise((resolve) => client.on('complete:error', resolve));
    await soon();
  });
};

module.exports = {
  'pino-http/default': { make: requests({}, handed), ownWork: requestWork('request completed', 'request errored') },
  'pino-http/logged-first': { make: requests({}, loggedFirst), ownWork: requestWork('request completed', 'falha ao gravar') },
  'pino-http/own-words': {
    make: requests({
      customAttributeKeys: { req: 'request', res: 'response', err: 'error', responseTime: 'timeTaken' },
      customSuccessMessage: (request) => `${request.method} ok`, customErrorMessage: (request) => `${request.method} falhou`,
      customLogLevel: (_, response, error) => (response.statusCode >= 500 || error ? 'error' : 'info'), quietReqLogger: true,
    }, handed),
    ownWork: requestWork('GET ok', 'GET falhou'),
  },
  'camunda/default': { lacks: 'time exact', make: camunda({}), ownWork: taskWork },
  'camunda/debug': { lacks: 'time exact', make: (...a) => camunda({ use: require('camunda-external-task-client-js').logger.level('debug') })(...a), ownWork: taskWork },
};
