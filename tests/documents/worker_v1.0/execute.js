// MS_Prometheus_Logging v1.0, section 4.1, word for word between the lines.
const fs = require('fs'); // which it forgets
// ---
const { logExecution } = require('./utils/logger');
const { spawn } = require('child_process');

async function executarCodigo(specId, codigo, iteration, contexto) {
  const startTime = Date.now();
  
  // Salvar código em arquivo temporário
  const tempFile = `/tmp/test_${specId}_${iteration}.js`;
  fs.writeFileSync(tempFile, codigo);
  
  return new Promise((resolve) => {
    const child = spawn('node', [tempFile], {
      timeout: 60000  // 60 segundos
    });
    
    let stdout = '';
    let stderr = '';
    
    child.stdout.on('data', (data) => { stdout += data; });
    child.stderr.on('data', (data) => { stderr += data; });
    
    child.on('close', async (exitCode) => {
      const resultado = {
        stdout,
        stderr,
        exitCode,
        code: codigo,
        durationMs: Date.now() - startTime
      };
      
      // Salvar log para Claude ler
      await logExecution(specId, iteration, resultado, contexto);
      
      resolve(resultado);
    });
  });
}
// ---
module.exports = { executarCodigo };
