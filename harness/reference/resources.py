"""What the resources are: their members, methods and capabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from harness.reference.call import Document

Purpose = Literal["create", "replace"]
Schema = dict[str, Any]

CURRENCY: Schema = {"type": "string", "enum": ["EUR", "USD", "GBP"]}
AMOUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 10_000_000, "description": "Minor units."}
TIMESTAMP: Schema = {"type": "string", "format": "date-time"}
TAGS: Schema = {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 200}}


@dataclass(frozen=True)
class TransitionPolicy:
    """A state transition, through POST to the action below the item."""

    action: str
    before: str
    after: str


@dataclass(frozen=True, eq=False)
class ServedResource:
    """A collection and its items."""

    name: str
    title: str
    prefix: str
    properties: dict[str, Schema]
    required: tuple[str, ...]
    example: Document
    collection_methods: tuple[str, ...] = ("GET", "POST")
    item_methods: tuple[str, ...] = ("GET", "PUT", "PATCH", "DELETE")
    server_properties: dict[str, Schema] = field(default_factory=dict)
    initial: Document = field(default_factory=dict)
    transitions: tuple[TransitionPolicy, ...] = ()
    filters: tuple[str, ...] = ()
    sortable: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    searchable: str | None = None
    selectable: bool = False
    numbered: bool = False
    unique: str | None = None
    etag: bool = True
    versioned: bool = False
    client_ids: bool = False
    key_required: bool = False
    condition_required: bool = False
    xml: bool = False
    lookup: bool = False
    batch: Literal["partial", "atomic"] | None = None
    queried: bool = False
    searched: bool = False

    @property
    def selecting(self) -> tuple[str, ...]:
        """The parameters of the list that choose its items."""
        bounds = tuple(f"{end}_{name}" for name in self.ranges for end in ("min", "max"))
        return (*self.filters, *bounds, *(("q",) if self.searchable else ()))

    @property
    def read_only(self) -> dict[str, Schema]:
        """The members that only the server sets; `version` is sent back by the client as a lock."""
        members: dict[str, Schema] = {"id": {"type": "string"}, **self.server_properties}
        if self.versioned:
            members["version"] = {"type": "integer", "minimum": 1}
        members |= {"created_at": TIMESTAMP, "updated_at": TIMESTAMP}
        return {name: {**schema, "readOnly": True} for name, schema in members.items()}

    @property
    def write_only(self) -> frozenset[str]:
        """The members that no response shows."""
        return frozenset(name for name, schema in self.properties.items() if schema.get("writeOnly"))

    def schema(self, purpose: Purpose) -> Schema:
        """The schema of request content; read-only members are allowed and ignored."""
        properties = {**self.properties, **self.read_only}
        required = list(self.required)
        if self.versioned and purpose == "replace":
            properties["version"] = {
                "type": "integer",
                "minimum": 1,
                "description": "The version that the change is based on.",
            }
            required.append("version")
        return {
            "type": "object",
            "required": required,
            "additionalProperties": False,
            "properties": properties,
        }

    def representation_schema(self) -> Schema:
        """The schema of a representation."""
        defaulted = [name for name, schema in self.properties.items() if "default" in schema]
        shown = {name: one for name, one in self.properties.items() if name not in self.write_only}
        return {
            "type": "object",
            "required": [*self.required, *defaulted, *self.read_only],
            "additionalProperties": False,
            "properties": {**shown, **self.read_only},
        }

    def writable(self, document: Document) -> Document:
        """The members of a valid document that clients set, with the defaults of those left out."""
        defaults = {
            name: schema["default"] for name, schema in self.properties.items() if "default" in schema
        }
        return {
            name: document.get(name, defaults.get(name))
            for name in self.properties
            if name in document or name in defaults
        }


ORDERS = ServedResource(
    name="orders",
    title="Order",
    prefix="ord",
    properties={
        "customer": {"type": "string", "minLength": 1, "maxLength": 80},
        "amount": AMOUNT,
        "currency": CURRENCY,
        "email": {"type": "string", "format": "email", "maxLength": 254},
        "note": {"type": ["string", "null"], "maxLength": 200},
        "tags": TAGS,
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1},
        "metadata": {
            "type": "object",
            "maxProperties": 50,
            "additionalProperties": {"type": "string", "maxLength": 200},
        },
    },
    required=("customer", "amount", "currency"),
    server_properties={"status": {"type": "string", "enum": ["pending", "paid", "cancelled"]}},
    initial={"status": "pending"},
    transitions=(
        TransitionPolicy("pay", "pending", "paid"),
        TransitionPolicy("cancel", "pending", "cancelled"),
    ),
    filters=("status", "customer", "currency"),
    sortable=("amount", "quantity", "customer"),
    ranges=("amount",),
    searchable="customer",
    selectable=True,
    queried=True,
    searched=True,
    example={
        "customer": "Ada Lovelace",
        "amount": 1999,
        "currency": "EUR",
        "email": "ada@example.com",
        "note": "Leave at the door.",
        "tags": ["gift"],
        "quantity": 2,
        "metadata": {"channel": "web"},
    },
)
PAYMENTS = ServedResource(
    name="payments",
    title="Payment",
    prefix="pay",
    properties={
        "amount": AMOUNT,
        "currency": CURRENCY,
        "reference": {"type": "string", "maxLength": 100},
    },
    required=("amount", "currency"),
    server_properties={"status": {"type": "string", "enum": ["succeeded"]}},
    initial={"status": "succeeded"},
    filters=("reference",),
    item_methods=("GET", "DELETE"),
    key_required=True,
    example={"amount": 4200, "currency": "USD", "reference": "invoice 17"},
)
PRODUCTS = ServedResource(
    name="products",
    title="Product",
    prefix="prd",
    properties={
        "sku": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "description": "Unique among your products.",
        },
        "name": {"type": "string", "minLength": 1, "maxLength": 120},
        "price": {"type": "integer", "minimum": 0, "maximum": 10_000_000},
        "stock": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000, "default": 0},
        "description": {"type": ["string", "null"], "maxLength": 1000},
        "dimensions": {
            "type": "object",
            "properties": {
                "width": {"type": "integer", "minimum": 1, "maximum": 10_000},
                "height": {"type": "integer", "minimum": 1, "maximum": 10_000},
                "depth": {"type": "integer", "minimum": 1, "maximum": 10_000},
            },
            "required": ["width", "height"],
            "additionalProperties": False,
        },
        "shelf_labels": {
            "type": "array",
            "maxItems": 20,
            "items": {"type": ["string", "null"], "maxLength": 40},
            "description": "By position; null where a shelf has none.",
        },
    },
    required=("sku", "name", "price"),
    filters=("sku",),
    unique="sku",
    client_ids=True,
    batch="atomic",
    example={
        "sku": "SKU-0001",
        "name": "Teapot",
        "price": 2500,
        "stock": 12,
        "description": "Short and stout.",
        "dimensions": {"width": 240, "height": 180, "depth": 160},
        "shelf_labels": ["tea"],
    },
)
DOCUMENTS = ServedResource(
    name="documents",
    title="Document",
    prefix="doc",
    properties={
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "body": {"type": "string", "maxLength": 10_000, "default": ""},
        "tags": TAGS,
    },
    required=("title",),
    filters=("title",),
    numbered=True,
    etag=False,
    versioned=True,
    lookup=True,
    batch="partial",
    example={"title": "Minutes", "body": "Nothing was decided.", "tags": ["draft"]},
)
CONTRACTS = ServedResource(
    name="contracts",
    title="Contract",
    prefix="con",
    properties={
        "party": {"type": "string", "minLength": 1, "maxLength": 120},
        "terms": {"type": "string", "maxLength": 10_000, "default": ""},
        "passcode": {
            "type": "string",
            "minLength": 8,
            "maxLength": 72,
            "writeOnly": True,
            "description": "For reading the contract aloud on the telephone; never returned.",
        },
    },
    required=("party",),
    item_methods=("GET", "PUT", "DELETE"),
    condition_required=True,
    xml=True,
    example={"party": "Grace Hopper", "terms": "Thirty days net."},
)
RESOURCES = (ORDERS, PAYMENTS, PRODUCTS, DOCUMENTS, CONTRACTS)
