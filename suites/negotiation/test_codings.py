"""NEGO: content codings of requests and responses (RFC 9110 sections 8.4 and 12.5.3)."""

from __future__ import annotations

import gzip
import importlib.util

import httpx

from harness import (
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
from harness.client.client import Unanswered, content_of, exchange_of
from harness.http.content import MISSING, json_of, normalised
from harness.resource.tags import tag_pointer
from harness.rules.checks import Undecided

from .coding import LEAST, UNASKED, CodedAnswer, applied, unasked, untruthful
from .content import stored_as_sent, takes_json

IDENTITY = {"Accept-Encoding": "identity"}
MOST_CREATED = 16


def worth_compressing(client, survey, target, make_resource, profile):
    """URL of a response of at least 2 KiB: seen in the survey, or the result of creating items."""
    seen = [
        exchange
        for exchange in survey.exchanges
        if exchange.method == "GET"
        and exchange.status == 200
        and exchange.response_body.size >= LEAST
        and exchange.url.startswith(target.url)
    ]
    lists = {client.url(resource.collection) for resource in profile.resources}
    for exchange in sorted(seen, key=lambda one: one.url not in lists):
        return exchange.url
    for known in profile.resources:
        if known.missing("list") is not None or known.missing("create") is not None:
            continue
        resource = make_resource(known.name)
        for _ in range(MOST_CREATED if resource.may_create else 0):
            resource.create()
            if len(content_of(client.get(resource.url, headers=IDENTITY))) >= LEAST:
                return resource.url
    not_applicable(f"no response of at least {LEAST} bytes was seen")
    return None


def coded(client, url, asked, whole, volatile):
    """The response to a GET with an Accept-Encoding."""
    try:
        reply = client.get(url, headers={"Accept-Encoding": asked})
    except Undecided as problem:
        if not isinstance(problem.__cause__, httpx.DecodingError):
            raise
        exchange = client.recorder.exchanges[-1]
        found = tuple(applied(exchange.field("content-encoding")))
        return exchange, CodedAnswer(asked, found, b"", decodes=False, same=None)
    found = tuple(applied(reply.headers.get("content-encoding")))
    again = client.get(url, headers=IDENTITY)
    parts = [comparable(one, volatile) for one in (whole, reply, again)]
    # Content that changes between two plain GETs, or that httpx cannot decode, is not compared.
    known = {"gzip", "deflate"} | ({"br"} if importlib.util.find_spec("brotli") else set())
    calm = reply.status_code == 200 and parts[0] == parts[2] and set(found) <= known
    same = parts[0] == parts[1] if calm else None
    return exchange_of(reply), CodedAnswer(asked, found, content_of(reply), decodes=True, same=same)


def comparable(reply, volatile):
    """The content as JSON without members that change by themselves, or else its bytes."""
    value = json_of(reply)
    return reply.content if value is MISSING else normalised(value, volatile=volatile)


@rule("NEGO-008", SHOULD, refs=["RFC 9110 section 12.5.3", "RFC 9110 section 8.4"], rougher=WRITE)
def test_codings_are_applied_on_request_only(client, survey, target, make_resource, profile):
    """Compress on request only, and label it in Content-Encoding

    Why: a client that did not ask for a coding, or does not see it declared, reads garbage. Without any
        compression, every list takes several times the bytes. An error in the code that compresses is met by nearly
        every client, and by no test that asks for no coding.
    Fix: compress by Accept-Encoding in one place, and set Content-Encoding, Vary and the length there.
    Advice: without compression everything works; a proxy in front of the API often adds it. Hardly any client refuses a
        coding by `q=0`.
    """
    url = worth_compressing(client, survey, target, make_resource, profile)
    whole = client.get(url, headers=IDENTITY)
    control(whole.status_code == 200, f"GET should succeed: {exchange_of(whole).summary()}")
    volatile = profile.volatile
    answers = []
    for asked in ("gzip", "br", *UNASKED):
        try:
            answers.append(coded(client, url, asked, whole, volatile))
        except Unanswered:
            # A wrong length keeps the client waiting; once may be chance.
            try:
                answers.append(coded(client, url, asked, whole, volatile))
            except Unanswered as silent:
                expect(
                    False,
                    "a complete response",
                    f"Accept-Encoding: {asked}: {silent.exchange.summary()}, twice, and {exchange_of(whole).summary()} "
                    "without coding",
                    level=MUST,
                )
    item = next(
        (make_resource(one.name).existing() for one in profile.resources if one.missing("read") is None), None
    )
    if item is not None:
        plain = client.get(item, headers=IDENTITY)
        if plain.status_code == 200:
            # Another handler, and often another length, than the list.
            answers += [coded(client, item, asked, plain, volatile) for asked in ("gzip", "identity")]
    failing = [
        f"Accept-Encoding: {answer.asked or '(empty)'}: {exchange.summary()}"
        for exchange, answer in answers
        if exchange.status >= 500
    ]
    expect(
        not failing,
        "the response that there is without any coding",
        "; ".join(failing),
        level=MUST,
        impact=MAJOR,
    )
    for exchange, answer in answers:
        fault = untruthful(answer)
        observed = f"Accept-Encoding: {answer.asked or '(empty)'}: {exchange.summary()}: {fault}"
        expect(fault is None, "a Content-Encoding that lists the applied codings", observed, level=MUST)
    broken = [
        f"Accept-Encoding: {answer.asked or '(empty)'}: {exchange.summary()} with {fault}"
        for exchange, answer in answers
        if (fault := unasked(answer)) is not None
    ]
    refused_by_weight = all("gzip;q=0:" in one for one in broken)
    expect(
        not broken,
        "no coding that the request does not accept",
        "; ".join(broken),
        impact=MINOR if refused_by_weight else None,
    )
    exchange, gzipped = answers[0]
    if not gzipped.codings and profile.negotiation.compression:
        size = len(content_of(whole))
        advise(
            "a response of this size compressed on request (or `[negotiation]` with `compression = false`)",
            f"Accept-Encoding: gzip: {exchange.summary()} with {size} bytes, not compressed",
        )


@rule(
    "NEGO-009", MUST, refs=["RFC 9110 section 12.5.3", "RFC 9110 section 8.4"], needs="create", effect=WRITE
)
def test_accept_encoding_in_415_is_about_codings(resource, survey):
    """Refuse an unsupported content coding with 415, and send Accept-Encoding only there

    Why: a client that sees Accept-Encoding in a 415 repeats the request with another coding, for ever, although
        the media type was unsupported. One that sees a 500 takes a coding that is not supported for an outage.
    Fix: send Accept in a 415 for a media type, and Accept-Encoding in one for a content coding; map the error of the
        decoder to 415.
    Advice: where an unknown coding is ignored, coded content does not parse, and nothing is stored.
    """
    takes_json(resource)
    resource.create()
    own = resource.post(content=b"plain text", headers={"Content-Type": "text/plain"})
    refused = [
        exchange
        for exchange in [*survey.exchanges, exchange_of(own)]
        if exchange.status == 415 and exchange.request_field("content-encoding") is None
    ]
    for exchange in refused:
        value = exchange.field("accept-encoding")
        expect(
            value is None,
            "no Accept-Encoding in a 415 for a media type",
            f"{exchange.request_field('content-type')}: {exchange.summary()} with Accept-Encoding: {value}",
        )
    seen = bool(refused)
    for coding in ("x-none", "gzip"):
        body = resource.body()
        content = resource.written(body)
        content = gzip.compress(content, mtime=0) if coding == "gzip" else content
        fields = {"Content-Type": resource.known.media_type, "Content-Encoding": coding}
        reply = resource.post(content=content, headers=fields)
        judged(resource, coding, reply, body)
        seen = seen or reply.status_code == 415
    applies(seen, "the API answered a request with 415")


def judged(resource, coding, reply, body):
    """Report faults of the response to coded content; none of them breaks a MUST."""
    observed = f"Content-Encoding: {coding}: {exchange_of(reply).summary()}"
    if reply.status_code >= 500:
        warn("415 for an unsupported content coding", observed)
    elif reply.is_success:
        where = tag_pointer(resource.known, body) if resource.can("tag") else None
        kept = None if where is None else stored_as_sent(resource, reply, body, where)
        if coding == "x-none":
            advise("415 for an unknown content coding", f"{observed}: the field was ignored")
        elif kept is False:
            warn("the decoded content stored", f"{observed}, but the item does not have the sent value")
    elif reply.status_code == 415 and "accept-encoding" not in reply.headers:
        note(f"{observed} without Accept-Encoding, which RFC 9110 section 12.5.3 suggests")
    elif reply.status_code != 415:
        note(f"{observed}, where 415 would show that the coding is the cause")
    if reply.status_code in (401, 403):
        inconclusive(observed)
