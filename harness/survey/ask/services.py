"""Discovery documents of standards and well-known servers: SCIM, OData, OCI registries, json-server.

Requested only if the response at the target URL shows a sign of one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx

from harness.client.client import Client
from harness.http.content import at, json_of
from harness.profile.models import Capability, Pagination, Resource, State
from harness.rules.checks import Undecided
from harness.survey.infer import odata as odata_metadata
from harness.survey.openapi.taming import LISTS, MAX_PROPERTIES

MOST_SCHEMAS = 12
"""Most descriptions of collections that are read."""
SCIM = "application/scim+json"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_KINDS = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer"},
    "dateTime": {"type": "string", "format": "date-time"},
    "reference": {"type": "string", "format": "uri"},
}


def resources(client: Client, base: httpx.Response, value: Any) -> list[Resource]:
    """Resources by the discovery of one of these services; empty for other targets.

    Args:
        base: the response at the target URL.
        value: its JSON.
    """
    if _is_scim(client, base, value):
        return _scim(client)
    if "docker-distribution-api-version" in base.headers or (
        client.target.base_path == "/v2" and value == {}
    ):
        return _registry(client)
    if sets := odata(value):
        return odata_metadata.completed(sets, _text(client, "/$metadata"))
    page = _page(base)
    if "<title>JSON Server</title>" in page:
        return json_server(_get(client, "/db"))
    if "typicode/json-server" in page:
        names = re.findall(r'href="/?([\w-]+)"', page)
        return [Resource(collection=f"/{name}") for name in dict.fromkeys(names)]
    return []


def _page(base: httpx.Response) -> str:
    return base.text[:20_000] if base.headers.get("content-type", "").startswith("text/html") else ""


def _get(client: Client, path: str) -> Any:
    try:
        reply = client.get(path)
    except Undecided:
        return None
    return json_of(reply) if reply.is_success else None


def _text(client: Client, path: str) -> str:
    try:
        reply = client.get(path, headers={"Accept": "application/xml"})
    except Undecided:
        return ""
    return reply.text if reply.is_success else ""


# -- SCIM (RFC 7644) ---------------------------------------------------------------------------------------


def _is_scim(client: Client, base: httpx.Response, value: Any) -> bool:
    schemas = value.get("schemas") if isinstance(value, Mapping) else None
    shown = isinstance(schemas, list) and any("params:scim" in str(one) for one in schemas)
    media = base.headers.get("content-type", "").startswith(SCIM)
    return shown or media or "scim" in client.target.base_path.lower()


def _scim(client: Client) -> list[Resource]:
    types, schemas = _get(client, "/ResourceTypes"), _get(client, "/Schemas")
    return scim_resources(types, schemas, _get(client, "/ServiceProviderConfig"))


def scim_resources(types: Any, schemas: Any, config: Any) -> list[Resource]:
    """Resources from SCIM's discovery documents (RFC 7643 sections 5 to 7). Pure."""
    described = {one.get("id"): one for one in _members(schemas) if isinstance(one, Mapping)}
    found = []
    for one in _members(types):
        endpoint, schema = (
            (one.get("endpoint"), one.get("schema")) if isinstance(one, Mapping) else (None, None)
        )
        if not isinstance(endpoint, str) or not endpoint.startswith("/") or endpoint.count("/") > 1:
            continue
        known = Resource(
            collection=endpoint,
            id="/id",
            items="/Resources",
            media_type=SCIM,
            pagination=Pagination(
                style="offset",
                limit_param="count",
                offset_param="startIndex",
                first_offset=1,
                total="/totalResults",
            ),
        )
        attributes = at(described.get(schema), "/attributes")
        if isinstance(attributes, list):
            known.create_schema = _scim_schema(str(schema), attributes)
            known.unique = [
                f"/{each['name']}"
                for each in attributes
                if each.get("uniqueness") in ("server", "global") and each.get("mutability") != "readOnly"
            ]
            known.read_only = [
                "id",
                "meta",
                *(a["name"] for a in attributes if a.get("mutability") == "readOnly"),
            ]
        if at(config, "/patch/supported") is True:
            known.patch = []
            known.capabilities["update"] = Capability(
                state=State.ABSENT, because="PATCH takes SCIM's own PatchOp (RFC 7644 section 3.5.2)"
            )
        found.append(known)
    return found


def _members(listed: Any) -> list[Any]:
    members = at(listed, "/Resources") if isinstance(listed, Mapping) else listed
    return members if isinstance(members, list) else []


def _scim_schema(urn: str, attributes: list[Any]) -> dict[str, Any]:
    """A create body with the required members and texts; references and passwords are omitted."""
    properties: dict[str, Any] = {"schemas": {"const": [urn]}}
    required = ["schemas"]
    for one in attributes[:MAX_PROPERTIES]:
        if one.get("mutability") == "readOnly" or one.get("multiValued") or one.get("type") not in _KINDS:
            continue
        if one.get("type") == "reference" or one["name"] in ("password", "externalId"):
            continue
        properties[one["name"]] = dict(_KINDS[one["type"]])
        values = one.get("canonicalValues")
        if isinstance(values, list) and values:
            properties[one["name"]]["enum"] = values
        if one.get("required") is True:
            required.append(one["name"])
        elif one.get("name") not in ("displayName", "title", "nickName"):
            del properties[one["name"]]
    return {"type": "object", "properties": properties, "required": required}


# -- OData --------------------------------------------------------------------------------------------------


def odata(value: Any) -> list[Resource]:
    """Resources from a service document of OData 4 (JSON Format 4.01 section 5): its entity sets. Pure.

    The path of their items stays open: the response to a create shows whether a key has quotes.
    """
    context = at(value, "/@odata.context") if isinstance(value, Mapping) else None
    sets = at(value, "/value") if isinstance(context, str) and context.endswith("$metadata") else None
    return [
        Resource(collection=f"/{one['url']}")
        for one in (sets if isinstance(sets, list) else [])
        if isinstance(one, Mapping)
        and one.get("kind", "EntitySet") == "EntitySet"
        and re.fullmatch(r"\w+", str(one.get("url")))
    ]


# -- Django REST framework -----------------------------------------------------------------------------------


def options_schema(metadata: Any) -> dict[str, Any] | None:
    """The schema of a create body from Django REST framework's response to OPTIONS (`actions.POST`). Pure."""
    places = ("/actions/POST", "/data/actions/POST") if isinstance(metadata, Mapping) else ()
    given = next((one for place in places if isinstance(one := at(metadata, place), Mapping)), None)
    if given is None:
        return None
    properties: dict[str, Any] = {}
    for name, one in islice(given.items(), MAX_PROPERTIES):
        if not isinstance(one, Mapping) or one.get("read_only") is True:
            continue
        kind = str(one.get("type")).lower()
        if kind == "relationship":
            continue
        made = dict(_DRF.get(kind, {}))
        for word, key in (("max_length", "maxLength"), ("min_value", "minimum"), ("max_value", "maximum")):
            if isinstance(one.get(word), int):
                made[key] = one[word]
        choices = one.get("choices")
        if isinstance(choices, list) and choices:
            few = choices[: LISTS["enum"]]
            made = {"enum": [each.get("value") for each in few if isinstance(each, Mapping)]}
        properties[str(name)] = made
    required = [name for name in properties if given[name].get("required") is True]
    # Members that are neither required nor plain may be omitted.
    kept = {name: one for name, one in properties.items() if one or name in required}
    return {"type": "object", "properties": kept, "required": required} if kept else None


# -- Tastypie ------------------------------------------------------------------------------------------------


def tastypie(client: Client, value: Any) -> list[Resource]:
    """Collections of a Tastypie index, each with the schema that it names.

    Args:
        value: JSON of the index: an object for each collection, with `list_endpoint` and `schema`.
    """
    if not isinstance(value, Mapping) or not value:
        return []
    found = []
    for name, one in islice(value.items(), MOST_SCHEMAS):
        places = [one.get(key) for key in ("list_endpoint", "schema")] if isinstance(one, Mapping) else [None]
        if not all(isinstance(place, str) for place in places):
            return []
        urls = [client.resolve(str(place), client.target.url + "/") for place in places]
        if not all(url.startswith(client.target.url + "/") for url in urls):
            return []
        schema = tastypie_schema(_get(client, urls[1]))
        path = urls[0].removeprefix(client.target.url)
        item = path.rstrip("/") + "/{id}" + ("/" if path.endswith("/") else "")
        found.append(Resource(collection=path, name=str(name), item=item, create_schema=schema))
    return found


def tastypie_schema(described: Any) -> dict[str, Any] | None:
    """The schema of a create body from the description of a Tastypie resource. Pure."""
    fields = at(described, "/fields") if isinstance(described, Mapping) else None
    if not isinstance(fields, Mapping):
        return None
    properties, required = {}, []
    for name, one in islice(fields.items(), MAX_PROPERTIES):
        if not isinstance(one, Mapping) or one.get("readonly") is True or one.get("primary_key") is True:
            continue
        kind = str(one.get("type"))
        # The id is filled in by the database, and a related resource is a URL.
        if kind not in _DRF or one.get("verbose_name") == "ID":
            continue
        properties[str(name)] = _DRF[kind]
        optional = one.get("nullable") is True or one.get("blank") is True
        if not optional and one.get("default") in ("No default provided.", ""):
            required.append(str(name))
    return {"type": "object", "properties": properties, "required": required} if properties else None


def within_json_api(schema: dict[str, Any], kind: Any) -> dict[str, Any]:
    """The schema of a JSON:API document whose attributes have a schema."""
    data = {"properties": {"type": {"const": kind}, "attributes": schema}, "required": ["type", "attributes"]}
    return {"type": "object", "properties": {"data": {"type": "object", **data}}, "required": ["data"]}


_DRF: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "float": {"type": "number"},
    "decimal": {"type": "string", "pattern": r"^[0-9]{1,2}\.[0-9]$"},
    "boolean": {"type": "boolean"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "slug": {"type": "string", "pattern": "^[a-z0-9-]{1,50}$"},
    "list": {"type": "array"},
    "field": {},
}


# -- OCI distribution --------------------------------------------------------------------------------------


def _registry(client: Client) -> list[Resource]:
    root = "" if re.search(r"/v2$", client.target.base_path) else "/v2"
    names = at(_get(client, f"{root}/_catalog"), "/repositories")
    for name in names[:3] if isinstance(names, list) else []:
        path = f"{root}/{quote(str(name))}"
        tags = at(_get(client, f"{path}/tags/list"), "/tags")
        if isinstance(tags, list) and tags:
            return [
                Resource(
                    name="manifests",
                    collection=f"{path}/tags/list",
                    items="/tags",
                    id="",
                    item=f"{path}/manifests/{{id}}",
                    capabilities={
                        "create": Capability(state=State.ABSENT, because="manifests are put, not posted")
                    },
                )
            ]
    return []


# -- json-server -------------------------------------------------------------------------------------------


def json_server(database: Any) -> list[Resource]:
    """Resources from json-server's /db: each member that is an array of objects. Pure."""
    if not isinstance(database, Mapping):
        return []
    return [
        Resource(collection=f"/{name}", items="")
        for name, inner in database.items()
        if isinstance(inner, list)
        and all(isinstance(one, Mapping) for one in inner)
        and re.fullmatch(r"[\w-]+", name)
    ]
