"""Defects of caching: what responses say of it, and caches in and around the API."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.reference import times
from harness.reference.authenticator import Authenticator
from harness.reference.call import Call, Document, Reply
from harness.reference.errors import Problem
from harness.reference.representation import Representation, Validators
from harness.reference.routing import Route, Router
from harness.reference.wire import WirePolicy
from tests.matrix.defect import Defect
from tests.matrix.serving import defect

# -- what is said --------------------------------------------------------------------------------------


CORS = frozenset({"SEC-005", "SEC-006", "SEC-007", "SEC-008", "SEC-013"})


class Says(Representation):
    control = ""

    def cache_control(self, call: Call) -> str:
        return self.control if hasattr(call, "principal") else super().cache_control(call)


class StoreAndNot(Says):
    """Two middlewares, each with its own opinion."""

    control = "no-store, max-age=60"


class Quoted(Says):
    control = 'private, max-age="60"'


class PublicAndPrivate(Says):
    """A default, and an override that is added to it."""

    control = "private, public, max-age=0"


class Semicolons(Says):
    """Directives as parameters are written."""

    control = "private; max-age=60"


class Silent(Representation):
    def fields(self, call: Call) -> dict[str, str]:
        fields = super().fields(call)
        del fields["Cache-Control"]
        return fields


class FastClock(Representation):
    """The clock of the database is a minute ahead of that of the server."""

    def validated(self, reply: Reply, current: Validators) -> Reply:
        super().validated(reply, current)
        if current.modified is not None:
            reply.fields["Last-Modified"] = times.http_date(current.modified + 60_000_000)
        return reply


class Public(Says):
    """One caching policy for everything, static files first."""

    control = "public, max-age=60"

    def vary(self, call: Call) -> str:
        return "Accept, Accept-Encoding"


class LoneRevalidate(Public):
    """Meant to be careful; it lets shared caches store what was asked for with Authorization."""

    control = "max-age=60, must-revalidate"


class CodingUnlisted(Says):
    """Compression was switched on, and nobody told the caches."""

    control = "private, max-age=60"

    def vary(self, call: Call) -> str:
        return "Accept, Authorization"


class TypeUnlisted(Says):
    """A second media type was added, and nobody told the caches."""

    control = "private, max-age=60"

    def vary(self, call: Call) -> str:
        return "Accept-Encoding, Authorization"


class VaryOfCodedOnly(Representation):
    """The module that compresses adds Vary to what it compresses."""

    def cache_control(self, call: Call) -> str:
        return "private, max-age=60"

    def vary(self, call: Call) -> str:
        return "Accept, Authorization"

    def selected(self, call: Call, document: Document, current: Validators | None = None) -> Reply:
        reply = super().selected(call, document, current)
        if "Content-Encoding" in reply.fields:
            reply.fields["Vary"] = "Accept, Accept-Encoding, Authorization"
        return reply


class OriginUnlisted(WirePolicy):
    """A CORS middleware that gives back whatever origin asks."""

    def finish(self, call: Call, reply: Reply) -> Reply:
        reply = super().finish(call, reply)
        names = [name for name in reply.fields.get("Vary", "").split(", ") if name.lower() != "origin"]
        reply.fields["Vary"] = ", ".join(names)
        if "origin" in call.headers:
            reply.fields["Access-Control-Allow-Origin"] = call.headers["origin"]
        return reply


# -- what is done --------------------------------------------------------------------------------------


class Cache(Router):
    """A cache by URL; GET alone, and without conditions."""

    def __init__(self) -> None:
        self.kept: dict[str, Reply] = {}

    def key(self, call: Call) -> str | None:
        plain = call.method == "GET" and not any(name.startswith("if-") for name in call.headers)
        coded = call.headers.get("accept-encoding") not in (None, "identity")
        asked = "no-cache" in call.headers.get("cache-control", "")
        return None if not plain or coded or asked else f"{call.path}?{call.query}"

    def known(self, call: Call) -> bool:
        """Whether the caller has a valid credential."""
        authenticator = Authenticator()
        token = authenticator.token(call)
        return token is not None and authenticator.principal(token) is not None

    def keep(self, call: Call, reply: Reply) -> Reply:
        key = self.key(call)
        if key is not None and reply.status == 200:
            self.kept[key] = copied(reply)
        elif call.method not in ("GET", "HEAD"):
            self.kept.clear()
        return reply


def copied(reply: Reply) -> Reply:
    return Reply(reply.status, reply.body, dict(reply.fields))


class CacheBeforeAuthentication(Cache):
    """The cache answers before anybody has asked who is asking."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        key = self.key(call)
        if key in self.kept and not self.known(call):
            return copied(self.kept[key or ""])
        return self.keep(call, super().run(call, found, method))


class CacheForEverybody(Cache):
    """The cache comes after authentication, and its key is the URL alone."""

    def run(self, call: Call, found: Route, method: str) -> Reply:
        key = self.key(call)
        if not self.known(call):
            return super().run(call, found, method)
        try:
            return self.keep(call, super().run(call, found, method))
        except Problem:
            if key in self.kept:
                return copied(self.kept[key or ""])
            raise


class CacheNotCleared(Cache):
    """An item is cached at its second read, and no write clears that."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: dict[str, int] = {}

    def run(self, call: Call, found: Route, method: str) -> Reply:
        key = self.key(call)
        if key is None or not self.known(call) or found.resource is None or "id" not in call.parameters:
            return super().run(call, found, method)
        key += call.headers["authorization"]
        self.uses[key] = self.uses.get(key, 0) + 1
        if key in self.kept:
            return copied(self.kept[key])
        reply = super().run(call, found, method)
        if self.uses[key] == 2:
            self.kept[key] = copied(reply)
        return reply


class ListTagOfIds(Representation):
    """The tag of a list is made of the ids in it: the change of an item leaves it as it is."""

    def selected(self, call: Call, document: Document, current: Validators | None = None) -> Reply:
        if current is None and isinstance(document.get("data"), list):
            ids = [one["id"] for one in document["data"]]
            current = Validators(True, self.etag(repr(ids).encode()))
        return super().selected(call, document, current)


class ListDatedByItems(Representation):
    """A list was last modified when the newest of its items was: a removal makes it older."""

    def selected(self, call: Call, document: Document, current: Validators | None = None) -> Reply:
        if current is None and isinstance(document.get("data"), list):
            dates = [datetime.fromisoformat(one["updated_at"]) for one in document["data"]]
            newest = max(dates, default=datetime(2026, 1, 1, tzinfo=UTC))
            current = Validators(True, modified=int(newest.timestamp() * 1_000_000))
        return super().selected(call, document, current)


class AbsenceCached(Cache):
    """What was not there is remembered, and a creation does not change that."""

    def __init__(self) -> None:
        super().__init__()
        self.absent: dict[str, Problem] = {}

    def run(self, call: Call, found: Route, method: str) -> Reply:
        key = self.key(call)
        if key in self.absent:
            raise self.absent[key or ""]
        try:
            return super().run(call, found, method)
        except Problem as problem:
            if key is not None and problem.code == "not_found" and call.resource.client_ids:
                self.absent[key] = problem
            raise


DEFECTS: tuple[Defect, ...] = (
    defect("COND-015", "no-store, max-age=60", representation=StoreAndNot),
    defect("COND-015", "the seconds of max-age are in quotes", representation=Quoted),
    defect("COND-015", "public and private", representation=PublicAndPrivate),
    defect("COND-015", "directives parted by semicolons", representation=Semicolons),
    defect("COND-015", "nothing is said of caching", representation=Silent),
    defect("COND-015", "Last-Modified is later than Date", representation=FastClock),
    defect("COND-016", "private data is public", representation=Public),
    defect("COND-016", "private data with a lone must-revalidate", representation=LoneRevalidate),
    defect(
        "COND-016",
        "a cache answers before authentication",
        # Data is shown without a credential.
        perhaps=frozenset({"AUTH-001"}),
        router=CacheBeforeAuthentication,
    ),
    defect(
        "COND-016",
        "a cache gives the data of one user to another",
        # Client B is shown what client A was.
        perhaps=frozenset({"AUTH-011", "BULK-005"}),
        router=CacheForEverybody,
    ),
    defect("COND-017", "gzip without Vary", on=("orders",), representation=CodingUnlisted),
    defect("COND-017", "CSV without Vary", on=("orders",), representation=TypeUnlisted),
    defect("COND-017", "Vary in gzip only", on=("orders",), representation=VaryOfCodedOnly),
    # Whom it is given back to is the matter of the rules on CORS.
    defect("COND-017", "an origin that is given back without Vary", wire=OriginUnlisted, perhaps=CORS),
    defect("COND-018", "a cache that no write clears", router=CacheNotCleared),
    defect("COND-018", "a list's tag is made of ids", on=("orders",), representation=ListTagOfIds),
    defect("COND-018", "a list is dated by its newest item", on=("orders",), representation=ListDatedByItems),
    defect("COND-018", "absence is cached", on=("products",), router=AbsenceCached),
)
