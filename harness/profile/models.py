"""The profile: what the harness knows about a target. These models are `conformance.toml`.

1. Every key is optional except the `collection` of a resource; inference fills in the rest, and never overrules
   what the user wrote (`merged()`).
2. Paths are relative to the target URL; locations inside bodies are JSON Pointers (RFC 6901).
3. A capability is declared, detected, contradicted or absent, with its evidence.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from harness.profile.access import AdminOperation, Jwt, Revoke
from harness.profile.browsers import Cors, SessionCookie, Tls
from harness.profile.bulk import Bulk
from harness.profile.capability import BY_PROFILE, Capability, State
from harness.profile.deviations import Methods, Negotiation, Waiver, WireRules
from harness.profile.files import Files, ObjectStore, Presigned
from harness.profile.graphql import GraphQL
from harness.profile.idempotency import Idempotency
from harness.profile.load import Load, Slo
from harness.profile.locking import Locking
from harness.profile.operations import LongRunningOperation
from harness.profile.pagination import Pagination
from harness.profile.rate_limit import RateLimit
from harness.profile.realtime import LongPoll, Stream, WebSocket
from harness.profile.resource import Resource, common_root, matching, merged
from harness.profile.transitions import Transition
from harness.profile.values import Json, Model, Path, Pointer
from harness.profile.versions import Pact, Versions
from harness.profile.webhooks import Webhooks
from harness.target.credentials.config import CredentialConfig

__all__ = [
    "BY_PROFILE",
    "AdminOperation",
    "Bulk",
    "Capability",
    "Cors",
    "CredentialConfig",
    "Files",
    "GraphQL",
    "Idempotency",
    "Json",
    "Jwt",
    "Locking",
    "LongPoll",
    "LongRunningOperation",
    "Methods",
    "Model",
    "Negotiation",
    "ObjectStore",
    "Pact",
    "Pagination",
    "Path",
    "Pointer",
    "Presigned",
    "Profile",
    "RateLimit",
    "Resource",
    "Revoke",
    "SessionCookie",
    "State",
    "Stream",
    "Tls",
    "Transition",
    "Versions",
    "Waiver",
    "WebSocket",
    "Webhooks",
    "WireRules",
    "common_root",
    "matching",
    "merged",
]


class Profile(Model):
    """Everything that is known about a target besides its URL."""

    openapi: str | Literal[False] | None = Field(
        None, description="OpenAPI document: a URL, a path on the target, or a file; false for none."
    )
    credentials: dict[str, CredentialConfig] = Field(
        default_factory=dict,
        description="Named credentials: `default` is sent with every request, `other` is a second client.",
    )
    setup: list[str] = Field(
        default_factory=list,
        description="Requests without content to send before the survey, such as 'PUT /buckets/b'.",
    )
    accept: list[str] = Field(
        default_factory=list,
        description="Media types that every request accepts besides JSON, for an API that serves its own types only to "
        "clients that name them; detected when empty.",
    )
    effects: Literal["read", "write", "burst", "flood", "load"] | None = Field(
        None,
        description="Strongest effect allowed if --effects is not given; when omitted, burst on a loopback address "
        "and read elsewhere.",
    )
    parameters: dict[str, str] = Field(
        default_factory=dict,
        description="Values of path parameters that the API does not list, such as the tenant of "
        "/tenants/{tenant}/orders: the run creates items below it.",
    )
    resources: list[Resource] = Field(default_factory=list)
    bodies: dict[str, dict[str, Json]] = Field(
        default_factory=dict,
        description="A complete body that a create accepts, by the name or path of a resource that is found.",
    )
    only: list[str] = Field(
        default_factory=list, description="Names of the resources to test, of those found; all when empty."
    )
    explore: Literal["families", "all"] = Field(
        "families",
        description="Which collections of a large API are tested: one or two of those that behave alike, or all.",
    )
    rotate: int | None = Field(
        None,
        ge=0,
        description="Number of the run, such as that of a CI job: with each number other collections of those that "
        "behave alike are tested, until each of them was; the first of each family always is. The same ones in each "
        "run when omitted.",
    )
    volatile: list[Pointer] = Field(
        default_factory=list, description="Locations that change by themselves, in every representation."
    )
    consistency_window: float = Field(
        2.0, ge=0, le=60, description="Seconds after which a read must show a completed write."
    )
    non_production: bool = Field(
        False,
        description="Whether nobody depends on the target, so that it may be sent hostile input: injections (SEC-010), "
        "very large and very deep content (SEC-011); and, with `--effects load`, load (ISOL, PERF).",
    )
    strict: bool = Field(
        False,
        description="Fail on every broken MUST, also where most APIs break it deliberately or little depends on it.",
    )
    advice: Literal["advice", "warn"] = Field(
        "advice", description="Verdict on what breaks a rule with minor impact; `warn` makes it a warning."
    )
    methods: Methods = Field(default_factory=Methods)
    negotiation: Negotiation = Field(default_factory=Negotiation)
    wire: WireRules = Field(default_factory=WireRules)
    rate_limits: list[RateLimit] = Field(
        default_factory=list, description="Quotas on requests; detected when empty."
    )
    identities: dict[str, str] = Field(
        default_factory=dict,
        description="What the API calls the client of each credential: the id of its user or tenant, such as "
        '{ default = "alice", other = "bob" }.',
    )
    admin_operations: list[AdminOperation] = Field(
        default_factory=list,
        description="Operations that must be refused to `readonly`, or else to `other`; they are sent, so choose "
        "harmless ones.",
    )
    jwt: Jwt | None = Field(None, description="JSON Web Tokens; a credential that is one is found by itself.")
    revoke: Revoke | None = Field(None, description="How a credential is obtained and revoked.")
    cors: Cors | None = Field(None, description="Which pages may use the API from a browser.")
    cookie: SessionCookie | None = Field(None, description="The cookie of a session.")
    graphql: GraphQL | None = Field(
        None,
        description="The GraphQL endpoint; found by itself where the document or the entry point names it.",
    )
    load: Load = Field(
        default_factory=Load,
        description="The load of `--effects load`, which also takes `non_production = true`.",
    )
    slo: list[Slo] = Field(default_factory=list, description="Objectives for latency and availability.")
    tls: Tls | None = Field(None, description="The target's certificate, and its port without TLS.")
    operations: list[LongRunningOperation] = Field(
        default_factory=list,
        description="Long-running operations that the run may start, besides creates and documented ones that are "
        "answered 202.",
    )
    bulk: list[Bulk] = Field(
        default_factory=list,
        description="Operations that create several items in one request; found by the document, or by asking, when "
        "omitted.",
    )
    webhooks: Webhooks | None = Field(None, description="How the API sends webhooks.")
    streams: list[Stream] = Field(
        default_factory=list,
        description="Event streams; those that the document has besides are only listened to.",
    )
    longpoll: LongPoll | None = Field(None, description="Long polling.")
    websocket: WebSocket | None = Field(None, description="A WebSocket endpoint.")
    files: Files | None = Field(None, description="How the API takes files and gives them back.")
    versions: Versions | None = Field(None, description="What clients of the API were written for.")
    waivers: list[Waiver] = Field(default_factory=list)

    @field_validator("bulk", mode="before")
    @classmethod
    def _one_table(cls, value: Any) -> Any:
        """[bulk] is short for one [[bulk]]."""
        return [value] if isinstance(value, dict) else value

    def rate_limit(self, name: str) -> RateLimit:
        """The rate limit of that name.

        Raises:
            KeyError: no such name.
        """
        for limit in self.rate_limits:
            if limit.name == name:
                return limit
        raise KeyError(name)

    def resource(self, name: str) -> Resource:
        """The resource of that name.

        Raises:
            KeyError: no such name.
        """
        for resource in self.resources:
            if resource.name == name:
                return resource
        raise KeyError(name)
