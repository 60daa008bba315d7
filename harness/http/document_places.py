"""Where frameworks serve the OpenAPI document of an API, or a page that names it. Data, each row with its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST = 12
"""Most requests that look for a document at places that nothing of the API named."""

_FIRST = 2
"""Places of many frameworks that come before those of likely ones."""
_ASGI = r"uvicorn|hypercorn|daphne|granian"
_WSGI = r"gunicorn|wsgiserver|werkzeug|waitress|uwsgi"
_NODE = r"express|next\.js|fastify|koa"
_FASTIFY = r"\"message\":\s*\"Route GET:"
_NET = r"kestrel|asp\.net|microsoft"
_JAVA = r"tomcat|jetty|undertow|\"timestamp\":.*\"path\":|whitelabel error page"
_PHP = r"\bphp\b|php/|laravel|symfony"
_RUBY = r"x-runtime:|\bpuma|passenger|\bunicorn"


@dataclass(frozen=True)
class Place:
    """A place where a document may be.

    Attributes:
        path: below the target URL.
        source: the frameworks that use it.
        sign: regular expression; the place is looked at only if the response at the target URL matches it. None for
            places of many frameworks.
        root: whether it is looked for at the root of the origin, too; places below /api are looked for only there.
        sure: whether the sign is of one framework, so that this place comes before all others.
    """

    path: str
    source: str
    sign: str | None = None
    root: bool = False
    sure: bool = False


PLACES = (
    Place("/openapi.json", "FastAPI, Huma, Goa, Connexion, Flask-Smorest, LoopBack 4", root=True),
    Place("/swagger.json", "Swagger 2.0, flask-restx, drf-yasg, jsonapi-server", root=True),
    Place("/v3/api-docs", "springdoc-openapi", root=True),
    Place("/openapi.yaml", "Goa, Huma, files beside an API"),
    Place("/swagger/v1/swagger.json", "ASP.NET Core with Swashbuckle", root=True),
    Place("/api-docs", "swagger-ui-express, Springfox, LoopBack"),
    Place("/.well-known/api-catalog", "RFC 9727 section 2", root=True),
    Place("/docs", "pages of FastAPI, Huma, Elysia, NestJS"),
    Place("/openapi/v1.json", "ASP.NET Core 9, Microsoft.AspNetCore.OpenApi"),
    Place("/schema/", "drf-spectacular, below a mounted API"),
    Place("/docs/api.json", "Pulp, Scramble of Laravel"),
    Place("/swagger", "pages of Swashbuckle, drf-yasg, Micronaut"),
    Place("/v2/api-docs", "Springfox", _JAVA, sure=True),
    Place("/openapi/v1.json", "ASP.NET Core 9 behind Kestrel", _NET, root=True),
    Place("/q/openapi", "Quarkus", _JAVA),
    Place("/openapi", "MicroProfile OpenAPI, Helidon, Open Liberty", _JAVA),
    Place("/server/specs/oas", "Directus", "directus", sure=True),
    Place("/__api__", "Kinto", "kinto|http_api_version|waitress", sure=True),
    Place("/openapi/v2", "Kubernetes", r'"kind":\s*"Status"|kubernetes', sure=True),
    Place("/api-json", "NestJS", _NODE),
    Place("/docs-json", "NestJS", _NODE),
    Place("/documentation/json", "@fastify/swagger", f"{_NODE}|{_FASTIFY}"),
    Place("/doc", "Hono with @hono/zod-openapi", r"^404 Not Found\Z"),
    Place("/openapi/json", "Elysia", r"^NOT_FOUND\Z", sure=True),
    Place("/swagger/json", "Elysia with its older plugin", r"^NOT_FOUND\Z", sure=True),
    Place("/api-docs.json", "swagger-jsdoc with Express", _NODE),
    Place("/api-docs/swagger.json", "swagger-ui-express", _NODE),
    Place("/explorer/openapi.json", "LoopBack", _NODE),
    Place("/swagger/doc.json", "gin-swagger, echo-swagger", r"^\s*404 page not found"),
    Place("/schema/openapi.json", "Litestar", _ASGI),
    Place("/api/openapi.json", "Django Ninja, FastAPI with root_path", f"{_ASGI}|{_WSGI}", root=True),
    Place("/api/v1/openapi.json", "FastAPI project template", _ASGI),
    Place(
        "/v1/openapi.json",
        "Connexion, whose specification has a version as its base",
        r'"type":\s*"about:blank"',
    ),
    Place("/api/schema/", "drf-spectacular", f"{_WSGI}|{_ASGI}", root=True),
    Place("/apispec_1.json", "flasgger", _WSGI),
    Place("/apidoc/openapi.json", "SpecTree", f"{_WSGI}|{_ASGI}"),
    Place("/openapi/openapi.json", "flask-openapi3", _WSGI),
    Place("/pulp/api/v3/docs/api.json", "Pulp", _WSGI),
    Place("/api/docs.json", "API Platform", _PHP),
    Place("/docs.json", "API Platform", _PHP),
    Place("/api/doc.json", "NelmioApiDocBundle of Symfony", _PHP),
    Place("/api/documentation", "L5-Swagger of Laravel", _PHP),
    Place("/api-docs/v1/swagger.yaml", "rswag", _RUBY),
    Place("/swagger_doc", "grape-swagger", _RUBY),
)
"""Likeliest first."""

_PATHS = frozenset(place.path.rstrip("/") for place in PLACES)


def candidates(base: str, origin: str, shown: str, also: tuple[str, ...] = ()) -> list[str]:
    """URLs to look at, likeliest first, at most `MOST`. Pure.

    Args:
        base: the target URL.
        origin: its origin.
        shown: fields and start of the response at the target URL, where signs of a framework are looked for.
        also: further URLs below which documents may be, such as one that the target URL redirects to.
    """
    flags = re.IGNORECASE | re.MULTILINE | re.DOTALL
    signed = [place for place in PLACES if place.sign is not None and re.search(place.sign, shown, flags)]
    plain = [place for place in PLACES if place.sign is None]
    sure = [place for place in signed if place.sure]
    likely = [*sure, *plain[:_FIRST], *(place for place in signed if not place.sure), *plain[_FIRST:]]
    bases = list(dict.fromkeys([*(one.rstrip("/") for one in also), base]))
    found: list[str] = []
    for place in likely:
        deep = place.path.startswith(("/api/", "/pulp/"))
        found += [origin + place.path] if deep else [one + place.path for one in bases]
        if place.root and base != origin:
            found.append(origin + place.path)
    return list(dict.fromkeys(found))[:MOST]


def is_place(url: str, base: str) -> bool:
    """Whether a URL is one at which a document is looked for: a response there says nothing about resources.

    Args:
        base: the target URL.
    """
    path = urlsplit(url).path.rstrip("/")
    below = path.removeprefix(urlsplit(base).path.rstrip("/"))
    return path in _PATHS or below in _PATHS or path.endswith(_FILES) or bool(_PAGE.search(path))


_FILES = tuple(place.path for place in PLACES if re.search(r"\.(json|yaml)$|api-docs$|__api__$", place.path))
"""Places whose last segments no collection has."""
_PAGE = re.compile(r"/swagger-ui|/swagger-initializer\.js$|/redoc(?:/|$)|/api-docs/")
"""Parts of documentation pages."""
