"""The batches of an API: of the profile, of the document, of its family, or found by asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from harness.client.client import Client, exchange_of
from harness.client.recorder import Recorder
from harness.http.content import MISSING, at, json_of
from harness.http.path_templates import matches
from harness.profile.models import Bulk, Profile
from harness.resource.resource import ResourceUnderTest
from harness.survey.openapi.bulk import DocumentedBulk
from harness.survey.outcome import Survey

from .shapes import Shape

MOST = 4
"""Operations that a run tests."""
SCIM = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
Mode = Literal["partial", "atomic"]


@dataclass(frozen=True)
class Operation:
    """A POST with several items in it.

    Attributes:
        path: relative to the target URL.
        because: what says that it takes batches.
        resource: in which it creates items.
        declared: whether the profile, the document or the API itself says that it is there.
        mode: whether items fail one by one, or all together; None where nothing says so.
        most: items in a batch at most; None where nothing says so.
        fields: header fields that it needs.
        whole_key: name of the header field with the idempotency key of a batch; None without one.
        asynchronous: most items that are processed before the response; None where nothing says so.
    """

    path: str
    because: str
    shape: Shape
    resource: ResourceUnderTest
    declared: bool = True
    mode: Mode | None = None
    most: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    asynchronous: int | None = None
    whole_key: str | None = None

    @property
    def name(self) -> str:
        return f"POST {self.path}" + (
            " with an atomicity group" if self.shape.each.get("atomicityGroup") else ""
        )

    @property
    def url(self) -> str:
        return self.resource.client.url(self.path)


_found: WeakKeyDictionary[Recorder, list[Operation]] = WeakKeyDictionary()


def operations(
    client: Client, survey: Survey, profile: Profile, make_resource: Callable[[str], ResourceUnderTest]
) -> list[Operation]:
    """The batches that create items of resources under test; found once in each process."""
    if client.recorder not in _found:
        able = {}
        for known in profile.resources:
            resource = make_resource(known.name)
            if resource.may_create and not resource.puts and "json" in known.media_type:
                able[known.name] = resource
        _found[client.recorder] = _all(client, survey, profile, able)[:MOST] if able else []
    return _found[client.recorder]


def unusable(survey: Survey, profile: Profile) -> str:
    """Why declared batches cannot be tested, where none was found; empty if none is declared."""
    names = [f"POST {one.path}" for one in profile.bulk]
    for one in survey.promises.bulk:
        if any(matches(one.collection, known.collection) for known in profile.resources if one.collection):
            names.append(f"POST {one.path}")
    return f"{', '.join(names)}: no item can be created in its collection alone" if names else ""


def _all(
    client: Client, survey: Survey, profile: Profile, able: Mapping[str, ResourceUnderTest]
) -> list[Operation]:
    documented = [] if profile.only and not able else list(survey.promises.bulk)
    found = []
    for one in profile.bulk:
        found += [made for made in [_declared(client, one, documented, able)] if made is not None]
    given = {one.path.rstrip("/") for one in profile.bulk}
    for known in documented:
        if known.path.rstrip("/") not in given:
            found += [made for made in [_documented(client, known, able)] if made is not None]
    if not found:
        return of_family(client, survey, able)
    entries = dict(filter(None, map(_settings, survey.exchanges)))
    urls = {f"{url}/batch": most for url, most in entries.items()}
    return [replace(one, most=one.most or urls.get(one.url)) for one in found]


def _general(able: Mapping[str, ResourceUnderTest]) -> ResourceUnderTest:
    """The resource that batches of requests are tested with: one whose items show a text and can be changed, first."""
    return min(
        able.values(),
        key=lambda one: (not one.can("tag"), not one.can("update"), not one.can("replace"), one.name),
    )


def _of_path(path: str, able: Mapping[str, ResourceUnderTest]) -> ResourceUnderTest | None:
    """The resource that a path is, or is below."""
    for one in able.values():
        root = one.known.collection.rstrip("/")
        if path.rstrip("/") == root or (root and path.startswith((f"{root}/", f"{root}:"))):
            return one
    return None


def _shape(one: DocumentedBulk) -> Shape:
    return Shape(
        array=one.array,
        item=one.item,
        requests=one.requests,
        method=one.method,
        target=one.target,
        correlation=one.correlation,
        fields=one.fields,
        key=one.key,
    )


def _documented(
    client: Client, one: DocumentedBulk, able: Mapping[str, ResourceUnderTest]
) -> Operation | None:
    if one.requests:
        resource, path = _general(able), one.path
    else:
        creates = [each for each in able.values() if matches(one.collection, each.known.collection)]
        if not creates:
            return None
        resource = creates[0]
        path = resource.known.collection.rstrip("/") + one.path[len(one.collection.rstrip("/")) :]
    because = "the OpenAPI document"
    return Operation(path, because, _shape(one), resource, mode=one.mode, most=one.most, whole_key=one.whole)


def _declared(
    client: Client, one: Bulk, documented: list[DocumentedBulk], able: Mapping[str, ResourceUnderTest]
) -> Operation | None:
    """The operation of a table of the profile, completed from the document; None where its resource is not tested."""
    known = next((each for each in documented if each.path.rstrip("/") == one.path.rstrip("/")), None)
    if one.resource is not None:
        resource = able.get(one.resource)
    else:
        resource = _of_path(one.path, able)
        general = one.shape in ("requests", "odata", "odata-multipart", "scim") or (
            known is not None and known.requests
        )
        if resource is None and general:
            resource = _general(able)
    if resource is None:
        return None
    shape = _shape(known) if known is not None and one.shape in (None, "items", "requests") else Shape()
    fields: Mapping[str, str] = {}
    if one.shape == "requests" and not shape.requests:
        shape = Shape("/requests", "/body", requests=True)
    elif one.shape in ("odata", "odata-multipart"):
        shape, fields = _odata(client, one.path, one.mode)
        shape = replace(shape, multipart=one.shape != "odata")
    elif one.shape == "scim":
        shape = _scim(client, one.path)
    shape = replace(
        shape,
        array=shape.array if one.array is None else one.array,
        item=shape.item if one.item is None else one.item,
        key=shape.key if one.item_keys is None else one.item_keys,
    )
    return Operation(
        one.path,
        "the profile",
        shape,
        resource,
        mode=one.mode or (known.mode if known is not None else None),
        most=one.max or (known.most if known is not None else None),
        fields=fields,
        asynchronous=one.async_threshold,
        whole_key=one.batch_key or (known.whole if known is not None else None),
    )


# -- families --------------------------------------------------------------------------------------------


def _odata(client: Client, path: str, mode: Mode | None) -> tuple[Shape, Mapping[str, str]]:
    """OData JSON Format 4.01 section 19: without a preference, processing stops at the first failure."""
    base = urlsplit(client.url(path)).path.rpartition("/")[0]
    shape = Shape(
        "/requests",
        "/body",
        requests=True,
        target="url",
        correlation="id",
        fields="headers",
        each={"atomicityGroup": "g1"} if mode == "atomic" else {},
        base=base,
    )
    return shape, {} if mode == "atomic" else {"Prefer": "odata.continue-on-error"}


def _scim(client: Client, path: str) -> Shape:
    """RFC 7644 section 3.7: without failOnErrors, all are processed."""
    base = urlsplit(client.url(path)).path.rpartition("/")[0]
    return Shape(
        "/Operations",
        "/data",
        requests=True,
        target="path",
        correlation="bulkId",
        whole={"schemas": [SCIM]},
        base=f"{base}/",
        reads=False,
    )


def of_family(client: Client, survey: Survey, able: Mapping[str, ResourceUnderTest]) -> list[Operation]:
    """The batches of OData, SCIM and Kinto, where responses of the survey show one of these."""
    resource = _general(able)
    above = resource.known.collection.rstrip("/").rpartition("/")[0]
    for exchange in survey.exchanges:
        if exchange.status is None or exchange.status >= 300:
            continue
        if (exchange.field("odata-version") or "").startswith("4"):
            made = []
            modes: tuple[Mode, ...] = ("partial", "atomic")
            for mode in modes:
                shape, fields = _odata(client, f"{above}/$batch", mode)
                because = "responses with OData-Version"
                made.append(
                    Operation(f"{above}/$batch", because, shape, resource, False, mode, fields=fields)
                )
            return made
        if "urn:ietf:params:scim:" in exchange.response_body.text[:4000]:
            return _of_scim(client, above, resource)
    root = next((one for one in map(_settings, survey.exchanges) if one is not None), None)
    if root is None:
        return []
    path, most = root
    shape = Shape("/requests", "/body", requests=True, fields="headers")
    return [Operation(f"{path}/batch", "the entry point", shape, resource, mode="partial", most=most)]


def _of_scim(client: Client, above: str, resource: ResourceUnderTest) -> list[Operation]:
    """Where ServiceProviderConfig says that it is supported (RFC 7643 section 5)."""
    reply = client.get(f"{above}/ServiceProviderConfig")
    value = json_of(reply)
    if not reply.is_success or at(value, "/bulk/supported") is not True:
        return []
    most = at(value, "/bulk/maxOperations")
    because = f"{exchange_of(reply).summary()}: bulk.supported is true"
    return [
        Operation(
            f"{above}/Bulk",
            because,
            _scim(client, f"{above}/Bulk"),
            resource,
            mode="partial",
            most=most if isinstance(most, int) and most > 0 else None,
            fields={"Content-Type": "application/scim+json"},
        )
    ]


def _settings(exchange: Any) -> tuple[str, int] | None:
    """Path of an entry point that says how many requests a batch may have, and that number."""
    if exchange.status != 200 or "batch_max_requests" not in exchange.response_body.text:
        return None
    try:
        value = exchange.json()
    except (ValueError, RecursionError):
        return None
    most = at(value, "/settings/batch_max_requests") if value is not MISSING else None
    return (exchange.url.partition("?")[0].rstrip("/"), most) if isinstance(most, int) else None
