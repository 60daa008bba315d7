"""Where client B may be shown an item of client A besides its URL: lists, filters, searches, exports, totals."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import pairwise

import httpx

from harness.http.content import at, id_text, json_of
from harness.http.path_templates import matches
from harness.lists.traversal import Walk
from harness.profile.models import Profile
from harness.resource.canary import SHORTEST, Victim, leaked
from harness.survey.outcome import Survey

from .judge import is_summary, listed_with
from .principals import Clients, identity, owners_of, said
from .scopes import counted_at, exports, naming, searching

MOST_FILTERS = 3


def summarised(clients: Clients) -> bool:
    """Whether the list that client B is shown has fewer members of A's item than its URL has."""
    b, victim = clients.b, clients.victim
    items = [one for one in b.members(pages=3).items if id_text(at(one, b.listed_id)) == victim.id]
    place = b.known.representation
    whole = at(json_of(clients.a.client.get(victim.url)), place)
    return bool(items) and is_summary(at(items[0], place), whole)


def kept(clients: Clients, victim: Victim, query: Mapping[str, str]) -> list[str]:
    """A list that client B is shown at the URL that client A has requested just before, as a cache may have it."""
    reply = clients.b.client.get(clients.b.url, params=query)
    if found_in(victim, reply) is None:
        return []
    again = clients.b.client.get(clients.b.url, params={"harness": uuid.uuid4().hex})
    if found_in(victim, again) is not None:
        return []
    return [
        f"client B was shown {victim.named} in a list at a URL that client A had requested before: {said('B', reply)}; "
        f"{said('B', again)} at one that nobody had requested leaves it out"
    ]


def listed_filters(clients: Clients, victim: Victim, survey: Survey) -> list[dict[str, str]]:
    """Documented filters with listed values, each with the value that A's item has."""
    if victim.item is None:
        return []
    known, state = clients.b.known, victim.item.state()
    there = [one for one in survey.promises.parameters if matches(one.path, known.collection or "/")]
    values = {one.name: at(state, f"{known.representation}/{one.name}") for one in there}
    return [{one.name: values[one.name]} for one in there if values[one.name] in one.values][:MOST_FILTERS]


def owner_filters(clients: Clients, survey: Survey, profile: Profile) -> Iterator[dict[str, str]]:
    """Queries that name client A as the owner."""
    known = clients.b.known
    members = owners_of(clients)
    documented = [one.name for one in survey.promises.queries if matches(one.path, known.collection or "/")]
    return naming(members, documented, identity(clients.a.client, profile))


def exporting(clients: Clients, victim: Victim, survey: Survey) -> Iterator[str]:
    """Documented paths, such as exports and searches, at which client B finds A's item, a sentence each."""
    collection, text = clients.b.known.collection, min(victim.canaries, default=victim.id)
    places: list[tuple[str, dict[str, str] | None]] = [(path, None) for path in exports(collection, survey)]
    places += [(path, {name: text}) for path, name in searching(collection, survey)]
    for path, query in places:
        usual = clients.a.client.get(path, params=query)
        if found_in(victim, usual, query) is None:
            continue
        reply = clients.b.client.get(path, params=query)
        canary = found_in(victim, reply, query)
        if (
            canary is not None
            and found_in(victim, clients.nobody.client.get(path, params=query), query) is None
        ):
            yield (
                f"client B was shown {victim.named}: {said('B', reply)} shows {canary!r}; {said('A', usual)}; "
                f"{said('B', clients.b.client.get(victim.url))}"
            )
            return


def found_in(victim: Victim, reply: httpx.Response, query: Mapping[str, str] | None = None) -> str | None:
    """What a response about many items shows of A's: a canary, or its id; None for nothing."""
    # Of an item that the run did not make, others may have the same texts.
    own = victim.canaries if victim.item is not None else ()
    ids = {victim.id} if len(victim.id) >= SHORTEST else set()
    # A response may repeat what was searched for.
    texts = ids - set(query.values()) if query else {*own, *ids}
    return leaked(reply.text, texts) if reply.is_success else None


def searches(clients: Clients, victim: Victim) -> list[dict[str, str]]:
    """Queries for the text or the id of A's item, by the list's filter and by usual parameters."""
    known = clients.b.known
    queries = []
    how = known.pagination
    if victim.item is not None and how is not None and how.filter_param and how.filter_member:
        value = at(victim.item.sent, known.representation + how.filter_member)
        if isinstance(value, str):
            queries.append({how.filter_param: value})
    text = min(victim.canaries, default=victim.id)
    queries += [{name: text} for name in ("q", "search")] + [{"id": victim.id}, {"ids": victim.id}]
    return queries


def showing(clients: Clients, victim: Victim, queries: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The first list in which client B finds A's item, a sentence."""
    how = clients.b.known.pagination
    for query in queries:
        most = how.max if query and how is not None else None
        walk = Walk(clients.b, query, most, links_only=not query)
        while not (walk.over or walk.full) and len(walk.pages) < 3:
            page = walk.step()
            if page.items is None or not page.reply.is_success:
                break
            if listed_with(page.items, victim.id, clients.b.listed_id, victim.canaries):
                yield f"client B was shown {victim.named} in a list: {said('B', page.reply)}"
                return


def totals(clients: Clients, counters: Iterable[str] = ()) -> str | None:
    """How a total that client B is shown follows what client A creates: a sentence, or None.

    Args:
        counters: paths of documented counts.
    """

    def listed() -> int | None:
        if not clients.b.can("list"):
            return None
        page = Walk(clients.b, {}, links_only=True).step()
        return page.info.total if page.ok else None

    def counted(path: str) -> int | None:
        reply = clients.b.client.get(path)
        return counted_at(json_of(reply)) if reply.is_success else None

    sources: dict[str, Callable[[], int | None]] = {"the total that client B is shown": listed}
    sources |= {f"the count that client B is shown at {path}": partial(counted, path) for path in counters}
    seen = {name: [read()] for name, read in sources.items()}
    if all(counts == [None] for counts in seen.values()):
        return None
    for number in (2, 3):
        for _ in range(number):
            clients.a.create()
        for name, read in sources.items():
            seen[name].append(read())
    for name, counts in seen.items():
        known = [count for count in counts if count is not None]
        if len(known) == 3 and [later - earlier for earlier, later in pairwise(known)] == [2, 3]:
            return f"{name} was {counts[0]}, {counts[1]} after client A created 2 items, and {counts[2]} after 3 more"
    return None
