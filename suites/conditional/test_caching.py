"""COND: what caches may keep, whom they may give it to, and how long (RFC 9111)."""

from __future__ import annotations

import time
import uuid

from harness import (
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import (
    MISSING,
    at,
    differences,
    id_text,
    json_of,
    last_segment,
    media_type,
    normalised,
    replaced,
)
from harness.http.document_places import is_place
from harness.http.fields import FRESH
from harness.resource.ids import unlike
from harness.rules.verdict import Level
from harness.target.target import DEFAULT

from .caching import UNSTATED, cacheability_faults, licence, lifetime, reusable, staleness, vary
from .large_lists import grown_list
from .probes import Guarded, writing

A_SECOND = 1.1
REFUSALS = (401, 403, 404, 407)
# Of each field, values of which a server may make something; the first is the plain one.
NEGOTIATED = (
    ("Accept", ("application/json", "text/html", "application/xml")),
    ("Accept-Encoding", ("identity", "gzip")),
    ("Accept-Language", ("en", "de", "ja")),
    ("Origin", ("https://one.example", "https://two.example")),
)


def fields_of(exchange):
    return {name.lower(): exchange.field(name) for name, _ in exchange.response_fields}


@rule(
    "COND-015",
    SHOULD,
    refs=["RFC 9111 section 5.2.2", "RFC 9110 section 8.8.2.1"],
)
def test_cacheability_is_stated(survey, target):
    """State cacheability explicitly and validly

    Why: where nothing is stated, each cache on the way guesses; where two contradictory directives are stated,
        each cache chooses another.
    Fix: send Cache-Control with each response to GET: `no-store`, `private, no-cache`, or a deliberate
        `max-age`.
    Advice: where nothing is stated and there is no Last-Modified to guess from, hardly any cache stores a response.
    """
    provoked = {trigger.exchange for trigger in survey.triggers}
    read = [
        exchange
        for exchange in survey.exchanges
        if exchange.method == "GET"
        and exchange.status == 200
        and exchange.id not in provoked
        and (exchange.url + "/").startswith((f"{target.url}/", f"{target.url}?"))
        and not is_place(exchange.url, target.url)
    ]
    applies(read, "a GET of the survey was answered with 200")
    found = {}
    for exchange in read:
        for fault in cacheability_faults(fields_of(exchange)):
            found.setdefault((fault.level, fault.text), exchange)
    for (level, text), exchange in found.items():
        if level is Level.SHOULD:
            impact = MINOR if text == UNSTATED else MAJOR
            warn(
                "cacheability stated once and without contradiction",
                f"{exchange.summary()}: {text}",
                impact=impact,
            )
    broken = [
        f"{exchange.summary()}: {text}" for (level, text), exchange in found.items() if level is Level.MUST
    ]
    expect(not broken, "well-formed caching fields", "; ".join(broken), level=MUST)


@rule(
    "COND-016",
    SHOULD,
    refs=["RFC 9111 section 3.5", "RFC 9111 section 5.2.2.7", "Zalando guideline 227", "OWASP API8:2023"],
    needs="read",
    rougher=WRITE,
)
def test_private_data_stays_out_of_shared_caches(resource, client, target, profile):
    """Keep user-specific responses out of shared caches

    Why: a cache between several users and the API gives the data of one user to the next one who requests the
        same URL.
    Fix: send `Cache-Control: private` (or `no-store`) with everything that depends on the caller, and never
        `public`, `s-maxage` or a lone `must-revalidate`.
    """
    applies(DEFAULT in target.credentials, "requests have a credential")
    strangers = other_callers(client, target)
    url = resource.existing()
    control(url is not None, f"an item of {resource.name} should be readable")
    id = last_segment(url)

    urls = {url: lambda reply: reply.status_code == 200}
    if resource.can("list"):
        urls[resource.url] = lambda reply: reply.status_code == 200 and names(resource, reply, id)
    # Nobody has read the new item yet, so no cache has it.
    refused = []
    for where, shows in urls.items():
        for who, stranger in strangers.items():
            reply = stranger.get(where)
            if reply.status_code in (200, *REFUSALS) and not shows(reply):
                refused.append((where, who, stranger, reply.status_code))
    applies(
        any(where == url for where, *_ in refused),
        "an item is refused to callers with another credential or with none; this one is public",
    )
    mine = client.get(url)
    for where in urls:
        for _ in range(2):
            reply = client.get(where)
            control(
                reply.status_code == 200, f"a GET should be answered with 200: {exchange_of(reply).summary()}"
            )
    leaked = []
    for where, who, stranger, status in refused:
        reply = stranger.get(where)
        if urls[where](reply):
            if status not in (401, 403, 407) and shows_late(resource, stranger, profile.consistency_window):
                inconclusive(
                    f"{exchange_of(reply).summary()} with {who}, to whom new items are shown with a delay"
                )
            leaked.append(
                f"{exchange_of(reply).summary()} with {who}, refused before {resource.name} was read"
            )
    expect(not leaked, "the data of one user shown to that user only", "; ".join(leaked), level=MUST)
    carriers = {name.lower() for name in target.credentials[DEFAULT].carriers}
    found = licence(mine.headers, carriers)
    expect(
        found is None,
        "`private` or `no-store` in a response that is refused to others",
        f"{exchange_of(mine).summary()} with Cache-Control: {mine.headers.get('cache-control')}: {found} lets shared "
        "caches store what others must not see",
    )


def other_callers(client, target):
    """Clients with another credential, or with none, by a name for a finding."""
    others = sorted(name for name in target.credentials if name != DEFAULT)
    return {"no credential": client.under(None)} | {
        f"the credential {name!r}": client.under(name) for name in others
    }


def shows_late(resource, stranger, window):
    """Whether a new item that its owner has not read becomes readable for a stranger within the window."""
    if not resource.may_create:
        return True
    url = resource.create().url
    return eventually(lambda: stranger.get(url).status_code == 200, window)


@rule("COND-017", SHOULD, refs=["RFC 9110 section 12.5.5"], needs="read", rougher=WRITE)
def test_vary_lists_what_was_negotiated(resource, client):
    """List negotiated request fields in Vary

    Why: a cache that does not know which request fields selected a response gives one client the response for
        another: gzip to a client that cannot read it, or the CORS permission of another site.
    Fix: name each request field that the response depends on in Vary, in all responses of that URL.
    """
    urls = {"item": resource.existing(), "collection": grown_list(resource, client)}
    differing, broken = [], []
    for part, url in urls.items():
        for name, values in negotiated(resource.known.offers.get(part, ())) if url is not None else ():
            plain = client.get(url, headers={name: values[0]})
            for value in values[1:]:
                replies = [
                    plain,
                    *(client.get(url, headers={name: one}) for one in (value, values[0], value)),
                ]
                if any(reply.status_code != 200 for reply in replies):
                    continue
                views = [view(name, reply, resource) for reply in replies]
                if views[0] == views[1] or views[:2] != views[2:]:
                    continue
                observed = f"{exchange_of(replies[1]).summary()} with {name}: {value}"
                differing.append(observed)
                unlisted = [reply for reply in replies[:2] if not {name.lower(), "*"} & vary(reply.headers)]
                if unlisted and reusable(replies[0].headers, replies[1].headers):
                    given = unlisted[0].headers.get("vary")
                    broken.append(
                        f"{observed} differs from that with {values[0]} ({views[1]}, {views[0]}), Vary: {given}"
                    )
    applies(differing, f"a response depends on at least one of {', '.join(name for name, _ in NEGOTIATED)}")
    expect(not broken, "a Vary field that lists the request field", "; ".join(broken))


def negotiated(offers):
    """Request fields with some of their values, the documented media types among them."""
    accept = dict.fromkeys((*dict(NEGOTIATED)["Accept"], *offers))
    return [(name, tuple(accept) if name == "Accept" else values) for name, values in NEGOTIATED]


def view(name, reply, resource):
    """The part of a response that may depend on a request field."""
    if name == "Accept-Encoding":
        return reply.headers.get("content-encoding")
    if name == "Origin":
        return reply.headers.get("access-control-allow-origin")
    if name == "Accept":
        return media_type(reply)
    content = normalised(json_of(reply), volatile=resource.volatile)
    return reply.headers.get("content-language"), repr(content)


@rule(
    "COND-018",
    MUST,
    refs=["RFC 9111 section 4.4"],
    needs="create read",
    effect=WRITE,
)
def test_reads_after_a_write_are_fresh(resource, client, profile, survey):
    """Serve fresh content after a write, also through caches, and do not cache errors for long

    Why: a user who saves and sees the old state saves again, or believes that the change was lost.
    Fix: let a write remove what is cached under its URL, including 404 responses; give errors no max-age.
    """
    window, judged = profile.consistency_window, False
    methods = writing(resource, "PUT", "PATCH")
    if methods:
        judged = True
        after_a_change(Guarded(resource, methods[0], window), client, window)
    if resource.known.put_creates is not False and resource.can("replace"):
        judged = after_a_creation(resource, client, window) or judged
    if resource.can("list") and resource.can("delete"):
        judged = lists_after_writes(resource, client, window, methods) or judged
    failed = [
        exchange
        for exchange in survey.exchanges
        if (exchange.status or 0) >= 500
        and exchange.method == "GET"
        and exchange.url.startswith(resource.url)
    ]
    for exchange in failed:
        fresh = lifetime(fields_of(exchange))
        if fresh:
            warn(
                "no max-age in a 5xx response",
                f"{exchange.summary()}: {fresh:.0f} s",
            )
    applies(judged, f"items of {resource.name} can be changed, listed, or created by PUT")


def after_a_change(guarded, client, window):
    """Read, write, and read again as an ordinary client does, without bypassing caches."""
    url = guarded.item.url
    for _ in range(2):
        reply = client.get(url)
        control(
            reply.status_code == 200, f"a GET should be answered with 200: {exchange_of(reply).summary()}"
        )
    if "age" in reply.headers:
        evidence(f"{exchange_of(reply).summary()} with Age: {reply.headers['age']}: a cache answers")
    done = guarded.write(guarded.next_value(), guarded.needed())
    control(done.is_success, f"a {guarded.method} should succeed: {exchange_of(done).summary()}")
    stale = late(lambda: client.get(url), guarded.is_shown, window)
    if stale is not None:
        judge_stale(stale, done, lambda fields: guarded.is_shown(client.get(url, headers=fields)), window)


def lists_after_writes(resource, client, window, methods):
    """Judge the list after a change and a removal; whether its first page showed the item at all."""
    guarded = Guarded(resource, methods[0], window) if methods else None
    item = resource.create() if guarded is None else guarded.item
    if (
        late(lambda: client.get(resource.url), lambda reply: names(resource, reply, item.id), window)
        is not None
    ):
        return False
    if guarded is not None:
        revalidated(resource, client, window, lambda: guarded.write(guarded.next_value(), guarded.needed()))
    done = revalidated(resource, client, window, item.delete)

    def gone(reply):
        return reply.is_success and not names(resource, reply, item.id)

    stale = late(lambda: client.get(resource.url), gone, window)
    # An item that is listed even past caches has not been removed, which METH-008 judges.
    if stale is not None and gone(client.get(resource.url, headers=FRESH)):
        judge_stale(stale, done, lambda fields: gone(client.get(resource.url, headers=fields)), window)
    return True


def revalidated(resource, client, window, write):
    """Write, and read the list with its former validators; returns the response to the write."""
    plain, coded = (
        client.get(resource.url, headers={"Accept-Encoding": one}) for one in ("identity", "gzip")
    )
    held = [(plain, "identity")] + ([(coded, "gzip")] if coded.headers.get("content-encoding") else [])
    asked = [(reply, {**validating(reply), "Accept-Encoding": coding}) for reply, coding in held]
    asked = [(reply, fields) for reply, fields in asked if len(fields) > 1]
    if any("If-Modified-Since" in fields for _, fields in asked):
        # Times in seconds do not distinguish two changes within one second (RFC 9110 section 8.8.2.2).
        time.sleep(A_SECOND)
    done = write()
    control(done.is_success, f"a write should succeed: {exchange_of(done).summary()}")
    for before, fields in asked:
        judge_list(resource, client, window, before, fields, done)
    return done


def judge_list(resource, client, window, before, fields, done):
    """Break the rule where a list that a write has changed is answered 304 for its former validator."""
    stale = late(
        lambda: client.get(resource.url, headers=fields), lambda reply: reply.status_code != 304, window
    )
    if stale is not None:
        plain = client.get(resource.url)
        old, new = (normalised(json_of(one), volatile=resource.volatile) for one in (before, plain))
        asked = ", ".join(f"{name}: {value}" for name, value in fields.items())
        expect(
            not (plain.is_success and differences(old, new)),
            "200 with the current list",
            f"{exchange_of(done).summary()}, and {window:g} s later {exchange_of(stale).summary()} for {asked}, "
            f"though {exchange_of(plain).summary()} shows a different list than before",
        )


def validating(reply):
    """The conditional request fields that follow from a response's validators."""
    tag, modified = reply.headers.get("etag"), reply.headers.get("last-modified")
    return {"If-None-Match": tag} if tag else {"If-Modified-Since": modified} if modified else {}


def names(resource, reply, id):
    """Whether a response of the list contains an item."""
    items = at(json_of(reply), resource.known.items or "")
    return id in [id_text(at(one, resource.listed_id)) for one in (items if isinstance(items, list) else ())]


def after_a_creation(resource, client, window):
    """Judge reads after a creation by PUT where GET had answered 404; whether PUT created at all."""
    known, sample = resource.known, resource.create()
    id = str(uuid.uuid4()) if known.put_creates and known.new_id == "uuid" else unlike(sample.id)
    url = resource.item_url(id)
    if any(client.get(url).status_code not in (404, 410) for _ in range(2)):
        return False
    body = resource.body()
    done = resource.put_new(id, body if at(body, known.id) is MISSING else replaced(body, known.id, id))
    if not done.is_success:
        return False
    stale = late(lambda: client.get(url), lambda reply: reply.status_code == 200, window)
    if stale is not None:
        judge_stale(stale, done, lambda fields: client.get(url, headers=fields).status_code == 200, window)
    return True


def late(read, holds, window):
    """The last response that misses a write at the end of the window; None where one shows the write."""
    last = []

    def shows():
        last[:] = [read()]
        return holds(last[0])

    return None if eventually(shows, window) else last[0]


def judge_stale(stale, done, shows, window):
    """Break the rule by a read that misses a write, unless it may; `shows` reads once more with some fields."""
    observed = f"{exchange_of(done).summary()}, and {window:g} s later {exchange_of(stale).summary()} does not show it"
    control(shows(FRESH), f"a write should be shown in a read that bypasses caches: {observed}")
    if shows({}):
        inconclusive(f"{observed}, but a little later it does: `consistency_window` may be too short")
    excuse = staleness(stale.headers, done.headers)
    if excuse is not None:
        inconclusive(f"{observed}; {excuse}")
    expect(False, "the new state in a plain GET", f"{observed}; a GET with Cache-Control: no-cache does")
