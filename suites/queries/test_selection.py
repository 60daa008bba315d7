"""QRY: which members a response shows, and what becomes of parameters that name nothing."""

from __future__ import annotations

from urllib.parse import quote

from harness import (
    CRITICAL,
    MAY,
    MUST,
    SHOULD,
    WRITE,
    advise,
    applies,
    control,
    evidence,
    expect,
    inconclusive,
    note,
    rule,
)
from harness.client.client import exchange_of
from harness.http.content import MISSING, at, id_text, json_of, key_parts
from harness.lists.page import with_param
from harness.lists.traversal import Walk
from harness.resource.matching import bare, listed_value

from .oracle import is_always_shown, selection_fault
from .parameters import family, fields_of, hopeless, of_path

MOST_PAGES = 5
LISTS = 5
FEWEST = 2
"""Selections that show which members are there whatever is selected."""
STRANGE = "zz_conformance_unknown"
REPEATED = 3
"""Parameters of a list that are sent twice."""


def type_of(resource):
    """The type of the items, as JSON:API has it in a body."""
    value = at(resource.known.body, "/data/type")
    return value if isinstance(value, str) else None


def documented(survey, path):
    """The documented parameters of a path."""
    if survey.promises.doubt is not None:
        inconclusive(survey.promises.doubt)
    return of_path(survey.promises.queries, path)


def with_fields(url, name, names, repeated):
    """A URL with a selection of members."""
    if not repeated:
        return with_param(url, name, ",".join(names))
    more = "&".join(f"{name}={one}" for one in names)
    return f"{url}{'&' if '?' in url else '?'}{more}"


@rule(
    "QRY-001",
    MUST,
    refs=["JSON:API 1.1, Sparse Fieldsets", "Zalando RESTful API Guidelines, rule 157", "AIP-157"],
    needs="list read",
    rougher=WRITE,
)
def test_selections_show_what_was_selected(resource, survey):
    """Return exactly the members that were selected

    Why: clients select members to save bandwidth, or to keep what they must not see out of their logs.
    Fix: apply the selection when the response is written, on lists and items alike; do not change values.
    Probe: reads an item, and then selections of one member, another one, both, one that is an object, and the id, on
        the item and on the list. Members that are shown with every selection, and links and types, are lawful. Values
        must be those of the whole item.
    """
    known = resource.known
    kind, type = family(known), type_of(resource)
    parameters = {
        "item": documented(survey, known.item.replace("{id}", "x")),
        "list": documented(survey, known.collection),
    }
    places = {place: fields_of(found, kind, type) for place, found in parameters.items()}
    applies(any(places.values()), "the document, or the kind of API, has a parameter that selects members")
    url = resource.existing()
    control(url, f"{resource.name} should have an item")
    reply = resource.client.get(url)
    control(reply.is_success, f"an item should be readable: {exchange_of(reply).summary()}")
    value = json_of(reply)
    sent = at(known.body, known.representation) if known.body is not None else {}
    whole = at(value, known.representation)
    if not isinstance(whole, dict):
        whole = bare(value, sent)
    control(isinstance(whole, dict), f"an item should be an object: {exchange_of(reply).summary()}")
    keys = [one.rsplit("/", 1)[-1] for one in key_parts(known.id)]
    chosen = selections(whole, sent, keys)
    applies(len(chosen) > 2, "items have two members that can be selected")
    judged = []
    for place, found in places.items():
        if found is None:
            continue
        name, declared, repeated = found
        read = item_part if place == "item" else listed_part
        shown = {}
        listed = parameters[place][name].values if name in parameters[place] else ()
        those = [asked for asked in chosen if not listed or set(asked) <= {*listed, *keys}]
        if len(those) < FEWEST:
            evidence(f"not judged: the document lists too few values of {name} on the {place}")
            continue
        start, more = url if place == "item" else resource.url, ()
        for asked in those:
            part, said = read(resource, url, whole, with_fields(start, name, (*asked, *more), repeated))
            if part is None and place == "list" and not more and keys[0] not in asked:
                # Without its key, an item cannot be found in the list.
                more = tuple(keys[:1])
                part, said = read(resource, url, whole, with_fields(start, name, (*asked, *more), repeated))
            if part is None:
                evidence(f"not judged: {said}")
                break
            shown[asked] = part
        if len(shown) < len(those):
            continue
        if not declared and all(set(part) == set(whole) for part in shown.values()):
            evidence(f"not judged: {name} has no effect on the {place}")
            continue
        fault = selection_fault(whole, shown, keys, sent if isinstance(sent, dict) else ())
        expect(not fault, f"the members that {name} names", f"{name} on the {place}: {fault}")
        judged.append(f"{name} on the {place}")
    control(judged, "a selection should be accepted")
    evidence(f"shows what was selected: {', '.join(judged)}")


def selections(whole, sent, keys):
    """Selections of one member, another one, both, and the key."""
    plain = [
        name
        for name, value in whole.items()
        if isinstance(value, str | int | float) and not is_always_shown(name, keys) and name[:1] != "_"
    ]
    plain.sort(key=lambda name: name not in sent)
    found = [(plain[0],), (plain[1],), (plain[0], plain[1])] if len(plain) > 1 else []
    # A member with members of its own is selected as a whole.
    nested = [
        name
        for name, value in whole.items()
        if name in sent and sent[name] == value and isinstance(value, dict) and value and name.isidentifier()
    ]
    found += [(name,) for name in nested[:1] if found]
    return [*found, (keys[0],)] if found and keys[0] in whole else found


def item_part(resource, url, whole, selected):
    """The members of the item that a selection shows, None where it is refused; and the exchange in words."""
    reply = resource.client.get(selected)
    summary = exchange_of(reply).summary()
    if not reply.is_success:
        control(reply.status_code < 500, f"a selection should be answered: {summary}")
        return None, summary
    value = json_of(reply)
    inner = at(value, resource.known.representation)
    inner = inner if isinstance(inner, dict) else value
    if isinstance(inner, dict) and not set(whole) & set(inner):
        inner = next(
            (one for one in inner.values() if isinstance(one, dict) and set(whole) & set(one)), inner
        )
    return inner if isinstance(inner, dict) else None, summary


def listed_part(resource, url, whole, selected):
    """The same of the item in the list; None where the list does not show it."""
    walk = Walk(resource)
    page = walk.at(selected)
    for _ in range(MOST_PAGES):
        control(page.reply.status_code < 500, f"a selection should be answered: {page.summary}")
        for item in page.items or ():
            id = id_text(at(item, resource.listed_id))
            if id is not None and resource.item_url(id) == url:
                place = resource.known.representation
                values = {name: listed_value(resource.known, item, f"{place}/{name}") for name in whole}
                return {name: value for name, value in values.items() if value is not MISSING}, page.summary
        if page.following is None:
            break
        page = walk.at(page.following)
    return None, f"{page.summary} does not show the item with its id"


@rule(
    "QRY-002",
    SHOULD,
    refs=["JSON:API 1.1, Sorting", "JSON:API 1.1, Inclusion of Related Resources", "AIP-132"],
    needs="list",
    rougher=WRITE,
)
def test_parameters_that_name_nothing_are_refused(resource, survey):
    """Refuse sort orders, selections and relations that name nothing, and show no hidden member

    Why: a misspelt sort order that is ignored gives the wrong first page; one that reaches the database fails, or shows
        by the order of the items what a member hides.
    Fix: check names against a list of those that are allowed, and answer 400 with the name of the parameter.
    Probe: sorts by, selects and includes a member that no item has, and selects the members that the document marks as
        write-only. A server error breaks the rule, and 2xx where JSON:API requires 400.
    Advice: an unknown sort order that is ignored shows all items, in another order than the client asked for.
    """
    known = resource.known
    parameters, kind, type = documented(survey, known.collection), family(known), type_of(resource)
    wrong = hopeless(parameters, kind, type)
    applies(wrong, "the document, or the kind of API, has a parameter that sorts, selects or includes")
    if resource.may_create:
        # Some APIs look at the parameters only where there is an item to show.
        resource.create()
    plain = Walk(resource).step()
    control(plain.ok, f"the list should be readable: {plain.summary}")
    ignored = []
    for name, value, must in wrong:
        page = Walk(resource).at(with_param(resource.url, name, value))
        status = page.reply.status_code
        expect(status < 500, f"400, as {name} names nothing", page.summary)
        if must is not None and status < 300:
            expect(not must, f"400, as {name} names nothing", page.summary, level=MUST)
            ignored.append(page)
    fields = fields_of(parameters, kind, type)
    for member in hidden(known) if fields is not None else ():
        page = Walk(resource).at(with_fields(resource.url, fields[0], (member,), False))
        expect(page.reply.status_code < 500, f"400, as {member} cannot be read", page.summary)
        places = [f"{known.representation}/{member}", f"/{member}"]
        leaks = [
            item for item in page.items or () if any(at(item, one) not in (MISSING, None) for one in places)
        ]
        expect(
            not leaks, f"no {member}, which is write-only", f"{page.summary}: it is shown", impact=CRITICAL
        )
    if ignored:
        advise("400, as the parameter names nothing", "; ".join(page.summary for page in ignored))
    evidence(f"{', '.join(name for name, _, _ in wrong)}: answered without a server error")


def hidden(known):
    """Members that the document marks as write-only."""
    members = at(
        known.create_schema,
        f"{''.join('/properties' + part for part in [known.representation] if part)}/properties",
    )
    return [
        name
        for name, schema in (members.items() if isinstance(members, dict) else ())
        if isinstance(schema, dict) and schema.get("writeOnly") is True
    ]


@rule("QRY-008", MAY, refs=["Zalando RESTful API Guidelines, rule 109", "RFC 9205 section 4.5.1"])
def test_unknown_parameters_are_treated_alike(client, profile, survey):
    """Treat unknown query parameters alike on all lists

    Why: clients and proxies add parameters of their own; a list that fails on one works until it is behind the proxy.
    Fix: ignore unknown parameters everywhere, or refuse them everywhere with 400.
    Probe: reads up to five lists without and with a parameter that no API has, and with each of up to three documented
        parameters twice, which must not fail with 5xx.
    """
    lists = [one for one in profile.resources if "{" not in one.collection and one.missing("list") is None]
    applies(lists, "there is a list to read")
    ways = {}
    for known in lists[:LISTS]:
        url = client.url(known.collection)
        plain, other = client.get(url), client.get(with_param(url, STRANGE, "1"))
        if not plain.is_success:
            continue
        said = exchange_of(other).summary()
        expect(other.status_code < 500, "400, or the list as without the parameter", said, level=SHOULD)
        ways.setdefault("ignored" if other.is_success else f"refused with {other.status_code}", []).append(
            known.name
        )
        repeated_parameters(client, survey, known)
    applies(ways, "a list can be read")
    shown = "; ".join(f"{way} by {', '.join(names)}" for way, names in ways.items())
    if len({way == "ignored" for way in ways}) > 1:
        note(f"an unknown query parameter is {shown}")
    evidence(f"an unknown query parameter is {shown}")


def repeated_parameters(client, survey, known):
    """Expect no server error for a documented parameter that is sent twice with the same value."""
    if survey.promises.doubt is not None:
        return
    url = client.url(known.collection)
    for name, one in list(of_path(survey.promises.queries, known.collection).items())[:REPEATED]:
        value = one.values[0] if one.values else {"integer": "1", "boolean": "true"}.get(one.kind, "a")
        once = client.get(with_param(url, name, value))
        if once.status_code >= 500:
            continue
        twice = client.get(with_param(url, name, value) + f"&{name}={quote(value, safe='')}")
        said = f"{exchange_of(twice).summary()}; {exchange_of(once).summary()}"
        expect(
            twice.status_code < 500, "400, or the list, for a parameter that is repeated", said, level=SHOULD
        )
