"""What to add to the profile so that more rules apply: one hint per capability, and per key that rules ask for.

The survey's table and the report both show these; neither has a wording of its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    """What to add to the profile.

    Attributes:
        condition: what is then true, as words that follow `if`.
        keys: lines of TOML, an example each.
        note: what the first of these lines means, or another way to write it.
        table: head of the table that they belong to.
        option: command-line option that does the same; empty if there is none.
    """

    condition: str
    keys: tuple[str, ...]
    note: str = ""
    table: str = "[[resources]]"
    option: str = ""

    @property
    def line(self) -> str:
        """The hint in one line, as reports show it."""
        text = f"{self.table} {', '.join(self.keys)}"
        return f"{self.option}, or {text}" if self.option else text

    def block(self, *above: str) -> str:
        """The hint as lines of a conformance.toml.

        Args:
            above: lines between the head of the table and the hint, such as the resource's `collection`.
        """
        first, *rest = self.keys
        remarks = [self.note, f"or {self.option}" if self.option else ""]
        comment = "; ".join(one for one in remarks if one)
        return "\n".join([self.table, *above, f"{first}   # {comment}" if comment else first, *rest])


CREDENTIAL = Hint(
    "a credential that may create is given",
    ('headers = { Authorization = "Bearer ${TOKEN}" }',),
    table="[credentials.default]",
    option='--header "Authorization: Bearer $TOKEN"',
)
CAPABILITIES = {
    "list": Hint("the array of a list is located", ('items = "/data"',), "location of the array of items"),
    "create": Hint(
        "a body that a create accepts is known",
        ('body = { name = "..." }',),
        "a body that POST accepts; where PUT creates, --resource 'PUT /orders/{key}'",
        option="--body 'NAME={...}'",
    ),
    "read": Hint(
        "the id in the response to a create is located",
        ('id = "/id"',),
        "location of the id in the response to a create",
    ),
    "update": Hint("the media types of PATCH are known", ('patch = ["application/merge-patch+json"]',)),
    "schema": Hint(
        "the schema of a create is known",
        ("create_schema = '{ ... }'",),
        "JSON Schema of the body of a create",
        option="--openapi FILE",
    ),
    "idempotency": Hint(
        "the field that carries an idempotency key is known",
        ('idempotency = { field = "Idempotency-Key" }',),
        'or { body = "/idempotency_key" }',
    ),
    "conditional": Hint("writes must be conditional", ("locking = { if_match = true }",)),
    "unique": Hint("a member whose values must be unique is known", ('unique = ["/email"]',)),
    "tag": Hint("a member with free text is known", ('change = "/title"',), "a member with free text"),
    "pages": Hint(
        "it is known how lists are paged",
        ('pagination = { style = "page", page_param = "page", limit_param = "per_page" }',),
    ),
    "limit": Hint("the parameter for the page size is known", ('pagination = { limit_param = "limit" }',)),
    "cursor": Hint(
        "the cursor is known by which lists are paged",
        ('pagination = { style = "cursor", cursor_param = "cursor", next = "/next_cursor" }',),
    ),
    "offset": Hint(
        "the offset is known by which lists are paged",
        ('pagination = { style = "offset", offset_param = "offset", limit_param = "limit" }',),
    ),
    "totals": Hint("it is known where lists give their total", ('pagination = { total = "/total" }',)),
    "sort": Hint(
        "it is known what lists can be sorted by",
        ('pagination = { sort_param = "sort", sort_member = "/size" }',),
    ),
    "filter": Hint(
        "the parameter that filters lists is known",
        ('pagination = { filter_param = "name", filter_member = "/name" }',),
    ),
}
"""Hints by capability. A capability without one cannot be enabled by the profile: the API has it or lacks it."""

SECOND_CREDENTIAL = Hint(
    "a second credential is named",
    ('headers = { Authorization = "Bearer ${OTHER_TOKEN}" }',),
    table="[credentials.other]",
    option="--credential other=env:OTHER_TOKEN",
)
RATE_LIMIT = Hint(
    "a rate limit is declared",
    ('path = "/status"', "limit = 100", "window = 60"),
    "a cheap GET that the quota counts",
    table="[[rate_limits]]",
)
KEYS = {
    "credentials.other": SECOND_CREDENTIAL,
    "credentials.readonly": Hint(
        "a credential with fewer rights is named",
        ('bearer = "${READONLY_TOKEN}"',),
        table="[credentials.readonly]",
    ),
    "ownership": Hint(
        "it is declared whether items belong to the client that created them",
        ("ownership = true",),
        "false where clients share them",
    ),
    "protected_fields": Hint(
        "members that clients must not set are named", ('protected_fields = { role = "admin" }',)
    ),
    "admin_operations": Hint(
        "operations that only privileged clients may use are named",
        ('path = "/admin/users"',),
        table="[[admin_operations]]",
    ),
    "jwt": Hint(
        "it is declared which credential is a JWT",
        ('credential = "default"', 'jwks = "/.well-known/jwks.json"'),
        table="[jwt]",
    ),
    "jwt.key_file": Hint(
        "the run can sign tokens for tests", ('key_file = "test-issuer.pem"',), "or `mint`", table="[jwt]"
    ),
    "revoke": Hint(
        "it is declared how a credential is obtained and revoked",
        ('login = "/sessions"', 'token = "/token"', 'path = "/session"'),
        table="[revoke]",
    ),
    "versions": Hint(
        "the document that clients were written for is known",
        ('baseline_schema = "openapi-old.yaml"',),
        "an OpenAPI document of before: a file",
        table="[versions]",
    ),
    "versions.scheme": Hint(
        "the versions that are served are known",
        ('scheme = "path"', 'declared = ["/v1", "/v2"]'),
        'or "field", "query" (with `name`), "media type"',
        table="[versions]",
    ),
    "versions.members": Hint(
        "it is known what another version calls the members of a resource",
        ('members = { orders = { "/customer" = "/buyer" } }', 'scheme = "path"', 'declared = ["/v1", "/v2"]'),
        table="[versions]",
    ),
    "versions.recorded": Hint(
        "there is an earlier report, or a Pact file of a consumer",
        ('recorded = "release-41/conformance.json"',),
        "or `files` in [versions.pact]",
        table="[versions]",
    ),
    "cors": Hint(
        "it is declared which pages may use the API from a browser",
        ('allowed_origins = ["https://app.example.com"]',),
        '["*"] for all, [] for none',
        table="[cors]",
    ),
    "cookie": Hint(
        "it is declared which login sets a session cookie",
        ('login = "/sessions"', 'login_body = { user = "test", password = "..." }'),
        table="[cookie]",
    ),
    "webhooks": Hint(
        "the profile declares webhooks",
        (
            'subscribe = "/webhooks"',
            'body = { url = "{url}", events = ["{event}"] }',
            'signature = "standard"',
            'events = { "order.created" = "orders" }',
        ),
        "what causes an event: an item of that resource is created",
        table="[webhooks]",
    ),
    "streams": Hint(
        "an event stream is declared",
        ('path = "/events"', 'trigger = "orders"'),
        "what causes an event: an item of that resource is created",
        table="[[streams]]",
    ),
    "longpoll": Hint(
        "long polling is declared",
        (
            'path = "/updates"',
            "timeout = 30",
            'cursor = "since"',
            'next = "/next"',
            'trigger = "orders"',
        ),
        "a GET that is answered when there is an event",
        table="[longpoll]",
    ),
    "websocket": Hint(
        "a WebSocket is declared",
        ('path = "/socket"', 'trigger = "orders"'),
        "what causes a message: an item of that resource is created",
        table="[websocket]",
    ),
    "bulk": Hint(
        "operations on several items are declared",
        ('path = "/orders/batch"', 'array = "/items"', 'mode = "partial"'),
        "a POST with several items",
        table="[[bulk]]",
    ),
    "bulk.item_keys": Hint(
        "it is declared where an item of a batch carries its idempotency key",
        ('path = "/orders/batch"', 'item_keys = "/key"'),
        table="[[bulk]]",
    ),
    "tls.plain": Hint(
        "the port without TLS is declared", ('plain = "http://api.example.com:8080"',), table="[tls]"
    ),
    "identities": Hint(
        "it is declared what the API calls each client",
        ('default = "alice"', 'other = "bob"'),
        table="[identities]",
    ),
    "rate_limits": RATE_LIMIT,
    "idempotency.retention": Hint(
        "the API says for how long it remembers a key", ("idempotency = { retention = 86400 }",)
    ),
    "locking.version": Hint(
        "the version that a write must carry is named", ('locking = { version = "/version" }',)
    ),
    "optional": Hint("a writable member is named that a body may omit", ('optional = "/note"',)),
    "transitions": Hint(
        "the states of an item are declared",
        ('transitions = [{ name = "pay", path = "/orders/{id}/pay", before = "new", after = "paid" }]',),
    ),
}
"""Hints by key of the profile, dotted below a table."""
