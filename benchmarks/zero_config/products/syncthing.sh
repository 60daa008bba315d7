#!/bin/sh
# Syncthing's configuration API (Debian: syncthing), without the network. Usage: syncthing.sh PORT
# --target-url http://127.0.0.1:PORT/rest --header "X-API-Key: key-1"
set -e
folder=$(mktemp -d)
syncthing generate --home="$folder" --skip-port-probing --no-default-folder >/dev/null 2>&1 || syncthing generate --home="$folder" >/dev/null
sed -i -e 's/Enabled>true</Enabled>false</g' -e 's|<listenAddress>[^<]*</listenAddress>|<listenAddress>tcp://127.0.0.1:0</listenAddress>|' \
  -e 's|<urAccepted>0|<urAccepted>-1|' -e 's|<crashReportingEnabled>true|<crashReportingEnabled>false|' "$folder/config.xml"
exec syncthing serve --home="$folder" --gui-address="http://127.0.0.1:$1" --gui-apikey=key-1 --no-browser --no-restart --no-upgrade --logfile=/dev/null
