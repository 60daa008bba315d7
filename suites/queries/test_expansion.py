"""QRY: related resources that a response embeds on request."""

from __future__ import annotations

from harness import CRITICAL, MUST, SHOULD, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, id_text, json_of
from harness.http.item_urls import is_below
from harness.lists.page import with_param

from .expansion import embedded, expands, leads_to, next_relation, relations, same_resource, scalars, untrue

MOST = 3
"""Operations, and relations of each."""
DEEPEST = 5


def subjects(client, survey, profile):
    """URLs that can be expanded, each with its parameter: documented paths without values, and items of lists."""
    found = []
    items = {one.item: one for one in profile.resources}
    for one in survey.promises.queries:
        if not expands(one) or len(found) >= MOST:
            continue
        known = next((items[path] for path in items if same_template(path, one.path)), None)
        if "{" not in one.path:
            found.append((client.url(one.path), one))
        elif known is not None and (url := listed(client, known)) is not None:
            found.append((url, one))
    return found


def same_template(one, other):
    """Whether two templates differ in nothing but the names of their parameters."""
    parts = [[None if "{" in part else part for part in path.split("/")] for path in (one, other)]
    return parts[0] == parts[1]


def listed(client, known):
    """The URL of an item that the list shows; None without one."""
    if "{" in known.collection or known.items is None:
        return None
    items = at(json_of(client.get(client.url(known.collection))), known.items)
    ids = [id_text(at(item, known.id)) for item in items] if isinstance(items, list) and items else []
    return client.url(known.item.replace("{id}", ids[0])) if ids and ids[0] is not None else None


def whole(client, url):
    """A representation that is an object, without an envelope; None where there is none."""
    reply = client.get(url)
    value = json_of(reply)
    if not reply.is_success or not isinstance(value, dict):
        return None
    inner = value.get("data")
    return inner if isinstance(inner, dict) else value


@rule(
    "QRY-003",
    SHOULD,
    refs=["Zalando RESTful API Guidelines, rule 158", "JSON:API 1.1, Inclusion of Related Resources"],
)
def test_expansions_are_true_and_bounded(client, survey, profile, target):
    """Embed related resources as they are, and refuse to go too deep

    Why: a client that asks for an order with its customer acts on what is embedded: an old copy is worse than none.
        Relations that lead back to where they began expand without end.
    Fix: read embedded resources with the code that answers their own URL; allow two or three levels, and answer 400
        beyond them.
    Probe: where the document has a parameter that embeds: reads the resource without and with each relation, and the
        related resource by itself, before and after; then follows relations up to five levels deep.
    """
    applies(any(expands(one) for one in survey.promises.queries), "the document has a parameter that embeds")
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    judged, why = [], "no resource with the parameter can be read without values"
    for url, parameter in subjects(client, survey, profile):
        plain = whole(client, url)
        if plain is None:
            why = f"{url} is not answered with an object"
            continue
        names = relations(parameter, plain)
        if not names:
            why = f"nothing says what {parameter.name} may embed: list its values in the document"
        for name in names[:MOST]:
            if (what := judge(client, profile, target, url, parameter, plain, name)) is not None:
                judged.append(what)
    control(judged, f"a relation should be embedded, and readable by itself: {why}")
    evidence(f"embedded as they are: {', '.join(judged)}")


def judge(client, profile, target, url, parameter, plain, name):
    """One relation; in words what was judged, None where nothing can be."""
    asked = with_param(url, parameter.name, name)
    reply = client.get(asked)
    summary = exchange_of(reply).summary()
    expect(reply.status_code < 500, "an answer without a server error", summary)
    expanded = whole(client, asked)
    shown = embedded(expanded, name) if expanded is not None else None
    place = leads_to(plain, name, shown) if shown is not None else None
    if place is None:
        evidence(f"not judged: {summary} embeds nothing under {name} that can be read by itself")
        return None
    related = client.resolve(place, url)
    if not is_below(related, target.url):
        evidence(f"not judged: {related} is elsewhere")
        return None

    def faults():
        reads = [whole(client, related), whole(client, asked), whole(client, related)]
        if any(one is None for one in reads):
            return None
        there = embedded(reads[1], name)
        if there is None or not same_resource(there, reads[0]):
            return None
        return untrue(there, (reads[0], reads[2]), profile.volatile)

    found = faults()
    if found is None:
        evidence(f"not judged: {related} cannot be read, or is not what {summary} embeds")
        return None
    if found and eventually(lambda: not faults(), profile.consistency_window):
        found = []
    expect(
        not found,
        f"{name} as a GET of {related} shows it",
        f"{summary}: {'; '.join(found[:3])}",
        level=MUST,
        impact=CRITICAL,
    )
    rest = untrue(expanded, (plain, whole(client, url) or plain), profile.volatile)
    rest = [one for one in rest if one.partition(" ")[0] in scalars(plain)]
    expect(
        not rest,
        f"the rest as it is without {parameter.name}",
        f"{summary}: {'; '.join(rest[:3])}",
        level=MUST,
    )
    judge_depth(client, target, url, parameter, name, related)
    return f"{summary}"


def judge_depth(client, target, url, parameter, name, related):
    """However deep, there is no server error."""
    path, place = name, related
    for depth in range(2, DEEPEST + 1):
        value = whole(client, place) if is_below(place, target.url) else None
        following = next_relation(value) if value is not None else None
        if following is None:
            return
        path, place = f"{path}.{following[0]}", client.resolve(following[1], place)
        reply = client.get(with_param(url, parameter.name, path))
        expect(
            reply.status_code < 500,
            "400, or as many levels as there may be",
            f"{exchange_of(reply).summary()}, {depth} levels deep",
        )
