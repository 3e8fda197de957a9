-- MS_Prometheus_Logging v1.2, sections 3.4, 3.6 and 4, word for word.

CREATE DATABASE IF NOT EXISTS genesis;

CREATE TABLE genesis.logs (
  -- Timestamps
  timestamp DateTime64(3) DEFAULT now64(3),
  
  -- Level
  level String,
  message String,
  
  -- Identificação
  spec_id String,
  iteration UInt32,
  
  -- Output
  stdout String,
  stderr String,
  exit_code Int32,
  
  -- Código
  code_snapshot String,
  
  -- Métricas
  duration_ms UInt32,
  
  -- Contexto
  sprint_id String,
  task_id String,
  
  -- Metadados
  service String DEFAULT 'genesis-pipeline',
  version String
  
) ENGINE = MergeTree()
ORDER BY (timestamp, spec_id)
TTL timestamp + INTERVAL 90 DAY;

-- Índices para queries comuns
ALTER TABLE genesis.logs ADD INDEX idx_level (level) TYPE set(10) GRANULARITY 4;
ALTER TABLE genesis.logs ADD INDEX idx_exit_code (exit_code) TYPE set(10) GRANULARITY 4;

-- Usuário para MCP Server (só leitura)
CREATE USER genesis_readonly 
  IDENTIFIED BY 'senha_segura'
  SETTINGS readonly = 1;

GRANT SELECT ON genesis.* TO genesis_readonly;

SELECT timestamp, level, stderr, exit_code, duration_ms
FROM genesis.logs 
WHERE spec_id = 'spec_001' 
  AND exit_code != 0
ORDER BY timestamp DESC
LIMIT 10;
