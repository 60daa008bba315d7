"""STAT: requests that depend neither on the connection nor on earlier requests (RFC 9110 section 3.3)."""

from __future__ import annotations

from harness import (
    CRITICAL,
    MAJOR,
    MUST,
    READ,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    not_applicable,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.client.invalid_credentials import carried
from harness.lists.traversal import Walk
from harness.resource.canary import victim_of
from harness.resource.own_list import Scope
from harness.rules.checks import Undecided

from . import flows
from .connections import NOBODY, ORDERS, A, alone, over_http1, over_http2, senders
from .judge import BUSY, REFUSED, alternating, confusions, cookie_kind, pair_of, unlike, varying

READS = 5
REREADS = 8
PAGES = 3


def other_of(client):
    """The name of a second client's credential; None where there is none."""
    name = "other" if client.credential != "other" else "default"
    there = client.target.credentials
    return name if name in there and there[name] != there.get(client.credential) else None


def token_of(client):
    """The credential, where it is a token or a key in a header field.

    Raises:
        NotApplicable: there is none, or it is a cookie or a client certificate.
    """
    credential = client.recorder.wallet.carried(client.credential)
    if credential.cookies:
        not_applicable("the credential is a cookie, which the client keeps for the server's session")
    if credential.certificate is not None:
        not_applicable("the client certificate identifies the client of a connection (RFC 9110 section 3.3)")
    applies(
        carried(credential) is not None or credential.query, "requests carry a token or a key: give --header"
    )
    return credential


@rule(
    "STAT-001",
    MUST,
    refs=["RFC 9110 section 3.3", "RFC 9205 section 4.11"],
    needs="read",
    effect=READ,
    rougher=WRITE,
    impact=CRITICAL,
)
def test_requests_are_judged_by_their_own_credentials(resource):
    """Evaluate every request on its own credentials, not on the connection

    Why: a proxy or a pool sends requests of many clients over one connection; each is served as whoever came first.
    Fix: authenticate each request; keep nothing about the caller in the connection, the thread or the worker.
    Probe: client A reads its item. The same GET without credentials, with a made-up credential and as client B is sent
        on connections of their own first, and then in three orders on connections that they share; over HTTP/2, on one
        connection, too. Each answer must be as it was alone.
    """
    client = resource.client
    if client.recorder.wallet.carried(client.credential).certificate is not None:
        not_applicable("the client certificate identifies the client of a connection (RFC 9110 section 3.3)")
    victim = victim_of(resource)
    by = senders(client, other_of(client))

    def shows(reply):
        return victim.shown_by(reply) is not None

    usual = alone(by, victim.url, shows)
    control(
        usual[A].served and usual[A].shows, f"client A should read its own item: {usual[A].summary}, alone"
    )
    if usual[NOBODY].served:
        not_applicable(f"{resource.name} is read without credentials: {usual[NOBODY].summary}")
    control(usual[NOBODY].status in REFUSED, f"no credentials should be refused: {usual[NOBODY].summary}")
    steps, unsure = [], ""
    try:
        for order in ORDERS:
            steps += over_http1(by, victim.url, usual, shows, order)
    except Undecided as problem:
        unsure = str(problem)
    steps += over_http2(by, victim.url, usual, shows)
    shared = [step for step in steps if step.before]
    found = confusions(steps)
    found = [one for one in found if one.leak] or found
    if found:
        leak = found[0].leak
        expect(
            False,
            "the same answer as on a connection of its own",
            "on one connection, " + "; ".join(one.what for one in found),
            impact=CRITICAL if leak else MAJOR,
        )
    if not shared:
        inconclusive(unsure or "no two requests could be sent on one connection")
    names = sorted({step.who for step in shared})
    evidence(f"{len(shared)} requests on shared connections ({', '.join(names)}): each answered as alone")


@rule("STAT-002", SHOULD, refs=["RFC 9110 section 3.3", "RFC 6265 section 4.1"], needs="list", impact=MAJOR)
def test_tokens_need_no_session(resource):
    """Need no session: requests with a token work without cookies, and are given none

    Why: a client without a cookie store works only as long as it meets the same instance, and each of its requests may
        leave a session behind that fills the server's memory.
    Fix: switch sessions off for requests that carry a token (in Spring, `SessionCreationPolicy.STATELESS`).
    Probe: the collection is read five times, without cookies and each time on a new connection. A cookie that is set is
        then sent without the token: where it opens the collection, it is a session.
    Advice: a cookie that opens nothing by itself is only a waste.
    """
    client = resource.client
    token_of(client)
    fresh = client.on_new_connections()
    replies = [fresh.get(resource.url) for _ in range(READS)]
    statuses = [reply.status_code for reply in replies]
    control(any(one < 300 for one in statuses), f"a read should succeed: {exchange_of(replies[0]).summary()}")
    shown = ", ".join(str(one) for one in statuses)
    expect(
        not varying(statuses),
        "the same answer on each connection, without cookies",
        f"GET {resource.known.collection} on {READS} new connections -> {shown}",
    )
    control(not set(statuses) & BUSY, f"each read should be answered: {shown}")
    cookies = {}
    for reply in replies:
        for line in reply.headers.get_list("set-cookie"):
            pair = pair_of(line)
            if pair is not None:
                cookies[pair[0]] = (pair[1], reply)
    sessions = []
    for name, (value, reply) in sorted(cookies.items()):
        kind = cookie_kind(name)
        if kind == "affinity":
            note(f"{exchange_of(reply).summary()} sets {name}: a load balancer keeps clients on one instance")
        elif kind != "edge":
            opened = opens(resource, name, value, reply)
            expect(
                opened is None,
                "no session for a request with a token",
                f"{exchange_of(reply).summary()} sets {name}, and {opened}",
            )
            if kind == "session":
                sessions.append(f"{exchange_of(reply).summary()} sets {name}")
    if sessions:
        advise("no session cookie for a request with a token", "; ".join(sessions))
    evidence(f"{READS} reads without cookies, each on a new connection -> {shown}")


def opens(resource, name, value, reply):
    """What a cookie opens without the token, as a sentence; None where it opens nothing."""
    bare = resource.client.under(None).on_new_connections()
    without = bare.get(resource.url)
    if without.status_code not in REFUSED:
        return None
    if len(value) >= 8:
        bare.recorder.redactor.learn("SESSION_COOKIE", value)
    alone = bare.get(resource.url, headers={"Cookie": f"{name}={value}"})
    if not alone.is_success:
        return None
    return (
        f"{exchange_of(alone).summary()} with that cookie alone; {exchange_of(without).summary()} without it"
    )


@rule(
    "STAT-003",
    SHOULD,
    refs=["RFC 9205 section 4.11", "RFC 9110 section 3.3"],
    needs="create read",
    effect=WRITE,
    impact=CRITICAL,
)
def test_flows_do_not_disturb_each_other(resource, profile):
    """Let requests be independent of order, interleaving and instance

    Why: behind a load balancer the requests of one client reach different instances, between those of others: a write
        that goes to "the current item" reaches somebody else's.
    Fix: let each request name what it is about; keep nothing between requests outside the database that all share.
    Probe: two flows of client A, and one of client B where there is one, take turns. Each creates an item, reads it and
        changes it twice, on a new connection for every request. Then each item is read eight times.
    """
    known, window = resource.known, profile.consistency_window
    applies(flows.changeable(known), f"items of {resource.name} can be replaced or updated")
    usual = flows.Flow("a flow by itself", resource, window)
    flows.run([usual])
    control(not usual.refused, f"a flow should end well by itself: {'; '.join(usual.refused)}")
    _, fault = usual.glance([usual])
    control(fault is None, f"a flow should end well by itself: {fault}")
    fresh = resource.on_new_connections()
    together = [flows.Flow(f"flow {number} of client A", fresh, window) for number in (1, 2)]
    if (name := other_of(resource.client)) is not None and second_creates(resource, name):
        together.append(flows.Flow("the flow of client B", fresh.under(name), window))
    flows.run(together)
    refused = [one for flow in together for one in flow.refused]
    expect(
        not refused,
        "each flow ends as by itself",
        f"refused where flows take turns: {'; '.join(refused)}",
        impact=MAJOR,
    )
    found = {flow.name: [flow.glance(together) for _ in range(REREADS)] for flow in together}
    for name, glances in found.items():
        statuses = [status for status, _ in glances]
        shown = ", ".join(str(status) for status in statuses)
        expect(
            not alternating(statuses), "an item that stays there", f"{name}: reads -> {shown}", impact=MAJOR
        )
        wrong = [fault for _, fault in glances if fault is not None]
        control(len(wrong) in (0, REREADS) or not set(statuses) & BUSY, f"{name}: reads -> {shown}")
        expect(not wrong, "each item shows what its own flow wrote", "; ".join(dict.fromkeys(wrong)))
    evidence(
        f"{len(together)} flows on a connection per request; each ended as by itself, and {REREADS} reads of each item "
        "agreed (a single instance always passes)"
    )


def second_creates(resource, name):
    """Whether client B may create; that is tried on an item of its own."""
    try:
        resource.under(name).create()
    except Undecided as problem:
        evidence(f"client B takes no part: {problem}")
        return False
    return True


@rule(
    "STAT-004",
    SHOULD,
    refs=["AIP-158", "RFC 9205 section 4.11"],
    needs="list pages",
    effect=READ,
    rougher=WRITE,
    impact=MAJOR,
    alone=True,
)
def test_pages_continue_from_the_cursor_alone(resource, profile):
    """Continue a list from the URL of the page alone, on any connection and between other traversals

    Why: the next page is fetched through another instance, by another worker or after a restart of the client; exports
        that run at the same time mix up their pages.
    Fix: put all that the next page needs into the cursor, or keep it in a database that all instances share.
    Probe: a traversal on one connection is compared with one that opens a connection for each page, and with two that
        take turns, one of them with another page size. Client B, where there is one, lists in between.
    """
    scope = Scope.populated(resource, profile.consistency_window, 5)
    how = scope.how
    size, other_size = (2, 1) if how.limit_param is not None else (None, None)
    usual, control_of = (pages(scope.walk(size)) for _ in range(2))
    if len(usual) < 2:
        inconclusive(f"{resource.name} has fewer items than two pages hold")
    control(
        unlike(usual, control_of) is None, "two traversals on one connection should be alike (see PAGE-006)"
    )
    second = pages(scope.walk(other_size))
    fresh = resource.on_new_connections()

    def begun(limit):
        return Walk(fresh, scope.query, limit)

    judged(scope, "a traversal with a new connection for each page", usual, pages(begun(size)))
    between = (
        Walk(fresh.under(other_of(resource.client)), scope.query, size) if other_of(resource.client) else None
    )
    one, two = begun(size), begun(other_size)
    for _ in range(PAGES):
        for walk in (one, two):
            if not walk.over:
                walk.step()
            if between is not None and not between.over:
                between.step()
    what = "a traversal that takes turns with another"
    judged(scope, what, usual, [list(page.ids) for page in one.pages], one)
    judged(scope, what, second, [list(page.ids) for page in two.pages], two)
    evidence(f"{PAGES} pages at most, the same on new connections and while other traversals took turns")


def pages(walk):
    """Ids on the first pages of a traversal."""
    while not walk.over and len(walk.pages) < PAGES:
        page = walk.step()
        if page.reply.status_code in BUSY:
            inconclusive(f"the list should be readable: {page.summary}")
    return [list(page.ids) for page in walk.pages]


def judged(scope, what, usual, found, walk=None):
    """Expect a traversal to have the usual pages."""
    fault = unlike(usual, found)
    refused = walk.broken.summary if walk is not None and walk.broken is not None else ""
    scope.expect(
        fault is None,
        "the same pages as a traversal by itself",
        f"{what} of {scope.resource.name}: {refused or fault}",
    )
