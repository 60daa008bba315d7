"""What cannot be used is told in one line that names the place and the fix; exit code 4, no traceback."""

from __future__ import annotations

import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests import servers
from tests.servers import HTML, PROFILE, Crud
from tests.sessions import Done, here, write

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs pytest in this process, in a folder of its own."""
    for name in ("CONFORMANCE_TARGET_URL", "CONFORMANCE_PROFILE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)

    def start(*arguments: str, **files: str) -> Done:
        named = {name.replace("_", "."): text for name, text in files.items()}
        return here(pytester, *arguments, files=named)

    return start


@pytest.fixture(scope="module")
def api():
    with servers.http(Crud()) as server:
        yield server


@pytest.fixture(scope="module")
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:8000/v1", ("--target-url", "no scheme", "write http://127.0.0.1:8000/v1")),
        ("staging.example.com", ("--target-url", "no scheme", "https://staging.example.com")),
        ("ftp://h/", ("--target-url", "'ftp' is not http or https", "https://")),
        ("http://", ("--target-url", "names no host")),
        ("http://user:pass@h/", ("--target-url", "user name or password", "--header")),
        (
            "http://h/v1?key=pass@1",
            ("--target-url", "http://h/v1 has a query", "give http://h/v1 alone", "`query`"),
        ),
        ("http://h:99999/", ("--target-url", "not a URL")),
        ("http://[::1", ("--target-url", "not a URL")),
        (
            "http://no-such-host.invalid",
            ("http://no-such-host.invalid", "cannot be resolved", "check the name"),
        ),
    ],
)
def test_urls(run, url, said):
    done = run("--target-url", url)
    assert done.code == 4
    for part in said:
        assert part in done.error
    assert "pass@" not in done.out


def test_nothing_listens(run, closed_port):
    done = run("--target-url", f"http://127.0.0.1:{closed_port}")
    assert done.code == 4
    assert "cannot be reached" in done.error
    assert "is it running" in done.error


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--max-requests", "many", "'many' is not a number of at least 1"),
        ("--max-requests", "0", "'0' is not a number of at least 1"),
        ("--rps", "-1", "'-1' is not a number"),
        ("--rps", "nan", "'nan' is not a number"),
        ("--timeout", "inf", "'inf' is not a number"),
        ("--flood-budget", "1.5", "'1.5' is not a number"),
        ("--effects", "gentle", "'gentle' is not an effect; use one of read, write, burst, flood, load"),
        ("--fail-on", "shall", "'shall' is unknown; use must, should, advice, inconclusive, suspicion"),
        ("--header", "no colon", "not of the form 'Name: value'"),
        ("--header", "X-Bad: a\x01b", "the value of X-Bad has a control character"),
        ("--openapi", "no-such-file.json", "the file no-such-file.json does not exist"),
        ("--openapi", "http://elsewhere.example/openapi.json", "is not on the target's origin"),
        ("--profile", "no-such.toml", "the file does not exist"),
        ("--profile", ".", "is a directory"),
    ],
)
def test_options(run, api, option, value, said):
    done = run("--target-url", api.url, f"{option}={value}")
    assert done.code == 4
    assert said in done.error
    assert done.error.startswith(value if option == "--profile" else option)


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("resourcse = []", ("conformance.toml", "resourcse", "resources")),
        ("[[resources]]\ncollection = '/a'\nbdy = {}", ("conformance.toml", "bdy", "body")),
        ("[[resources]]\ncollection = '/a'\nid = 'id'", ("conformance.toml", "neither a JSON Pointer")),
        ("strict = [", ("conformance.toml", "not TOML")),
        (
            "[credentials.default.headers]\nX = '${NO_SUCH_VARIABLE}'",
            ("conformance.toml", "NO_SUCH_VARIABLE"),
        ),
        (
            "[credentials.other.oauth2]\ntoken_url = 'http://127.0.0.1:9/t'\nclient_id = 'a'\nclient_secret = 'b'",
            ("conformance.toml: credentials.other.oauth2: the token endpoint http://127.0.0.1:9/t", "check"),
        ),
        (
            "[credentials.default]\ncommand = { run = ['no-such-program-here'] }",
            ("conformance.toml: credentials.default.command.run: program not found", "install it"),
        ),
        ("only = ['nothing']", ("only", "no resource is called 'nothing'")),
        ("setup = ['PUT /no-such-thing']", ("setup", "PUT /no-such-thing", "404")),
    ],
)
def test_profiles(run, api, profile, said):
    done = run("--target-url", api.url, conformance_toml=profile)
    assert done.code == 4
    for part in said:
        assert part in done.error


def test_a_report_directory_that_cannot_be(run, api):
    before = len(api.seen)
    done = run("--target-url", api.url, "--report-dir", "taken/reports", taken="a file")
    assert done.code == 4
    assert "--report-dir" in done.error
    assert len(api.seen) == before


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "not JSON"),
        ("<!doctype html><html>", "an HTML page, not an OpenAPI document"),
        ("{}", "neither an `openapi` nor a `swagger` member"),
        ('{"openapi": "3.1.0", "paths": {}}', "no usable `paths`"),
        ("[" * 100_000, "nested"),
        ("", "empty"),
    ],
)
def test_documents(run, api, document, said):
    done = run("--target-url", api.url, "--openapi", "api.json", api_json=document)
    assert done.code == 4
    assert done.error.startswith("api.json")
    assert said in done.error


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (servers.hangs, "no response within the timeout"),
        (servers.trickles, "t"),
        (servers.closes, "not HTTP"),
        (servers.halves, "cannot be read"),
        (servers.babbles, "not HTTP"),
        (servers.floods, "content of more than"),
        (servers.sends(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n"), "cannot be read"),
        (
            servers.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe"),
            "no resource to test was found",
        ),
    ],
)
def test_servers_that_are_none(run, talk, said):
    with servers.raw(talk) as url:
        done = run(
            "--target-url", url, "--timeout", "0.3" if talk in (servers.hangs, servers.trickles) else "20"
        )
    assert done.code == 4
    assert done.error.startswith(url)
    assert said in done.error


@pytest.mark.parametrize(
    ("respond", "said", "requests"),
    [
        (servers.always(503), "503, still after 2 attempts; start the target", 2),
        (servers.always(503, b"", "text/plain", ("Retry-After", "3600")), "asks to wait 3600 s", 1),
        (servers.always(429, b"", "text/plain", ("Retry-After", "0")), "429, still after 3 attempts", 3),
        (servers.always(500, b"{}"), "every one of 11 requests was answered with a server error (500)", 11),
        (
            servers.always(404, b"{}"),
            "-> 404 application/json; no OpenAPI document at 12 usual places (404 12 times); "
            "/api/, /api, /api/v1/, /v1/ and 1 more: no list of items (404 5 times); give the URL of a collection",
            20,
        ),
        (
            servers.always(200, HTML, "text/html"),
            "-> 200 text/html, which is not JSON; no OpenAPI document at 12",
            15,
        ),
        (servers.always(200, b'{"a": NaN}'), "no resource to test was found", 16),
        (servers.always(200, b"[" * 100_000 + b"]" * 100_000), "no resource to test was found", 16),
    ],
)
def test_targets_with_nothing_to_test(run, respond, said, requests):
    with servers.http(respond) as server:
        done = run("--target-url", server.url)
    assert done.code == 4
    assert done.error.startswith(server.url)
    assert said in done.error
    assert len(server.seen) == requests


def tls_server(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_tls(run, monkeypatch, tmp_path):
    authority = trustme.CA()
    rules = """
from harness import MUST, rule

@rule("ACME-001", MUST, refs=["x"])
def test_it(client):
    \"\"\"Title

    Why: w
    Fix: f
    \"\"\"
    assert client.get("/").is_success
"""
    with servers.http(Crud(), tls_server(authority)) as server:
        done = run("--target-url", server.url)
        assert done.code == 4
        assert "its TLS certificate is not trusted" in done.error
        assert "SSL_CERT_FILE" in done.error
        assert "--insecure" in done.error

        plain = run("--target-url", server.url.replace("https:", "http:"))
        assert plain.code == 4
        assert f"is it {server.url}?" in plain.error

        given = {"test_own_py": "", "conformance_toml": PROFILE}
        write(Path.cwd(), {"test_own.py": rules})
        del given["test_own_py"]
        assert run("--target-url", server.url, "--insecure", "test_own.py", **given).code == 0
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert run("--target-url", server.url, "test_own.py").code == 0


def test_https_to_a_port_that_speaks_http(run, api):
    done = run("--target-url", api.url.replace("http:", "https:"))
    assert done.code == 4
    assert "it does not use TLS" in done.error
    assert f"is it {api.url}?" in done.error


def recursive_document(octets: int) -> dict[str, Any]:
    """An OpenAPI document of that size, whose schemas refer to themselves and to each other."""
    schemas = {"Thing": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}
    schemas["Thing"]["properties"]["parent"] = {"$ref": "#/components/schemas/Thing"}
    schemas["Thing"]["properties"]["loop"] = {"$ref": "#/components/schemas/Loop"}
    schemas["Loop"] = {"$ref": "#/components/schemas/Pool"}
    schemas["Pool"] = {"$ref": "#/components/schemas/Loop"}
    for number in range(octets // 950):
        schemas[f"S{number}"] = {
            "description": "x" * 900,
            "allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}],
        }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    one = {"responses": {"200": {"description": "", "content": content}}}
    create = {
        "requestBody": {"content": content},
        "responses": {"201": {"description": "", "content": content}},
    }
    listed = {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}
    all_ = {"responses": {"200": {"description": "", "content": {"application/json": listed}}}}
    parameter = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {
        "/things": {"get": all_, "post": create},
        "/things/{id}": {"parameters": parameter, "get": one, "put": {**create}, "delete": one},
    }
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def test_an_enormous_recursive_document_works(run):
    text = json.dumps(recursive_document(10_000_000))
    assert len(text) > 10_000_000
    api = Crud()
    with servers.http(api) as server:
        done = run(
            "--target-url", server.url, "--openapi", "api.json", "-k", "METH-001 or METH-008", api_json=text
        )
    assert "resources: things" in done.out
    assert set(done.verdicts) == {"METH-001", "METH-008"}
    assert done.report["target"]["openapi"] == "api.json"
    assert api.items == {}


def test_a_broken_document_at_a_usual_place_is_reported_and_the_run_goes_on(run):
    crud = Crud()

    def respond(seen):
        if seen.path == "/openapi.json":
            return servers.Answer(200, b"{", [("Content-Type", "application/json")])
        return crud(seen)

    profile = PROFILE.replace("openapi = false", "")
    with servers.http(respond) as server:
        done = run("--target-url", server.url, "-k", "METH-001", conformance_toml=profile)
    assert done.verdicts == {"METH-001": "pass"}
    assert any("/openapi.json: not JSON" in warning for warning in done.report["warnings"])


def test_html_where_json_is_expected(run):
    with servers.http(servers.always(200, HTML, "text/html")) as server:
        done = run("--target-url", server.url, "-k", "METH", conformance_toml=PROFILE)
    assert done.code == 5
    assert "error" not in done.verdicts.values()
    assert done.report["summary"]["verified"] == 0
    assert "Nothing was verified" in done.out


def test_a_target_that_dies_half_way(run):
    api = Crud(dies_after=60)
    with servers.http(api) as server:
        done = run("--target-url", server.url, "-k", "METH", conformance_toml=PROFILE)
    assert done.code == 1
    verdicts = list(done.verdicts.values())
    assert "pass" in verdicts
    assert "error" not in verdicts
    assert "fail" not in verdicts
    died = done.report["target"]["died"]
    assert "stopped answering" in died
    assert died in done.report["warnings"]
    assert "stopped answering" in done.out
    late = [f for f in done.report["findings"] if f["reason"] == died]
    assert late
    assert all(finding["verdict"] == "inconclusive" for finding in late)
    # The few that show it, and not one request more.
    assert len(server.seen) <= 60 + 2 * 3


def test_a_target_that_hangs_half_way(run):
    import threading

    over = threading.Event()
    count = iter(range(10_000))
    api = Crud(on_request=lambda seen: over.wait() if next(count) > 40 else None)
    with servers.http(api) as server:
        done = run("--target-url", server.url, "-k", "METH", "--timeout", "0.3", conformance_toml=PROFILE)
        over.set()
    assert done.code == 1
    assert "stopped answering" in done.report["target"]["died"]
    assert "error" not in done.verdicts.values()


@pytest.mark.parametrize("effects", ["read", "write"])
def test_what_a_survey_of_ten_resources_sends(run, effects):
    crud = {f"r{number}": Crud() for number in range(10)}

    def respond(seen):
        if seen.path == "/":
            body = json.dumps({name: f"/{name}" for name in crud}).encode()
            return servers.Answer(200, body, [("Content-Type", "application/json")])
        name, _, rest = seen.path.strip("/").partition("/")
        if name not in crud:
            return servers.Answer(404)
        crud[name].items.setdefault("first", {"id": "first", "name": "x"})
        return crud[name](servers.Seen(seen.method, f"/things/{rest}".rstrip("/"), seen.fields, seen.body))

    with servers.http(respond) as server:
        profile = "openapi = false\n" + "".join(
            f"[[resources]]\ncollection = '/r{n}'\nbody = {{name = 'ours'}}\nchange = '/name'\n"
            for n in range(10)
        )
        done = run(
            *("--target-url", server.url, "--effects", effects, "--collect-only", "-q"),
            conformance_toml=profile,
        )
    assert done.code == 0
    # Nothing is run, so nothing is created, whatever is allowed.
    assert set(server.methods) <= {"GET", "HEAD", "OPTIONS"}
    assert all(set(one.items) == {"first"} for one in crud.values())
    assert len(server.seen) <= 80
