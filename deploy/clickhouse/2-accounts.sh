#!/bin/bash
# Makes the accounts of accounts.sql with the passwords of the environment, at the first start.
set -euo pipefail
sql=$(cat "${GENESIS_ACCOUNTS:-/etc/genesis/accounts.sql}")
for role in READER WRITER KEEPER; do
  name="GENESIS_${role}_PASSWORD"
  if ! [[ "${!name:-}" =~ ^[A-Za-z0-9]{16,}$ ]]; then
    echo "$name must be 16 or more letters and digits, such as of: openssl rand -hex 24" >&2
    exit 1
  fi
  sql=${sql//"PASSWORD_OF_THE_${role}"/"${!name}"}
done
clickhouse-client --host 127.0.0.1 --user "$CLICKHOUSE_USER" --password "$CLICKHOUSE_PASSWORD" \
  --multiquery <<<"$sql"
