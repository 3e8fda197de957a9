#!/bin/bash
# An authority of your own in ./tls, and certificates of it for each server of compose.yml.
#   ./certificates.sh logs.example        the name by which the servers are reached from outside
# A year later run it again: the authority stays, so that nobody has to trust another one.
set -euo pipefail
cd "$(dirname "$0")"
host=${1:?the name by which the servers are reached, such as logs.example}
mkdir -p tls
chmod 700 tls # nobody else comes to the keys here; the accounts in the containers must read them
openssl=(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
if ! [ -e tls/authority.pem ]; then
  "${openssl[@]}" -days 3650 -subj "/O=genesis-mcp/CN=Authority for $host" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout tls/authority.key -out tls/authority.pem 2>/dev/null
fi
for server in genesis clickhouse mongodb; do
  names="DNS:$host,DNS:$server,DNS:$server-1,DNS:$server-2,DNS:$server-3,DNS:localhost,IP:127.0.0.1"
  "${openssl[@]}" -days 365 -subj "/O=genesis-mcp/OU=$server/CN=$host" \
    -CA tls/authority.pem -CAkey tls/authority.key \
    -addext "subjectAltName=$names" -addext "basicConstraints=critical,CA:FALSE" \
    -keyout "tls/$server.key" -out "tls/$server.pem" 2>/dev/null
done
cat tls/mongodb.key >>tls/mongodb.pem # mongod has both in one file
chmod 600 tls/authority.key
chmod 644 tls/genesis.* tls/clickhouse.* tls/mongodb.* tls/authority.pem
