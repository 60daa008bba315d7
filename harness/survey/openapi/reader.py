"""Reads one resource out of an OpenAPI document: its bodies, paths, capabilities. Pure."""

from __future__ import annotations

import re
from typing import Any

from harness.profile.models import Capability, Idempotency, Locking, Pagination, Resource, State
from harness.profile.resource import SHOWN
from harness.survey.infer import page_parameters
from harness.survey.infer.templates import SUFFIX, last_word, stem
from harness.survey.openapi import archives, placing, shapes
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import (
    FORMS,
    Endpoint,
    MediaContent,
    examples,
    is_json,
    parameters,
    request_content,
    response_schema,
    response_types,
)
from harness.survey.openapi.schemas import Schemas
from harness.survey.openapi.versions import NAMES

ITEM = re.compile(r"^(?P<collection>.*)/\{(?P<parameter>[^{}/]+)\}(?:\.json)?/?$")
_KEY = re.compile(r"idempotency_?(key|token)", re.IGNORECASE)
_CREATED = ("201", "200", "2XX", "2xx", "202", "default")
_READ = ("200", "2XX", "2xx", "default")
_PATCHES = ("application/merge-patch+json", "application/json-patch+json", "application/json")
_CHANGES = re.compile(r"updat|chang|modif|edit|patch|partial|alter|replac|merge|save", re.IGNORECASE)
_NAMED = {
    "list": ("collection", "GET"),
    "create": ("collection", "POST"),
    "read": ("item", "GET"),
    "replace": ("item", "PUT"),
    "update": ("item", "PATCH"),
    "delete": ("item", "DELETE"),
}


class ResourceReader:
    """Reads one resource.

    Args:
        document: the whole document.
        schemas: resolves its schemas.
        collection: the endpoint of the collection.
        item: the endpoint of an item; None if the document has none.
        creating: the endpoint to which a create is sent, if it is not the collection.
    """

    def __init__(
        self,
        document: Node,
        schemas: Schemas,
        collection: Endpoint,
        item: Endpoint | None,
        creating: Endpoint | None = None,
    ) -> None:
        self.document, self.schemas = document, schemas
        self.collection, self.item, self.creating = collection, item, creating
        self.puts = (
            "POST" not in (creating or collection).operations
            and creating is None
            and placing.puts(document, item)
        )
        match = ITEM.match(item.path) if item else None
        self.parameter = match["parameter"] if match else "id"
        self.form = placing.form(document, item, self.parameter) if self.puts and item else None
        # The path of an item that is addressed by its URL shows neither suffix nor slash.
        tail = re.search(r"(?:\.json)?/?$", (item if match else collection).path) if item else None
        self.path = stem(collection.path) + "/{id}" + (tail[0] if tail else "")

    def resource(self) -> Resource:
        post = self._operation("collection", "POST")
        content = self._content(post)
        create = self.schemas.flat(content.schema)
        answer = self._answer()
        pointer, inner, bare = self._envelope(create, answer)
        shown = shapes.at(self.schemas, answer, pointer)
        listed = response_schema(self.document, self._operation("collection", "GET"), _READ)
        schema = content.schema if content.sendable and isinstance(content.schema, dict) and post else None
        read_only = sorted(
            name
            for name, one in {**shown["properties"], **inner["properties"]}.items()
            if self.schemas.marked(one, "readOnly")
        )
        id = shapes.id_pointer(self.schemas, answer, pointer, self.parameter, self.collection.path)
        given = {
            "collection": self.collection.path,
            "create": self.creating.path if self.creating is not None else None,
            "item": self.path,
            "name": last_word(self.collection.path) if self.collection.path.endswith(SUFFIX) else None,
            "id": id,
            "items": shapes.items_pointer(self.schemas, listed, self.collection.path),
            "representation": pointer,
            "bare": bare,
            "body": self._body(content, "" if bare else pointer, read_only)
            if content.sendable and post
            else None,
            "media_type": content.media_type or "application/json",
            "repeated": self._repeated(content, create),
            "accepts": list(content.others) if post else [],
            "offers": self._offers(),
            "patch": self._patches(),
            "archive": archives.documented(self.document, self.schemas, self.item, pointer),
            "unique": [
                shapes.token(name)
                for name, one in sorted(inner["properties"].items())
                if self.schemas.marked(one, "x-unique")
            ],
            "read_only": read_only,
            "create_schema": self._create_schema(
                schema, shapes.at(self.schemas, answer, id.rpartition("/")[0])
            ),
            "create_method": "PUT" if self.puts else None,
            "put_creates": True if "201" in self._responses("item", "PUT") else None,
            "new_id": self.form,
            "idempotency": self._idempotency(post, inner),
            "locking": self._locking(pointer, shown),
            "pagination": self.pagination(),
            "methods": self._methods(),
        }
        kept = {key: value for key, value in given.items() if value not in (None, [], {}, False)}
        made = Resource.model_validate(kept)
        made.capabilities = self._capabilities(made, content.media_type if not content.sendable else None)
        return made

    def _envelope(self, create: Node, answer: Node) -> tuple[str, Node, bool]:
        """Location of the members in a response, their shape in a create body, and whether only responses have one."""
        pointer = shapes.representation(self.schemas, create, answer, self.collection.path)
        found = "" if pointer else shapes.bare(self.schemas, create, answer)
        if found:
            return found, create, True
        return pointer, shapes.at(self.schemas, create, pointer), False

    def _create_schema(self, schema: Node | None, shown: Node) -> Node | None:
        if schema is None:
            return None
        schema = self.schemas.one_item(schema)
        made = self.schemas.inlined(schema, f"the body of {self._request}")
        described = self.schemas.flat(schema)["properties"]
        examples = {}
        for name, part in shown["properties"].items():
            example = resolve(self.document, part).get("example")
            if name not in described and isinstance(example, str | int | float):
                examples[name] = example
        return {**made, SHOWN: examples} if examples and isinstance(made, dict) else made

    @property
    def _request(self) -> str:
        """The request that creates, for messages."""
        return f"PUT {self.path}" if self.puts else f"POST {(self.creating or self.collection).path}"

    def _content(self, post: Node) -> MediaContent:
        """What a create sends."""
        endpoint = self.item if self.puts and self.item is not None else self.collection
        return request_content(self.document, endpoint, post)

    def _operation(self, part: str, method: str) -> Node:
        endpoint = self.collection if part == "collection" else self.item
        if (part, method) == ("collection", "POST"):
            endpoint = self.creating or endpoint
            endpoint, method = (self.item, "PUT") if self.puts else (endpoint, method)
        return endpoint.operations.get(method, {}) if endpoint else {}

    def _responses(self, part: str, method: str) -> Node:
        found = self._operation(part, method).get("responses")
        return found if isinstance(found, dict) else {}

    def _answer(self) -> Node:
        """The shape of the response to a create, else to a read."""
        created = response_schema(self.document, self._operation("collection", "POST"), _CREATED)
        for schema in (created, response_schema(self.document, self._operation("item", "GET"), _READ)):
            shape = self.schemas.flat(schema)
            if shape["properties"]:
                return shape
        return self.schemas.flat(None)

    def _body(self, content: Any, pointer: str, read_only: list[str]) -> Node | None:
        for example in examples(self.document, content):
            if isinstance(example, dict) and example:
                return shapes.without(example, pointer, read_only)
        return None

    def _repeated(self, content: MediaContent, create: Node) -> list[str]:
        """Arrays of a form that are sent as `a=x&a=y`: the default of style `form` (OpenAPI 3.1 section 4.8.15.1)."""
        if content.media_type not in FORMS:
            return []
        encoding = content.media.get("encoding")
        found = []
        for name, part in create["properties"].items():
            own = encoding.get(name) if isinstance(encoding, dict) else None
            how = own if isinstance(own, dict) else {}
            swagger = part.get("collectionFormat") == "multi" if isinstance(part, dict) else False
            plain = (
                "openapi" in self.document and how.get("style", "form") == "form" and how.get("explode", True)
            )
            items = self.schemas.flat(self.schemas.flat(part)["items"])["type"]
            if (swagger or plain) and self.schemas.flat(part)["type"] == "array" and items != "object":
                found.append(name)
        return found

    def _offers(self) -> dict[str, list[str]]:
        """Media types of a successful GET, without those that promise nothing in particular.

        These are wildcards, and PostgREST's type of a single row: where more or fewer match, it is answered 406.
        """
        found = {}
        for part in ("collection", "item"):
            names = response_types(self.document, self._operation(part, "GET"), _READ[:-1])
            found[part] = [
                name
                for name in names
                if "*" not in name and not name.startswith("application/vnd.pgrst.object")
            ]
        return {part: names for part, names in found.items() if names}

    def _patches(self) -> list[str] | None:
        patch = self._operation("item", "PATCH")
        if not patch or self.item is None:
            return None
        names = request_content(self.document, self.item, patch).others
        known = [name for name in _PATCHES if name in names]
        return known + [name for name in names if is_json(name) and name not in known] or None

    def _idempotency(self, post: Node, inner: Node) -> Idempotency | None:
        if self.puts:
            # A PUT can be repeated anyway.
            return None
        named = self._key_field(self.collection, post)
        if named is None:
            member = next((name for name in inner["properties"] if _KEY.fullmatch(name)), None)
            if member is None:
                return None
            return Idempotency(body=shapes.token(member), required=member in inner["required"])
        found = Idempotency(field=named["name"], required=named.get("required") is True)
        if self._key_field(self.item, self._operation("item", "PATCH")) is not None:
            found.methods = ["POST", "PATCH"]
        return found

    def _key_field(self, endpoint: Endpoint | None, operation: Node) -> Node | None:
        for one in parameters(self.document, endpoint, operation) if endpoint and operation else []:
            if one["in"].lower() == "header" and re.search("idempot", one["name"], re.IGNORECASE):
                return one
        return None

    def _locking(self, pointer: str, shown: Node) -> Locking | None:
        version: str | None = None
        conditional: list[str] = []
        for method in ("PUT", "PATCH", "DELETE"):
            operation = self._operation("item", method)
            if not operation or self.item is None:
                continue
            for one in parameters(self.document, self.item, operation):
                named = one["in"].lower() == "header" and one["name"].lower() == "if-match"
                if named and one.get("required") is True:
                    conditional.append(method)
            if method == "DELETE":
                continue
            content = request_content(self.document, self.item, operation)
            body = self.schemas.flat(content.schema)
            if pointer.strip("/").split("/")[0] in body["properties"]:
                body = shapes.at(self.schemas, body, pointer)
            for name in NAMES:
                if version is None and name in body["required"] and name in shown["properties"]:
                    version = shapes.token(name)
        if not version and not conditional:
            return None
        return Locking.model_validate(
            {"version": version, "if_match": bool(conditional), "if_match_for": conditional}
        )

    def pagination(self) -> Pagination | None:
        get = self._operation("collection", "GET")
        if not get:
            return None
        content = self._content(self._operation("collection", "POST"))
        create = self.schemas.flat(content.schema)
        _, inner, _ = self._envelope(create, self._answer())
        names = shapes.member_names(self.schemas, response_schema(self.document, get, _READ))
        return page_parameters.documented(parameters(self.document, self.collection, get), inner, names)

    def _methods(self) -> dict[str, list[str]]:
        found = {"collection": sorted(self.collection.operations)}
        if self.item is not None:
            found["item"] = sorted(self.item.operations)
        return found

    def _capabilities(self, made: Resource, not_json: str | None) -> dict[str, Capability]:
        found = {name: self._of_operation(made, part, method) for name, (part, method) in _NAMED.items()}
        post = self._request
        array = (made.create_schema or {}).get("type") == "array" and found["create"].there
        absent = self._no_create(array, not_json) if found["create"].there else ""
        if absent:
            found["create"] = Capability(state=State.ABSENT, because=absent)
        elif self.puts and self.item is not None:
            because = f"OpenAPI: {post} is {placing.declared(self.item)}"
            found["create"] = Capability(state=State.DECLARED, because=because)
        if array and not_json is None:
            found["batch"] = Capability(state=State.DECLARED, because=f"OpenAPI: {post} takes an array")
        found["schema"] = (
            Capability(state=State.DECLARED, because=f"OpenAPI: request body of {post}")
            if made.create_schema is not None
            else Capability(state=State.ABSENT, because=f"OpenAPI describes no JSON body of {post}")
        )
        found["idempotency"] = (
            Capability(state=State.DECLARED, because=f"OpenAPI: {_carrier(made.idempotency)} of {post}")
            if made.idempotency
            else Capability(state=State.ABSENT, because=f"OpenAPI documents no idempotency key on {post}")
        )
        answers = set(self._responses("collection", "POST"))
        if "202" in answers and not {"200", "201"} & answers:
            because = f"OpenAPI: {post} is answered 202"
            found["long_running"] = Capability(state=State.DECLARED, because=because)
        if tagged := self._tagged(made):
            found["etag"] = Capability(state=State.DECLARED, because=tagged)
        found["openapi"] = Capability(state=State.DECLARED, because="the target has an OpenAPI document")
        return found

    def _no_create(self, array: bool, not_json: str | None) -> str:
        """Why a documented create makes no item that could be tested; empty if it may."""
        how = self._request
        if self.item is None:
            return f"OpenAPI documents no path of items for {how}: what it makes could not be removed"
        if self.puts and self.form is None:
            return f"OpenAPI: the ids in {how} are not free to choose"
        if not_json is not None:
            return f"OpenAPI: {how} takes {not_json}, neither JSON nor a form"
        return f"OpenAPI: {how} takes an array: a batch, not one item" if array else ""

    def _tagged(self, made: Resource) -> str:
        """What the document says of entity tags of items; empty if it says nothing."""
        for status in ("200", "2XX", "2xx"):
            response = resolve(self.document, self._responses("item", "GET").get(status))
            headers = response.get("headers")
            if isinstance(headers, dict) and any(str(name).lower() == "etag" for name in headers):
                return f"OpenAPI: ETag in {status} to GET {made.item}"
        return ""

    def _of_operation(self, made: Resource, part: str, method: str) -> Capability:
        """Whether the document has an operation that may be tested."""
        endpoint = self.collection if part == "collection" else self.item
        path = made.collection if part == "collection" else made.item
        if method == "POST" and made.create is not None:
            path = made.create
        operation = self._operation(part, method)
        if operation and endpoint is not None and method == "PATCH" and self._acts(endpoint, operation):
            because = f"OpenAPI: {method} {path} takes no content: an action, not an update"
            return Capability(state=State.ABSENT, because=because)
        if operation:
            return Capability(state=State.DECLARED, because=f"OpenAPI: {method} {path}")
        if endpoint is not None and method in endpoint.deprecated:
            because = f"OpenAPI marks {method} {path} as deprecated"
        elif endpoint is not None and method in endpoint.elsewhere:
            because = f"OpenAPI has other servers for {method} {path}"
        else:
            because = f"OpenAPI documents no {method} on {path}"
        return Capability(state=State.ABSENT, because=because)

    def _acts(self, endpoint: Endpoint, operation: Node) -> bool:
        """Whether a PATCH takes no content and is named for something else than a change, such as to archive."""
        if (
            "requestBody" in operation
            or request_content(self.document, endpoint, operation).schema is not None
        ):
            return False
        words = " ".join(str(operation.get(name) or "") for name in ("operationId", "summary", "description"))
        return bool(words.strip()) and not _CHANGES.search(words)


def _carrier(keyed: Idempotency) -> str:
    return f"header {keyed.field}" if keyed.body is None else f"member {keyed.body}"
