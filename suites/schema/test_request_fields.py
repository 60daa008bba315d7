"""SCH: request fields of reads: whatever their values are, they are no fault of the server."""

from __future__ import annotations

from urllib.parse import urlsplit

from harness import SHOULD, WRITE, applies, control, evidence, expect, rule
from harness.client.client import exchange_of
from harness.http.intermediary import from_edge
from harness.rules.checks import Undecided
from harness.rules.faults import Fault, excerpt, grouped
from harness.survey.ask.published import placed, published
from harness.survey.openapi.operation_index import operations_of
from harness.survey.openapi.operations import relative, server_path

from .reading import plain_reads
from .request_fields import UNUSUAL, declared, is_shared, usual

MOST_OPERATIONS = 12
MOST_RESOURCES = 4
MOST_PLACES = 4


@rule(
    "SCH-010",
    SHOULD,
    refs=["RFC 9110 section 15.6", "RFC 9110 section 5.5"],
    rougher=WRITE,
)
def test_request_fields_never_cause_5xx(client, survey, target, profile, make_resource):
    """Never answer a read with 5xx because of a request field

    Why: fields come from browsers, proxies and old clients, not from the API's own code; a monitor, a crawler or one
        customer with an odd browser is then shut out, and each retry raises an alert.
    Fix: parse fields where a failure is caught: ignore what cannot be parsed (RFC 9110 says so for Range and
        If-Modified-Since), or answer 400.
    Probe: lists and items of two collections are read with one unusual field at a time: tags without quotes, ranges and
        dates that are none, weights that are no numbers, cookies without names, identifiers of requests. Then
        documented GETs with unusual values of the header fields that the document declares. What is answered 500 is
        sent twice, and the request without the field must succeed after each. Credentials, Host and versions are left
        alone, and so is what a cache may keep for other clients.
    """
    places = readable(profile, make_resource)
    if survey.openapi and (document := published(client, survey.openapi)) is not None:
        places += documented(client, placed(document, survey.documented, target.base_path), target)
    applies(places, "a list, an item, or a documented GET with header fields can be read")
    broken, judged, tried = [], [], 0
    for name, url, fields in places:
        plain = client.get(url)
        if not plain.is_success:
            continue
        if is_shared(plain.headers):
            evidence(f"not judged: a cache may keep what {name} answers, and hand it to other clients")
            continue
        judged.append(name)
        over = {fault.what.partition(":")[0] for fault in broken}
        for field in fields:
            if field.name in over:
                continue
            tried += 1
            reply = read(client, url, field)
            if fault := crash(client, survey, url, field, reply):
                over.add(field.name)
                broken.append(Fault(name, f"{field.shown()}: {fault.summary()}, twice", excerpt(fault)))
    expect(not broken, "the field ignored, or 4xx", grouped(broken))
    control(judged, "a list, an item or a documented GET should be readable, and not be kept by caches")
    evidence(f"{tried} unusual request fields at {', '.join(judged)}: no 5xx")


def readable(profile, make_resource):
    """Lists and items of two resources, those that can be written to first; for the second, one value of a field."""
    found = []
    known = [one for one in profile.resources if "{" not in one.collection]
    for one in sorted(known, key=lambda one: not one.capabilities["create"].there)[:MOST_RESOURCES]:
        resource = make_resource(one.name)
        fields = usual()[: len(UNUSUAL)] if found else usual()
        places = [(f"GET {one.collection}", resource.url, fields)] if resource.can("list") else []
        try:
            item = resource.existing() if resource.can("read") else None
        except Undecided:
            item = None
        places += [] if item is None else [(f"GET {one.item}", item, fields)]
        found += places
        if len(found) >= MOST_PLACES:
            break
    return found[:MOST_PLACES]


def documented(client, document, target):
    """Documented GETs that can be sent without knowing anything, with their declared fields."""
    base, prefix = urlsplit(target.url).path.rstrip("/"), server_path(document)
    found = []
    for one in operations_of(document).values():
        path = plain_reads(document, one, relative(one.path, prefix, base))
        fields = list(declared(document, one.parameters.values())) if path is not None else []
        if fields:
            found.append((one.name, client.url(path), fields))
    return found[:MOST_OPERATIONS]


def read(client, url, field):
    """A GET with the field; sent once more where there is no response, as servers that crash close the connection."""
    try:
        return client.get(url, headers={field.name: field.value})
    except Undecided:
        return client.get(url, headers={field.name: field.value})


def crash(client, survey, url, field, reply):
    """The exchange of a second 5xx with the field, where the request without it succeeds after each; else None."""
    for attempt in range(2):
        exchange = exchange_of(reply if attempt == 0 else read(client, url, field))
        status = exchange.status or 0
        gateway = 501 <= status <= 504 or from_edge(exchange, survey.exchanges) is not None
        if status < 500 or gateway or not client.get(url).is_success:
            return None
    return exchange
