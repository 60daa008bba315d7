"""CONC: a client reads what it has written (RFC 9111 section 4.4)."""

from __future__ import annotations

import time

from harness import BURST, SHOULD, control, evidence, expect, note, rule, warn
from harness.client.budget import BudgetSpent
from harness.client.client import exchange_of
from harness.client.eventually import STEP, eventually
from harness.http.content import MISSING, at, id_text, json_of, shown
from harness.http.fields import FRESH
from harness.race.outcomes import equal, lags, won
from harness.resource.contested import Contested, method_of
from harness.resource.resource import LONGEST_LAG
from harness.rules.checks import Undecided

from .judge import lasting

WRITES = 20
OTHERWISE = 5
"""Writes by PATCH, where items can be replaced as well."""


@rule(
    "CONC-012",
    SHOULD,
    refs=["RFC 9111 section 4.4", "background document 000 section 5"],
    needs="create read",
    effect=BURST,
)
def test_clients_see_their_own_writes(resource, client, profile):
    """Show a client its own completed writes

    Why: a form that shows the old value after saving is saved again. A script that reads back what it wrote
        takes the wrong branch.
    Fix: invalidate caches before the response to the write is sent, or read from the primary after a write.
        Where a lag is by design, declare `consistency_window`.
    Probe: items are changed and read, and created and looked for in the list, within `consistency_window`. Where the
        profile declares none, a lag of half a second or more that each change, or each creation, has is a warning.
    """
    contested = Contested(resource.create(), profile.consistency_window)
    delays, created = own_writes(contested, client, WRITES), []
    in_gzip(contested, client)
    if method_of(resource, patching=True) != contested.method:
        delays += by_patch(resource, client, profile.consistency_window)
    if resource.can("list"):
        created = creations(resource, contested.item, profile.consistency_window)
    if "consistency_window" not in profile.model_fields_set:
        warned_of_lag("changes", delays, f"GET of an item of {resource.name}")
        warned_of_lag("creations", created, f"the list {resource.url}")
    if any(delays) or any(created):
        evidence(f"changes: {lags(delays)}" + (f"; creations: {lags(created)}" if created else ""))


def warned_of_lag(what, delays, place):
    """Warn where everything that was written was shown late, although nothing declares that.

    Args:
        delays: seconds after which each write was shown.
        place: what shows it.
    """
    if lasting(delays):
        warn(
            "a completed write in the next read, or a lag that is declared (`consistency_window`)",
            f"{place}: {what}: {lags(delays)}",
        )


def in_gzip(contested, client):
    """Most clients accept gzip: what is compressed shows a completed write as what is not."""
    fields = {**FRESH, "Accept-Encoding": "gzip"}
    # What is compressed may be kept from here on.
    first = contested.item.get(headers=fields)
    if (exchange_of(first).field("content-encoding") or "").lower() != "gzip":
        return
    if contested.seen(first).value is MISSING:
        # What cannot be read in gzip at all is no matter of writes (NEGO-008).
        return
    now = contested.look()
    value = next(one for one in contested.values(2) if not equal(one, now.value))
    request = contested.request(
        [value, *contested.rest()], etag=now.etag, version=now.version, condition=False
    )
    reply = client.request(request.method, request.url, json=request.json, headers=request.headers)
    control(won(reply.status_code), f"a write should succeed: {exchange_of(reply).summary()}")
    plain = contested.settled(lambda one: equal(one, value))
    read = lambda: contested.seen(contested.item.get(headers=fields)).value  # noqa: E731
    if equal(plain.value, value):
        expect(
            lag(lambda: equal(read(), value), contested.window) is not None,
            "the written value in a response in gzip, as in one without",
            f"{exchange_of(reply).summary()} wrote {shown(value)}, which a GET shows; a GET with Accept-Encoding: gzip "
            f"shows {shown(read())}",
        )


def by_patch(resource, client, window):
    """The same by PATCH, which is often written apart; none where it cannot be judged."""
    try:
        return own_writes(Contested(resource.create(), window, patching=True), client, OTHERWISE)
    except BudgetSpent:
        raise
    except Undecided as why:
        note(f"PATCH was not judged: {why}")
        return []


def own_writes(contested, client, count):
    """Seconds after which each of so many changes by one method was shown."""
    delays, former, window = [], [], contested.window
    for value in contested.values(count):
        now = contested.look()
        request = contested.request(
            [value, *contested.rest()], etag=now.etag, version=now.version, condition=False
        )
        reply = client.request(
            request.method, request.url, json=request.json, headers={**request.headers, **ending(now.reply)}
        )
        control(won(reply.status_code), f"a write should succeed: {exchange_of(reply).summary()}")
        delays.append(lag(lambda value=value: equal(contested.look().value, value), window))
        expect(
            delays[-1] is not None,
            "the written value in a GET after the response to the write"
            + (f", within {window:g} s" if window else ""),
            f"{exchange_of(reply).summary()} wrote {shown(value)}; GET shows {shown(contested.look().value)}",
        )
        if shows_former(contested, reply, now.value, value):
            former.append(exchange_of(reply).summary())
    if len(former) == len(delays):
        expect(
            False,
            "the new state of the item in the response to a write, or no representation",
            f"each of {len(former)} responses shows the item as it was before the write, such as {former[0]}",
        )
    return delays


def shows_former(contested, reply, before, written):
    """Whether the response to a write represents the item, with the value that it had before the write."""
    known = contested.known
    if id_text(at(json_of(reply), known.id)) != contested.item.id or equal(before, written):
        return False
    return equal(contested.seen(reply).value, before)


def creations(resource, first, window):
    """Seconds after which new items were listed; empty where the list does not show the first item."""
    if not eventually(lambda: listed(resource, first), max(window, LONGEST_LAG)):
        note(f"{resource.url} did not show {first.id}; new items may be listed elsewhere")
        return []
    delays = []
    for _ in range(3):
        item = resource.create()
        started = time.monotonic()
        delay = lag(lambda item=item: listed(resource, item), window)
        if delay is None and not resource.members().complete:
            note(f"{resource.url} is longer than what is read of it; new items may be on a later page")
            return delays
        if delay is None:
            late = eventually(lambda item=item: listed(resource, item), LONGEST_LAG)
            when = f"only after {time.monotonic() - started:.1f} s" if late else "not even later"
            expect(
                False,
                f"a new item in the list within {window:g} s after the response to its creation",
                f"{exchange_of(item.created).summary()}: {item.id} is in {resource.url} {when}",
            )
        delays.append(delay)
    return delays


def lag(holds, window):
    """Seconds until a condition held; 0 where it held at once, None where it did not hold within the window."""
    if holds():
        return 0.0
    started = time.monotonic()
    # Short pauses all along: `eventually()` doubles them, and so would tell up to twice the lag.
    while time.monotonic() - started < window:
        time.sleep(STEP)
        if holds():
            return time.monotonic() - started
    return None


def listed(resource, item):
    """Whether an item is in the list."""
    return item.id in [id_text(at(one, resource.listed_id)) for one in resource.members().items]


def ending(reply):
    """Fields that close the connection, so that the next request uses another one; none for HTTP/2."""
    return {"Connection": "close"} if reply.http_version == "HTTP/1.1" else {}
