"""Word lists for names in URLs. Data, no code.

Sources: Zalando RESTful API Guidelines, rules 118, 129, 134, 138, 141; Google AIP-121, AIP-122, AIP-131 to 136.
"""

from __future__ import annotations

CRUD = frozenset(
    {"get", "fetch", "retrieve", "create", "insert", "add", "update", "modify", "delete", "remove"}
)
"""Verbs that say again what the method says: `/getOrders`, `/orders/delete`."""

OTHERWISE = frozenset(
    {"address", "addresses", "additional", "added", "deleted", "removed", "updates", "created"}
)
"""Words that only begin like such a verb."""

UNCOUNTABLE = frozenset(
    [
        "aircraft",
        "analytics",
        "audio",
        "auth",
        "balance",
        "billing",
        "cache",
        "cash",
        "chat",
        "config",
        "configuration",
        "content",
        "data",
        "equipment",
        "feedback",
        "firmware",
        "geo",
        "hardware",
        "health",
        "help",
        "history",
        "identity",
        "info",
        "information",
        "inventory",
        "mail",
        "media",
        "metadata",
        "music",
        "news",
        "offspring",
        "people",
        "personnel",
        "police",
        "pricing",
        "public",
        "search",
        "series",
        "settings",
        "sms",
        "software",
        "species",
        "staff",
        "stock",
        "storage",
        "support",
        "telemetry",
        "text",
        "time",
        "traffic",
        "weather",
    ]
)
"""Words without a plural of their own, or that are one: nothing follows from their last letter."""

SINGULAR_S = ("ss", "us", "is")
"""Ends of singular words: `address`, `status`, `analysis`."""

PAGE_SIZES = frozenset(
    [
        "limit",
        "per_page",
        "perpage",
        "page_size",
        "pagesize",
        "size",
        "count",
        "max_results",
        "maxresults",
        "first",
        "top",
        "take",
        "rows",
    ]
)
"""What list parameters for the size of a page are called, in lower case."""

SAFE_RELATIONS = frozenset(
    [
        "self",
        "alternate",
        "canonical",
        "collection",
        "item",
        "items",
        "first",
        "last",
        "next",
        "prev",
        "previous",
        "up",
        "related",
        "describedby",
        "describes",
        "service-desc",
        "service-doc",
        "service-meta",
        "api-catalog",
        "latest-version",
        "predecessor-version",
        "successor-version",
        "version-history",
        "current",
        "parent",
    ]
)
"""Link relations that lead to something to read (IANA registry of link relations, RFC 8288 section 4.2)."""
