"""What a target does to break several rules alike, a sentence each: findings with the same one are reported together.

A rule passes the sentence to `expect()` or `warn()` where its observation shows just that, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable

CONCURRENT_DUPLICATES = "Concurrent requests under one idempotency key are executed more than once"
KEYS_IGNORED = "Idempotency keys have no effect: each request under one key is executed"
LOST_UPDATES = "Concurrent writes under one precondition succeed together, and all but one are lost"
CONTENT_TYPE_UNCHECKED = "Requests with an unsupported Content-Type are not refused"
UNSTABLE_CURSORS = "Traversals by cursor miss or repeat items while others write"
RECEIVERS_REDIRECT = "Redirects that a receiver of webhooks answers with are followed"
SAME_BOTH_WAYS = "A list is ordered alike where ascending and where descending order is asked for"
PARAMETER_NAMES_OWNER = "A parameter that names another client shows that client's items"
ANY_ORIGIN = "CORS is granted to the pages of any origin"
INEXACT_GRANT = "An allowed origin is granted by a text that is not exactly that origin"
NULL_ORIGIN = "CORS is granted to the origin `null`, which any page can have"
UNICODE_ALTERED = "Texts beyond ASCII do not come back as they were sent"
UNICODE_FAILS = "Texts beyond ASCII are answered with a server error"


def if_match_ignored(methods: Iterable[str]) -> str:
    """The cause of what is performed under a false If-Match, and without any."""
    return f"If-Match has no effect on {' and '.join(sorted(methods))}"
