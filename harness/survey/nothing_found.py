"""The message that a survey found no collection: what was asked, what was answered, the shortest next command. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from harness.http.content import is_json
from harness.http.document_places import is_place
from harness.http.exchange import Exchange
from harness.survey.infer.document_links import own_place
from harness.survey.infer.rpc_endpoints import USUAL, style_of, takes_queries
from harness.survey.outcome import Survey

_LISTED = 4
_LOGIN = re.compile(r"login|sign-?in|/sso|/auth|/admin", re.IGNORECASE)

_READ = 5_000
"""Characters of a response in which signs are looked for."""


@dataclass(frozen=True)
class Service:
    """A server whose collections are not to be found, and how to name one.

    Attributes:
        sign: what its responses show; `name` is the name of a collection.
        because: what it lacks; `BASE` is the target URL.
        resource: value of --resource.
    """

    sign: re.Pattern[str]
    because: str
    resource: str


SERVICES = (
    Service(
        re.compile(r"X-Parse-Application-Id", re.IGNORECASE),
        "Parse Server lists its classes only under the master key; name one",
        "/classes/NAME",
    ),
    Service(
        re.compile(r"^content-version: v\d[\s\S]*ghostErrorCode", re.IGNORECASE | re.MULTILINE),
        "Ghost does not list its collections; name one",
        "/posts/",
    ),
    Service(
        re.compile(r"^docker-distribution-api-version: ", re.IGNORECASE | re.MULTILINE),
        "a container registry, whose catalogue lists no repository: push an image, then run the same command again, "
        "or name what PUT creates",
        "'PUT /NAME/manifests/{key}'",
    ),
    Service(
        re.compile(r"<ListAllMyBucketsResult[\s\S]*?<Bucket>\s*<Name>(?P<name>[\w.-]+)</Name>"),
        "an object store, which lists in XML; name a bucket whose objects PUT creates",
        "'PUT /NAME/{key}'",
    ),
    Service(
        re.compile(r"<ListAllMyBucketsResult"),
        "an object store without a bucket; make one (curl -X PUT BASE/conformance), and name its objects (where they "
        "are private, also with --header 'Authorization: ...')",
        "'PUT /conformance/{key}'",
    ),
)


def without_collections(found: Survey) -> str | None:
    """What can be tested without collections; None if nothing can.

    That is a GraphQL endpoint, files that the profile names, and operations that an OpenAPI document describes.
    """
    calls = "only the rules about GraphQL and files can apply"
    if found.profile.graphql is not None or found.profile.files is not None:
        return calls
    first = found.exchanges[0] if found.exchanges else None
    if first is not None and any(takes_queries(exchange, first.url) for exchange in found.exchanges):
        return calls
    if any(found.documented.values()):
        return (
            f"the OpenAPI document at {found.openapi} declares none; only the rules about URLs, documents, schemas, "
            "errors and headers can apply. To test a collection, name it: --resource /orders"
        )
    return None


def nothing_found(found: Survey) -> tuple[str, str]:
    """The message that there is no resource to test, and what to do."""
    if not found.exchanges:
        return "no resource to test was found: nothing answered", "is it running, and is the URL right?"
    first = found.exchanges[0]
    for exchange in found.exchanges:
        # Some servers redirect to the same URL with a final slash.
        if exchange.method != "GET" or exchange.url.rstrip("/") != first.url.rstrip("/"):
            continue
        if (style := style_of(exchange)) is None:
            continue
        return (
            f"no REST collection was found: GET {exchange.url} -> {exchange.status} {exchange.media_type} is {style}, "
            "where one URL receives all calls",
            "the rules are about resources with URLs of their own; if there are some, give the URL of their API, or "
            "name the collection: --resource /orders",
        )
    asked = "; ".join([_summary(first), *_others(found, first)])
    return f"no resource to test was found: {asked}", _next(found, first)


def _summary(exchange: Exchange) -> str:
    shown = f"GET {exchange.url} -> {exchange.status or exchange.error} {exchange.media_type}".strip()
    if exchange.status == 200 and exchange.media_type and not is_json(exchange.media_type):
        shown += ", which is not JSON"
    return shown


def _others(found: Survey, first: Exchange) -> list[str]:
    """What the other requests were, in groups."""
    provoked = {trigger.exchange for trigger in found.triggers}
    rest = [one for one in found.exchanges[1:] if one.method == "GET" and one.id not in provoked]
    looked = [one for one in rest if is_place(one.url, first.url)]
    linked = [
        one
        for one in rest
        if not is_place(one.url, first.url)
        and one.url.rstrip("/") not in (first.url.rstrip("/"), first.url.rstrip("/") + USUAL)
    ]
    lines = []
    if found.openapi:
        lines.append(f"the OpenAPI document at {found.openapi} declares no collection")
    elif looked:
        lines.append(f"no OpenAPI document at {len(looked)} usual places ({_statuses(looked)})")
    else:
        lines.append("no OpenAPI document")
    if linked:
        paths = ", ".join(dict.fromkeys(urlsplit(one.url).path for one in linked[:_LISTED]))
        more = f" and {len(linked) - _LISTED} more" if len(linked) > _LISTED else ""
        lines.append(f"{paths}{more}: no list of items ({_statuses(linked)})")
    return lines


def _statuses(exchanges: Sequence[Exchange]) -> str:
    counted = Counter(str(one.status or "no response") for one in exchanges)
    return ", ".join(
        f"{status} {count} times" if count > 1 else status for status, count in counted.most_common()
    )


def _next(found: Survey, first: Exchange) -> str:
    """The shortest command that may find more."""
    own = f"{urlsplit(first.url).scheme}://{urlsplit(first.url).netloc}"
    value = None
    with suppress(ValueError):
        value = first.json()
    for reference in own_place(first.field("location"), value):
        with suppress(ValueError):
            further = urljoin(first.url, reference)
            if _LOGIN.search(further):
                continue
            if further.startswith(own + "/") and further.rstrip("/") != first.url.rstrip("/"):
                return f"the response names another URL: pytest --target-url {further}"
    refused = [one for one in found.exchanges if one.status in (401, 403)]
    if refused and len(refused) * 2 >= len(found.exchanges):
        return f"give a credential: pytest --target-url {first.url} --header 'Authorization: Bearer $TOKEN'"
    base = first.url.rstrip("/")
    shown = (
        "\n".join(f"{name}: {value}" for name, value in first.response_fields)
        + "\n"
        + first.response_body.text[:_READ]
    )
    for service in SERVICES:
        if match := service.sign.search(shown):
            path = service.resource.replace("NAME", next(filter(None, match.groups()), "NAME"))
            return f"{service.because.replace('BASE', base)}: pytest --target-url {base} --resource {path}"
    return (
        f"give the URL of a collection, or its path: pytest --target-url {base} --resource /orders, "
        f"or the document: pytest --target-url {base} --openapi FILE"
    )
