"""PATCH: requirements on every patch format (RFC 5789)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    applies,
    control,
    evidence,
    expect,
    not_applicable,
    note,
    rule,
    warn,
)
from harness.http.content import MISSING, at, differences, member_names, normalised, replaced, shown
from harness.http.fields import methods
from harness.resource.patch_documents import JSON_PATCH, MERGE_PATCH, merging, setting
from harness.rules.causes import CONTENT_TYPE_UNCHECKED

from .invalid import KINDS, TEXT, half_wrong, read_only, refused, some_of_each, wrongs
from .probes import Patched, any_format, formats, summary

EACH = {"type": 4, TEXT: 2, "enum": 2, "required": 2, "format": 2, "range": 2, "length": 2}
"""Members whose constraints are violated, for each kind of constraint."""
BOUNDS = ("range", "length")


@rule(
    "PATCH-007",
    MUST,
    refs=["RFC 5789 section 2", "RFC 6902 section 5"],
    needs="create read update",
    effect=WRITE,
    impact=CRITICAL,
)
def test_a_patch_is_applied_whole_or_not_at_all(resource, profile):
    """Apply a patch completely or not at all

    Why: a transfer that takes from one member and gives to another is half done. The client received an error
        and sends it again.
    Fix: apply the patch to a copy, validate that, and store it in one step.
    Probe: patches of which one half is valid, and the other breaks a constraint of the schema (each kind of constraint
        once) or changes a read-only member, in both orders; the item is read after each refusal.
    """
    tried = []
    for media_type in formats(resource.known) or [any_format(resource)]:
        patched, passed = Patched(resource, media_type, profile.consistency_window), []
        place = patched.works()
        raw = patched.look()
        for name, patch, wrong in halves(patched, place, raw):
            if wrong is not None and wrong in passed:
                continue
            reply = patched.send(patch)
            if reply.is_success:
                # Other rules judge that it should have been refused; its result is of no use here.
                passed.append(wrong)
                patched = Patched(resource, media_type, profile.consistency_window)
                raw = patched.look()
                continue
            now = patched.look()
            tried.append(name)
            unchanged(patched, place, name, reply, raw, now)
            raw = now
    applies(tried, f"a patch of {resource.name} can be built of which one half must fail")
    evidence(f"refused whole: {', '.join(tried)}")


def halves(patched, place, raw):
    """Patches whose one half is valid and whose other half must fail."""
    schema, where = patched.known.create_schema, patched.known.representation
    found = [] if schema is None else wrongs(schema, patched.item.sent, where)
    chosen = [*some_of_each(found, dict.fromkeys(KINDS, 1)), *read_only(patched.known, raw)]
    yield from half_wrong(place, patched.another(place), chosen, operations=patched.operations)


def unchanged(patched, place, name, reply, raw, now):
    """Judge an item after a patch that was refused."""
    changed = differences(patched.item.normalised(raw), patched.item.normalised(now))
    kept = f"{place} was {shown(at(raw, place))} and is {shown(at(now, place))}"
    expect(
        not changed,
        f"{name} refused, and nothing applied",
        f"{summary(reply)}; {', '.join(changed)} changed; {kept}",
    )
    volatile = patched.resource.volatile
    touched = differences(*(normalised(one, volatile=volatile, sent=member_names(raw)) for one in (raw, now)))
    if touched:
        warn("an item unchanged by a refused patch", f"{summary(reply)}; {', '.join(touched)} changed")


@rule(
    "PATCH-009",
    SHOULD,
    refs=["background document 001 question 10", "RFC 5789 section 2.2"],
    needs="create read update",
    effect=WRITE,
)
def test_the_result_of_a_patch_is_validated(resource, profile):
    """Validate the result of a patch, not only the patch

    Why: an order without an amount, or in a currency that does not exist, is stored through the back door, and
        every reader has to cope with it.
    Fix: validate the patched document as a PUT of it would be validated.
    Probe: patches with values that the schema forbids (another type, a number as a text, a bound, a format, a required
        member removed) and that a create, and for bounds a PUT, refuses.
    """
    schema, where = resource.known.create_schema, resource.known.representation
    applies(schema, f"the document or the profile has a schema of {resource.name}")
    patched = Patched(resource, any_format(resource), profile.consistency_window)
    patched.works()
    chosen = some_of_each(wrongs(schema, patched.item.sent, where), EACH)
    applies(chosen, f"{resource.name} has a member that the schema constrains")
    tried = []
    for one in chosen:
        if not refused_elsewhere(patched, one):
            continue
        before = at(patched.look(), one.pointer)
        reply = patched.send(refused(one, patched.operations))
        now = at(patched.look(), one.pointer)
        stored = bool(differences(now, before))
        if one.kind == TEXT:
            # "5" for 5 may be read as the number that it means.
            stored = isinstance(now, str)
        what = f"{one.text}{'' if one.value is MISSING else f': {shown(one.value)}'}"
        expect(
            not (reply.is_success and stored),
            f"422 (or 400, 409) for a patch that leads to an invalid state: {what}",
            f"{summary(reply)}; {one.pointer} was {shown(before)} and is {shown(now)}",
        )
        tried.append(what)
        if reply.status_code >= 500:
            # A validator that crashes also does so on creates, which ERR-004 reports.
            note(f"{what}: {summary(reply)}")
        if reply.is_success:
            note(f"{what}: {summary(reply)}, and nothing changed")
    control(tried, "a create with an invalid member should be refused")
    evidence(f"not stored: {', '.join(tried)}")


def refused_elsewhere(patched, wrong):
    """Whether the API refuses the same value where the whole is sent: in a create, and a bound also in a PUT.

    What it accepts there is for other rules to judge. A create may have narrower bounds than later states.
    """
    resource = patched.resource
    if resource.staying:
        return wrong.kind in ("required", "enum")
    reply = resource.post(replaced(resource.body(), wrong.pointer, wrong.value))
    found = 400 <= reply.status_code < 500
    if found and wrong.kind in BOUNDS:
        whole = (
            replaced(patched.item.put_body(), wrong.pointer, wrong.value) if resource.can("replace") else None
        )
        found = whole is not None and 400 <= patched.item.put(whole).status_code < 500
    return found


@rule(
    "PATCH-010",
    SHOULD,
    refs=["RFC 5789 section 2.2", "RFC 5789 section 3.1"],
    needs="create read update",
    effect=WRITE,
)
def test_an_unknown_patch_format_is_415(resource, profile):
    """Answer an unsupported patch format with 415 and Accept-Patch

    Why: the same JSON has different meanings in different patch formats. A server that guesses changes members
        that the client did not mean to change.
    Fix: check Content-Type, answer 415 to unsupported formats, and list the supported ones in Accept-Patch.
    Advice: where the patch is refused, whatever the status, nothing is changed; where it is applied as the API's own
        format, no client is known to send another; without Accept-Patch a developer reads the documentation.
    """
    patched = Patched(resource, any_format(resource), profile.consistency_window)
    place = patched.works()
    before = patched.look()
    patch = patched.set(place, patched.another(place))
    fields = patched.fields() | {"Content-Type": "application/x-harness-patch+json"}
    reply = patched.item.client.patch(patched.item.url, json=patch, headers=fields)
    now = at(patched.look(), place)
    was = at(before, place)
    dropped = now == was
    effect = "nothing changed" if dropped else f"{place} was {shown(was)} and is {shown(now)}"
    expect(
        not reply.is_success,
        "415 for application/x-harness-patch+json",
        f"{summary(reply)}; {effect}",
        impact=None if dropped else MINOR,
        cause=CONTENT_TYPE_UNCHECKED if dropped else "",
    )
    refused = 400 <= reply.status_code < 500
    expect(
        reply.status_code == 415,
        "415 for application/x-harness-patch+json",
        summary(reply),
        impact=MINOR if refused else None,
    )
    listed = reply.headers.get("accept-patch")
    expect(
        listed,
        "Accept-Patch in that 415, with the supported formats",
        f"{summary(reply)} without Accept-Patch",
        impact=MINOR,
    )


@rule("PATCH-011", SHOULD, refs=["RFC 5789 section 2.2"], needs="create read update", effect=WRITE)
def test_a_malformed_patch_is_400(resource, profile):
    """Answer a malformed patch document with 400

    Why: a client must distinguish a patch that can never work (400) from one that does not fit the current
        state (409, 422).
    Fix: parse before anything else; answer 400 to content that is not JSON, or not a patch document.
    Advice: another 4xx refuses the patch all the same.
    """
    known = resource.known
    media_type = any_format(resource)
    patched = Patched(resource, media_type, profile.consistency_window)
    place = patched.works()
    documents = [("JSON that ends too early", b'{"a":', media_type, (400,))]
    if JSON_PATCH in (known.patch or ()):
        value = patched.another(place)
        documents += [
            ("a JSON Patch that is an object", merging(place, value), JSON_PATCH, (400, 422)),
            ("an operation without path", [{"op": "replace", "value": value}], JSON_PATCH, (400, 422)),
        ]
    for name, content, media, statuses in documents:
        before = patched.item.state()
        if isinstance(content, bytes):
            reply = patched.send_bytes(content, media)
        else:
            fields = patched.fields() | {"Content-Type": media}
            reply = patched.item.client.patch(patched.item.url, json=content, headers=fields)
        changed = differences(before, patched.item.state())
        if isinstance(content, bytes) and reply.status_code != 400 and not reply.is_success and not changed:
            # An API with one parser for POST and PATCH answers both alike, which ERR-003 judges.
            created = resource.post(content=content)
            if created.status_code == reply.status_code:
                note(f"{name}: {summary(reply)}, as for POST: {summary(created)}")
                continue
        expected = f"{' or '.join(map(str, statuses))} for {name}, and nothing changed"
        expect(
            reply.status_code in statuses and not changed,
            expected,
            summary(reply) + (f", and {', '.join(changed)} changed" if changed else ""),
            impact=MINOR if 400 <= reply.status_code < 500 and not changed else None,
        )
    for content in (b"null", b"[]", b'"text"'):
        reply = patched.send_bytes(content, media_type)
        # RFC 7396 lets a merge patch be any JSON, so that only a crash is certainly wrong.
        expect(
            reply.status_code < 500,
            f"a refusal with 4xx, or success, for the patch {content.decode()}",
            summary(reply),
        )
    unknown = patched.known.representation + "/conformance_unknown"
    reply = patched.send(
        [{"op": "add", "path": unknown, "value": 1}] if patched.operations else merging(unknown, 1)
    )
    expect(
        reply.status_code < 500,
        "a refusal with 4xx, or success, for a member that items do not have",
        f"{unknown}: {summary(reply)}",
    )


@rule("PATCH-012", SHOULD, refs=["RFC 5789 section 3.1"], needs="read update", rougher=WRITE, impact=MINOR)
def test_options_tells_the_patch_formats(resource, client, profile):
    """List the patch formats in Accept-Patch of OPTIONS

    Why: a client that supports several formats learns which one to send before it sends a wrong one.
    Fix: add Accept-Patch to the OPTIONS response of every resource that supports PATCH.
    Advice: hardly any client asks with OPTIONS; the documentation names the formats.
    """
    patched = (
        Patched(resource, any_format(resource), profile.consistency_window) if resource.may_create else None
    )
    place = patched.works() if patched is not None else None
    url = resource.existing() if patched is None else patched.item.url
    control(url is not None, f"an item of {resource.name} should be readable")
    reply = client.options(url)
    if not reply.is_success:
        not_applicable(f"OPTIONS is not answered with success, which METH-017 judges: {summary(reply)}")
    line = reply.headers.get("accept-patch")
    if not line and "PATCH" not in (methods(reply.headers.get("allow") or "") or []):
        not_applicable(
            f"the response to OPTIONS does not list PATCH, which METH-017 judges: {summary(reply)}"
        )
    expect(line, "Accept-Patch in the response to OPTIONS", f"{summary(reply)} without Accept-Patch")
    listed = [one.partition(";")[0].strip().lower() for one in line.split(",")]
    values = {}
    if patched is not None:
        values = {
            JSON_PATCH: setting(place, patched.another(place)),
            MERGE_PATCH: merging(place, patched.another(place)),
        }
    for media in values:
        if media in listed:
            patched.media_type = media
            answer = patched.send(values[media])
            expect(
                answer.status_code != 415,
                f"{media} accepted, as Accept-Patch: {line} says",
                summary(answer),
                impact=MAJOR,
            )
    missing = [media for media in formats(resource.known) if media not in listed]
    expect(
        not missing,
        "every format that PATCH supports listed in Accept-Patch",
        f"Accept-Patch: {line} lacks {', '.join(missing)}",
    )
