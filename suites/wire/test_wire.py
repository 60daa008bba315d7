"""WIRE: HTTP/1.1 message syntax and connections (RFC 9112). METH-002 judges the content of HEAD responses."""

from __future__ import annotations

import gzip
import json
import time
import uuid

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.raw import connection
from harness.rules.checks import Undecided
from harness.rules.faults import grouped

from .judge import (
    BUSY,
    dates,
    folded_fault,
    framing_faults,
    harmless_framing,
    length_beside_coding,
    long_field,
    long_target,
    refusal_fault,
    unknown_coding_fault,
)
from .probes import (
    after_an_error,
    answered,
    closing,
    ends,
    ends_when_asked,
    keeps_in_step,
    odd,
    plain,
    readable_url,
    served,
    two_lengths,
)

SUPPORTED = 8_000
LONG = 60_000
"""Octets of a URL that httpx still sends (up to 65,536), and not so near to the usual limit of 65,536 for a whole
request that it depends on the other fields, and on how the network cuts it, whether the server reads it."""


def opted_in(allowed, key):
    """Go on only where the profile allows requests that may disturb intermediaries."""
    if not allowed:
        not_applicable(f"not sent unless the profile allows it: add `[wire]` with `{key} = true`")


@rule("WIRE-001", MUST, refs=["RFC 9112 section 3.2"])
def test_requests_without_one_host_are_refused(client, profile, survey):
    """Reject requests with a missing or repeated Host

    Why: hops that use different Host fields route, cache and authorise for different sites.
    Fix: answer 400 in the outermost server; disable a default virtual host that accepts such requests.
    """
    opted_in(profile.wire.malformed, "malformed")
    url = readable_url(profile, client)
    plain(client, survey, url)
    host = url.partition("://")[2].partition("/")[0]
    probes = {
        "without Host": ((), ("Host",)),
        "with two Host lines": ((("Host", host),), ()),
    }
    broken = []
    for what, (more, without) in probes.items():
        sent = answered(client, what, "GET", url, more, without=without)
        fault = refusal_fault(sent.status)
        if fault is not None:
            broken.append(f"{what}: {sent.summary()}: {fault}")
    expect(not broken, "400 from the outermost hop", "; ".join(broken))


@rule("WIRE-002", MUST, refs=["RFC 9112 section 5.1", "RFC 9112 section 5.2"])
def test_blanks_before_the_colon_are_refused(client, profile, survey):
    """Reject whitespace between a field name and its colon

    Why: one hop reads `Transfer-Encoding :` as a field of another name and the next does not, so requests can
        be smuggled past the first.
    Fix: answer 400; do not use a lenient mode of the parser.
    """
    opted_in(profile.wire.malformed, "malformed")
    url = readable_url(profile, client)
    usual = plain(client, survey, url)
    sent = answered(client, "X-Test : 1", "GET", url, [("X-Test ", "1")])
    fault = refusal_fault(sent.status)
    expect(fault is None, "400 for `X-Test : 1`", f"`X-Test : 1` in {sent.summary()}: {fault}")
    sent = answered(client, "a folded line", "GET", url, [("X-Test", "1\r\n 2")])
    fault = folded_fault(sent.status, usual)
    expect(
        fault is None,
        "400 for a folded field line, or the fold read as a space",
        f"`X-Test: 1` folded onto a second line in {sent.summary()}: {fault}",
    )


@rule(
    "WIRE-003",
    MUST,
    refs=["RFC 9112 section 6.1", "RFC 9112 section 6.3"],
    needs="create list",
    effect=WRITE,
    impact=CRITICAL,
)
def test_ambiguous_lengths_are_handled_safely(resource, client, profile, survey):
    """Handle ambiguous message framing safely

    Why: where two hops end a request at different octets, the octets that follow are taken for the next user's
        request.
    Fix: refuse the request, or obey Transfer-Encoding alone; in both cases close the connection after the
        response.
    """
    opted_in(profile.wire.smuggling, "smuggling")
    resource.by_post()
    plain(client, survey, resource.url)
    for what in ("Content-Length and Transfer-Encoding", "Transfer-Encoding: gzip"):
        body = resource.written(resource.body())
        if what == "Transfer-Encoding: gzip":
            more, content = [("Transfer-Encoding", "gzip")], gzip.compress(body)
        else:
            more, content = two_lengths(body)
        fields = [(name, value) for name, value in resource.fields_for_create().items() if value is not None]
        with odd(client, what) as wire:
            resource.reserve(bodies=[json.loads(body)])
            try:
                sent, reply = wire.ask(
                    "POST", resource.create_url, [*fields, *more], content, measured=False, odd=True
                )
            except Undecided:
                resource.account(None)
                raise
            resource.account(reply)
            if sent.status in BUSY:
                inconclusive(f"{what}: {sent.summary()}")
            if what == "Transfer-Encoding: gzip":
                fault = unknown_coding_fault(sent.status)
                observed = f"{what} in {sent.summary()}: {fault}"
                expect(fault is None or sent.status >= 300, "400 (or 501)", observed)
                if fault is not None:
                    warn("400 (or 501)", observed)
            ends(wire, resource.url, what, sent)


@rule(
    "WIRE-004",
    MUST,
    refs=["RFC 9110 section 8.6", "RFC 9112 section 6.1"],
    needs="create list",
    effect=WRITE,
)
def test_no_framing_fields_with_204(resource, client, survey):
    """Send no Content-Length or Transfer-Encoding with 1xx or 204

    Why: a client that believes them waits for content that never comes, or takes the next response for it.
    Fix: leave both fields out of 204; server libraries do so unless the application sets them.
    Advice: a Content-Length of zero says what is true; every recipient reads it as it is meant.
    """
    seen = []
    for method, need in (("DELETE", "delete"), ("PUT", "replace")):
        if not resource.can(need):
            continue
        item = resource.create()
        content = resource.written(item.put_body()) if method == "PUT" else b""
        fields = [
            (name, value)
            for name, value in item.write_fields().items()
            if value is not None and (content or name != "Content-Type")
        ]
        plain(client, survey, resource.url)
        with connection(client) as wire:
            sent = wire.send(method, item.url, fields, content)
            if method == "DELETE" and sent.status is not None and sent.status < 400:
                resource.ledger.forget(item.url)
            seen.append(sent.summary())
            if sent.status != 204:
                continue
            faults = framing_faults(sent.response_fields)
            expect(
                not faults,
                "neither Content-Length nor Transfer-Encoding in a 204",
                f"{sent.summary()} with {', '.join(faults)}",
                impact=MINOR if harmless_framing(faults) else None,
            )
            if "close" not in (sent.field("connection") or "").lower():
                wire.send_only("GET", resource.url)
            following = wire.peek(5)
            expect(
                following in (b"", b"HTTP/"),
                "no octet between the header section of a 204 and the next response",
                f"{sent.summary()} is followed by {wire.unread[:80]!r}",
            )
            return
    not_applicable(
        f"no write is answered 204: {', '.join(seen) or 'items can neither be removed nor replaced'}"
    )


@rule("WIRE-005", MUST, refs=["RFC 9110 section 6.6.1", "RFC 9110 section 5.6.7"], impact=MINOR)
def test_responses_carry_a_date(survey, profile):
    """Send Date as an IMF-fixdate with every 2xx, 3xx and 4xx

    Why: caches compute ages from it, and clients with a wrong clock need it to interpret Retry-After or an
        expiry.
    Fix: let the server library send it. A server without a clock leaves it out: `[wire]` `clock = "none"`.
    Advice: a recipient without a Date uses the time of arrival (RFC 9110 section 6.6.1).
    """
    clock = profile.wire.clock != "none"
    found = dates(survey.exchanges, time.time() - time.monotonic(), clock=clock)
    control(found.judged, "a response should have been seen")
    if found.skewed:
        warn("a Date equal to the time of the response", grouped(found.skewed))
    expect(
        not found.broken,
        "a Date in IMF-fixdate" if clock else "no Date without a clock",
        grouped(found.broken),
    )


@rule("WIRE-006", MUST, refs=["RFC 9112 section 3", "RFC 6585 section 5"], impact=MINOR)
def test_over_long_requests_are_distinguished(client, profile):
    """Answer a too long request-target with 414 and too long fields with 431, never with 5xx

    Why: a 5xx is retried and raises an alert; 414 and 431 tell the client that its own request is too large.
    Fix: raise the limits of the outermost server above 8,000 octets, and map longer requests to 414 and 431.
    Advice: any 4xx says that the request is at fault, and clients of an API send none that long.
    """
    url = readable_url(profile, client)
    short = served(client, "a short query", f"{url}?x=0")
    if short.http_version == "HTTP/2":
        not_applicable("the target uses HTTP/2, which has no request line")
    control(short.status < 500, f"a query with a parameter x should cause no server error: {short.summary()}")
    path = url.partition("://")[2].partition("/")[2]
    room = SUPPORTED - len(f"GET /{path}?x= HTTP/1.1\r\n")
    supported = served(client, f"a request line of {SUPPORTED} octets", f"{url}?x={'0' * room}")
    if supported.status == 414:
        advise(f"request lines of {SUPPORTED} octets supported", supported.summary())
    sent = served(client, f"a request-target of {LONG} octets", f"{url}?x={'0' * LONG}")
    found = long_target(sent.status, short.status)
    if found.fault is not None and not found.must:
        advise("414 for a request-target that is too long", f"{sent.summary()}: {found.fault}")
    expect(
        not found.must,
        "414 for a request-target that is too long",
        f"{sent.summary()}: {found.fault}",
        impact=MAJOR,
    )
    usual = served(client, "a short field", url, headers={"X-Harness-Long": "0"})
    sent = served(client, f"a field of {LONG} octets", url, headers={"X-Harness-Long": "0" * LONG})
    field = long_field(sent.status, usual.status)
    if field.fault is not None:
        warn(
            "431 for a field that is too long",
            f"X-Harness-Long in {sent.summary()}: {field.fault}",
            impact=MAJOR if field.crashed else MINOR,
        )


@rule("WIRE-007", SHOULD, refs=["RFC 9112 section 9.3", "RFC 9112 section 9.6"], impact=MINOR)
def test_connections_persist(client, profile, survey):
    """Support persistent connections

    Why: a connection for each request costs a client round trips and handshakes. One that stays open despite
        `Connection: close` holds resources on both sides.
    Fix: enable keep-alive, also after errors, and obey `Connection: close`.
    Advice: client libraries connect again, and close a connection themselves that they no longer need.
    """
    url = readable_url(profile, client)
    plain(client, survey, url)
    absent = client.url(f"/no-such-route-{uuid.uuid4().hex[:12]}")
    with connection(client) as wire:
        first, _ = wire.ask("GET", url)
        if closing(first):
            note(
                f"{first.summary()} with Connection: close: no persistent connections, which RFC 9112 allows"
            )
        else:
            second = wire.serves(url)
            expect(
                second,
                "a response to a second request on the connection",
                f"{first.summary()}, then the connection was closed",
            )
            if not closing(second):
                after_an_error(wire, url, absent)
    keeps_in_step(client, url, absent)
    ends_when_asked(client, url)
    applies(not closing(first), "connections persist")
    with connection(client) as wire:
        wire.ask("GET", url)
        time.sleep(profile.wire.idle)
        if wire.serves(url) is None:
            inconclusive(f"the connection was closed within {profile.wire.idle:g} idle s")


@rule("WIRE-008", MUST, refs=["RFC 9112 section 6.2", "RFC 9112 section 6.3"], impact=CRITICAL)
def test_no_content_length_beside_transfer_encoding(client, profile, survey):
    """Send no Content-Length in a message with Transfer-Encoding

    Why: where two recipients end the response at different octets, the octets that follow are taken for the response
        to another request.
    Fix: remove the original Content-Length wherever content is encoded or streamed (compression, a template, a proxy).
    """
    url = readable_url(profile, client)
    plain(client, survey, url)
    with connection(client) as wire:
        # The survey requests no content coding, so a server that compresses while sending shows only here.
        encoded = wire.send("GET", url, [("Accept-Encoding", "gzip")])
    found = [
        fault for one in (*survey.exchanges, encoded) if (fault := length_beside_coding(one)) is not None
    ]
    expect(not found, "Transfer-Encoding without Content-Length", grouped(found))
