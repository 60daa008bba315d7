#!/bin/sh
# JupyterHub (PyPI: jupyterhub; npm: configurable-http-proxy). Usage: jupyterhub.sh PORT [VENV] [FOLDER OF node_modules]
# --target-url http://127.0.0.1:PORT/hub/api --header "Authorization: token alice-token-0123456789"; the hub is on PORT + 1000.
set -e
port=$1 venv=${2:-/tmp/zero} modules=${3:-.} folder=$(mktemp -d)
cat > "$folder/config.py" <<J
c.JupyterHub.bind_url = "http://127.0.0.1:$port"
c.JupyterHub.hub_port = $((port + 1000))
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:$((port + 2000))"
c.ConfigurableHTTPProxy.command = ["node", "$modules/node_modules/configurable-http-proxy/bin/configurable-http-proxy"]
c.JupyterHub.db_url = "sqlite:///$folder/hub.sqlite"
c.JupyterHub.cookie_secret_file = "$folder/cookie"
c.ConfigurableHTTPProxy.pid_file = "$folder/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.log_level = 50
c.JupyterHub.services = [{"name": "tester", "api_token": "alice-token-0123456789"}]
c.JupyterHub.load_roles = [{"name": "tester", "services": ["tester"], "scopes": [
    "admin:users", "admin:groups", "list:services", "read:hub", "read:roles", "proxy"]}]
J
cd "$folder"
exec "$venv/bin/jupyterhub" -f "$folder/config.py"
