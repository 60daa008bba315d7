#!/bin/sh
# PowerDNS's authoritative server on SQLite (Debian: pdns-server, pdns-backend-sqlite3, sqlite3). Usage: powerdns.sh PORT
# --header "X-API-Key: key-1"; DNS is served on PORT + 1000.
set -e
port=$1 folder=$(mktemp -d)
for schema in /usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql /usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql; do
  if [ -e "$schema" ]; then sqlite3 "$folder/pdns.sqlite3" < "$schema"; break; fi
done
exec pdns_server --config-dir="$folder" --socket-dir="$folder" --launch=gsqlite3 --gsqlite3-database="$folder/pdns.sqlite3" \
  --local-address=127.0.0.1 --local-port=$((port + 1000)) --daemon=no --guardian=no --disable-syslog --loglevel=1 \
  --api=yes --api-key=key-1 --webserver=yes --webserver-address=127.0.0.1 --webserver-port="$port" --zone-cache-refresh-interval=0 --gsqlite3-dnssec=yes
