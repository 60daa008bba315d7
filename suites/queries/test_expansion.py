"""QRY: related resources that a response embeds on request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from harness import CRITICAL, MUST, SHOULD, WRITE, applies, control, evidence, expect, inconclusive, rule
from harness.client.client import Client, exchange_of
from harness.client.eventually import eventually
from harness.http.content import at, id_text, json_of
from harness.http.item_urls import is_below
from harness.lists.page import with_param
from harness.profile.models import Resource
from harness.resource.matching import places
from harness.survey.infer.odata import Metadata
from harness.survey.openapi.expansion import expands, reference, relations
from harness.survey.openapi.queries import QueryParameter

from .expansion import (
    by_id,
    elements,
    identity,
    key_of,
    leads_to,
    next_relation,
    renamed,
    representation,
    same_resource,
    scalars,
    untrue,
)
from .navigation import entities, navigation_faults, nested
from .parameters import family

MOST_ELEMENTS = 2
"""Related resources of one relation."""
MOST = 3
"""Operations, and relations of each."""
DEEPEST = 5


@dataclass(frozen=True)
class Subject:
    """What is read: a resource, or an item as its list shows it.

    Attributes:
        known: of the list; None for a resource of its own.
        id: of the item in the list.
    """

    client: Client
    url: str
    parameter: QueryParameter
    known: Resource | None = None
    id: str | None = None

    def read(self, value=None):
        """Its representation, as the parameter's value embeds; None where there is none."""
        url = self.url if value is None else with_param(self.url, self.parameter.name, value)
        reply = self.client.get(url)
        shown = json_of(reply)
        if not reply.is_success or self.known is None:
            return reply, representation(shown) if reply.is_success else None
        items = at(shown, self.known.items)
        own = [
            one
            for one in (items if isinstance(items, list) else [])
            if id_text(at(one, listed_id(self.known))) == self.id
        ]
        beside = {"included": shown.get("included")} if isinstance(shown, dict) else {}
        return reply, representation({"data": own[0], **beside}) if own else None


def listed_id(known):
    return places(known, known.id)[-1]


def subjects(client, survey, profile, make_resource):
    """What can be expanded: items of lists first, then documented paths without values, then lists."""
    found = []
    for one in survey.promises.queries:
        known = next((each for each in profile.resources if same_template(each.item, one.path)), None)
        lists = next((each for each in profile.resources if each.collection == one.path), None)
        json_api = any(each is not None and family(each) == "json:api" for each in (known, lists))
        if not expands(one, json_api):
            continue
        if known is not None:
            found.append((0, one, known))
        elif lists is not None:
            found.append((2, one, lists))
        elif "{" not in one.path:
            found.append((1, one, None))
    made, done = [], set()
    for order, one, known in sorted(found, key=lambda each: each[0]):
        if len(made) >= MOST or (known is not None and known.name in done):
            continue
        if known is None:
            made.append(Subject(client, client.url(one.path), one))
        elif (id := first_id(client, known) or created_id(make_resource(known.name))) is not None:
            done.add(known.name)
            listed = order == 2
            url = client.url(known.collection if listed else known.item.replace("{id}", quote(id, safe="")))
            made.append(Subject(client, url, one, known if listed else None, id))
    return made


def same_template(one, other):
    """Whether two templates differ in nothing but the names of their parameters."""
    parts = [[None if "{" in part else part for part in path.split("/")] for path in (one, other)]
    return parts[0] == parts[1]


def first_id(client, known):
    """The id of the first item that the list shows; None without one."""
    if "{" in known.collection or known.items is None:
        return None
    items = at(json_of(client.get(client.url(known.collection))), known.items)
    return id_text(at(items[0], listed_id(known))) if isinstance(items, list) and items else None


def created_id(resource):
    """The id of an item that the rule creates; None where it must not, or where the list does not show it."""
    if not resource.may_create:
        return None
    resource.create()
    return first_id(resource.client, resource.known)


def whole(client, url):
    """What a GET shows, without an envelope; None where that is no object."""
    reply = client.get(url)
    return representation(json_of(reply)) if reply.is_success else None


@rule(
    "QRY-003",
    SHOULD,
    refs=["Zalando RESTful API Guidelines, rule 158", "JSON:API 1.1, Inclusion of Related Resources"],
    rougher=WRITE,
)
def test_expansions_are_true_and_bounded(client, survey, profile, target, make_resource):
    """Embed related resources as they are, and refuse to go too deep

    Why: a client that asks for an order with its customer acts on what is embedded: an old copy is worse than none.
        Relations that lead back to where they began expand without end.
    Fix: read embedded resources with the code that answers their own URL; allow two or three levels, and answer 400
        beyond them.
    Probe: where the document has a parameter that embeds: reads the resource without and with each relation, and the
        related resource by itself, before and after (of several, two); then follows relations up to five levels deep.
        Creates an item where there is none. Of OData without such a document, the navigation properties of `$metadata`
        are expanded, and read by their paths.
    """
    json_api = any(family(one) == "json:api" for one in profile.resources)
    declared = any(expands(one, json_api) for one in survey.promises.queries)
    odata = [one for one in profile.resources if family(one) == "odata" and "{" not in one.collection]
    applies(declared or odata, "the document has a parameter that embeds, or the API is one of OData")
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    if odata and not declared:
        navigate(client, profile, odata, make_resource)
        return
    templates = [path for path, methods in survey.documented.items() if "GET" in methods]
    judged, why = [], "no resource with the parameter can be read without values"
    for subject in subjects(client, survey, profile, make_resource):
        plain = subject.read()[1]
        if plain is None:
            why = f"{subject.url} is not answered with an object"
            continue
        names = relations(subject.parameter, plain)
        if not names:
            why = f"nothing says what {subject.parameter.name} may embed: list its values in the document"
        for name in names[:MOST]:
            if (what := judge(client, profile, target, subject, plain, name, templates)) is not None:
                judged.append(what)
    control(judged, f"a relation should be embedded, and readable by itself: {why}")
    evidence(f"embedded as they are: {', '.join(judged)}")


def navigate(client, profile, odata, make_resource):
    """`$expand` of an OData service without an OpenAPI document: against the path of each navigation property."""
    try:
        reply = client.get(client.url("/$metadata"), headers={"Accept": "application/xml"})
        metadata = Metadata(reply.text)
    except ValueError as problem:
        inconclusive(f"$metadata cannot be read: {problem}")
    kinds = {one.name: metadata.sets.get(one.collection.strip("/"), "") for one in odata}
    relations_of = {name: metadata.relations(kind) for name, kind in kinds.items()}
    applies(any(relations_of.values()), "$metadata has a navigation property")
    judged, read = [], 0
    for known in odata:
        if read >= MOST or not relations_of[known.name]:
            continue
        id = first_id(client, known) or created_id(make_resource(known.name))
        if id is None:
            continue
        read += 1
        url = client.url(known.item.replace("{id}", quote(id, safe="")))
        for name in list(relations_of[known.name])[:MOST]:
            if (what := judge_navigation(client, profile, url, name)) is not None:
                judged.append(what)
        reply = client.get(with_param(url, "$expand", nested(path_from(metadata, kinds[known.name]))))
        expect(reply.status_code < 500, "an answer without a server error", exchange_of(reply).summary())
    control(judged, "a navigation property should be expanded, and readable by its path")
    evidence(f"embedded as they are: {', '.join(judged)}")


def path_from(metadata, kind):
    """Navigation properties that follow each other from a type, and so lead back where two refer to each other."""
    path = []
    while len(path) < DEEPEST and (leads := metadata.relations(kind)):
        path.append(next(iter(leads)))
        kind = leads[path[-1]]
    return path


def judge_navigation(client, profile, url, name):
    """One navigation property of an entity; in words what was judged, None where nothing can be."""

    def faults():
        before, expanded, after = (
            client.get(one) for one in (f"{url}/{name}", with_param(url, "$expand", name), f"{url}/{name}")
        )
        summaries.append(exchange_of(expanded).summary())
        expect(expanded.status_code < 500, "an answer without a server error", summaries[-1])
        reads = [[] if one.status_code == 204 else entities(json_of(one)) for one in (before, after)]
        shown = json_of(expanded)
        if not all(one.is_success for one in (before, expanded, after)) or None in reads:
            return None
        if not isinstance(shown, dict) or name not in shown:
            return None
        return navigation_faults(shown[name], *reads, profile.volatile)

    summaries = []
    found = faults()
    if found is None:
        evidence(f"not judged: {summaries[-1]} cannot be compared with what {url}/{name} answers")
        return None
    if found and eventually(lambda: not faults(), profile.consistency_window):
        found = []
    expect(
        not found,
        f"{name} as a GET of {url}/{name} shows it",
        f"{summaries[-1]}: {'; '.join(found[:3])}",
        level=MUST,
        impact=CRITICAL,
    )
    return summaries[-1]


def judge(client, profile, target, subject, plain, name, templates):
    """One relation; in words what was judged, None where nothing can be."""
    reply, expanded = subject.read(name)
    summary = exchange_of(reply).summary()
    expect(reply.status_code < 500, "an answer without a server error", summary)
    several = elements(expanded, name) if expanded is not None else []
    found = []
    for shown in several[:MOST_ELEMENTS]:
        for related in places_of(client, subject, plain, name, shown, len(several) == 1, templates):
            if not is_below(related, target.url):
                continue
            wrong = untrue_of(client, profile, subject, name, related, identity(shown))
            if wrong is None and len(several) == 1 and is_sibling(client, related, shown, profile.volatile):
                wrong = [f"item {identity(shown)} is embedded"]
            if wrong is not None:
                found.append((related, wrong))
                break
    if not found:
        evidence(f"not judged: {summary} embeds nothing under {name} that can be read by itself")
        return None
    for related, wrong in found:
        expect(
            not wrong,
            f"{name} as a GET of {related} shows it",
            f"{summary}: {'; '.join(wrong[:3])}",
            level=MUST,
            impact=CRITICAL,
        )
    rest = untrue(expanded, (plain, subject.read()[1] or plain), profile.volatile)
    rest = [one for one in rest if one.partition(" ")[0] in scalars(plain)]
    expect(
        not rest,
        f"the rest as it is without {subject.parameter.name}",
        f"{summary}: {'; '.join(rest[:3])}",
        level=MUST,
    )
    judge_depth(client, target, subject, name, found[0][0])
    return summary


def places_of(client, subject, plain, name, shown, single, templates):
    """URLs of an embedded resource by itself: by a link, by the key in the plain resource, or by its own id."""
    place = leads_to(plain, name, shown) if single else reference(shown)
    if place is not None:
        return [client.resolve(place, subject.url)]
    keys = [key_of(plain, name) if single else None, shown]
    paths = [by_id(name, key, templates) for key in keys if key is not None]
    return [client.url(path) for path in dict.fromkeys(paths) if path is not None]


def untrue_of(client, profile, subject, name, related, id):
    """What an embedded resource shows otherwise than it shows itself; None where it cannot be compared."""

    def faults():
        reads = [whole(client, related), subject.read(name)[1], whole(client, related)]
        if any(one is None for one in reads):
            return None
        several = elements(reads[1], name)
        there = next((one for one in several if len(several) == 1 or identity(one) == id), None)
        if there is not None and reads[0] == reads[2] and (other := renamed(there, reads[0])):
            return [other]
        if there is None or not same_resource(there, reads[0]):
            return None
        return untrue(there, (reads[0], reads[2]), profile.volatile)

    found = faults()
    if found and eventually(lambda: not faults(), profile.consistency_window):
        found = []
    return found


def is_sibling(client, related, shown, volatile):
    """Whether an embedded resource is another item of the collection than the one that the reference leads to."""
    id, (above, _, own) = identity(shown), related.rpartition("/")
    if id is None or quote(id, safe="") == own:
        return False
    there, here = whole(client, f"{above}/{quote(id, safe='')}"), whole(client, related)
    if there is None or here is None or identity(here) in (None, id) or identity(there) != id:
        return False
    return same_resource(shown, there) and not untrue(shown, [there], volatile)


def judge_depth(client, target, subject, name, related):
    """However deep, there is no server error."""
    path, place = name, related
    for depth in range(2, DEEPEST + 1):
        value = whole(client, place) if is_below(place, target.url) else None
        following = next_relation(value) if value is not None else None
        if following is None:
            return
        path, place = f"{path}.{following[0]}", client.resolve(following[1], place)
        reply = subject.read(path)[0]
        expect(
            reply.status_code < 500,
            "400, or as many levels as there may be",
            f"{exchange_of(reply).summary()}, {depth} levels deep",
        )
