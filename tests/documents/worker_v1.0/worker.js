// Four executions and two log lines, by the document's own functions.
const { executarCodigo } = require('./execute');
const { getDb, log } = require('./utils/logger');

const CODE = [
  ['spec_usuario_criar', "console.log('início'); throw new TypeError('usuário é nulo')"],
  ['spec_usuario_criar', "require('assert').strictEqual(2 + 3, 4)"],
  ['spec_usuario_criar', "console.log('pronto')"],
  ['spec_laco', "process.kill(process.pid, 'SIGKILL')"],
];

async function main() {
  const attempts = {};
  for (const [specId, code] of CODE) {
    attempts[specId] = (attempts[specId] ?? 0) + 1;
    await executarCodigo(specId, code, attempts[specId], { sprintId: 'S030', taskId: 'T03' });
  }
  log('error', 'Falha ao processar', { task_id: 'T04', error: 'sem conexão' });
  log('info', 'Fim');
  await (await getDb()).client.close();
}

main();
