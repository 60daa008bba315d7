"""URL: links are followed as a client would, by relations that lead to something to read."""

from __future__ import annotations

from collections import deque
from urllib.parse import urljoin

from harness import MAY, SHOULD, WRITE, applies, control, evidence, expect, rule, warn
from harness.client.client import Unanswered, exchange_of
from harness.http.content import MISSING, at, json_of
from harness.http.error_markers import markers
from harness.rules.faults import Fault, grouped

from .catalogue import CATALOGUE, LINKSET, descriptions, faults_of
from .links import broken, is_followed, leads_astray, links, nouns_of

DEEPEST = 3
MOST = 20
"""Links followed on each resource."""


class Crawl:
    """Follows the links of a few representations, never off the target."""

    def __init__(self, client, base, nouns):
        self.client, self.base, self.nouns = client, base, nouns
        self.faults, self.followed, self.seen = [], [], set()
        self._next = deque()

    def read(self, reply, depth=0):
        """Take the links of a response for later."""
        answer = exchange_of(reply)
        for link in links(answer, json_of(reply), self.nouns):
            if link.url not in self.seen:
                self.seen.add(link.url)
                self._next.append((link, depth))

    def run(self):
        """Follow what was taken, and what that leads to."""
        while self._next and len(self.followed) < MOST:
            link, depth = self._next.popleft()
            astray = leads_astray(link, self.base)
            if astray is not None:
                self.faults.append(Fault(link.where, f"{link.relation} leads to {link.url}: {astray}"))
            if astray is not None or not is_followed(link, self.base):
                continue
            try:
                reply = self.client.get(link.url)
            except Unanswered:
                continue
            answer = exchange_of(reply)
            self.followed.append(answer.summary())
            if broken(answer):
                self.faults.append(
                    Fault(answer.summary(), f"that is where {link.relation} in {link.where} leads")
                )
            elif reply.is_success and depth + 1 < DEEPEST:
                self.read(reply, depth + 1)


@rule(
    "URL-006",
    SHOULD,
    refs=["RFC 8288 section 2.1", "RFC 9110 section 15.5.5", "Zalando RESTful API Guidelines rule 217"],
    needs="list",
    rougher=WRITE,
)
def test_links_lead_somewhere(resource, target, profile):
    """Give links that clients can follow

    Why: a client follows links instead of building URLs; one that leads to 404, or to a name of the internal network,
        stops it, and shows how the API is built inside.
    Fix: build links from the external base URL (`Forwarded`, or configuration), and test one of each relation.
    Probe: `_links`, `links` and Link fields of the list and of an item; only relations that lead to something to
        read, or that are named after a collection; three steps deep, never off the target.
    """
    crawl = Crawl(resource.client, target.url, nouns_of(one.collection for one in profile.resources))
    first = resource.client.get(resource.url)
    control(first.is_success, f"the list should be readable: {exchange_of(first).summary()}")
    crawl.read(first)
    item = resource.existing() if resource.can("read") else None
    wrong_self = None
    if item is not None:
        reply = resource.client.get(item)
        if reply.is_success:
            crawl.read(reply)
            wrong_self = other_item(resource, reply)
    applies(crawl.seen, "representations have links")
    crawl.run()
    expect(not wrong_self, "`self` to lead to the item that has it", wrong_self)
    expect(not crawl.faults, "links that clients can follow", grouped(crawl.faults))
    applies(crawl.followed, "representations have links on the target")
    evidence(f"followed: {'; '.join(crawl.followed)}")


def other_item(resource, reply):
    """Why the `self` link of an item leads to another one, or None."""
    answer, pointer = exchange_of(reply), resource.known.id
    own = at(json_of(reply), pointer)
    for link in links(answer, json_of(reply)):
        # Those of members that are embedded are theirs.
        if link.relation != "self" or not link.where.startswith(("Link ", "_links.self ", "links.self ")):
            continue
        if not is_followed(link, resource.client.target.url):
            return None
        there = resource.client.get(link.url)
        id = at(json_of(there), pointer)
        if there.is_success and own is not MISSING and id not in (own, MISSING):
            return f"{link.where} leads to {exchange_of(there).summary()}, whose id is {id!r}, not {own!r}"
        return None
    return None


@rule("URL-009", MAY, refs=["RFC 9727 sections 2 to 4", "RFC 9264 section 4.2"])
def test_the_api_catalogue_is_true(client, target):
    """Publish a valid, truthful API catalogue where one is offered

    Why: portals and agents read the catalogue to find an API's description; what they find there they believe.
    Fix: serve `application/linkset+json` with one entry for each API, its `anchor` as clients reach it.
    """
    url = urljoin(target.origin + "/", CATALOGUE)
    reply = client.get(url, headers={"Accept": f"{LINKSET}, application/json;q=0.5"})
    answer = exchange_of(reply)
    applies(
        reply.is_success and "html" not in answer.media_type and not markers(json_of(reply)),
        f"the API offers a catalogue: {answer.summary()}",
    )
    expect(
        answer.media_type == LINKSET,
        LINKSET,
        f"{answer.summary()}: {answer.media_type or 'no type'}",
        level=SHOULD,
    )
    content = json_of(reply)
    found = faults_of(content, answer.url, target.url)
    expect(
        not found, "a linkset with this API in it", f"{answer.summary()}: {'; '.join(found)}", level=SHOULD
    )
    for reference in descriptions(content, answer.url):
        if reference.startswith(target.origin + "/"):
            there = client.get(reference)
            if broken(exchange_of(there)):
                warn("references that lead somewhere", f"{answer.summary()}: {exchange_of(there).summary()}")
