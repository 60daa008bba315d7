"""METH: DELETE (RFC 9110 section 9.3.5)."""

from __future__ import annotations

from harness import CRITICAL, MINOR, MUST, SHOULD, WRITE, advise, control, expect, inconclusive, rule
from harness.client.client import content_of, exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, json_of
from harness.resource.ids import unlike
from harness.resource.soft_delete import looks_deleted
from harness.survey.suspicion import SOFT_DELETE

from .judge import kept_after_delete


@rule(
    "METH-008",
    MUST,
    refs=["RFC 9110 section 9.2.2", "RFC 9110 section 9.3.5"],
    needs="create read delete",
    effect=WRITE,
    impact=CRITICAL,
)
def test_delete_is_idempotent_in_effect(resource, profile, survey):
    """Make DELETE idempotent in effect

    Why: a repeated DELETE must not fail with a server error, affect another item, or restore the item.
    Fix: treat a DELETE of an absent item as done: answer 404, 410 or 204.
    Advice: another 4xx for the second DELETE leaves everything as it should be.
    """
    if not resource.has_room() and resource.known.soft_delete is None:
        # Items stay, so no more are created: the survey's own removals are judged.
        kept = kept_after_delete(survey.exchanges, resource.url)
        expect(
            not kept, "404 or 410 for a deleted item (or the declared soft-delete marker)", "; ".join(kept)
        )
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
    # An API with another status for an item that never existed may use it for a deleted one.
    absent = resource.client.get(resource.item_url(unlike(item.id))).status_code
    gone |= {absent} if 400 <= absent < 500 else set()
    eventually(lambda: item.get().status_code in gone, profile.consistency_window)
    after = item.get()
    if after.is_success:
        # What the survey learnt from a DELETE is what is judged here.
        learnt = any(one.fact == SOFT_DELETE and one.resource == resource.name for one in survey.learnt)
        marker = None if learnt else resource.known.soft_delete
        marked = marker is not None and at(json_of(after), resource.known.representation + marker)
        suspect = looks_deleted(before, json_of(after))
        if not marked and suspect is not None:
            inconclusive(
                f"the item remains readable and {suspect} has changed, which may be a soft delete: "
                "declare `soft_delete` in the profile"
            )
        expect(
            marked,
            "404 or 410 for a deleted item (or the declared soft-delete marker)",
            f"{exchange_of(first).summary()}, {exchange_of(second).summary()}, then {exchange_of(after).summary()}",
        )
    else:
        expect(after.status_code in gone, "404 or 410 for a deleted item", exchange_of(after).summary())
    # It may show late, even if the survey did not see that.
    eventually(lambda: sibling.get().is_success, profile.consistency_window)
    rest = sibling.get()
    expect(rest.is_success, "another item not affected by the two DELETEs", exchange_of(rest).summary())
    if second.status_code not in lawful | gone:
        advise("200, 202, 204, 404 or 410 for a second DELETE", exchange_of(second).summary())


@rule("METH-009", SHOULD, refs=["RFC 9110 section 9.3.5"], needs="create delete", effect=WRITE, impact=MINOR)
def test_delete_answers_202_204_or_200(resource):
    """Answer a successful DELETE with 202, 204 or 200

    Why: the status tells a client whether the deletion is done, accepted for later, or described in the
        content.
    Fix: answer 204 without content in the ordinary case.
    Advice: clients treat every 2xx alike, and the item is gone.
    """
    item = resource.create()
    reply = item.delete()
    control(reply.status_code < 400, f"a DELETE should succeed: {exchange_of(reply).summary()}")
    expect(reply.status_code in (200, 202, 204), "200, 202 or 204", exchange_of(reply).summary())
    expect(
        reply.status_code != 200 or content_of(reply),
        "a 200 with content that describes the status, or a 204 without content",
        f"{exchange_of(reply).summary()} with no content",
    )
