"""Credentials that a document or a challenge requires, which one fits, the lines of the profile for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from harness.client.credentials_in_use import NAMES
from harness.http.path_templates import matches
from harness.survey.openapi.document import Node, resolve
from harness.survey.openapi.operations import endpoints
from harness.target.credentials.resolved import Credential
from harness.target.target import DEFAULT

Kind = Literal["bearer", "basic", "key", "oauth2", "certificate", "other"]


@dataclass(frozen=True)
class Scheme:
    """One thing that a request must carry (OpenAPI, Security Scheme Object).

    Attributes:
        name: in the document; for a challenge, its scheme.
        place: `header`, `query` or `cookie`, of a key.
        field: name of the header field, parameter or cookie, of a key.
        token_url: absolute URL of the token endpoint for client credentials.
    """

    name: str
    kind: Kind
    place: str = ""
    field: str = ""
    token_url: str = ""

    @property
    def shown(self) -> str:
        """The scheme in words."""
        return {
            "bearer": "a bearer token",
            "basic": "user and password (Basic)",
            "oauth2": "an access token (OAuth 2.0)",
            "certificate": "a client certificate",
            "key": f"a key in the {self.place} ({self.field})",
            "other": f"the credential that it calls {self.name}",
        }[self.kind]

    def fits(self, credential: Credential) -> bool:
        """Whether a credential is of this kind and in this place; its value does not matter."""
        fields = {name.lower(): value for name, value in credential.fields.items()}
        word = fields.get("authorization", "").partition(" ")[0].lower()
        if self.kind in ("bearer", "oauth2"):
            return credential.grant is not None or word == "bearer"
        if self.kind == "basic":
            return word == "basic"
        if self.kind == "certificate":
            return credential.certificate is not None
        if self.place == "query":
            return self.field in credential.query
        if self.place == "cookie":
            names = {one.partition("=")[0].strip() for one in fields.get("cookie", "").split(";")}
            return self.field in names
        return self.kind == "key" and self.field.lower() in fields

    @property
    def lines(self) -> list[str]:
        """What to write below `[credentials.default]`; empty if unknown."""
        if self.kind == "bearer" or (self.kind == "oauth2" and not self.token_url):
            return ['bearer = "${API_TOKEN}"']
        if self.kind == "basic":
            return ['basic = { user = "${API_USER}", password = "${API_PASSWORD}" }']
        if self.kind == "oauth2":
            secrets = 'client_id = "${CLIENT_ID}", client_secret = "${CLIENT_SECRET}"'
            return [f"oauth2 = {{ token_url = {_text(self.token_url)}, {secrets} }}"]
        if self.kind == "certificate":
            return ['certificate = { file = "client.pem", key = "client.key" }']
        if self.kind == "key":
            key = {"header": "headers", "query": "query", "cookie": "cookies"}[self.place]
            return [f'{key} = {{ {_text(self.field)} = "${{{self._variable}}}" }}']
        return []

    @property
    def option(self) -> str | None:
        """The `--header` option that does the same, if any."""
        if self.kind == "bearer" or (self.kind == "oauth2" and not self.token_url):
            return '--header "Authorization: Bearer $API_TOKEN"'
        if self.kind == "basic":
            coded = """$(printf %s "$API_USER:$API_PASSWORD" | base64 | tr -d '\\n')"""
            return f'--header "Authorization: Basic {coded}"'
        if self.kind == "key" and self.place == "header" and re.fullmatch(r"[A-Za-z0-9_-]+", self.field):
            return f'--header "{self.field}: ${self._variable}"'
        return None

    @property
    def _variable(self) -> str:
        """Name of the variable that holds a key."""
        word = re.sub(r"[^A-Za-z0-9]+", "_", self.field).strip("_").upper()
        return word if word[:1].isalpha() else f"API_{word}".rstrip("_")


Alternatives = tuple[tuple[Scheme, ...], ...]
"""One alternative must be met with all its schemes; an empty one needs no credential."""
Demands = dict[tuple[str, str], Alternatives]
"""By method and path template, relative to the target."""


@dataclass(frozen=True)
class Refusal:
    """A resource whose requests were refused with a credential that does not fit.

    Attributes:
        because: the exchange that shows it, and the source of the requirement.
        wanted: not empty.
    """

    resource: str
    because: str
    wanted: Alternatives


@dataclass(frozen=True)
class MissingCredential:
    """A credential that the target requires and the run does not have.

    Attributes:
        resources: names of the resources that are refused for lack of it.
        because: the exchange that shows it, and the source of the requirement.
        schemes: everything that is required.
        credential: its name in the profile: `default` if reading needs none, or most resources require it.
    """

    resources: tuple[str, ...]
    because: str
    schemes: tuple[Scheme, ...]
    credential: str = DEFAULT

    @property
    def lines(self) -> list[str]:
        """What to add to the profile."""
        return [
            f"[credentials.{self.credential}]",
            *(line for scheme in self.schemes for line in scheme.lines),
        ]

    @property
    def warning(self) -> str:
        """The whole message in one line."""
        given = " and ".join(scheme.shown for scheme in self.schemes)
        lines = "; ".join(line for scheme in self.schemes for line in scheme.lines)
        how = f"write `{lines}` below [credentials.{self.credential}]" if lines else "see its documentation"
        options = [scheme.option for scheme in self.schemes]
        if lines and all(options) and self.credential == DEFAULT:
            how += f", or give {' '.join(str(option) for option in options)}"
        return f"{', '.join(self.resources)}: {self.because} requires {given}: {how}"


def demands(document: Node, base_path: str, url: str) -> Demands:
    """What a document requires of requests, without operations that require nothing.

    Args:
        base_path: path of the target's URL; empty at the root.
        url: where the document is, to resolve token endpoints.
    """
    schemes = _schemes(document, url)
    found = {}
    for endpoint in endpoints(document, base_path):
        for method, operation in endpoint.operations.items():
            wanted = operation.get("security", document.get("security"))
            alternatives = tuple(
                tuple(schemes.get(str(name), Scheme(str(name), "other")) for name in one)
                for one in (wanted if isinstance(wanted, list) else [])
                if isinstance(one, dict)
            )
            if alternatives and all(alternatives):
                found[method, endpoint.path] = alternatives
    return found


def of_request(demanded: Demands, method: str, path: str) -> Alternatives:
    """What a request requires: by the entry of its path, else by a template that matches; empty if nothing."""
    if (method, path) in demanded:
        return demanded[method, path]
    found = (one for (verb, template), one in demanded.items() if verb == method and matches(template, path))
    return next(found, ())


def challenged(field: str | None) -> Alternatives:
    """What a WWW-Authenticate field requires (RFC 9110 section 11.6.1), if it is Bearer or Basic."""
    words = re.findall(r"(?:^|,)\s*(bearer|basic)\b(?!\s*=)", field or "", re.IGNORECASE)
    kinds: dict[str, Kind] = {"bearer": "bearer", "basic": "basic"}
    return tuple((Scheme(word, kinds[word.lower()]),) for word in words)


def met(alternatives: Alternatives, credential: Credential | None) -> bool:
    """Whether a credential meets one of the alternatives."""
    held = credential or Credential()
    return any(all(scheme.fits(held) for scheme in schemes) for schemes in alternatives)


def better(
    alternatives: Alternatives, credentials: Mapping[str, Credential], default: str, reserved: Iterable[str]
) -> str | None:
    """The first of the user's own credentials that fits although the default one does not; None if there is none.

    Args:
        reserved: names that rules use.
    """
    if not alternatives or met(alternatives, credentials.get(default)):
        return None
    others = sorted(set(credentials) - {default, *reserved})
    return next((name for name in others if met(alternatives, credentials[name])), None)


def missing(refused: Sequence[Refusal]) -> list[MissingCredential]:
    """The missing credentials, one for all resources with the same refusal: of alternatives, the first usable."""
    found: dict[tuple[Scheme, ...], list[Refusal]] = {}
    for one in refused:
        usable = [schemes for schemes in one.wanted if all(scheme.lines for scheme in schemes)]
        found.setdefault((usable or list(one.wanted))[0], []).append(one)
    # A name other than `default` is used only if a list is refused.
    order = sorted(found.items(), key=lambda one: (one[1][0].because.startswith("GET "), -len(one[1])))
    made: list[MissingCredential] = []
    taken = set(NAMES)
    for schemes, alike in order:
        word = re.sub(r"[^A-Za-z0-9_-]+", "-", schemes[0].name).strip("-") or "own"
        name = DEFAULT if not made else f"{word}-{len(made) + 1}" if word in taken else word
        taken.add(name)
        made.append(MissingCredential(tuple(one.resource for one in alike), alike[0].because, schemes, name))
    return made


def _schemes(document: Node, url: str) -> dict[str, Scheme]:
    components = document.get("components")
    within = components.get("securitySchemes") if isinstance(components, dict) else None
    given = document.get("securityDefinitions") if "swagger" in document else within
    found = {}
    for name, one in (given if isinstance(given, dict) else {}).items():
        found[str(name)] = _scheme(str(name), resolve(document, one), url)
    return found


def query_keys(document: Node) -> tuple[str, ...]:
    """Names of the query parameters that carry a key, by the document's security schemes."""
    return tuple(one.field for one in _schemes(document, "").values() if one.place == "query")


def _scheme(name: str, one: Node, url: str) -> Scheme:
    kind, field, place = one.get("type"), one.get("name"), one.get("in")
    word = str(one.get("scheme", "")).lower()
    if kind == "basic" or (kind == "http" and word == "basic"):
        return Scheme(name, "basic")
    if kind == "http" and word == "bearer":
        return Scheme(name, "bearer")
    if kind == "apiKey" and isinstance(field, str) and place in ("header", "query", "cookie"):
        if place == "header" and field.lower() == "authorization" and "bearer" in str(one).lower():
            return Scheme(name, "bearer")
        return Scheme(name, "key", str(place), field)
    if kind in ("oauth2", "openIdConnect"):
        return Scheme(name, "oauth2", token_url=_token_url(one, url))
    return Scheme(name, "certificate" if kind == "mutualTLS" else "other")


def _token_url(one: Node, url: str) -> str:
    """Token URL of the client credentials flow, absolute; empty if there is no usable one."""
    flows = one.get("flows")
    flow: Any = flows.get("clientCredentials") if isinstance(flows, dict) else None
    if flow is None and one.get("flow") == "application":
        flow = one
    given = flow.get("tokenUrl") if isinstance(flow, dict) else None
    try:
        absolute = urljoin(url, given) if isinstance(given, str) else ""
        return absolute if urlsplit(absolute).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _text(value: str) -> str:
    """The text as a basic string of TOML."""
    plain = "".join(one if one.isprintable() else "?" for one in value)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${") + '"'
