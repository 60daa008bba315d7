#!/bin/sh
# OpenStack Keystone on SQLite (PyPI: keystone, gunicorn). Usage: keystone.sh PORT [VENV]
# --target-url http://127.0.0.1:PORT/v3 --header "X-Auth-Token: $(cat /tmp/keystone-PORT/token)"
set -e
port=$1 venv=${2:-/tmp/zero} folder=/tmp/keystone-$1
rm -rf "$folder"; mkdir -p "$folder/fernet" "$folder/credential"
cat > "$folder/keystone.conf" <<J
[database]
connection = sqlite:///$folder/keystone.sqlite
[token]
provider = fernet
expiration = 36000
[fernet_tokens]
key_repository = $folder/fernet
[credential]
key_repository = $folder/credential
[cache]
enabled = false
J
export OS_KEYSTONE_CONFIG_DIR="$folder" PATH="$venv/bin:$PATH"
conf="--config-file $folder/keystone.conf"
keystone-manage $conf db_sync
keystone-manage $conf fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
keystone-manage $conf credential_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
keystone-manage $conf bootstrap --bootstrap-password pw-1 --bootstrap-admin-url "http://127.0.0.1:$port/v3" \
  --bootstrap-public-url "http://127.0.0.1:$port/v3" --bootstrap-internal-url "http://127.0.0.1:$port/v3" --bootstrap-region-id one
(
  until curl -sf -D "$folder/head" -o /dev/null -H 'Content-Type: application/json' "http://127.0.0.1:$port/v3/auth/tokens" -d '{"auth":
    {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "pw-1"}}},
    "scope": {"system": {"all": true}}}}'; do sleep 1; done
  sed -n 's/^x-subject-token: *//Ip' "$folder/head" | tr -d '\r\n' > "$folder/token"
) &
# Keystone reads the command line itself, so that gunicorn gets its options from a file.
printf 'wsgi_app = "keystone.wsgi.api:application"\nbind = "127.0.0.1:%s"\nthreads = 8\nloglevel = "critical"\n' "$port" > "$folder/gunicorn.conf.py"
cd "$folder"
exec gunicorn
