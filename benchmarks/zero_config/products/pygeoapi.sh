#!/bin/sh
# pygeoapi: OGC API - Features with transactions on a file of GeoJSON. Usage: pygeoapi.sh PORT [FOLDER OF ITS VENV]
set -e
port=$1 venv=${2:-/tmp/zero} folder=$(mktemp -d)
cat > "$folder/huts.geojson" <<'J'
{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1", "geometry": {"type": "Point", "coordinates": [8.1, 46.5]},
 "properties": {"id": "1", "name": "Konkordia", "beds": 155}}]}
J
cat > "$folder/config.yml" <<J
server:
  bind: {host: 127.0.0.1, port: $port}
  url: http://127.0.0.1:$port
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {default_items: 10, max_items: 100}
  map: {url: "https://tile.example/{z}/{x}/{y}.png", attribution: none}
  admin: false
logging: {level: CRITICAL}
metadata:
  identification: {title: Huts, description: Huts, keywords: [huts], keywords_type: theme, terms_of_service: none, url: https://example.org}
  license: {name: none, url: https://example.org}
  provider: {name: nobody, url: https://example.org}
  contact: {name: nobody, position: none, address: none, city: none, stateorprovince: none, postalcode: "1", country: none, phone: "1", fax: "1", email: a@example.org, url: https://example.org, hours: none, instructions: none, role: pointOfContact}
resources:
  huts:
    type: collection
    title: Huts
    description: Huts
    keywords: [huts]
    extents: {spatial: {bbox: [-180, -90, 180, 90], crs: http://www.opengis.net/def/crs/OGC/1.3/CRS84}}
    links: []
    providers:
      - {type: feature, name: GeoJSON, data: $folder/huts.geojson, id_field: id, title_field: name, editable: true}
J
export PYGEOAPI_CONFIG="$folder/config.yml" PYGEOAPI_OPENAPI="$folder/openapi.yml"
"$venv/bin/pygeoapi" openapi generate "$PYGEOAPI_CONFIG" --output-file "$PYGEOAPI_OPENAPI" >/dev/null
exec "$venv/bin/pygeoapi" serve --flask
