"""Which credential is wanted, which one fits, and what the user is told: on literal documents, and on real sockets."""

from __future__ import annotations

import json
import tomllib
from textwrap import dedent
from typing import Any

import pytest

from harness.__main__ import main
from harness.survey.openapi.security import (
    Alternatives,
    Refusal,
    Scheme,
    better,
    challenged,
    demands,
    met,
    missing,
    of_request,
)
from harness.target.credentials.resolved import Certificate, Credential, Grant
from tests import servers
from tests.sessions import here
from tests.survey.surveying import Api, described, surveyed

pytest_plugins = ["pytester"]
AT = "https://api.example.com/openapi.json"
BEARER = Credential({"Authorization": "Bearer t"})
BASIC = Credential({"authorization": "basic dTpw"})
GRANTED = Credential(grant=Grant("https://id.example.com/token", "i", "s"))
KEYED = Credential({"x-api-key": "k"})
ASKING = Credential(query={"key": "k"})
BAKED = Credential({"Cookie": "a=1; sid=2"})
SIGNED = Credential(certificate=Certificate("client.pem"))
EVERY = {
    "bearer": BEARER,
    "basic": BASIC,
    "granted": GRANTED,
    "keyed": KEYED,
    "asking": ASKING,
    "baked": BAKED,
    "signed": SIGNED,
}


def wanted(scheme: dict[str, Any], swagger: bool = False) -> Scheme:
    """The one scheme of a document."""
    within = (
        {"swagger": "2.0", "securityDefinitions": {"s": scheme}}
        if swagger
        else {"openapi": "3.1.0", "components": {"securitySchemes": {"s": scheme}}}
    )
    paths = {"/a": {"get": {}}}
    ((found,),) = demands({**within, "security": [{"s": []}], "paths": paths}, "", AT)["GET", "/a"]
    return found


FLOWS = {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}


@pytest.mark.parametrize(
    ("scheme", "swagger", "fitting", "line"),
    [
        ({"type": "http", "scheme": "Bearer"}, False, {"bearer", "granted"}, 'bearer = "${API_TOKEN}"'),
        (
            {"type": "http", "scheme": "basic"},
            False,
            {"basic"},
            'basic = { user = "${API_USER}", password = "${API_PASSWORD}" }',
        ),
        (
            {"type": "basic"},
            True,
            {"basic"},
            'basic = { user = "${API_USER}", password = "${API_PASSWORD}" }',
        ),
        (
            {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            True,
            {"keyed"},
            'headers = { "X-API-Key" = "${X_API_KEY}" }',
        ),
        ({"type": "apiKey", "in": "query", "name": "key"}, False, {"asking"}, 'query = { "key" = "${KEY}" }'),
        (
            {"type": "apiKey", "in": "cookie", "name": "sid"},
            False,
            {"baked"},
            'cookies = { "sid" = "${SID}" }',
        ),
        (
            {"type": "oauth2", "flows": FLOWS},
            False,
            {"bearer", "granted"},
            'oauth2 = { token_url = "https://api.example.com/oauth/token", client_id = "${CLIENT_ID}", '
            'client_secret = "${CLIENT_SECRET}" }',
        ),
        (
            {"type": "oauth2", "flow": "application", "tokenUrl": "https://id.example.com/t"},
            True,
            {"bearer", "granted"},
            'oauth2 = { token_url = "https://id.example.com/t", client_id = "${CLIENT_ID}", '
            'client_secret = "${CLIENT_SECRET}" }',
        ),
        (
            {"type": "oauth2", "flows": {"implicit": {}}},
            False,
            {"bearer", "granted"},
            'bearer = "${API_TOKEN}"',
        ),
        (
            {"type": "mutualTLS"},
            False,
            {"signed"},
            'certificate = { file = "client.pem", key = "client.key" }',
        ),
        ({"type": "http", "scheme": "dpop"}, False, set(), None),
        ({"type": "apiKey", "in": "trailer", "name": "x"}, False, set(), None),
    ],
)
def test_schemes_what_fits_them_and_what_to_write(
    scheme: dict[str, Any], swagger: bool, fitting: set[str], line: str | None
) -> None:
    found = wanted(scheme, swagger)
    assert {name for name, one in EVERY.items() if found.fits(one)} == fitting
    assert found.lines == ([] if line is None else [line])
    tomllib.loads("\n".join(found.lines))


def test_security_of_an_operation_comes_before_the_documents() -> None:
    schemes = {"b": {"type": "http", "scheme": "bearer"}, "k": {"type": "apiKey", "in": "query", "name": "k"}}
    paths = {
        "/open": {"get": {"security": []}, "post": {}},
        "/optional": {"get": {"security": [{}, {"b": []}]}},
        "/both": {"get": {"security": [{"b": [], "k": []}]}},
        "/either/{id}": {"get": {"security": [{"b": []}, {"k": []}]}},
        "/usual": {"get": {}},
        "/unknown": {"get": {"security": [{"x": []}]}},
    }
    document = {
        "openapi": "3.0.0",
        "security": [{"k": []}],
        "components": {"securitySchemes": schemes},
        "paths": paths,
    }
    found = demands(document, "", AT)
    assert sorted(found) == [
        ("GET", "/both"),
        ("GET", "/either/{id}"),
        ("GET", "/unknown"),
        ("GET", "/usual"),
        ("POST", "/open"),
    ]
    either, both = of_request(found, "GET", "/either/7"), found["GET", "/both"]
    assert [[len(one) for one in alternatives] for alternatives in (either, both)] == [[1, 1], [2]]
    assert of_request(found, "GET", "/open") == ()
    assert found["GET", "/unknown"][0][0].kind == "other"
    assert met(either, BEARER)
    assert not met(both, BEARER)
    assert met(both, Credential({"Authorization": "Bearer t"}, {"k": "1"}))


@pytest.mark.parametrize(
    ("field", "kinds"),
    [
        ('Bearer realm="a"', ["bearer"]),
        ('Basic realm="Bearer of news", Bearer', ["basic", "bearer"]),
        ("Negotiate", []),
        (None, []),
    ],
)
def test_challenges(field: str | None, kinds: list[str]) -> None:
    assert [scheme.kind for (scheme,) in challenged(field)] == kinds


class TestBetter:
    KEY: Alternatives = ((Scheme("k", "key", "header", "X-API-Key"),),)

    def test_one_of_the_users_own_that_fits(self) -> None:
        held = {"default": BEARER, "reports": KEYED, "zeta": KEYED}
        assert better(self.KEY, held, "default", ("default", "other")) == "reports"

    @pytest.mark.parametrize(
        "held",
        [
            {"default": KEYED, "reports": KEYED},
            {"default": BEARER, "other": KEYED},
            {"default": BEARER, "reports": BASIC},
            {"default": BEARER},
            {},
        ],
    )
    def test_none_is_better(self, held: dict[str, Credential]) -> None:
        assert better(self.KEY, held, "default", ("default", "other")) is None

    def test_where_nothing_is_wanted_nothing_fits_better(self) -> None:
        assert better((), {"default": BEARER, "reports": KEYED}, "default", ()) is None


def test_what_is_missing_is_reported_once_for_all_resources() -> None:
    odd, bearer = Scheme("x", "other"), Scheme("b", "bearer")
    wanted: Alternatives = ((odd,), (bearer,))
    shown = missing([Refusal(name, f"GET /{name} -> 401, and it", wanted) for name in ("a", "b")])
    assert [one.warning for one in shown] == [
        'a, b: GET /a -> 401, and it requires a bearer token: write `bearer = "${API_TOKEN}"` below '
        '[credentials.default], or give --header "Authorization: Bearer $API_TOKEN"'
    ]


def test_several_that_are_missing_have_names_of_their_own() -> None:
    bearer, key = Scheme("b", "bearer"), Scheme("X key", "key", "header", "X-Key")
    shown = missing(
        [
            Refusal("a", "GET /a -> 401, and it", ((key,),)),
            Refusal("b", "GET /b -> 401, and it", ((key,),)),
            Refusal("c", "POST /c -> 401, and it", ((bearer,),)),
            Refusal("d", "GET /d -> 401, and it", ((Scheme("other", "basic"),),)),
        ]
    )
    assert [(one.credential, one.resources) for one in shown] == [
        ("default", ("c",)),
        ("X-key", ("a", "b")),
        ("other-3", ("d",)),
    ]
    assert "--header" not in shown[1].warning


class Guarded:
    """Collections that each want a header field.

    Attributes:
        public: whether a GET wants nothing.
    """

    def __init__(self, public: bool = False, **fields: str) -> None:
        self.public = public
        self.fields = {f"/{name}": field for name, field in fields.items()}
        document = json.loads(json.dumps(described(*self.fields)))
        document["components"] = {
            "securitySchemes": {
                field: {"type": "apiKey", "in": "header", "name": field} for field in fields.values()
            }
        }
        for path, item in document["paths"].items():
            for method, operation in item.items():
                operation["security"] = (
                    [] if public and method == "get" else [{self.fields["/" + path.split("/")[1]]: []}]
                )
        self.api = Api(tuple(self.fields), document)

    def __call__(self, seen: servers.Seen) -> servers.Answer:
        field = self.fields.get("/" + seen.path.partition("?")[0].split("/")[1])
        barred = not (self.public and seen.method == "GET")
        if field is not None and barred and seen.field(field) != "good":
            return servers.Answer(401, b"{}", [("Content-Type", "application/json")])
        return self.api(seen)


def test_a_resource_that_wants_another_credential_gets_it(pytester: Any) -> None:
    guarded = Guarded(things="X-Key", reports="X-Reports-Key")
    profile = """
        consistency_window = 0
        [credentials.default.headers]
        X-Key = "good"
        [credentials.reports.headers]
        X-Reports-Key = "good"
        """
    rule = '''
        from harness import MUST, WRITE, expect, rule


        @rule("OWN-001", MUST, refs=["our guide"], needs="create", effect=WRITE)
        def test_it(resource, client):
            """Be there

            Why: it is wanted.
            Fix: be there.
            """
            item = resource.create()
            reply = client.get(item.url)
            expect(reply.status_code == 200, "200", reply.status_code)
        '''
    with servers.http(guarded) as server:
        files = {"conformance.toml": dedent(profile), "test_own.py": dedent(rule)}
        done = here(pytester, "--target-url", server.url, "test_own.py", files=files)
    assert {(one["resource"], one["verdict"]) for one in done.report["findings"]} == {
        ("things", "pass"),
        ("reports", "pass"),
    }
    assert guarded.api.items == {}


def test_a_run_without_the_credential_that_is_wanted_is_reported_the_lines(pytester: Any) -> None:
    with servers.http(Guarded(things="X-Key", reports="X-Key")) as server:
        done = here(pytester, "--target-url", server.url, "--survey-only")
    shown = " ".join(done.out.split())
    assert "more rules with create" not in shown
    assert (
        "reports, things: GET /reports -> 401, and the OpenAPI document requires a key in the header" in shown
    )
    assert '[credentials.default] headers = { "X-Key" = "${X_KEY}" }' in shown
    assert '--header "X-Key: $X_KEY"' in shown


def test_init_writes_the_lines_as_comments(capsys: Any) -> None:
    with servers.http(Guarded(things="X-Key")) as server:
        assert main(["init", server.url, "--output", "-"]) == 0
    text = capsys.readouterr().out
    assert text.endswith(
        "\n# GET /things -> 401, and the OpenAPI document wants a credential: remove the # and set the variables\n"
        '# [credentials.default]\n# headers = { "X-Key" = "${X_KEY}" }\n'
    )
    tomllib.loads(text.replace("\n# [", "\n[").replace("\n# headers", "\nheaders"))


def test_a_create_that_is_refused_where_reading_is_free_is_reported_too() -> None:
    with servers.http(Guarded(public=True, things="X-Key")) as server:
        found = surveyed(server.url)
    (shown,) = found.missing
    assert shown.because == "POST /things -> 401, and the OpenAPI document"
    assert shown.warning in found.warnings
    assert found.profile.resource("things").capabilities["list"].there
