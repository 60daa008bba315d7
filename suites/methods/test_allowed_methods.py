"""METH: which methods a resource supports, and how it says so (405, 501, Allow, OPTIONS)."""

from __future__ import annotations

from harness import MAJOR, MINOR, MUST, SHOULD, WRITE, applies, control, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.http.fields import methods as parsed_methods
from harness.http.intermediary import errors
from harness.rules.faults import Fault, expect_none

from .judge import allow_faults, not_in_allow, succeeding
from .probes import collection_url, gated


@rule(
    "METH-014",
    SHOULD,
    refs=["RFC 9110 section 9.1", "RFC 9110 section 15.5.6"],
    needs="create read",
    effect=WRITE,
)
def test_methods_that_are_not_offered_get_405(resource, client, survey):
    """Answer a recognised but unsupported method with 405

    Why: 405 tells a client to stop trying. 404 makes it believe that the item is gone, and a success means that
        an undocumented operation is open to everybody.
    Fix: let the router answer 405 with Allow for methods without a handler.
    Advice: where the answer is 404, the method is refused all the same.
    """
    documented = resource.documented("item")
    applies(documented, "the OpenAPI document or the profile lists the methods of an item")
    undocumented = [method for method in ("POST", "PUT", "PATCH", "DELETE") if method not in documented]
    applies(undocumented, f"{resource.known.item} lacks at least one of POST, PUT, PATCH and DELETE")
    broken, undecided = [], []
    url = None
    for method in undocumented:
        url = url or untouched(resource)
        content = (
            {}
            if method == "DELETE"
            else {"json": resource.body(), "headers": {"Content-Type": resource.known.media_type}}
        )
        reply = client.request(method, url, **content)
        # What was refused left the item as it was.
        url = url if 400 <= reply.status_code < 500 else None
        summary = exchange_of(reply).summary()
        if gated(reply, survey):
            undecided.append(summary)
        elif reply.is_success:
            broken.append(Fault(summary, f"{method} is undocumented, but it succeeds"))
        elif reply.status_code >= 500 or reply.status_code in (404, 410):
            broken.append(Fault(summary, "not 405", minor=reply.status_code < 500))
        elif reply.status_code != 405:
            undecided.append(summary)
    expect_none(broken, f"405 for the methods that {resource.known.item} does not support")
    if undecided:
        inconclusive(f"another check may have refused the request first: {'; '.join(undecided)}")


def untouched(resource):
    """URL of a new item, or where items cannot be removed, of one that the run created before."""
    url = None if resource.has_room() else resource.kept_url()
    if url is None:
        return resource.create().url
    reply = resource.client.get(url)
    control(reply.is_success, f"an item should be readable: {exchange_of(reply).summary()}")
    return url


@rule("METH-015", MUST, refs=["RFC 9110 section 15.5.6", "RFC 9110 section 10.2.1"])
def test_405_lists_the_methods_in_allow(survey, target):
    """List the supported methods in Allow on every 405

    Why: Allow tells the client, and the developer who reads the log, which method to use instead.
    Fix: let the router fill Allow from the handlers that the path has.
    Advice: where Allow is missing, the 405 itself tells a client to stop. A list that is not true is a warning.
    """
    refused = [exchange for exchange in errors(survey.exchanges, target.url).own if exchange.status == 405]
    applies(refused, "the API answered a request of the survey with 405")
    for exchange in refused:
        allow = exchange.field("allow")
        faults = allow_faults(allow, exchange.method)
        if not faults:
            lacking = not_in_allow(allow, succeeding(survey.exchanges, exchange.url))
            faults = [f"Allow: {allow} lacks {method}, which succeeds for this URL" for method in lacking]
        expect(
            not faults,
            "an Allow field that lists the supported methods",
            f"{exchange.summary()}: {'; '.join(faults)}",
            level=MUST if allow is None else SHOULD,
            impact=MINOR if allow is None else None,
        )


@rule(
    "METH-016", SHOULD, refs=["RFC 9110 section 9.1", "RFC 9110 section 15.6.2"], effect=WRITE, impact=MINOR
)
def test_unrecognised_methods_get_501(client, profile, survey):
    """Answer an unrecognised method with 501

    Why: 501 says that the server does not recognise the method for any resource; 405 says that it recognises
        the method and does not allow it here.
    Fix: answer 501 for method tokens that no route uses. Many servers answer 405, and little depends on it.
    Advice: clients do not invent methods, and they treat every 4xx and 501 alike.
    """
    reply = client.request("XQZW", collection_url(profile, client))
    summary = exchange_of(reply).summary()
    if gated(reply, survey):
        inconclusive(f"an intermediary seems to have answered: {summary}")
    expect(reply.status_code == 501, "501 (Not Implemented)", summary)


@rule("METH-017", SHOULD, refs=["RFC 9110 section 9.3.7"], needs="list", rougher=WRITE, impact=MINOR)
def test_options_describes_what_is_allowed(resource, client, survey):
    """Answer OPTIONS successfully and list the methods in Allow

    Why: tools and developers ask a resource which methods it supports before they try one.
    Fix: answer OPTIONS with 204 or 200 and Allow. A CORS middleware alone answers preflight requests only.
    Advice: clients know the methods from the documentation; only tools send OPTIONS. A crash (500) is no advice.
    """
    works = (
        {"list": "GET", "create": "POST"},
        {"read": "GET", "replace": "PUT", "update": "PATCH", "delete": "DELETE"},
    )
    broken, crashed = [], False
    for url, known in zip((resource.url, resource.existing()), works, strict=True):
        if url is None:
            continue
        reply = client.options(url)
        summary = exchange_of(reply).summary()
        if gated(reply, survey):
            inconclusive(f"OPTIONS requires other credentials than GET: {summary}")
        # With --effects read, no other method was tried.
        seen = known if client.target.limits.effects >= WRITE else ("list", "read")
        working = {method for need, method in known.items() if resource.can(need) and need in seen}
        crashed = crashed or reply.status_code == 500
        if not reply.is_success:
            broken.append(summary)
        elif "allow" not in reply.headers:
            broken.append(f"{summary} without Allow")
        elif parsed_methods(reply.headers["allow"]) is None:
            broken.append(f"{summary} with Allow: {reply.headers['allow']}, which is not a list of methods")
        else:
            missing = not_in_allow(reply.headers["allow"], working)
            if missing:
                broken.append(
                    f"{summary} with Allow: {reply.headers['allow']}, though {', '.join(missing)} succeeds for this URL"
                )
    expect(
        not broken,
        "2xx with an Allow field that lists every method that succeeds for this URL",
        "; ".join(broken),
        impact=MAJOR if crashed else None,
    )
