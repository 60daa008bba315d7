"""What an OpenAPI document promises about responses and parameters, besides resources. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.http.path_templates import matches
from harness.survey.openapi.actions import Action, actions
from harness.survey.openapi.adding import Adding, adding, keyed
from harness.survey.openapi.batches import Batch, batches
from harness.survey.openapi.bulk import DocumentedBulk, bulk
from harness.survey.openapi.cancels import Cancel, cancels
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.files import DocumentedUpload, downloads, uploads
from harness.survey.openapi.hooks import Hooks, hooks
from harness.survey.openapi.operations import Endpoint, endpoints, parameters, server_path, server_paths
from harness.survey.openapi.polls import DocumentedPoll, long_polls
from harness.survey.openapi.progress import statuses
from harness.survey.openapi.queries import QueryParameter, queries
from harness.survey.openapi.query_operations import QueryOperation, query_operations
from harness.survey.openapi.response_links import ResponseLink, response_links
from harness.survey.openapi.security import query_keys
from harness.survey.openapi.selectors import Selector, selectors
from harness.survey.openapi.starts import Start, asynchronous, starts
from harness.survey.openapi.streams import event_streams, websockets
from harness.survey.openapi.unrequested import ServerMember, unrequested

_STATUS = re.compile(r"[1-5](\d\d|XX|xx)")
_LEFT_OUT = re.compile(
    # Fields that a Response Object must not describe, framing of the connection, and fields that depend on the request.
    r"content-type|content-length|content-encoding|transfer-encoding|connection|keep-alive|trailer|upgrade"
    r"|set-cookie|access-control-.*",
    re.IGNORECASE,
)
_FILTERS = re.compile(
    r"\b(filter(s|ed|ing)?|only|equals?|restrict(s|ed)?|select(s|ed)?|match(es|ing)?)\b", re.IGNORECASE
)
_CONDITIONAL = re.compile(
    r"\b(only|unless|except|omitted|optional(ly)?|near(ly|ing)?|close to|approach\w*|threshold|unlimited)\b"
    r"|\b(sent|present|included|returned|added) (if|when|once|where|while)\b",
    re.IGNORECASE,
)
"""What a description says of a field that some responses lawfully lack."""
_LOOSE = re.compile(r"search|fuzzy|full.?text|like|similar|relevan|boost|prefer", re.IGNORECASE)


@dataclass(frozen=True)
class DocumentedAnswer:
    """A documented response with header fields.

    Attributes:
        method: upper case.
        path: template relative to the target URL.
        status: three digits, or a range such as `2XX`.
        required: names of the fields that are marked `required: true`, as documented.
        optional: names of the others.
        conditional: names of those whose description, or that of the response, says that some responses lack them.
    """

    method: str
    path: str
    status: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A documented query parameter of a GET.

    Attributes:
        path: template relative to the target URL.
        filters: whether its description says that it selects by equality.
        values: its values, if the document lists them.
    """

    path: str
    name: str
    filters: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Promises:
    """What a document promises.

    Attributes:
        answers: documented responses with header fields, in the order of the document's paths.
        parameters: documented query parameters of GETs that filter, or have listed values.
        deprecated: operations that are marked deprecated, such as `GET /orders`; they are not tested.
        actions: documented actions of items that change nothing beside the item.
        doubt: why the document may be about another server than the target; None if nothing says so.
        batches: documented operations that take the ids of several items.
        queries: documented query parameters of GETs, all of them.
        starts: documented operations that are accepted with 202, and harmless.
        streams: paths of documented event streams, and whether nothing else is documented there.
        websockets: paths of documented WebSockets.
        downloads: paths of the documented GETs that return files.
        uploads: documented operations that take a file.
        bulk: documented operations that create several items, or perform several requests.
        query_operations: documented operations with the method QUERY.
        selectors: where GETs take a version.
        links: documented links from responses to GETs.
        hooks: documented webhooks and callbacks.
        cancels: documented requests that cancel what is at their path.
        statuses: the listed values of the status of what is at a path, by its template.
        polls: documented long polling.
        asynchronous: paths of POSTs that document `Prefer: respond-async`.
        unrequested: members of items that no documented request sets.
        query_credentials: query parameters that security schemes of the document name for a key.
        adding: documented actions that add to a member of an item.
        keyed: documented operations that take an idempotency key, such as `POST /orders`.
    """

    answers: tuple[DocumentedAnswer, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    deprecated: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    doubt: str | None = None
    batches: tuple[Batch, ...] = ()
    queries: tuple[QueryParameter, ...] = ()
    starts: tuple[Start, ...] = ()
    streams: tuple[tuple[str, bool], ...] = ()
    websockets: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    uploads: tuple[DocumentedUpload, ...] = ()
    bulk: tuple[DocumentedBulk, ...] = ()
    query_operations: tuple[QueryOperation, ...] = ()
    selectors: tuple[Selector, ...] = ()
    links: tuple[ResponseLink, ...] = ()
    hooks: Hooks = field(default_factory=Hooks)
    cancels: tuple[Cancel, ...] = ()
    statuses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    polls: tuple[DocumentedPoll, ...] = ()
    asynchronous: tuple[str, ...] = ()
    unrequested: tuple[ServerMember, ...] = ()
    query_credentials: tuple[str, ...] = ()
    adding: tuple[Adding, ...] = ()
    keyed: tuple[str, ...] = ()


def promises(document: Node, base_path: str) -> Promises:
    """The promises about operations that are neither deprecated nor served elsewhere.

    Args:
        base_path: path of the target's URL; empty at the root.
    """
    found = list(endpoints(document, base_path))
    return Promises(
        tuple(_answers(document, found)),
        tuple(parameter for endpoint in found for parameter in _parameters(document, endpoint)),
        tuple(f"{method} {one.path}" for one in found for method in sorted(one.deprecated)),
        actions(document, base_path),
        _doubt(document, base_path.rstrip("/")),
        batches(document, base_path),
        queries(document, found),
        starts(document, base_path),
        event_streams(document, found),
        websockets(document, found, base_path),
        downloads(document, base_path),
        uploads(document, base_path),
        bulk(document, base_path),
        query_operations(document, base_path),
        selectors(document, found),
        response_links(document, found),
        hooks(document, base_path),
        cancels(document, base_path),
        statuses(document, found),
        long_polls(document, found),
        asynchronous(document, found),
        unrequested(document, found),
        query_keys(document),
        adding(document, base_path),
        keyed(document, base_path),
    )


def _answers(document: Node, found: Iterable[Endpoint]) -> list[DocumentedAnswer]:
    made = []
    shared: dict[int, _Fields] = {}
    for endpoint in found:
        for method, operation in endpoint.operations.items():
            responses = operation.get("responses")
            for status, response in (responses if isinstance(responses, dict) else {}).items():
                resolved = resolve(document, response)
                headers = resolved.get("headers")
                if not isinstance(headers, dict) or not _STATUS.fullmatch(str(status)):
                    continue
                # Many operations share a response.
                fields = shared.get(id(resolved))
                if fields is None:
                    fields = shared[id(resolved)] = _fields(document, resolved, headers)
                if any(fields):
                    made.append(DocumentedAnswer(method, endpoint.path, str(status).upper(), *fields))
    return made


_Fields = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _fields(document: Node, response: Node, headers: Node) -> _Fields:
    """Names of the header fields of a response: required, optional, and those that some responses lack."""
    fields = {
        name: resolve(document, header)
        for name, header in headers.items()
        if isinstance(name, str) and not _LEFT_OUT.fullmatch(name)
    }
    kept = {name: header for name, header in fields.items() if header.get("deprecated") is not True}
    required = tuple(name for name, header in kept.items() if header.get("required") is True)
    optional = tuple(name for name in kept if name not in required)
    loose = tuple(name for name, header in kept.items() if _some_lack(response) or _some_lack(header))
    return required, optional, loose


def _some_lack(described: Node) -> bool:
    return _CONDITIONAL.search(str(described.get("description") or "")) is not None


def _parameters(document: Node, endpoint: Endpoint) -> list[Parameter]:
    operation = endpoint.operations.get("GET")
    made = []
    for one in parameters(document, endpoint, operation) if operation else []:
        if one["in"] != "query" or one.get("deprecated") is True:
            continue
        schema = resolve(document, one.get("schema")) if "schema" in one else one
        listed = schema.get("enum", resolve(document, schema.get("items")).get("enum"))
        values = tuple(str(value) for value in listed) if isinstance(listed, list) else ()
        says = str(one.get("description") or "")
        filters = bool(_FILTERS.search(says)) and not _LOOSE.search(says)
        if filters or values:
            made.append(Parameter(endpoint.path, one["name"], filters, values))
    return made


def _doubt(document: Node, base: str) -> str | None:
    paths = server_paths(document)
    first = server_path(document)
    if len(paths) < 2 or base in paths or first.startswith(f"{base}/"):
        return None
    listed = ", ".join(path or "/" for path in sorted(paths))
    return f"the OpenAPI document has the servers {listed}, and the target is not among them"


def of_path(documented: dict[str, list[str]], path: str) -> frozenset[str]:
    """Methods that a document surely has for a path: those of the path itself, else of every template that matches.

    Args:
        documented: methods by path template.
        path: of a request, relative to the target URL.
    """
    if path in documented:
        return frozenset(documented[path])
    found = [frozenset(methods) for template, methods in documented.items() if matches(template, path)]
    return frozenset.intersection(*found) if found else frozenset()


def safe_paths_below(item: str, documented: Mapping[str, Iterable[str]]) -> list[str]:
    """Documented paths with GET at or below an item, whose only parameter is the item's, as `{id}`.

    Args:
        item: path template of the item, with `{id}`.
        documented: methods by path template.
    """
    root = item.rstrip("/")
    found = []
    for template, offered in documented.items():
        path = re.sub(r"\{[^}]*\}", "{id}", template, count=1)
        at_or_below = path.rstrip("/") == root or path.startswith(root + "/")
        if "GET" in offered and at_or_below and path.count("{") == 1:
            found.append(path)
    return sorted(found)
