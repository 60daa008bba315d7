"""Operations of an OpenAPI document: their paths as the target serves them, parameters, bodies, responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.taming import weight

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_LINK = re.compile(r"\{\w+\}")
_OPERATION = re.compile(
    r"(?P<of>\w+)_(?P<what>list|create|read|retrieve|delete|destroy|update|partial_update)"
)
JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MAX_EXAMPLE = 20_000
"""Most values in an example."""
MAX_URL = 2_000
"""Most characters in the URL of a server, with its variables filled in."""


@dataclass(frozen=True)
class Endpoint:
    """A path of the document and its operations.

    Attributes:
        path: template relative to the target URL, parameters as the document names them.
        operations: Operation Objects by upper-case method; without deprecated ones and those served elsewhere.
        deprecated: methods that the document marks deprecated.
        elsewhere: methods with servers that differ from those of the document.
        written: the path as the document has it.
    """

    path: str
    operations: dict[str, Node]
    deprecated: frozenset[str] = frozenset()
    shared: list[Any] = field(default_factory=list)
    written: str = ""
    elsewhere: frozenset[str] = frozenset()


def endpoints(document: Node, base_path: str) -> Iterator[Endpoint]:
    """Every path with a usable operation, sorted.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    server, servers = server_path(document), _places(document)
    found: dict[str, Endpoint] = {}
    linked = _linked_items(document)
    for written, item in document["paths"].items():
        path = _below(written, linked) if isinstance(written, str) else ""
        if not path.startswith("/"):
            continue
        node = resolve(document, item)
        operations, deprecated, elsewhere = {}, set(), set()
        for method in METHODS:
            operation = node.get(method)
            if isinstance(operation, dict):
                if operation.get("deprecated") is True:
                    deprecated.add(method.upper())
                elif _served_elsewhere(servers, operation.get("servers", node.get("servers"))):
                    elsewhere.add(method.upper())
                else:
                    operations[method.upper()] = operation
        if operations or deprecated or elsewhere:
            shown = relative(path, server, base_path.rstrip("/"))
            shared = node.get("parameters")
            found[shown] = Endpoint(
                shown,
                operations,
                frozenset(deprecated),
                shared if isinstance(shared, list) else [],
                written,
                frozenset(elsewhere),
            )
    yield from (found[path] for path in sorted(found))


def _below(path: str, linked: dict[str, str]) -> str:
    """A path that begins with the link of an item, `{order_href}cancel/`, below its collection."""
    match = _LINK.match(path)
    return linked[match[0]] + path[len(match[0]) :] if match and match[0] in linked else path


def _linked_items(document: Node) -> dict[str, str]:
    """Paths of items by parameters that stand for their whole path, by the ids of the operations of both.

    `{order_href}` with the operation `orders_read` is an item of the path with `orders_list`.
    """
    collections: dict[str, str] = {}
    items: dict[str, str] = {}
    for path, item in document["paths"].items():
        for operation in item.values() if isinstance(item, dict) and isinstance(path, str) else ():
            named = operation.get("operationId") if isinstance(operation, dict) else None
            match = _OPERATION.fullmatch(named) if isinstance(named, str) else None
            if match is None:
                continue
            if match["what"] in ("list", "create") and "{" not in path:
                collections.setdefault(match["of"], path)
            elif _LINK.fullmatch(path):
                items.setdefault(path, match["of"])
    return {
        path: f"{collections[of].rstrip('/')}/{path}{'/' if collections[of].endswith('/') else ''}"
        for path, of in items.items()
        if of in collections
    }


def server_path(document: Node) -> str:
    """Base path in the document: that of the first server, or Swagger's basePath."""
    if "swagger" in document:
        base = document.get("basePath")
        return _clean(base) if isinstance(base, str) else ""
    servers = document.get("servers")
    return place(servers[0])[1] if isinstance(servers, list) and servers else ""


def server_paths(document: Node) -> frozenset[str]:
    """The paths of all servers of a document, as `server_path()` gives that of the first."""
    return frozenset(path for _, path in _places(document))


def _places(document: Node) -> frozenset[tuple[str, str]]:
    """Host and path of each server of a document."""
    servers = document.get("servers")
    return frozenset(place(server) for server in servers) if isinstance(servers, list) else frozenset()


def place(server: Any) -> tuple[str, str]:
    """Host and path of a Server Object, its variables at their defaults; empty if it has none."""
    url = server.get("url") if isinstance(server, dict) else None
    if not isinstance(url, str):
        return "", ""
    variables = server.get("variables")
    for name, variable in (variables if isinstance(variables, dict) else {}).items():
        if isinstance(variable, dict):
            default = str(variable.get("default", ""))
            if len(url) + url.count(f"{{{name}}}") * len(default) > MAX_URL:
                return "", ""
            url = url.replace(f"{{{name}}}", default)
    try:
        host, path = urlsplit(url).netloc, urlsplit(url).path
    except ValueError:
        return "", ""
    return host.lower(), "" if "{" in path else _clean(path)


def _served_elsewhere(usual: frozenset[tuple[str, str]], own: Any) -> bool:
    """Whether none of the servers of a path or an operation is one of the document."""
    if not isinstance(own, list) or not own or not usual:
        return False
    paths = {path for _, path in usual}
    return not any(place(one) in usual or (not place(one)[0] and place(one)[1] in paths) for one in own)


def _clean(path: str) -> str:
    path = path.strip().removeprefix("./").strip("/")
    return f"/{path}" if path and path != "." else ""


def relative(path: str, server: str, base: str) -> str:
    """A documented path relative to the target's URL.

    `servers` may be wrong (a developer's machine, a version prefix that a proxy strips): if the target's URL and the
    server disagree, the URL is right.
    """
    if base == server:
        return path
    if base and (path == base or path.startswith(f"{base}/")):
        return path[len(base) :] or "/"
    if server.startswith(f"{base}/"):
        return server[len(base) :] + path
    return path


def parameters(document: Node, endpoint: Endpoint, operation: Node) -> list[Node]:
    """Parameter Objects of an operation and of its path, references followed."""
    own = operation.get("parameters")
    found: dict[tuple[str, str], Node] = {}
    for one in [*endpoint.shared, *(own if isinstance(own, list) else [])]:
        parameter = resolve(document, one)
        if isinstance(parameter.get("name"), str) and isinstance(parameter.get("in"), str):
            found[parameter["in"], parameter["name"]] = parameter
    return list(found.values())


@dataclass(frozen=True)
class MediaContent:
    """A documented body.

    Attributes:
        media_type: type and subtype; None if the document names none.
        others: every media type that the document names.
        schema: its Schema Object, or None.
        media: the object that may have examples besides the schema.
    """

    media_type: str | None
    others: tuple[str, ...] = ()
    schema: Any = None
    media: Node = field(default_factory=dict)

    @property
    def sendable(self) -> bool:
        """Whether the body may be JSON or a form."""
        return self.json or self.media_type in FORMS

    @property
    def json(self) -> bool:
        """Whether the body may be JSON."""
        return self.media_type is None or is_json(self.media_type)


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON or has the suffix +json (RFC 6839)."""
    return media_type == JSON or media_type.endswith("+json")


def request_content(document: Node, endpoint: Endpoint, operation: Node) -> MediaContent:
    """The JSON body that an operation accepts, or the first other one."""
    if "swagger" not in document:
        return _content(document, resolve(document, operation.get("requestBody")).get("content"))
    names = _names(operation.get("consumes", document.get("consumes")))
    found = parameters(document, endpoint, operation)
    body = next((one for one in found if one["in"] == "body"), None)
    if body is None:
        fields = [one for one in found if one["in"] == "formData"]
        media = next((name for name in names if name in FORMS), FORMS[any(_is_file(one) for one in fields)])
        return MediaContent(media, names, _form_schema(fields), {}) if fields else MediaContent(None, names)
    return MediaContent(_best(names), names, body.get("schema"), body)


def _is_file(parameter: Node) -> bool:
    return parameter.get("type") == "file"


def _form_schema(fields: list[Node]) -> Node:
    """The parameters of a form of Swagger 2.0 as a Schema Object."""
    about = ("name", "in", "required", "allowEmptyValue")
    properties = {}
    for one in fields:
        made = {word: value for word, value in one.items() if word not in about}
        properties[one["name"]] = {**made, "type": "string", "format": "binary"} if _is_file(one) else made
    required = [one["name"] for one in fields if one.get("required") is True]
    return {"type": "object", "properties": properties, "required": required}


def response_schema(document: Node, operation: Node, codes: tuple[str, ...]) -> Any:
    """The JSON schema of the first of the given responses that has one, or None."""
    responses = operation.get("responses")
    for code in codes:
        response = resolve(document, responses.get(code)) if isinstance(responses, dict) else {}
        found = response.get("schema")
        if "swagger" not in document:
            content = _content(document, response.get("content"))
            found = content.schema if content.json else None
        if isinstance(found, dict):
            return found
    return None


def response_types(document: Node, operation: Node, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Media types of the first of the given responses that names any."""
    responses = operation.get("responses")
    for code in codes:
        if not isinstance(responses, dict) or code not in responses:
            continue
        if "swagger" in document:
            return _names(operation.get("produces", document.get("produces")))
        content = resolve(document, responses[code]).get("content")
        if isinstance(content, dict) and content:
            return _names(list(content))
    return ()


def examples(document: Node, content: MediaContent) -> Iterator[Any]:
    """Example values of a body, the most specific first; none that is too large for a request."""
    yield from (value for value in _examples(document, content) if weight(value, MAX_EXAMPLE) <= MAX_EXAMPLE)


def _examples(document: Node, content: MediaContent) -> Iterator[Any]:
    for word in ("example", "x-example"):
        if word in content.media:
            yield content.media[word]
    for word in ("examples", "x-examples"):
        named = content.media.get(word)
        for one in named.values() if isinstance(named, dict) else ():
            shown = resolve(document, one)
            yield shown.get("value", shown if word == "x-examples" else None)
    schema = resolve(document, content.schema)
    if "example" in schema:
        yield schema["example"]
    several = schema.get("examples")
    if isinstance(several, list):
        yield from several[:1]
    if "default" in schema:
        yield schema["default"]


def _content(document: Node, content: Any) -> MediaContent:
    if not isinstance(content, dict) or not content:
        return MediaContent(None)
    spelled = {_plain(name): name for name in content if isinstance(name, str)}
    best = _best(tuple(spelled))
    if best is None:
        return MediaContent(None)
    media = resolve(document, content[spelled.get(best) or _wild(spelled)])
    return MediaContent(best, tuple(spelled), media.get("schema"), media)


def _wild(spelled: dict[str, str]) -> str:
    return spelled.get("application/*") or spelled["*/*"]


def _best(names: tuple[str, ...]) -> str | None:
    """The media type to send: JSON before +json before any other; a wildcard counts as JSON."""
    if JSON in names:
        return JSON
    suffixed = [name for name in names if name.endswith("+json") and not name.endswith("patch+json")]
    if suffixed:
        return suffixed[0]
    if "application/*" in names or "*/*" in names:
        return JSON
    for name in FORMS:
        if name in names:
            return name
    return names[0] if names else None


def _names(value: Any) -> tuple[str, ...]:
    return tuple(_plain(name) for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _plain(media_type: str) -> str:
    return re.split(r"[;\s]", media_type.strip(), maxsplit=1)[0].lower()
