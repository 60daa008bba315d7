"""METH: what each HTTP method promises (RFC 9110 section 9)."""

from __future__ import annotations

import time
import uuid

import httpx

from harness import (
    CRITICAL,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.client.client import Unanswered, exchange_of, octets_of
from harness.client.eventually import eventually
from harness.client.raw import connection
from harness.http.content import (
    MISSING,
    at,
    differences,
    id_text,
    json_of,
    member_names,
    normalised,
    replaced,
    shown,
)
from harness.http.fields import methods as parsed_methods
from harness.http.intermediary import errors, from_edge
from harness.payloads import optional_member
from harness.resource.ids import unlike
from harness.resource.soft_delete import looks_deleted

from .judge import (
    allow_faults,
    altered_by_content,
    head_differences,
    not_in_allow,
    safe_paths_below,
    succeeding,
    write_counters,
)

CALM_TRIES = 20
MISMATCHES = 5
IDENTITY = {"Accept-Encoding": "identity"}


def readable(resource, client):
    """The collection and an item, each with a GET that succeeds."""
    urls = [resource.url, resource.existing()]
    replies = [(url, client.get(url, headers=IDENTITY)) for url in urls if url is not None]
    good = [(url, reply) for url, reply in replies if reply.status_code == 200]
    control(good, "GET of the collection should answer 200")
    return good


def collection_url(profile, client):
    """A collection to send target-wide probes to."""
    listed = [resource for resource in profile.resources if resource.missing("list") is None]
    if not listed:
        not_applicable("no collection is known that can be read")
    return client.url(listed[0].collection)


def gated(reply, survey):
    """Whether something that lawfully comes before the method answered: credentials, a firewall, a gateway."""
    refused = reply.status_code in (401, 403, 407)
    return refused or (
        reply.status_code >= 400 and from_edge(exchange_of(reply), survey.exchanges) is not None
    )


def requested(found, resource, started, prepare=None):
    """The locations among those found changed that do not change by themselves in as much time.

    Raises:
        Undecided: all of them do.
    """
    if not found:
        return found
    moving = resource.drift(time.monotonic() - started, prepare)
    left = [where for where in found if where not in moving]
    if not left:
        inconclusive(f"{', '.join(found)} changed, as in an item that nobody touched: declare it `volatile`")
    return left


@rule("METH-001", MUST, refs=["RFC 9110 section 9.1"], needs="list")
def test_head_is_supported_wherever_get_is(resource, client, profile, survey):
    """Support HEAD wherever GET succeeds

    Why: caches, link checkers and download managers ask with HEAD before they fetch; where it fails they give up
        or fetch everything.
    Fix: route HEAD to the handler of GET and drop the content; most frameworks do it by a setting.
    """
    if not profile.methods.head:
        not_applicable("the profile says that HEAD is switched off on purpose (methods.head = false)")
    broken = []
    for url, get in readable(resource, client):
        head = client.head(url, headers=IDENTITY)
        if gated(head, survey):
            inconclusive(f"something in front of the API seems to refuse HEAD: {exchange_of(head).summary()}")
        if head.status_code // 100 != get.status_code // 100:
            broken.append(f"{exchange_of(get).summary()}, but {exchange_of(head).summary()}")
    expect(not broken, "HEAD answered in the class of GET's status (2xx)", "; ".join(broken))


@rule("METH-002", MUST, refs=["RFC 9110 section 9.3.2"], needs="list")
def test_head_carries_no_content(resource, client):
    """Send no content in a HEAD response

    Why: octets after the header block of a HEAD response are read as the next response on the connection: every
        later answer on it goes to the wrong request.
    Fix: let the server library end the response after the fields; do not write the body yourself.
    """
    for url, _ in readable(resource, client):
        with connection(client) as wire:
            head = wire.send("HEAD", url)
            applies(head.status is not None and head.status < 300, f"HEAD succeeds ({head.summary()})")
            ending = "close" in (head.field("connection") or "").lower()
            if not ending:
                wire.send_only("GET", url)
            following = wire.peek(5)
            expect(
                following in (b"", b"HTTP/"),
                "no octet between the header block of HEAD's response and the next response",
                f"{head.summary()} is followed by {wire.unread[:80]!r}",
            )


@rule("METH-003", SHOULD, refs=["RFC 9110 section 9.3.2"], needs="list", impact=MINOR)
def test_head_sends_the_fields_of_get(resource, client):
    """Send in HEAD the header fields GET would send

    Why: a client that decides by HEAD (type, freshness, version) decides on other facts than GET gives it.
    Fix: compute the fields in one place for both methods.
    """
    broken = []
    for url, before in readable(resource, client):
        head = client.head(url, headers=IDENTITY)
        applies(head.is_success, f"HEAD succeeds ({exchange_of(head).summary()}; see METH-001)")
        after = client.get(url, headers=IDENTITY)
        wrong, omitted = head_differences(before.headers, head.headers, after.headers)
        if wrong:
            # Servers that take turns may each be true to themselves.
            again = client.get(url, headers=IDENTITY)
            repeated, _ = head_differences(after.headers, head.headers, again.headers)
            wrong = [one for one in wrong if one in repeated]
        broken += [f"{exchange_of(head).summary()}: {one}" for one in wrong]
        for one in omitted:
            note(f"{exchange_of(head).summary()}: {one}")
    expect(not broken, "the field values that GET sends", "; ".join(broken))


@rule("METH-004", MUST, refs=["RFC 9110 section 8.6"], needs="list")
def test_content_length_of_head_is_that_of_get(resource, client):
    """Send Content-Length in HEAD only if it equals the GET length

    Why: clients reserve space, show progress and plan range requests by this number.
    Fix: send the length that GET would have, or leave the field out.
    """
    told, moving = False, []
    for url, before in readable(resource, client):
        mismatches = calm = 0
        for _ in range(CALM_TRIES):
            head = client.head(url, headers=IDENTITY)
            applies(head.is_success, f"HEAD succeeds ({exchange_of(head).summary()}; see METH-001)")
            length = head.headers.get("content-length")
            after = client.get(url, headers=IDENTITY)
            if length is None or any("content-encoding" in reply.headers for reply in (before, head, after)):
                break
            size = len(octets_of(after))
            if len(octets_of(before)) == size:
                calm += 1
                mismatches += length.strip() != str(size)
                # Others may have written in between, but hardly each time.
                if mismatches < calm or mismatches == MISMATCHES:
                    break
            before = after
        else:
            moving.append(exchange_of(after).summary())
        told = told or calm > 0
        if mismatches == MISMATCHES:
            expect(
                False,
                f"Content-Length: {size}, as many octets as GET sends, or no Content-Length",
                f"{exchange_of(head).summary()} with Content-Length: {length}",
            )
    if moving:
        inconclusive(f"the length differs from one GET to the next: {', '.join(moving)}")
    applies(told, "a HEAD response carries Content-Length, and GET answers in equal lengths")


@rule("METH-005", MUST, refs=["RFC 9110 section 9.2.1"], needs="create read", effect=WRITE)
def test_safe_methods_change_nothing(resource, client, survey, profile):
    """Keep safe methods free of requested side effects

    Why: crawlers, prefetchers, caches and retries send safe requests whenever they like; a GET that changes
        something is run by all of them.
    Fix: move the action to POST, PUT, PATCH or DELETE.
    """
    item = resource.create()
    # What is documented as a GET may act on it.
    item.prove()
    started = time.monotonic()
    before, twins_before = item.state(), item.twins()
    paths = safe_paths_below(resource.known.item, survey.documented)
    urls = [resource.url, item.url, *(client.url(path.replace("{id}", item.id)) for path in paths)]
    for url in dict.fromkeys(urls):
        try:
            for method in ("GET", "HEAD", "OPTIONS") * 3:
                client.request(method, url)
        except Unanswered as silent:
            # A stream that does not end, for one, proves nothing about the rest.
            note(str(silent))
    eventually(lambda: not differences(before, item.state()), profile.consistency_window)
    after = item.state()
    found = requested(differences(before, after), resource, started)
    expect(
        not found,
        "the same representation before and after GET, HEAD and OPTIONS",
        "; ".join(f"{where}: {shown(at(before, where))} became {shown(at(after, where))}" for where in found),
    )
    twins = item.twins()
    if twins_before is None or twins is None:
        note("whether a copy was created could not be told: no member takes a text to recognise it by")
        return
    expect(
        len(twins) <= max(1, len(twins_before)), "no further item", f"items {', '.join(twins)} carry its text"
    )


@rule("METH-006", MUST, refs=["RFC 9110 section 9.2.1"], needs="create read", effect=WRITE, impact=CRITICAL)
def test_unsafe_actions_are_not_smuggled_into_get(resource, client, profile):
    """Refuse unsafe actions smuggled into a safe method

    Why: a link in a mail, an image tag or a crawler then deletes data under the user's credentials.
    Fix: honour method overrides on POST only, and take no action from the query of a GET.
    """
    item = resource.create()
    item.prove()
    started = time.monotonic()
    before = item.state()
    attempts = (
        ("?_method=DELETE", {"params": {"_method": "DELETE"}}),
        ("?action=delete", {"params": {"action": "delete"}}),
        ("X-HTTP-Method-Override: DELETE", {"headers": {"X-HTTP-Method-Override": "DELETE"}}),
    )
    for name, options in attempts:
        sent = client.get(item.url, **options)
        eventually(lambda: item.get().status_code == 200, profile.consistency_window)
        after = item.get()
        found = differences(before, item.normalised(json_of(after))) if after.status_code == 200 else []
        expect(
            after.status_code == 200 and not requested(found, resource, started),
            "the item is there, unchanged, after a GET that asks for its deletion",
            f"after GET with {name} ({exchange_of(sent).summary()}): {exchange_of(after).summary()} "
            f"{shown(json_of(after))}",
        )


@rule(
    "METH-007",
    MUST,
    refs=["RFC 9110 section 9.2.2"],
    needs="create read replace",
    effect=WRITE,
    impact=CRITICAL,
)
def test_put_is_idempotent(resource, profile):
    """Make PUT idempotent

    Why: clients and proxies repeat a PUT whose answer was lost; if the repeat adds or creates something, data is
        doubled behind everybody's back.
    Fix: store the state that was sent, computed from nothing but the request.
    """
    item = resource.create()
    body = item.put_body()
    states = []
    started = time.monotonic()
    for number in (1, 2, 3):
        reply = item.put(item.with_version(body))
        if number == 1:
            control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
        expect(reply.status_code < 500, "no server error on a repeated PUT", exchange_of(reply).summary())
        if reply.status_code in (404, 410):
            warn("success for an equal PUT to an item that is there", exchange_of(reply).summary())
        if states:
            eventually(lambda: not differences(states[0], item.state()), profile.consistency_window)
        states.append(item.state())
    counted = write_counters(states, member_names([item.sent, body]))
    for number, state in enumerate(states[1:], 2):
        found = requested(
            [where for where in differences(states[0], state) if where not in counted],
            resource,
            started,
            lambda fresh: fresh.put(fresh.put_body()),
        )
        expect(
            not found,
            "the same state after each of three equal PUTs",
            "; ".join(
                f"{where}: {shown(at(states[0], where))} after the first, {shown(at(state, where))} after PUT {number}"
                for where in found
            ),
        )
    twins = item.twins()
    if twins is None:
        note("whether a copy was created could not be told: no member takes a text to recognise it by")
    else:
        expect(len(twins) <= 1, "one item after three equal PUTs", f"items {', '.join(twins)} carry its text")


@rule(
    "METH-008",
    MUST,
    refs=["RFC 9110 section 9.2.2", "RFC 9110 section 9.3.5"],
    needs="create read delete",
    effect=WRITE,
    impact=CRITICAL,
)
def test_delete_is_idempotent_in_effect(resource, profile):
    """Make DELETE idempotent in effect

    Why: a repeated DELETE must neither fail with a server error, nor hit something else, nor bring the item back.
    Fix: treat a DELETE of what is gone as done: answer 404, 410 or 204.
    """
    item, sibling = resource.create(), resource.create()
    before = json_of(item.get())
    first = item.delete()
    control(first.is_success, f"a DELETE should succeed: {exchange_of(first).summary()}")
    if first.status_code == 202:
        eventually(lambda: item.get().status_code in (404, 410), profile.consistency_window)
    second = item.delete()
    expect(second.status_code < 500, "no server error on a second DELETE", exchange_of(second).summary())
    lawful = {200, 202, 204, 404, 410} | ({403} if resource.known.hides_absence else set())
    if resource.known.locking.if_match:
        lawful |= {412, 428}
    gone = {404, 410} | ({403} if resource.known.hides_absence else set())
    # Who answers otherwise for what never was, may answer so for what is gone.
    absent = resource.client.get(resource.item_url(unlike(item.id))).status_code
    gone |= {absent} if 400 <= absent < 500 else set()
    eventually(lambda: item.get().status_code in gone, profile.consistency_window)
    after = item.get()
    if after.is_success:
        marker = resource.known.soft_delete
        marked = marker is not None and at(json_of(after), resource.known.representation + marker)
        suspect = looks_deleted(before, json_of(after))
        if not marked and suspect is not None:
            inconclusive(
                f"the item stays readable and {suspect} has changed: is that a soft delete? "
                "Then declare `soft_delete` in the profile"
            )
        expect(
            marked,
            "404 or 410 for a deleted item (or the declared soft-delete marker)",
            f"{exchange_of(first).summary()}, {exchange_of(second).summary()}, then {exchange_of(after).summary()}",
        )
    else:
        expect(after.status_code in gone, "404 or 410 for a deleted item", exchange_of(after).summary())
    # It may show late, which the survey need not have met.
    eventually(lambda: sibling.get().is_success, profile.consistency_window)
    rest = sibling.get()
    expect(rest.is_success, "another item is untouched by the two DELETEs", exchange_of(rest).summary())
    if second.status_code not in lawful | gone:
        warn("200, 202, 204, 404 or 410 for a second DELETE", exchange_of(second).summary())


@rule("METH-009", SHOULD, refs=["RFC 9110 section 9.3.5"], needs="create delete", effect=WRITE, impact=MINOR)
def test_delete_answers_202_204_or_200(resource):
    """Answer a successful DELETE with 202, 204 or 200

    Why: clients tell by the status whether the deletion is done, only promised, or described in the content.
    Fix: 204 without content is the plain choice.
    """
    item = resource.create()
    reply = item.delete()
    control(reply.status_code < 400, f"a DELETE should succeed: {exchange_of(reply).summary()}")
    expect(reply.status_code in (200, 202, 204), "200, 202 or 204", exchange_of(reply).summary())
    expect(
        reply.status_code != 200 or octets_of(reply),
        "content that describes the status in a 200, or 204 without content",
        f"{exchange_of(reply).summary()} with no content",
    )


@rule("METH-010", SHOULD, refs=["RFC 9110 section 9.3.4"], needs="create read replace", effect=WRITE)
def test_put_replaces_the_whole_representation(resource, profile):
    """Replace the whole representation on PUT

    Why: a client that removes a member and PUTs the rest believes that it is gone; if the server merges, old data
        comes back.
    Fix: set what a PUT leaves out to nothing or to its default; offer PATCH for partial updates.
    """
    known = resource.known
    member = optional_member(known, resource.body())
    if member is None:
        not_applicable(
            f"no optional writable member without default is known in {resource.name}: declare `optional`"
        )
    where = known.representation + member
    body = resource.body_with(member)
    item = resource.create(body)
    stored = at(item.state(), where)
    control(stored == at(body, where), f"{where} should be stored as sent, and is {shown(stored)}")
    reply = item.put(item.with_version(replaced(item.put_body(), where, MISSING)))
    control(reply.is_success, f"a PUT without {where} should be accepted: {exchange_of(reply).summary()}")
    eventually(lambda: at(json_of(item.get()), where) != stored, profile.consistency_window)
    after = at(json_of(item.get()), where)
    expect(
        after != stored,
        f"{where} absent, null or its default after a PUT without it",
        f"{where} is still {shown(after)}: PUT works like PATCH",
    )


@rule(
    "METH-011", MUST, refs=["RFC 9110 section 9.3.4"], needs="create read replace", effect=WRITE, impact=MINOR
)
def test_put_tells_creation_from_modification(resource):
    """Answer PUT with 201 on creation, 200 or 204 on modification

    Why: by that a client knows whether it made something or overwrote something.
    Fix: 201 when the target resource did not exist before, 200 or 204 when it did.
    """
    item = resource.create()
    reply = item.put(item.put_body(change=True))
    control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
    if reply.status_code != 202:
        expect(
            reply.status_code in (200, 204),
            "200 or 204 for a PUT to an existing item",
            exchange_of(reply).summary(),
        )
    if resource.known.put_creates is False:
        return
    fresh = (
        str(uuid.uuid4())
        if resource.known.put_creates and resource.known.new_id == "uuid"
        else unlike(item.id)
    )
    absent = resource.client.get(resource.item_url(fresh))
    if absent.status_code not in (404, 410):
        return
    made = resource.put_new(fresh, resource.body())
    if not made.is_success or made.status_code == 202:
        return
    there = resource.client.get(resource.item_url(fresh))
    if there.is_success:
        expect(made.status_code == 201, "201 for a PUT that created the item", exchange_of(made).summary())


@rule(
    "METH-012",
    MUST,
    refs=["RFC 9110 section 9.3.4"],
    needs="create read replace",
    effect=WRITE,
    strict=True,
    impact=MINOR,
)
def test_put_answers_a_validator_only_for_what_was_stored_as_sent(resource):
    """Send no ETag or Last-Modified in a PUT response unless the body was stored byte-for-byte

    Why: a client that gets a validator for its PUT believes that its own copy is the stored one, and edits on
        from there without the members that the server added.
    Fix: leave ETag and Last-Modified out of PUT responses; the client gets them with its next GET.
    """
    item = resource.create()
    body = item.put_body(change=True)
    reply = item.put(body)
    control(reply.is_success, f"a valid PUT should succeed: {exchange_of(reply).summary()}")
    sent = {name: reply.headers[name] for name in ("etag", "last-modified") if name in reply.headers}
    if not sent:
        return
    after = item.get(headers=IDENTITY)
    control(after.is_success, f"the item should be readable: {exchange_of(after).summary()}")
    same = octets_of(after) == reply.request.content
    told = ", ".join(f"{name}: {value}" for name, value in sent.items())
    expect(
        same and all(after.headers.get(name) == value for name, value in sent.items()),
        "no validator, or one for exactly the octets that were sent",
        f"{exchange_of(reply).summary()} with {told}, while GET returns "
        + ("another validator" if same else "a representation that is not what was sent"),
    )


@rule(
    "METH-013",
    SHOULD,
    refs=["RFC 9110 section 9.3.3", "RFC 9110 section 15.3.2"],
    needs="create read",
    effect=WRITE,
)
def test_post_answers_201_with_a_location_that_works(resource, client, profile):
    """Answer resource creation by POST with 201 and a Location that identifies the new resource

    Why: a client finds what it made without knowing how the API forms its URLs, and knows that it was made.
    Fix: answer 201 with Location: the URL of the new item, as the client can reach it.
    """
    item = resource.create()
    reply = item.created
    summary = exchange_of(reply).summary()
    if reply.status_code == 202:
        not_applicable(f"creation is asynchronous: {summary}")
    expect(reply.status_code == 201, "201 for a POST that created an item", summary)
    location = reply.headers.get("location")
    expect(
        location,
        "a Location field that names the new item",
        f"{summary} without Location (its id is in the content)",
    )
    url = client.resolve(location, resource.url)
    expect(
        url.rstrip("/") != resource.url.rstrip("/"),
        "the item's own URL",
        f"Location: {location}, the collection",
    )
    # httpx knows that case of the host and the scheme's own port make no difference.
    ours, theirs = httpx.URL(client.target.url), httpx.URL(url)
    expect(
        (ours.scheme, ours.host, ours.port) == (theirs.scheme, theirs.host, theirs.port),
        f"a Location that this client can reach, on {client.target.origin}",
        f"{summary} with Location: {location} (is a proxy's address or scheme not passed on to the application?)",
    )
    eventually(lambda: client.get(url).status_code == 200, profile.consistency_window)
    found = client.get(url)
    expect(
        found.status_code == 200,
        "200 for a GET of Location",
        f"Location: {location}; {exchange_of(found).summary()}",
    )
    made = id_text(at(json_of(reply), resource.known.id))
    got = id_text(at(json_of(found), resource.known.id))
    if made is not None and got is not None:
        expect(made == got, f"the item {made} at Location", f"Location: {location} shows the item {got}")


@rule(
    "METH-014",
    SHOULD,
    refs=["RFC 9110 section 9.1", "RFC 9110 section 15.5.6"],
    needs="create read",
    effect=WRITE,
)
def test_methods_that_are_not_offered_get_405(resource, client, survey):
    """Answer a known but disallowed method with 405

    Why: 405 tells a client to stop trying; 404 makes it believe that the item is gone, and success means that
        an undocumented operation is open to everybody.
    Fix: let the router answer 405 with Allow for methods without a handler.
    """
    documented = resource.documented("item")
    applies(documented, "a document or the profile lists the methods of an item")
    undocumented = [method for method in ("POST", "PUT", "PATCH", "DELETE") if method not in documented]
    applies(undocumented, f"a standard method is not offered on {resource.known.item}")
    broken, undecided = [], []
    for method in undocumented:
        item = resource.create()
        content = (
            {}
            if method == "DELETE"
            else {"json": item.sent, "headers": {"Content-Type": resource.known.media_type}}
        )
        reply = client.request(method, item.url, **content)
        summary = exchange_of(reply).summary()
        if gated(reply, survey):
            undecided.append(summary)
        elif reply.is_success:
            broken.append(f"{summary}: {method} is undocumented, yet it works")
        elif reply.status_code >= 500 or reply.status_code in (404, 410):
            broken.append(summary)
        elif reply.status_code != 405:
            undecided.append(summary)
    expect(not broken, f"405 for the methods that {resource.known.item} does not offer", "; ".join(broken))
    if undecided:
        inconclusive(f"something else was found wrong with the request first: {'; '.join(undecided)}")


@rule("METH-015", MUST, refs=["RFC 9110 section 15.5.6", "RFC 9110 section 10.2.1"], impact=MINOR)
def test_405_lists_the_methods_in_allow(survey, target):
    """List the supported methods in Allow on every 405

    Why: Allow tells the client, and the developer who reads the log, which method to use instead.
    Fix: let the router fill Allow from the handlers that the path has.
    """
    refused = [exchange for exchange in errors(survey.exchanges, target.url).own if exchange.status == 405]
    applies(refused, "a request of the survey was answered 405 by the API")
    for exchange in refused:
        allow = exchange.field("allow")
        faults = allow_faults(allow, exchange.method)
        if not faults:
            lacking = not_in_allow(allow, succeeding(survey.exchanges, exchange.url))
            faults = [f"Allow: {allow} lacks {method}, which succeeds there" for method in lacking]
        expect(
            not faults,
            "an Allow field that lists the methods supported there",
            f"{exchange.summary()}: {'; '.join(faults)}",
        )


@rule(
    "METH-016", SHOULD, refs=["RFC 9110 section 9.1", "RFC 9110 section 15.6.2"], effect=WRITE, impact=MINOR
)
def test_unrecognised_methods_get_501(client, profile, survey):
    """Answer an unrecognised method with 501

    Why: 501 says that the server knows no such method anywhere; 405 says that it knows it and refuses it here.
    Fix: answer 501 for method tokens that no route uses. Many servers answer 405; little depends on it.
    """
    reply = client.request("XQZW", collection_url(profile, client))
    summary = exchange_of(reply).summary()
    if gated(reply, survey):
        inconclusive(f"something in front of the API seems to have answered: {summary}")
    expect(reply.status_code == 501, "501 (Not Implemented)", summary)


@rule("METH-017", SHOULD, refs=["RFC 9110 section 9.3.7"], needs="list", impact=MINOR)
def test_options_describes_what_is_allowed(resource, client, survey):
    """Answer OPTIONS successfully and describe options (Allow)

    Why: tools and developers ask a resource what it can do before they try.
    Fix: answer OPTIONS with 204 or 200 and Allow. A CORS middleware alone answers preflights only.
    """
    works = (
        {"list": "GET", "create": "POST"},
        {"read": "GET", "replace": "PUT", "update": "PATCH", "delete": "DELETE"},
    )
    broken = []
    for url, known in zip((resource.url, resource.existing()), works, strict=True):
        if url is None:
            continue
        reply = client.options(url)
        summary = exchange_of(reply).summary()
        if gated(reply, survey):
            inconclusive(f"OPTIONS needs other credentials than GET: {summary}")
        # Under --effects read nothing else was seen to work.
        seen = known if client.target.limits.effects >= WRITE else ("list", "read")
        working = {method for need, method in known.items() if resource.can(need) and need in seen}
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
                    f"{summary} with Allow: {reply.headers['allow']}, though {', '.join(missing)} works there"
                )
    expect(not broken, "2xx with an Allow field that lists every method that works there", "; ".join(broken))


@rule("METH-018", SHOULD, refs=["RFC 9110 section 9.3.8"], effect=WRITE, impact=CRITICAL)
def test_trace_reflects_no_secrets(client, profile):
    """Do not reflect sensitive fields in TRACE

    Why: a script in a browser that can make the server echo its request reads credentials that were hidden from it.
    Fix: switch TRACE off, or leave Authorization and Cookie out of what it echoes.
    """
    canary = uuid.uuid4().hex
    reply = client.under(None).request(
        "TRACE",
        collection_url(profile, client),
        headers={"Authorization": f"Bearer {canary}", "Cookie": f"s={canary}"},
    )
    expect(
        not (reply.is_success and canary.encode() in reply.content),
        "no credential of the request in the response to TRACE",
        f"{exchange_of(reply).summary()} echoes the Authorization or Cookie field that was sent",
    )


@rule("METH-019", SHOULD, refs=["RFC 9110 section 9.3.1"], needs="list")
def test_content_in_get_changes_nothing(resource, client):
    """Do not let GET content alter the request meaning

    Why: caches and gateways drop the content of a GET or ignore it: the same request then means two things.
    Fix: take filters from the query, or offer POST for a search.
    """
    own = [resource.existing(), resource.existing()] if resource.may_create else []
    chosen = own[0].rpartition("/")[2] if own and own[0] else "1"
    before = client.get(resource.url)
    for _ in range(MISMATCHES):
        reply = client.get(
            resource.url, json={"limit": 1, "id": chosen}, headers={"Content-Type": "application/json"}
        )
        after = client.get(resource.url)
        control(before.is_success and after.is_success, "the collection should be readable")
        if 400 <= reply.status_code < 500:
            return
        summary = exchange_of(reply).summary()
        expect(reply.is_success, "the same answer as without content, or a 4xx refusal", summary)
        values = [json_of(one) for one in (before, reply, after)]
        counts = [at(value, resource.known.items or "") for value in values]
        sizes = tuple(len(items) if isinstance(items, list) else 0 for items in counts)
        found = altered_by_content(
            *(normalised(value, volatile=resource.volatile) for value in values), sizes
        )
        if found is None:
            return
        # Others may have written in between, but hardly each time.
        before = after
    again = normalised(json_of(client.get(resource.url)), volatile=resource.volatile)
    if differences(normalised(values[2], volatile=resource.volatile), again):
        inconclusive("the collection differs from one plain GET to the next")
    expect(False, "the same representation with and without content", f"{summary}: {found}")
