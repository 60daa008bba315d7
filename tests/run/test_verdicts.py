"""A user's own rules: every verdict, alike with and without workers, and no credential in any artefact."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
from urllib.parse import quote

import pytest

from harness.__main__ import main
from tests import servers
from tests.servers import PROFILE, Answer, Crud
from tests.sessions import run
from tests.target.echoing import Echo
from tests.target.encodings import finds, read

pytestmark = pytest.mark.slow

CANARY = "canary-header-7f3a9c51"
OTHER = "canary-profile-2b8d4e60"

RULES = '''
import pytest
from harness import MAY, MUST, SHOULD, WRITE, applies, control, expect, inconclusive, note, rule, warn

DOC = """Title of it

Why: it breaks.
Fix: mend it.
"""
CALLS = []


def made(number, level=MUST, **options):
    def mark(function):
        function.__doc__ = DOC
        return rule(f"ACME-{number:03}", level, refs=["our contract"], **options)(function)
    return mark


@made(1, needs="create read", effect=WRITE)
def test_pass(resource, client, profile, target):
    item = resource.create()
    assert client.get(item.url).status_code == 200
    assert profile.resource("things").name == "things"


@made(2)
def test_plain_assert(client):
    reply = client.get("/")
    assert reply.status_code == 418, "no teapot"


@made(3)
def test_expect(client):
    expect(client.get("/").status_code == 418, "a teapot", "none of it " + client.get("/").text)


@made(4, SHOULD)
def test_warn(client):
    client.get("/")
    warn("better", "worse")


@made(5)
def test_note(client):
    note("worth telling")


@made(6)
def test_applies(client):
    applies(False, "there is a kettle")


@made(7)
def test_control(client):
    control(client.get("/gone").is_success, "it should be there")


@made(8)
def test_crash(client):
    reply = client.get("/")
    headers = dict(reply.request.headers)
    raise KeyError(headers["authorization"])


@made(9)
def test_flaky(client):
    CALLS.append(1)
    expect(len(CALLS) % 2 == 0, "always", client.get("/").status_code)


@made(10)
@pytest.mark.skip(reason="not today")
def test_marked_skip(client):
    raise AssertionError


@made(11)
def test_skips_itself(client):
    pytest.skip("not here")


@pytest.fixture
def broken(client):
    assert client.get("/").json() == {"fixture": "fails"}


@made(12)
def test_broken_fixture(broken):
    pass


@made(13, needs="no-such-capability")
def test_nothing_has_it(resource):
    raise AssertionError


@made(14, MAY)
def test_may(client):
    expect(False, "x", "y")


@made(15)
def test_surrogate(client):
    raise ValueError("\\ud800 \\x1b[31m")


@made(16, needs="create", effect=WRITE)
def test_warns_twice(resource, client):
    resource.create()
    warn("a", "b")
    inconclusive("c")


@made(17)
def test_pytest_fail(client):
    print(client.get("/").text)
    print("::error::printed ##[add-mask]e")
    pytest.fail("on purpose\\n::error::failed ##[add-mask]e")


@made(18)
def test_hostile_reasons(client):
    applies(False, "x\\n::error::absent ##[add-mask]e")


@made(19)
def test_hostile_crash(client):
    raise ValueError("x\\n::error::crashed ##[add-mask]e")


@made(20)
def test_everybody(client, target):
    import base64
    import logging
    import time
    from urllib.parse import quote

    from harness.race import Request, race
    from harness.client.raw import connection

    def show(text):
        print(text, quote(text, safe=""), base64.b64encode(b"x" + text.encode()).decode(), repr(target))
        logging.getLogger("mine").warning("they sent %s", text)

    replies = []
    for name in sorted(target.credentials):
        own = client.under(name)
        for _ in range(2):
            # Longer than the tokens of one of them are good for.
            time.sleep(0.8 if name == "other" else 0)
            replies.append(own.get("/"))
            show(replies[-1].text)
        with connection(own) as wire:
            show(wire.ask("GET", client.url("/"), odd=True)[1].text)
        replies += race(own, [Request("GET", "/")] * 2).replies
    expect(False, "nothing", [reply.text for reply in replies] + [repr(target.credentials)])
'''

EXPECTED = {
    "ACME-001": "pass",
    "ACME-002": "fail",
    "ACME-003": "fail",
    "ACME-004": "warn",
    "ACME-005": "note",
    "ACME-006": "not applicable",
    "ACME-007": "inconclusive",
    "ACME-008": "error",
    "ACME-009": "inconclusive",
    "ACME-010": "not applicable",
    "ACME-011": "not applicable",
    "ACME-012": "error",
    "ACME-013": "not applicable",
    "ACME-014": "note",
    "ACME-015": "error",
    "ACME-016": "warn",
    "ACME-017": "fail",
    "ACME-018": "not applicable",
    "ACME-019": "error",
    "ACME-020": "fail",
}
CREDENTIALS = """
[credentials.default]
headers = { X-Second = "key ${SECOND}" }
query = { api_key = "${QUERY}" }
cookies = { sid = "${COOKIE}" }

[credentials.readonly]
basic = { user = "anna", password = "${PASSWORD}" }

[credentials.admin]
command = { run = ["sh", "-c", "echo canary-$COMMAND"] }

[credentials.other]
oauth2 = { token_url = "%s/token", client_id = "us", client_secret = "${CLIENT_SECRET}" }
"""
SECRETS = {
    "SECOND": OTHER,
    "QUERY": "canary+query/3c=&é",
    "COOKIE": "canary-cookie/1d=",
    "PASSWORD": "canary-basic:&'\"<4f>",
    "CLIENT_SECRET": "canary-client-6a",
    "COMMAND": "command-9e",
}
# What is secret and not given: made of it, or fetched.
MADE = [base64.b64encode(f"anna:{SECRETS['PASSWORD']}".encode()).decode(), "canary-command-9e"]


def issuer():
    numbers = itertools.count(1)

    def respond(seen):
        shown = {"access_token": f"canary-token-{next(numbers)}", "token_type": "Bearer", "expires_in": 1}
        return Answer(200, json.dumps(shown).encode(), [])

    return respond


@pytest.fixture(scope="module", params=["0", "2"])
def done(request, tmp_path_factory):
    api = Echo(echoes=True)
    with servers.http(api) as server, servers.http(issuer()) as tokens:
        result = run(
            tmp_path_factory.mktemp("own"),
            *("--target-url", server.url, "--header", f"Authorization: Bearer {CANARY}", "-n", request.param),
            *("--showlocals", "--tb=long", "-ra", "-v", "--log-level=DEBUG", "test_own.py"),
            *("--report-formats=all", "--write-waivers=reports/waivers.toml"),
            "--survey-cache=reports/survey.json",
            files={"test_own.py": RULES, "conformance.toml": PROFILE + CREDENTIALS % tokens.url},
            env={**SECRETS, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "reports/summary.md"},
        )
        # The survey asks once without credentials, to see what is answered.
        bare = [seen for seen in server.seen if not (seen.field("x-second") or seen.field("authorization"))]
        assert len(bare) <= 1
        sent = " ".join(seen.field("authorization") or "" for seen in server.seen)
        assert all(made in sent for made in MADE)
        # Fetched, and renewed.
        assert len(set(re.findall(r"canary-token-\d+", sent))) > 1
        assert any("api_key=canary%2Bquery" in seen.path for seen in server.seen)
        assert any("canary-cookie" in (seen.field("cookie") or "") for seen in server.seen)
        shown = f"tokens for the credential 'other' come from {tokens.url}/token, another origin, unencrypted"
        assert f"conformance: {shown}" in result.out
        # Nothing is sent behind the budget's back, and nothing is left behind.
        assert result.report["target"]["requests"] == len(server.seen)
    assert api.items == {}
    assert api.made > 1
    return result


def test_every_verdict(done):
    assert done.verdicts == EXPECTED
    assert done.code == 1


def test_no_credential_in_any_artefact(done):
    assert set(done.artefacts) == {
        "terminal",
        "conformance.json",
        "conformance.html",
        "junit.xml",
        "conformance.sarif",
        "conformance.md",
        "conformance.har",
        "badge.svg",
        "waivers.toml",
        "summary.md",
        "survey.json",
    }
    for name, text in done.artefacts.items():
        assert CANARY not in text, name
        assert "canary" not in text.lower(), name
        for secret in (*SECRETS.values(), *MADE):
            for form in (secret, quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1]):
                assert form not in text, (name, form)
        made = read(text, 2)
        folded = b"\n".join(made).lower()
        for secret in (CANARY, "canary", *SECRETS.values(), *MADE):
            assert secret.encode().lower() not in folded, (name, secret)
    assert "$DEFAULT_AUTHORIZATION" in done.artefacts["conformance.json"]
    assert "$SECOND" in done.artefacts["conformance.json"]
    assert "$SECOND" in done.artefacts["conformance.har"]


def test_no_credential_in_what_is_made_of_the_report(done, capsys):
    report = str(done.folder / "reports" / "conformance.json")
    for command in (["report", report], ["compare", report, report, "--html", "-"]):
        assert main(command) == 0
    shown = "".join(capsys.readouterr())
    assert CANARY not in shown
    assert "canary" not in shown


def test_no_credential_where_pytest_itself_breaks(tmp_path):
    hook = f"def pytest_runtest_logreport(report):\n    key = {CANARY!r}\n    raise ValueError(key)\n"
    with servers.http(Crud()) as server:
        given = ["--target-url", server.url, "--header", f"X-Key: {CANARY}", "--showlocals", "test_own.py"]
        files = {
            "conformance.toml": PROFILE,
            "test_own.py": "def test_it():\n    pass\n",
            "conftest.py": hook,
        }
        done = run(tmp_path, *given, files=files)
    assert "INTERNALERROR> ValueError: $DEFAULT_X_KEY" in done.out
    assert not finds(CANARY, done.out, 2)


def test_a_runner_obeys_nothing_that_a_target_sent(done):
    commands = [line for line in done.out.splitlines() if line.strip().startswith("::")]
    assert commands
    assert all(re.match(r"::(?:error|warning) title=ACME-0", line) for line in commands)
    assert "##[" not in done.out


def test_a_plain_assert_is_a_finding(done):
    (breach,) = done.finding("ACME-002")["breaches"]
    assert breach["expected"] == "Title of it"
    assert "no teapot" in breach["observed"]
    assert len(done.finding("ACME-002")["exchanges"]) == len(done.finding("ACME-002")["repeat"]) == 1


def test_a_flaky_rule_shows_both_transcripts(done):
    finding = done.finding("ACME-009")
    assert finding["reason"].startswith("flaky: first fail (200), on repeat pass")
    ids = {exchange["id"] for exchange in done.report["exchanges"]}
    assert len(finding["exchanges"]) == len(finding["repeat"]) == 1
    assert {*finding["exchanges"], *finding["repeat"]} <= ids


def test_a_crash_is_reported_usefully_and_without_secrets(done):
    assert "KeyError: 'Bearer $DEFAULT_AUTHORIZATION'" in done.finding("ACME-008")["reason"]
    assert 'raise KeyError(headers["authorization"])' in done.out
    assert "ERROR ACME-008" in done.out


def test_reasons_of_what_was_not_decided(done):
    assert "the control failed: it should be there" in done.finding("ACME-007")["reason"]
    assert "does not apply: there is a kettle" in done.finding("ACME-006")["reason"]
    assert "not today" in done.finding("ACME-010")["reason"]
    assert "not here" in done.finding("ACME-011")["reason"]
    assert "things lacks no-such-capability" in done.finding("ACME-013")["reason"]


def test_the_profile_in_the_report_names_credentials_only(done):
    assert set(done.report["profile"]["credentials"]) == {"default", "readonly", "admin", "other"}
    headers = done.report["profile"]["credentials"]["default"]["headers"]
    assert set(headers.values()) == {"[redacted]"}


def test_the_terminal_gets_no_control_characters(done):
    assert "\x1b[31m" not in done.out
