"""Requests to the GraphQL endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from harness.client.client import Client, exchange_of
from harness.http.content import json_of
from harness.profile.graphql_schema import of_introspection, parsed
from harness.rules.checks import Undecided, applies, control, inconclusive

from .judge import JSON, RESPONSE, has_data
from .places import endpoint

if TYPE_CHECKING:
    from graphql import GraphQLSchema

BOTH = f"{RESPONSE}, {JSON};q=0.9"
TYPENAME = "{ __typename }"
_SCHEMAS: WeakKeyDictionary[Any, GraphQLSchema | None] = WeakKeyDictionary()
"""The schema by recorder: it is asked for once in a process."""


class Endpoint:
    """The endpoint under one credential.

    Args:
        client: sends.
        url: of the endpoint.
        said: who says that it is one.
        named: text of the schema that the profile names; None without one.
    """

    def __init__(self, client: Client, url: str, said: str, named: str | None = None) -> None:
        self.client, self.url, self.said, self.named = client, url, said, named

    def under(self, credential: str | None) -> Endpoint:
        """The same endpoint under another credential, or under none."""
        return Endpoint(self.client.under(credential), self.url, self.said, self.named)

    def post(self, body: Any, accept: str | None = BOTH) -> Any:
        """A request by POST.

        Args:
            body: the text of a document, or the JSON to send.
            accept: the Accept field.
        """
        return self.raw({"query": body} if isinstance(body, str) else body, accept)

    def data(self, document: str) -> Any:
        """The data of the response to a document by POST; None without any."""
        return data_of(self.post(document))

    def raw(
        self, content: Any, accept: str | None = BOTH, headers: Mapping[str, str | None] | None = None
    ) -> Any:
        """A request by POST with JSON, or with octets as they are."""
        fields = {"Accept": accept, **(headers or {})}
        given = {"content": content} if isinstance(content, bytes) else {"json": content}
        with self.client.recorder.ownership.granting("POST", self.url):
            return self.client.post(self.url, headers=fields, **given)

    def get(self, accept: str | None = BOTH, **parameters: str) -> Any:
        """A request by GET, with parameters in the query of the URL."""
        return self.client.get(self.url, headers={"Accept": accept}, params=parameters)

    def schema(self) -> GraphQLSchema | None:
        """The schema by introspection, or else that of the profile; None where there is none."""
        # graphql-core takes longer to import than a rule takes: only where there is an endpoint.
        from graphql import get_introspection_query

        recorder = self.client.recorder
        if recorder not in _SCHEMAS:
            _SCHEMAS[recorder] = None if self.named is None else parsed(self.named)
            with suppress(Undecided):
                shown = of_introspection(self.data(get_introspection_query(descriptions=False)))
                _SCHEMAS[recorder] = shown or _SCHEMAS[recorder]
        return _SCHEMAS[recorder]

    def needed_schema(self) -> GraphQLSchema:
        """The schema.

        Raises:
            Undecided: there is none.
        """
        schema = self.schema()
        if schema is None:
            inconclusive(
                "the endpoint shows no schema by introspection: set `schema_file` in [graphql] of the profile"
            )
        return schema


def data_of(reply: Any) -> Any:
    """The data of a response; None without any."""
    value = json_of(reply)
    return value.get("data") if isinstance(value, Mapping) else None


def at_path(value: Any, way: Iterable[str]) -> Any:
    """What a way of fields leads to; None where it ends before."""
    for name in way:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def of(client: Client, profile: Any, survey: Any, target: Any) -> Endpoint:
    """The endpoint of the API; the rule does not apply where there is no sign of one.

    Raises:
        Undecided: there is no sign of one.
    """
    given = profile.graphql.url if profile.graphql is not None else None
    found = endpoint(given, survey.documented, survey.exchanges, target.url)
    applies(found is not None, "the API has a GraphQL endpoint: set `url` in [graphql] if it has one")
    assert found is not None
    return Endpoint(client, *found, named=target.private.get("graphql_schema"))


def working(client: Client, profile: Any, survey: Any, target: Any) -> Endpoint:
    """The endpoint, which answers the plainest query.

    Raises:
        Undecided: there is no sign of one, or it does not answer: GQL-001 reports that.
    """
    found = of(client, profile, survey, target)
    reply = found.post(TYPENAME)
    control(
        has_data(json_of(reply)), f"{TYPENAME} should be answered with data: {exchange_of(reply).summary()}"
    )
    return found


def listed(endpoint: Endpoint, way: tuple[str, ...], selection: str) -> list[str]:
    """Ids of the first page of a list (see `schema.listing()`)."""
    document = "{ " + " { ".join(way) + f" {selection} " + "} " * len(way)
    value = at_path(endpoint.data(document), way)
    items = value if isinstance(value, list) else []
    nodes = [one.get("node", one) for one in items if isinstance(one, Mapping)]
    return [str(one.get("id")) for one in nodes if isinstance(one, Mapping)]
