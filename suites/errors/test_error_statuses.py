"""ERR: the status of an error (RFC 9110 section 15)."""

from __future__ import annotations

from harness import MUST, SHOULD, WRITE, control, expect, inconclusive, note, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http import error_markers, error_statuses
from harness.http.content import MISSING, at, json_of, replaced
from harness.http.error_body import json_body, json_errors
from harness.http.error_statuses import BROKEN, HOLDS, OPEN
from harness.profile.models import State
from harness.resource.counting import listed
from harness.resource.patch_documents import MERGE_PATCH, PLAIN
from harness.rules.faults import Fault, excerpt, expect_none, grouped

from . import naming
from .probes import (
    absent_requests,
    duplicate_of,
    exists_after_all,
    malformed_ids,
    readable_item,
    ruled,
    takes_json,
    unknown_route,
)

FEWEST_TRIGGERS = 4


@rule("ERR-001", MUST, refs=["RFC 9110 section 15.3.1", "RFC 9205 section 4.6"])
def test_errors_have_no_2xx_status(survey):
    """Never report an error with a 2xx status

    Why: retries, caches, client libraries and monitors use the status. An error in a 200 is taken for a
        success, cached, and never raises an alert.
    Fix: set the status where the error content is built: 4xx for the client's fault, 5xx for the server's.
    """
    triggered = survey.triggered()
    provoked = {exchange.id for _, exchange in triggered}
    ordinary = json_errors(error_statuses.surely_fine(e for e in survey.exchanges if e.id not in provoked))
    broken = []
    for trigger, exchange in triggered:
        if exchange.status is None or not 200 <= exchange.status < 300 or exchange.status in (202, 207):
            continue
        found = error_markers.unusual(
            error_markers.markers(json_body(exchange)), [body for _, body in ordinary]
        )
        if found:
            observed = ", ".join(f"{name} = {value}" for name, value in found.items())
            broken.append(
                Fault(f"{trigger.kind}: {exchange.summary()}", f"says {observed}", excerpt(exchange))
            )
    expect(not broken, "4xx or 5xx for a request that failed", grouped(broken))
    if len(triggered) < FEWEST_TRIGGERS:
        inconclusive(f"only {len(triggered)} errors could be provoked; {FEWEST_TRIGGERS} are needed")


@rule(
    "ERR-002",
    SHOULD,
    refs=["RFC 9110 section 15.5.5", "RFC 9110 section 15.5.11"],
    needs="read",
    rougher=WRITE,
    light=True,
)
def test_absent_resources_get_404(resource, survey):
    """Answer an absent resource or route with 404

    Why: 404 lets clients distinguish an absent item from a temporary failure. A 200 or 500 for an absent item
        makes them store nonsense, or retry for ever.
    Fix: look the item up first, answer 404 where there is none, and let unknown paths end in a 404.
    """
    item = readable_item(resource)
    control(item.is_success, f"an item that exists should be readable: {exchange_of(item).summary()}")
    hides, certain = resource.known.hides_absence, resource.known.absent_id is not None
    broken, undecided = [], []
    fine = [body for _, body in json_errors(error_statuses.surely_fine(survey.exchanges))]
    for method, reply in absent_requests(resource):
        summary = exchange_of(reply).summary()
        says = error_markers.unusual(error_markers.markers(json_of(reply)), fine) if reply.is_success else {}
        ruling = error_statuses.absent_item(method, reply.status_code, hides=hides, certain=certain)
        if method == "GET" and exists_after_all(resource, reply):
            undecided.append(f"{summary}, with an item that has that id")
        elif ruled(ruling, reply, survey) is BROKEN:
            broken.append(Fault(summary, "the item does not exist", excerpt(exchange_of(reply))))
        elif says:
            stated = ", ".join(f"{name} = {value}" for name, value in says.items())
            broken.append(
                Fault(summary, f"a success whose content says {stated}", excerpt(exchange_of(reply)))
            )
        elif ruling is not HOLDS and method == "GET":
            undecided.append(summary)
    for reply in malformed_ids(resource):
        if reply.status_code >= 500 and ruled(BROKEN, reply, survey) is BROKEN:
            found = exchange_of(reply)
            broken.append(Fault(found.summary(), "no item can have this id", excerpt(found)))
    if resource.name == min(one.name for one in survey.profile.resources if one.missing("read") is None):
        reply = unknown_route(resource.client, survey)
        ruling = ruled(error_statuses.unknown_route(reply.status_code), reply, survey)
        if ruling is BROKEN and reply.is_success and at(json_of(reply), resource.known.items) == []:
            # Some stores have a collection of any name, which is empty until something is created in it.
            note(f"{exchange_of(reply).summary()} with an empty list: a misspelt collection is not noticed")
        elif ruling is BROKEN:
            broken.append(
                Fault(exchange_of(reply).summary(), "no route has this path", excerpt(exchange_of(reply)))
            )
        elif ruling is OPEN:
            undecided.append(exchange_of(reply).summary())
    expect(not broken, "404 (or 410) for what does not exist", grouped(broken))
    if undecided:
        ways = "`absent_id` gives an id of the right form, `hides_absence` declares 403"
        inconclusive(f"another check may have refused the request first: {'; '.join(undecided)} ({ways})")


def updates_to(resource, where, value):
    """The responses to PATCH and PUT of an item with a unique value that another item has."""
    media = next((one for one in (MERGE_PATCH, PLAIN) if one in (resource.known.patch or ())), None)
    if not (resource.can("delete") and resource.can("read")):
        return
    item = resource.create()
    if resource.can("update") and media is not None:
        body = item.with_version(replaced({}, where, value))
        yield item.client.patch(item.url, json=body, headers={**item.write_fields(), "Content-Type": media})
    if resource.can("replace"):
        yield item.put(replaced(item.put_body(), where, value))


def listed_twice(resource, where, value, window):
    """Whether the list shows several items with a unique value, and goes on doing so."""
    return not eventually(lambda: sum(listed(resource, [(where, value)]) or [0]) < 2, window)


def refused_alone(resource, first, where):
    """Whether a create with nothing but a value of another item is a conflict: then that member alone is unique."""
    return resource.post(duplicate_of(resource, first, where)).status_code == 409


@rule("ERR-013", SHOULD, refs=["RFC 9110 section 15.5.10"], needs="create unique", effect=WRITE)
def test_conflicts_get_409(resource, survey, profile):
    """Answer a conflict of state or uniqueness with 409, and name the field

    Why: "this name is taken" is for the user to resolve, "this name is not valid" for the developer. Nobody
        notices a second item with the same name.
    Fix: put a unique constraint into the database, and map its violation to 409 with the name of the field.
    Advice: a conflict that is refused with 400, 403 or 422, or whose field is not named, stores nothing twice; a user
        can still read what is wrong.
    """
    takes_json(resource)
    declared = resource.known.capabilities["unique"].state is State.DECLARED
    broken, undecided = [], []
    for pointer in resource.known.unique:
        first, where = resource.create(), resource.known.representation + pointer
        value, member = at(first.sent, where), pointer.rsplit("/", 1)[-1]
        control(value is not MISSING, f"the create body should have a value at {where}")
        # Observed uniqueness may be that of several members together, so all are repeated.
        reply = resource.post(duplicate_of(resource, first, where) if declared else first.sent)
        exchange = exchange_of(reply)
        summary, text = (
            f"second create with the same {member}: {exchange.summary()}",
            exchange.response_body.text,
        )
        ruling = ruled(error_statuses.conflict(reply.status_code), reply, survey)
        if reply.is_success and (not declared or resource.id_in(reply) in (None, first.id)):
            undecided.append(f"{summary}, by an API that may return the existing item")
        elif reply.is_success:
            broken.append(Fault(summary, "accepted, with another id"))
        elif ruling is OPEN:
            undecided.append(summary)
        elif ruling is BROKEN:
            minor = reply.status_code in (400, 403, 422)
            broken.append(Fault(summary, "not 409", excerpt(exchange), minor))
        elif not (
            naming.names(json_of(reply), member) or naming.mentions(text, member) or str(value) in text
        ):
            broken.append(
                Fault(summary, f"names neither {member} nor its value", excerpt(exchange), minor=True)
            )
        if not reply.is_success:
            count = lambda: sum(listed(resource, [(where, value)]) or [1])  # noqa: B023, E731
            eventually(lambda: count() > 0, profile.consistency_window)  # noqa: B023
            if count() > 1:
                broken.append(Fault(summary, "refused, but several items with the value are listed"))
        for write in updates_to(resource, where, value):
            exchange = exchange_of(write)
            summary = f"{exchange.method} with the {member} of another item: {exchange.summary()}"
            if write.status_code >= 500 and ruled(BROKEN, write, survey) is BROKEN:
                broken.append(Fault(summary, "not 409", excerpt(exchange)))
            elif (
                write.is_success
                and (declared or refused_alone(resource, first, where))
                and listed_twice(resource, where, value, profile.consistency_window)
            ):
                broken.append(Fault(summary, "accepted, and two items with the value are listed"))
    expect_none(broken, "409 that names the conflicting field, and one item")
    if undecided:
        inconclusive(f"the responses do not decide how a conflict is answered: {'; '.join(undecided)}")
