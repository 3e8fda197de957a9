// MS_Prometheus_Logging v1.0, section 2.2, word for word.

/**
 * Logger para Pipeline TDD
 * 
 * Uso:
 *   const { logExecution } = require('./utils/logger');
 *   await logExecution(specId, iteration, resultado);
 */

const pino = require('pino');
const { MongoClient } = require('mongodb');

// Logger para console (desenvolvimento)
const logger = pino({
  level: process.env.LOG_LEVEL || 'info',
  transport: {
    target: 'pino-pretty',
    options: { colorize: true }
  }
});

// Conexão MongoDB (reusar conexão existente se houver)
let db = null;

async function getDb() {
  if (!db) {
    const client = await MongoClient.connect(process.env.MONGO_URI);
    db = client.db('genesis');
  }
  return db;
}

/**
 * Salva log de execução no MongoDB
 * Claude lê esses logs para analisar erros e iterar
 * 
 * @param {string} specId - ID da spec sendo testada
 * @param {number} iteration - Número da tentativa (1, 2, 3...)
 * @param {object} resultado - Output da execução
 * @param {object} contexto - Contexto opcional (sprint, task, etc)
 */
async function logExecution(specId, iteration, resultado, contexto = {}) {
  const database = await getDb();
  
  const logRecord = {
    // Identificação
    spec_id: specId,
    iteration: iteration,
    
    // Output da execução
    stdout: resultado.stdout || '',
    stderr: resultado.stderr || '',
    exit_code: resultado.exitCode ?? -1,
    
    // Código que rodou (para histórico)
    code_snapshot: resultado.code || null,
    
    // Métricas
    duration_ms: resultado.durationMs || 0,
    
    // Timestamps
    timestamp: new Date(),
    
    // Contexto (Claude usa para correlacionar)
    sprint_id: contexto.sprintId || null,
    task_id: contexto.taskId || null,
    
    // Metadados
    service: 'genesis-pipeline',
    version: '1.0.0'
  };
  
  // Salvar no MongoDB
  await database.collection('logs').insertOne(logRecord);
  
  // Log local também (para debug)
  if (resultado.exitCode === 0) {
    logger.info({ spec_id: specId, iteration }, 'Execução bem sucedida');
  } else {
    logger.error({ spec_id: specId, iteration, stderr: resultado.stderr?.slice(0, 200) }, 'Execução falhou');
  }
  
  return logRecord;
}

/**
 * Log genérico (INFO, ERROR, etc)
 */
function log(level, message, context = {}) {
  logger[level]({ ...context, timestamp: new Date().toISOString() }, message);
}

module.exports = {
  logger,
  logExecution,
  log,
  getDb
};
