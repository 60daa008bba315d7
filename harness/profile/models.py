"""The profile: what the harness knows of a target. These models are `conformance.toml`.

1. Every key is optional but a resource's `collection`; what the user wrote is never overruled, inference
   fills the rest (`merged()`).
2. Paths are relative to the target URL; locations inside bodies are JSON Pointers (RFC 6901).
3. A capability says whether it was declared, detected or contradicted, and by what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Literal

import jsonpointer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.target.credentials.config import Credential as Credential

Json = Any


def _pointer(value: str) -> str:
    if value and not value.startswith("/"):
        raise ValueError(f"{value!r} is not a JSON Pointer: it must be empty or begin with '/'")
    try:
        jsonpointer.JsonPointer(value)
    except jsonpointer.JsonPointerException as error:
        raise ValueError(f"{value!r} is not a JSON Pointer: {error}") from None
    return value


def _path(value: str) -> str:
    if not value.startswith("/") or "://" in value:
        raise ValueError(f"{value!r} must be a path below the target URL and begin with '/'")
    return value


def _collection(value: str) -> str:
    return _path(value) if value else value


def _item(value: str) -> str:
    # OData puts the key beside the collection, which may be the target URL itself.
    return value if not value or (value.startswith("(") and "://" not in value) else _path(value)


Pointer = Annotated[str, AfterValidator(_pointer)]
Path = Annotated[str, AfterValidator(_path)]
CollectionPath = Annotated[str, AfterValidator(_collection)]
ItemPath = Annotated[str, AfterValidator(_item)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=False)


class State(str, Enum):
    """How a capability came to be known."""

    DECLARED = "declared"
    DETECTED = "detected"
    CONTRADICTED = "contradicted"
    ABSENT = "absent"


BY_PROFILE = "the profile says so"
"""Why a capability is known that the user states with true or false."""
_BY_DOCUMENT = "OpenAPI"
"""How the reasons begin that are the document's."""


class Capability(Model):
    """Something that a resource can do, or cannot, and how that is known."""

    state: State
    because: str = Field(description="The declaration or the observation that says so.")

    @property
    def there(self) -> bool:
        return self.state in (State.DECLARED, State.DETECTED)

    @property
    def given(self) -> bool:
        """Whether the user states it: no observation contradicts that."""
        return self.because == BY_PROFILE


class Idempotency(Model):
    """How a request carries an idempotency key, and what the API promises for it."""

    field: str = Field("Idempotency-Key", description="Header field that carries the key.")
    body: Pointer | None = Field(
        None, description="Member that carries the key, inside the representation, instead of a field."
    )
    required: bool = Field(False, description="Whether a create without a key is refused.")
    key_format: Literal["bare", "string"] | None = Field(
        None,
        description="Whether keys are sent bare (when omitted) or as a Structured Field String, in quotes (RFC 9651).",
    )
    methods: list[str] = Field(
        default_factory=lambda: ["POST"], description="Methods that take a key: POST, and PATCH of an item."
    )
    exactly_once: bool = Field(
        False, description="Whether the API promises that a key takes effect once: what breaks it then fails."
    )
    stale_ok: bool = Field(
        False, description="Whether a replay may show the current state instead of the stored response."
    )
    retention: float | None = Field(
        None, gt=0, description="Seconds for which the API promises to remember a key."
    )


class Locking(Model):
    """Optimistic locking that a write must take part in to be accepted."""

    version: Pointer | None = Field(
        None, description="Version member that a write must carry, inside the representation."
    )
    if_match: bool = Field(
        False, description="Whether a write without If-Match is refused (428); found out when omitted."
    )


class Pagination(Model):
    """How a list is read page by page, and what the API promises for it."""

    style: Literal["cursor", "keyset", "page", "offset"] | None = Field(
        None,
        description="How the next page is asked for: by a cursor that the API gives, by the id of the last item, by "
        "the number of the page, or by how many items to skip.",
    )
    limit_param: str | None = Field(None, description="Query parameter for the page size.")
    cursor_param: str | None = Field(
        None, description="Query parameter for the cursor, or the last item's id."
    )
    page_param: str | None = Field(None, description="Query parameter for the number of the page.")
    offset_param: str | None = Field(None, description="Query parameter for how many items to skip.")
    first_page: int | None = Field(
        None, ge=0, le=1, description="Number of the first page; taken for 1 where nothing tells it."
    )
    first_offset: int = Field(
        0, ge=0, le=1, description="Offset of the first item; 1 for `startIndex` (SCIM)."
    )
    next: Pointer | None = Field(
        None, description="Where a list tells its next page: a cursor, a page number, or a URL."
    )
    prev: Pointer | None = Field(None, description="Where a list tells the URL of the page before.")
    first: Pointer | None = Field(None, description="Where a list tells the URL of its first page.")
    last: Pointer | None = Field(None, description="Where a list tells the URL of its last page.")
    next_field: str | None = Field(
        None, description="Header field that tells the URL of the next page, beside Link (RFC 8288)."
    )
    has_more: Pointer | None = Field(None, description="Where a list tells whether more items follow.")
    total: Pointer | None = Field(None, description="Where a list tells how many items there are in all.")
    total_field: str | None = Field(
        None, description="Header field that tells how many items there are in all."
    )
    total_pages: Pointer | None = Field(None, description="Where a list tells how many pages there are.")
    page: Pointer | None = Field(None, description="Where a list tells the number of the page shown.")
    estimates: bool = Field(False, description="Whether totals are estimates, by the API's documentation.")
    default: int | None = Field(None, ge=1, description="Page size where none is asked for.")
    min: int | None = Field(None, ge=1, description="Smallest page size; 1 when omitted.")
    max: int | None = Field(None, ge=1, description="Greatest page size.")
    stable: bool = Field(
        False,
        description="Whether the API promises that writes neither skip nor repeat items for a reader: what breaks it "
        "then fails.",
    )
    filter_param: str | None = Field(
        None, description="Query parameter that selects the items whose `filter_member` has a value."
    )
    filter_member: Pointer | None = Field(
        None, description="Member with free text that `filter_param` selects by, inside the representation."
    )
    sort_param: str | None = Field(None, description="Query parameter that says what the list is sorted by.")
    sort_value: str | None = Field(
        None, description="Its value that sorts by `sort_member`; the member's name when omitted."
    )
    sort_member: Pointer | None = Field(
        None, description="Member with a number that the list can be sorted by, inside the representation."
    )
    seed: int = Field(0, ge=0, description="Chooses the interleavings of reads and writes that are tried.")


class Transition(Model):
    """A request that moves an item from one state to another; a row for each state that it may leave."""

    name: str = Field(description="What it is called in the report, such as pay.")
    path: Path = Field(description="Path, with {id}, such as /orders/{id}/pay.")
    method: str = Field("POST", description="Method of the request.")
    body: Json = Field(None, description="JSON content of the request; none when omitted.")
    before: Json = Field(description="The state that it leaves, as an item shows it.")
    after: Json = Field(description="The state that it leads to.")


class Resource(Model):
    """A collection, and the items in it."""

    collection: CollectionPath = Field(
        description="Path of the collection, such as /orders; empty where the target URL is the collection itself."
    )
    parent: str | None = Field(
        None,
        description="Name of the resource below whose items the collection stands: the last {...} in `collection` "
        "takes the id of an item that is created for that, and removed after the run.",
    )
    name: str = Field("", description="Name in the report; the last word of the collection when omitted.")
    credential: str | None = Field(
        None,
        description="Name of the credential that goes with its requests; `default` when omitted, or one of your own "
        "that fits where `default` is refused.",
    )
    item: ItemPath = Field("", description="Path of an item, with {id}; <collection>/{id} when omitted.")
    id: Pointer = Field("/id", description="Where the id stands in what a create answers.")
    items: Pointer | None = Field(None, description="Where the array stands in what the collection answers.")
    representation: Pointer = Field(
        "", description="Where the members stand in a body, such as /data or /data/attributes."
    )
    body: dict[str, Json] | None = Field(None, description="A body that a create accepts, whole.")
    update_body: dict[str, Json] | None = Field(
        None, description="A body that PUT accepts, whole; taken from `body` when omitted."
    )
    media_type: str = Field("application/json", description="Content-Type of the bodies sent.")
    accepts: list[str] = Field(
        default_factory=list, description="Media types that the API documents for the content of a create."
    )
    offers: dict[Literal["collection", "item"], list[str]] = Field(
        default_factory=dict,
        description="Media types in which a GET of the collection, or of an item, is offered.",
    )
    patch: list[str] | None = Field(
        None, description="Media types that PATCH takes, the one to be used first; none when empty."
    )
    unique: list[Pointer] = Field(
        default_factory=list, description="Members whose values must be unique, inside the representation."
    )
    fresh: list[Pointer] = Field(
        default_factory=list,
        description="Members beside `unique` that get a value of their own in every create, inside the representation: "
        "those by which the API finds an item again instead of creating another.",
    )
    change: Pointer | None = Field(
        None, description="Writable member that an update may change, inside the representation."
    )
    optional: Pointer | None = Field(
        None,
        description="Writable member without server default that a body may omit, inside the representation.",
    )
    read_only: list[str] = Field(default_factory=list, description="Members that only the server sets.")
    volatile: list[Pointer] = Field(
        default_factory=list, description="Locations in a representation that change by themselves."
    )
    create_schema: dict[str, Json] | None = Field(None, description="JSON Schema of a create's body.")
    absent_id: str | None = Field(None, description="A well-formed id that names no item.")
    put_creates: bool | None = Field(None, description="Whether PUT to an absent item creates it.")
    new_id: Literal["uuid", "word"] = Field("uuid", description="Form of ids that the client may choose.")
    hides_absence: bool = Field(False, description="Whether absent items are answered 403 by design.")
    soft_delete: Pointer | None = Field(
        None, description="Member that is true, or set, in a deleted item that stays readable."
    )
    state: Pointer = Field("/status", description="Where an item shows its state, inside the representation.")
    transitions: list[Transition] = Field(
        default_factory=list,
        description="State transitions to test on items of our own; none when empty. What they set off is set off.",
    )
    idempotency: Idempotency | None = None
    locking: Locking = Field(default_factory=Locking)
    pagination: Pagination | None = None
    methods: dict[Literal["collection", "item"], list[str]] = Field(
        default_factory=dict, description="Methods that the API documents for the collection and its items."
    )
    capabilities: dict[str, Capability] = Field(
        default_factory=dict, description="What the resource can do: true, false, or how it is known."
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_capabilities(cls, values: Any) -> Any:
        """Let `capabilities.patch = false` stand for the long form."""
        if isinstance(values, dict) and isinstance(values.get("capabilities"), dict):
            long = {
                name: {"state": "declared" if given else "absent", "because": BY_PROFILE}
                if isinstance(given, bool)
                else given
                for name, given in values["capabilities"].items()
            }
            values = {**values, "capabilities": long}
        return values

    @model_validator(mode="after")
    def _defaults(self) -> Resource:
        given = set(self.model_fields_set)
        if not self.name:
            words = [word for word in self.collection.split("/") if word and "{" not in word]
            self.name = words[-1] if words else "root"
        if not self.item:
            self.item = self.collection.rstrip("/") + "/{id}"
        if "{id}" not in self.item:
            raise ValueError(f"item: {self.item!r} has no {{id}} in it")
        self.__pydantic_fields_set__ = given
        return self

    @property
    def partial(self) -> list[str]:
        """Media types of a PATCH whose content has the members that change, as the representation has them."""
        return [media for media in self.patch or () if "json-patch" not in media]

    def missing(self, need: str) -> str | None:
        """Why the resource lacks a capability, or None where it has it."""
        capability = self.capabilities.get(need)
        if capability is None:
            return f"{need}: nothing declares or shows it"
        return None if capability.there else f"{need}: {capability.because}"

    def surely_missing(self, need: str) -> str | None:
        """Why the profile or the document denies a capability; None where the resource may have it.

        What a survey that only reads did not see may be there all the same.
        """
        capability = self.capabilities.get(need)
        if capability is None or capability.there:
            return None
        by_document = capability.because.startswith(_BY_DOCUMENT)
        return f"{need}: {capability.because}" if capability.given or by_document else None


class RateLimit(Model):
    """A quota on requests, and an endpoint on which it can be used up.

    One that is declared here is believed; others are found where answers or the OpenAPI document tell of a limit.
    """

    path: Path = Field(description="A cheap GET that the quota counts, such as /status.")
    name: str = Field("", description="Name in the report; the path when omitted.")
    limit: int | None = Field(
        None, gt=0, description="Requests in a window; what the answers tell when omitted."
    )
    window: float | None = Field(
        None, gt=0, description="Seconds of a window; what the answers tell when omitted."
    )
    credential: str | None = Field(
        None,
        description="Name of a credential that nobody else uses, for the requests that use the quota up.",
    )
    tiers: dict[str, int] = Field(
        default_factory=dict, description="Limits of further credentials, by name, in the same window."
    )
    scope: Literal["credential", "address", "shared"] | None = Field(
        None,
        description="Who has a quota of its own: each credential, each client address, or nobody (a tenant shares it).",
    )
    longest_wait: float = Field(
        30.0, gt=0, le=3600, description="Seconds for which a rule waits at most until the quota is back."
    )
    state: State = Field(State.DECLARED, description="How the quota is known; declared when omitted.")
    because: str = Field(BY_PROFILE, description="The declaration or the observation that says so.")

    @model_validator(mode="after")
    def _named(self) -> RateLimit:
        given = set(self.model_fields_set)
        if not self.name:
            self.name = self.path.strip("/").replace("/", "-") or "root"
        self.__pydantic_fields_set__ = given
        return self


class Waiver(Model):
    """A finding that its owner accepts until a date."""

    rule: str = Field(description="Code of the rule, such as COND-004.")
    reason: str = Field(description="Why the finding is accepted.")
    owner: str = Field(description="Who answers for that.")
    until: dt.date = Field(description="Last day on which it holds, such as 2027-01-31.")
    resource: str | None = Field(None, description="Name of the resource; every resource when omitted.")

    @field_validator("reason", "owner", "until", mode="before")
    @classmethod
    def _signed(cls, value: Any) -> Any:
        """Refuse a waiver that `--write-waivers` drafted and nobody signed."""
        if isinstance(value, str) and value.strip().upper() in ("", "TODO"):
            raise ValueError("is not filled in: a waiver needs a reason, an owner and an end")
        return value


class Methods(Model):
    """Deviations in methods that the API owns up to."""

    head: bool = Field(True, description="False where HEAD is switched off on purpose.")


class Negotiation(Model):
    """What the API owns up to in representing content."""

    compression: bool = Field(
        True, description="False where responses are not compressed on purpose, such as against BREACH."
    )
    normalises: bool = Field(
        False, description="Whether texts are documented to be stored in a Unicode normalisation form."
    )


class WireRules(Model):
    """Which odd requests may be sent on raw connections, and what the server owns up to."""

    malformed: bool = Field(
        False,
        description="Whether malformed requests may be sent: without Host, with a blank before a colon.",
    )
    smuggling: bool = Field(
        False,
        description="Whether requests of ambiguous length may be sent, to a server that nobody else uses.",
    )
    clock: Literal["none"] | None = Field(
        None, description="none where the server has no clock, so that it must not send Date."
    )
    idle: float = Field(
        1.0, ge=0, le=30, description="Seconds without a request that a connection is expected to survive."
    )


class Profile(Model):
    """Everything that is known of a target beyond its URL."""

    openapi: str | Literal[False] | None = Field(
        None, description="OpenAPI document: a URL, a path on the target, or a file; false for none."
    )
    credentials: dict[str, Credential] = Field(
        default_factory=dict,
        description="Named credentials: `default` goes with every request, `other` is a second client.",
    )
    setup: list[str] = Field(
        default_factory=list,
        description="Requests without content to send before the survey, such as 'PUT /buckets/b'.",
    )
    accept: list[str] = Field(
        default_factory=list,
        description="Media types that every request accepts beside JSON, where the API serves its own types only to "
        "those who name them; those that are found when empty.",
    )
    effects: Literal["read", "write", "burst", "flood"] | None = Field(
        None,
        description="Roughest effect allowed where --effects does not say; burst on a loopback address and read "
        "elsewhere when omitted.",
    )
    resources: list[Resource] = Field(default_factory=list)
    only: list[str] = Field(
        default_factory=list, description="Names of the resources to test, of those found; all when empty."
    )
    volatile: list[Pointer] = Field(
        default_factory=list, description="Locations that change by themselves, in every representation."
    )
    consistency_window: float = Field(
        2.0, ge=0, le=60, description="Seconds after which a read must show a completed write."
    )
    strict: bool = Field(False, description="Fail, not warn, on requirements that most APIs break knowingly.")
    methods: Methods = Field(default_factory=Methods)
    negotiation: Negotiation = Field(default_factory=Negotiation)
    wire: WireRules = Field(default_factory=WireRules)
    rate_limits: list[RateLimit] = Field(
        default_factory=list, description="Quotas on requests; those that are found when empty."
    )
    waivers: list[Waiver] = Field(default_factory=list)

    def rate_limit(self, name: str) -> RateLimit:
        """The rate limit of that name.

        Raises:
            KeyError: there is none.
        """
        for limit in self.rate_limits:
            if limit.name == name:
                return limit
        raise KeyError(name)

    def resource(self, name: str) -> Resource:
        """The resource of that name.

        Raises:
            KeyError: there is none.
        """
        for resource in self.resources:
            if resource.name == name:
                return resource
        raise KeyError(name)


def merged(written: Resource, found: Resource | None) -> Resource:
    """A resource with all that the user wrote, and what was found where the user wrote nothing."""
    if found is None:
        return written
    values = found.model_dump()
    for key in written.model_fields_set:
        value = getattr(written, key)
        if key == "capabilities":
            known = {name: capability.model_dump() for name, capability in value.items()}
            values[key] = {**values[key], **known}
        elif key == "pagination" and value is not None:
            # Key by key: who names a maximum does not take back the parameters that a document names.
            values[key] = {**(values[key] or {}), **value.model_dump(exclude_unset=True)}
        elif isinstance(value, BaseModel):
            values[key] = value.model_dump()
        else:
            values[key] = value
    return Resource.model_validate(values)


def matching(resource: Resource, among: Iterable[Resource]) -> Resource | None:
    """The resource with the same collection path, if it is there."""
    for other in among:
        if other.collection.rstrip("/") == resource.collection.rstrip("/"):
            return other
    return None
