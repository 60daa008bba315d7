"""COND: conditional writes (RFC 9110 section 13, RFC 6585 section 3), and locking by a version in the content."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MINOR,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    expect,
    inconclusive,
    rule,
    warn,
)
from harness.client.client import exchange_of
from harness.http.fields import EntityTag, entity_tag, http_date
from harness.resource.ids import unlike
from harness.rules.causes import if_match_ignored
from harness.target.target import DEFAULT

from .judge import code_fault, conflicts, date_before, explains_condition, other_tag, write_fault
from .probes import (
    Guarded,
    delete_another,
    ignores_if_match,
    locked_by_version,
    stale_writes,
    versions_beside_tags,
    writing,
)

A_DAY = 86_400
STALE = EntityTag('"conformance"')


def lockable(resource):
    """The methods that change items, where items have an entity tag or a version."""
    by_version = locked_by_version(resource)
    applies(
        by_version or resource.can("etag"),
        f"{resource.name} has entity tags, or a version in the content of writes (`locking.version`)",
    )
    methods = writing(resource, "PUT", "PATCH") if by_version else writing(resource)
    applies(methods, f"items of {resource.name} can be changed or removed")
    return methods


def honouring(resource, profile):
    """An item to change by PUT or else by PATCH, its tag, and a refused write with a false If-Match.

    Raises:
        NotApplicable: If-Match is not evaluated, which COND-008 reports.
    """
    methods = writing(resource, "PUT", "PATCH")
    applies(methods, f"items of {resource.name} can be replaced or updated")
    guarded = Guarded(resource, methods[0], profile.consistency_window)
    tag = guarded.tag
    applies(tag, "a GET of the item has a well-formed ETag (see COND-001)")
    stale = other_tag(tag)
    write = guarded.attempt({"If-Match": str(stale)}, f"If-Match: {stale}, which is not its tag")
    applies(write_fault(write) is None, f"If-Match is evaluated ({write.summary}; see COND-008)")
    return guarded, tag, write


@rule(
    "COND-008",
    MUST,
    refs=["RFC 9110 section 13.1.1", "RFC 9110 section 13.2"],
    needs="create read",
    effect=WRITE,
    impact=CRITICAL,
    light=True,
)
def test_a_write_with_a_false_if_match_is_not_performed(resource, profile):
    """Do not perform a write whose If-Match condition is false

    Why: the client says on which state its change is based. Performed on another state, the change silently
        undoes what somebody else has just written.
    Fix: compare If-Match (or the version in the content, where that is used for locking) with the current one
        in the transaction that writes, for PUT, PATCH and DELETE alike.
    """
    lockable(resource)
    found = stale_writes(resource, profile.consistency_window)
    writes = found.writes
    faults = [fault for fault in map(write_fault, writes) if fault is not None]
    done = [write.summary.split()[0] for write in writes if write.performed]
    ignored = len(writes) > 1 and all(write.performed and write.status < 300 for write in writes)
    expect(
        not faults,
        "a refusal, and no effect",
        ("the condition is ignored by every method: " if ignored else "") + "; ".join(faults),
        cause=if_match_ignored(done) if len(done) == len(faults) and not locked_by_version(resource) else "",
    )
    expect(
        not found.barred,
        "success for a write with the current entity tag",
        f"{'; '.join(found.barred)}: no write with a condition can succeed",
    )
    if not locked_by_version(resource):
        any_state_is_accepted(resource, profile.consistency_window)
    beside = versions_beside_tags(resource, profile.consistency_window)
    ignored = [fault for fault in map(write_fault, beside.writes) if fault is not None]
    expect(not ignored, "a refusal, and no effect", "; ".join(ignored))
    stuck = found.stuck or beside.stuck
    expect(
        not stuck,
        f"another version at {resource.known.locking.version} after every write, as `locking.version` declares",
        f"the version is {'; '.join(stuck)}",
    )
    if writing(resource, "PUT", "PATCH") and resource.can("etag"):
        tags_of_codings_are_current(resource, profile)
    if found.undecided or beside.undecided:
        inconclusive("; ".join([*found.undecided, *beside.undecided]))


def any_state_is_accepted(resource, window):
    """Warn where If-Match: *, which holds for every item that exists, is refused like a stale tag."""
    methods = writing(resource, "PUT", "PATCH")
    if not methods:
        return
    guarded = Guarded(resource, methods[0], window)
    tag = guarded.tag
    if guarded.tag != tag:
        return
    reply = guarded.write(guarded.next_value(), {"If-Match": "*"})
    if reply.status_code not in (412, 500) or tag is None or tag.weak or guarded.tag != tag:
        return
    again = guarded.write(guarded.next_value(), {"If-Match": str(tag)})
    if again.is_success:
        warn(
            "success for a write with If-Match: *, as the item exists (RFC 9110 section 13.1.1)",
            f"{exchange_of(reply).summary()} with If-Match: *; {exchange_of(again).summary()} with If-Match: {tag}",
        )


def tags_of_codings_are_current(resource, profile):
    """Warn where the tag of a coded response, which most clients hold, is refused in If-Match.

    An intermediary that adds a suffix to the tag when it codes content must remove it again from requests.
    """
    guarded = Guarded(resource, writing(resource, "PUT", "PATCH")[0], profile.consistency_window)
    coded = guarded.item.get(headers={"Accept-Encoding": "gzip"})
    tag = entity_tag(coded.headers.get("etag"))
    if not coded.headers.get("content-encoding") or tag is None or tag.weak or tag == guarded.tag:
        return
    refused = guarded.write(guarded.next_value(), {"If-Match": str(tag)})
    if refused.status_code != 412:
        return
    plain = guarded.write(guarded.next_value(), {"If-Match": str(guarded.tag)})
    if plain.is_success:
        warn(
            "success for a write with the tag that the client received",
            f"{exchange_of(refused).summary()} with If-Match: {tag}, the tag of the gzip coded "
            f"{exchange_of(coded).summary()}; {exchange_of(plain).summary()} with that of the uncoded one",
        )


@rule(
    "COND-009",
    SHOULD,
    refs=["RFC 9110 section 13.2.2", "RFC 9110 section 13.1.4", "RFC 9110 section 15.5.13"],
    needs="create read",
    effect=WRITE,
)
def test_a_failed_precondition_gets_412(resource, profile):
    """Answer a failed If-Match or If-Unmodified-Since with 412

    Why: 412 tells a client to read again and to repeat its change. Any other status says that the request is
        wrong, or that the content conflicts.
    Fix: answer 412 (Precondition Failed) for a condition in the header section, and 409 for a version in the
        content.
    """
    methods = writing(resource)
    applies(methods, f"items of {resource.name} can be changed or removed")
    wrong, undecided, judged = [], [], False
    by_version = locked_by_version(resource)
    if by_version or resource.can("etag"):
        found = stale_writes(resource, profile.consistency_window)
        undecided += found.undecided
        writes = [write for write in found.writes if write_fault(write) is None]
        applies(writes or undecided, "a write with a false condition is refused (see COND-008)")
        judged = True
        lawful = (409, 412) if by_version else (412,)
        wrong += [fault for write in writes if (fault := code_fault(write, lawful)) is not None]
    guarded = Guarded(resource, methods[0], profile.consistency_window)
    modified = guarded.look().headers.get("last-modified")
    if http_date(modified) and not resource.known.locking.if_match:
        long_ago = date_before(modified, A_DAY)
        if guarded.method == "DELETE":
            delete_another(guarded, conditional=False)
        else:
            guarded.succeed({}, "no condition")
        write = guarded.attempt({"If-Unmodified-Since": long_ago}, f"If-Unmodified-Since: {long_ago}")
        judged = True
        fault = write_fault(write) or code_fault(write, (412,))
        if fault is not None:
            wrong.append(f"{fault} (Last-Modified: {modified})")
    applies(judged, f"{resource.name} has entity tags, versions in the content of writes, or Last-Modified")
    expect(
        not wrong,
        "409 (Conflict) for a stale version" if by_version else "412 (Precondition Failed), and no effect",
        "; ".join(wrong),
    )
    if undecided:
        inconclusive("; ".join(undecided))


@rule(
    "COND-010",
    MUST,
    refs=["RFC 9110 section 13.1.1", "RFC 9110 section 8.8.3.2"],
    needs="create read etag",
    effect=WRITE,
    impact=MINOR,
)
def test_if_match_is_compared_strongly(resource, profile):
    """Compare If-Match with strong comparison

    Why: a weak tag says that two representations are equivalent, not identical. A change that is based on one
        of them may undo the difference to the other.
    Fix: answer 412 for a weak tag in If-Match, and send strong tags to clients that write.
    Advice: where stale tags are refused, no change is lost. SCIM (RFC 7644 section 3.14) and AIP-154 use weak tags
        as conditions.
    """
    guarded, tag, stale = honouring(resource, profile)
    weak = tag if tag.weak else tag.toggled()
    write = guarded.attempt({"If-Match": str(weak)}, f"If-Match: {weak}")
    hint = (
        "; the API sends only weak tags and accepts them as conditions (as AIP-154 allows): make them strong"
        if tag.weak
        else ""
    )
    fault = write_fault(write)
    expect(
        fault is None,
        "412 (Precondition Failed), and no effect: a weak tag never matches in strong comparison",
        f"{fault}{hint}",
    )
    if not tag.weak:
        guarded.succeed({"If-Match": str(tag)}, f"If-Match: {tag}, its current tag,")
    if stale.status == 412 and write.status != 412:
        advise("412 (Precondition Failed), as for any other tag", write.summary)


@rule(
    "COND-011",
    MUST,
    refs=["RFC 9110 section 13.1.2"],
    needs="create read replace",
    effect=WRITE,
    impact=CRITICAL,
)
def test_if_none_match_asterisk_keeps_what_is_there(resource, profile):
    """Honour If-None-Match: * on unsafe methods

    Why: a client that means only to create overwrites an item that somebody else has created.
    Fix: answer 412 to If-None-Match: * wherever there is a current representation.
    """
    if resource.can("etag"):
        guarded, _, _ = honouring(resource, profile)
    else:
        creates = resource.known.put_creates
        applies(creates, "the API has entity tags, or PUT creates; otherwise it may not support conditions")
        guarded = Guarded(resource, "PUT", profile.consistency_window)
    needed = guarded.needed()
    write = guarded.attempt({**needed, "If-None-Match": "*"}, "If-None-Match: *")
    fault = write_fault(write) or code_fault(write, (412,))
    if fault is not None and not write.performed:
        guarded.succeed(guarded.needed(), "no If-None-Match")
    expect(fault is None, "412 (Precondition Failed), and no effect, as the item exists", fault)


@rule("COND-013", MUST, refs=["RFC 9110 section 13.2.1"], needs="read etag", rougher=WRITE)
def test_preconditions_do_not_hide_other_errors(resource, client, target):
    """Ignore preconditions when the request would fail without them

    Why: 304 and 412 say that the item exists and that the caller may use it. A caller without credentials
        learns from them what exists, and a client keeps a copy of a deleted item.
    Fix: check the credentials and the existence of the item first, and evaluate conditions last.
    """
    item = resource.create() if resource.may_create else None
    url = resource.existing() if item is None else item.url
    control(url is not None, f"an item of {resource.name} should be readable")
    tag = client.get(url).headers.get("etag")
    applies(tag, "a GET of the item has an ETag")
    id = None if item is None else resource.known.absent_id or unlike(item.id)
    absent = resource.absent_url() if id is None else resource.item_url(id)
    anonymous = client.under(None) if DEFAULT in target.credentials else None
    attempts = [("GET", absent, {"If-None-Match": value}, client) for value in (str(STALE), tag)]
    if anonymous is not None:
        attempts.append(("GET", url, {"If-None-Match": tag}, anonymous))
    if item is not None and resource.can("replace"):
        if anonymous is not None:
            attempts.append(("PUT", item.url, {"If-Match": str(STALE)}, anonymous))
        if resource.known.put_creates is not True:
            attempts.append(("PUT", absent, {"If-None-Match": "*"}, client))

    def send(method, url, fields, sender):
        if method == "GET":
            return sender.get(url, headers=fields)
        if url == absent:
            return resource.put_new(id, item.put_body(), fields)
        media = {"Content-Type": resource.known.media_type}
        return sender.put(url, json=item.put_body(), headers={**media, **fields})

    broken, judged = [], 0
    for method, url, fields, sender in attempts:
        plain = send(method, url, {}, sender)
        if not 400 <= plain.status_code < 500 or plain.status_code in (412, 428):
            continue
        judged += 1
        reply = send(method, url, fields, sender)
        if reply.is_success or reply.status_code in (304, 412):
            observed = ", ".join(f"{name}: {value}" for name, value in fields.items())
            who = "" if sender is client else " without credentials"
            broken.append(
                f"{exchange_of(reply).summary()}{who} with {observed}; {plain.status_code} without the condition"
            )
    control(judged, "at least one request should fail without any condition")
    expect(not broken, "the same status as without the condition", "; ".join(broken))


@rule(
    "COND-014",
    SHOULD,
    refs=["RFC 6585 section 3"],
    needs="create read conditional",
    effect=WRITE,
)
def test_required_conditions_are_asked_for_with_428(resource, profile):
    """Require declared conditions with 428, and explain how to send them

    Why: 428 tells a client that its request is right except for the missing condition; a 400 does not. An API
        that requires conditions and does not enforce them loses updates of all clients that forget them.
    Fix: answer 428 (Precondition Required) to a write without If-Match, and name If-Match in the content.
    Advice: where 428 does not say how to go on, it has still refused the write, and its documentation says the rest.
    """
    broken, ignoring, silent, judged = [], [], [], 0
    named = resource.known.locking.if_match_for
    for method in [one for one in writing(resource) if not named or one in named]:
        guarded = Guarded(resource, method, profile.consistency_window)
        before = guarded.tag
        if before is None:
            inconclusive("a GET of the item has no ETag to write with")
        if method == "DELETE":
            delete_another(guarded, conditional=True)
        write = guarded.attempt({"If-Match": None}, "no If-Match")
        reply = guarded.answer
        asked = (428, 409) if conflicts(resource.known.capabilities.get("conditional")) else (428,)
        fault = write_fault(write) or code_fault(write, asked)
        judged += 1
        if write.performed:
            broken.append(fault)
            if ignores_if_match(resource, method, profile.consistency_window):
                ignoring.append(method)
            continue
        if method != "DELETE":
            guarded.succeed(guarded.needed(), "its current tag in If-Match")
        if fault is not None:
            broken.append(fault)
        elif reply.status_code == 428 and not explains_condition(reply.text):
            silent.append(f"{write.summary}, whose content does not name If-Match")
    applies(judged, f"items of {resource.name} can be changed or removed")
    expect(
        not broken,
        "428 (Precondition Required), and no effect",
        "; ".join(broken),
        cause=if_match_ignored(ignoring) if len(ignoring) == len(broken) else "",
    )
    expect(not silent, "a 428 whose content names If-Match", "; ".join(silent), impact=MINOR)
