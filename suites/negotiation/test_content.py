"""NEGO: content of requests and responses: text, media types and content codings (RFC 9110 section 8)."""

from __future__ import annotations

import gzip
import importlib.util

import httpx

from harness import (
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
from harness.client.eventually import eventually
from harness.http.content import (
    MISSING,
    at,
    is_json,
    json_of,
    media_type,
    normalised,
    replaced,
    shown_at,
)
from harness.http.error_statuses import HOLDS, OPEN
from harness.resource.counting import listed
from harness.resource.file_store import stores_files
from harness.resource.harm import Watch
from harness.resource.resource import LONGEST_LAG
from harness.resource.tags import tag_pointer
from harness.rules.causes import CONTENT_TYPE_UNCHECKED
from harness.rules.checks import Undecided
from harness.rules.faults import Fault, expect_none
from harness.survey.ask.triggers import MALFORMED

from .coding import LEAST, UNASKED, CodedAnswer, applied, unasked, untruthful
from .media import carries, effect, label_ruling
from .unicode import SAMPLES, lost, utf8_fault

IDENTITY = {"Accept-Encoding": "identity"}
MOST_CREATED = 16


def takes_json(resource):
    """Go on only where creates are JSON."""
    media = resource.known.media_type
    applies(is_json(media), f"creates of {resource.name} are JSON ({media})")
    resource.parses_content()


@rule(
    "NEGO-002",
    MUST,
    refs=["RFC 8259 section 8.1", "RFC 8259 section 8.2", "RFC 9110 section 9.3.4"],
    needs="create read tag",
    effect=WRITE,
)
def test_texts_come_back_as_they_were_sent(resource, profile, survey):
    """Encode JSON as UTF-8, and return Unicode text unchanged

    Why: names of people are cut at the first emoji, rewritten, or stored as question marks, and nobody notices.
    Fix: use UTF-8 throughout: the database's real UTF-8 (utf8mb4 in MySQL), no conversion, no undocumented
        normalisation; refuse text that cannot be stored with a 4xx.
    """
    takes_json(resource)
    resource.create()
    altered, refused, watch = [], [], Watch(resource)
    for sample in SAMPLES:
        harm = watch.known(sample.what)
        if harm:
            # It is not sent again, neither in the repetition nor to another resource.
            warn("the text stored and shown, or refused with a 4xx", harm)
            continue
        body = resource.body()
        where = tag_pointer(resource.known, body)
        control(where is not None, "a member should take a text")
        text = f"{at(body, where)[:24]} {sample.text}"
        reply = resource.post(replaced(body, where, text))
        summary = f"{sample.what}: {exchange_of(reply).summary()}"
        harm = watch.after(sample.what, reply) if sample.strange or reply.status_code >= 500 else ""
        if harm:
            warn("the text stored and shown, or refused with a 4xx", harm)
            continue
        if reply.status_code >= 500:
            if sample.strange and any((one.status or 0) >= 500 for _, one in survey.triggered(MALFORMED)):
                note(f"{summary}, as for all content that the parser rejects (see ERR-003)")
            else:
                warn("the text stored, or refused with a 4xx", summary)
            continue
        if not reply.is_success:
            refused += [] if sample.strange else [summary]
            continue
        url = resource.item_url(resource.id_in(reply) or "")
        eventually(lambda: client_reads(resource, url), profile.consistency_window)  # noqa: B023
        read = resource.client.get(url)
        control(read.is_success, f"the new item should be readable: {exchange_of(read).summary()}")
        for one in (reply, read):
            fault = utf8_fault(content_of(one)) if is_json(media_type(one)) else None
            expect(fault is None, "JSON in UTF-8", f"{sample.what}: {exchange_of(one).summary()}: {fault}")
        if not sample.strange:
            what = lost(text, shown_at(json_of(read), where), normalises=profile.negotiation.normalises)
            if what is not None:
                altered.append(f"{sample.what} in {where} {what} ({exchange_of(read).summary()})")
    for one in refused:
        note(f"{one}: refused, which a documented restriction allows")
    expect(not altered, "the text as sent", "; ".join(altered), level=SHOULD)


def client_reads(resource, url):
    return resource.client.get(url).is_success


def stored_as_sent(resource, reply, body, where):
    """Whether the item of a successful response has the sent value at a JSON Pointer; None where undecided."""
    if carries(json_of(reply), body, where):
        return True
    id = resource.id_in(reply)
    if id is None or not resource.can("read"):
        return None
    url = resource.item_url(id)
    eventually(lambda: client_reads(resource, url), LONGEST_LAG if resource.can("lag") else 0)
    return carries(json_of(resource.client.get(url)), body, where)


def labelled(resource, label, body):
    """Create an item with JSON under another label; the response and its assessment."""
    content = resource.written(body)
    reply = resource.post(content=content, headers={"Content-Type": label})
    where = tag_pointer(resource.known, body) if resource.can("tag") else None
    kept = stored_as_sent(resource, reply, body, where) if where is not None and reply.is_success else None
    return reply, label_ruling(reply.status_code, label, kept=kept)


@rule(
    "NEGO-006",
    SHOULD,
    refs=["RFC 9110 section 15.5.16", "RFC 9110 section 8.3"],
    needs="create",
    effect=WRITE,
)
def test_unsupported_media_types_get_415(resource, profile):
    """Reject an unsupported Content-Type with 415, and execute nothing

    Why: a server that accepts JSON labelled text/plain lets pages of other sites send it without a CORS
        preflight, with the user's cookies. One that answers 400 makes the client look for a fault in its JSON.
    Fix: compare the media type before parsing, and answer 415 for all unsupported types.
    Advice: where the content is refused with another 4xx, nothing is stored and no page of another site can write.
    """
    takes_json(resource)
    resource.create()
    broken, undecided, stored = [], [], []
    labels = ("text/plain", "application/xml", "application/x-www-form-urlencoded", None)
    for label in labels:
        if label in resource.known.accepts:
            continue
        body = resource.body()
        reply, (ruling, what) = labelled(resource, label, body)
        observed = f"Content-Type: {label or 'none'}: {exchange_of(reply).summary()}"
        if reply.is_success and not broken and stores_files(resource):
            not_applicable(f"{resource.name} stores any content as it is, with its media type")
        if ruling is OPEN:
            undecided.append(f"{observed}: {what}")
        elif ruling is not HOLDS:
            broken.append(Fault(observed, what, minor=400 <= reply.status_code < 500))
        elif what:
            note(f"{observed}: {what}")
        where = tag_pointer(resource.known, body) if resource.can("tag") else None
        if not reply.is_success and where is not None:
            stored.append((where, at(body, where), observed))
    counts = listed(resource, [(where, value) for where, value, _ in stored]) or []
    for (_, _, observed), count in zip(stored, counts, strict=False):
        if count:
            broken.append(Fault(observed, "refused, but an item with its text is listed"))
    broken += replaced_under(resource, "text/plain", profile.consistency_window)
    # A refusal with an effect, and a server error, have other causes.
    other = any("refused" in fault.what or "server error" in fault.what for fault in broken)
    expect_none(broken, "415, and no effect", cause="" if other else CONTENT_TYPE_UNCHECKED)
    for one in undecided:
        note(one)


def replaced_under(resource, label, window):
    """Faults of a PUT of JSON under an unsupported label, at most one."""
    if not resource.can("replace") or not resource.can("read"):
        return []
    item = resource.create()
    try:
        body = item.put_body(change=True)
    except Undecided:
        return []
    eventually(lambda: client_reads(resource, item.url), window)
    before = item.state()
    fields = {**item.write_fields(), "Content-Type": label}
    reply = resource.client.put(item.url, content=resource.written(body), headers=fields)
    kept = effect(before, item.state(), body)
    ruling, what = label_ruling(reply.status_code, label, kept=kept)
    observed = f"Content-Type: {label}: {exchange_of(reply).summary()}"
    if kept and not reply.is_success:
        return [Fault(observed, "refused, but the item has changed as requested")]
    refused = 400 <= reply.status_code < 500
    return [Fault(observed, what, minor=refused)] if ruling not in (HOLDS, OPEN) else []


@rule("NEGO-007", MUST, refs=["RFC 9110 section 8.3.1", "RFC 8259 section 11"], needs="create", effect=WRITE)
def test_spellings_of_a_media_type_are_equal(resource):
    """Accept equivalent spellings of a supported media type

    Why: client libraries write the type differently: some add charset, some quote it, some use capitals.
    Fix: parse the field, compare type and subtype case-insensitively, and ignore charset for JSON.
    Advice: capitals alone are a spelling that client libraries do not send.
    """
    takes_json(resource)
    media = resource.known.media_type
    resource.create()
    kind, _, subtype = media.partition("/")
    spellings = [f"{kind.title()}/{subtype.upper()}"]
    if media == "application/json":
        # Other types may define their own parameters, or forbid them.
        spellings += ["application/json; charset=utf-8", 'application/json;charset="UTF-8"']
    broken = []
    for spelling in spellings:
        reply = resource.post(headers={"Content-Type": spelling})
        # A conflict with an existing item shows nothing about the media type.
        control(reply.status_code != 409, f"another item should be created: {exchange_of(reply).summary()}")
        if not reply.is_success:
            broken.append(f"Content-Type: {spelling}: {exchange_of(reply).summary()}")
    capitals = all(one.startswith(f"Content-Type: {spellings[0]}:") for one in broken)
    expect(
        not broken,
        f"success, as with {media}",
        "; ".join(broken),
        impact=MINOR if capitals else None,
    )


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


@rule("NEGO-008", SHOULD, refs=["RFC 9110 section 12.5.3", "RFC 9110 section 8.4"])
def test_codings_are_applied_on_request_only(client, survey, target, make_resource, profile):
    """Compress on request only, and label it in Content-Encoding

    Why: a client that did not ask for a coding, or does not see it declared, reads garbage. Without any
        compression, every list takes several times the bytes.
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
