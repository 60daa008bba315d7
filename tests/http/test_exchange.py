"""Exchange: its curl line survives a real shell, and bodies tell their true length."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.http.exchange import Body, Exchange

PRINTER = f"{sys.executable} -c 'import json,sys; print(json.dumps(sys.argv[1:]))'"


def exchange(method="GET", url="http://h/x", fields=(), body=""):
    return Exchange("1", method, url, tuple(fields), Body(body, len(body.encode())))


def argv(line: str, **variables: str) -> list[str]:
    """The arguments that `curl` would get of a line, from a real shell."""
    script = f'curl() {{ {PRINTER} "$@"; }}\n{line}'
    environ = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, env=environ)
    assert done.stderr == b""
    found: list[str] = json.loads(done.stdout)
    return found


def value_of(found: list[str], option: str) -> list[str]:
    return [after for before, after in itertools.pairwise(found) if before == option]


pieces = [*"ab '\"\\$`(){}[]*?!~#&|;<>=@%\t\n-é€", "$(touch x)", "`id`", "$HO", "${HOME}"]
hard = st.lists(st.sampled_from(pieces), min_size=1, max_size=30).map("".join)


@settings(max_examples=40, deadline=None)
@given(hard, hard)
def test_the_shell_gives_back_what_was_sent(body, value):
    found = argv(
        exchange("POST", "http://h/[x]", [("X-Odd", value), ("Content-Type", "a/b")], body).as_curl()
    )
    assert value_of(found, "--data-raw") == [body]
    assert value_of(found, "-H") == [f"X-Odd: {value}", "Content-Type: a/b"]
    assert found[-1] == "http://h/[x]"
    assert "--globoff" in found


def test_only_names_of_secrets_are_expanded():
    sent = exchange(
        fields=[
            ("Authorization", "Bearer $API_TOKEN"),
            ("X", "$(id) `id` $1 $lower ${API_TOKEN} $API_TOKENS $HOME"),
            ("Y", "$low$API"),
        ]
    )
    sent = replace(sent, names=("API", "API_TOKEN", "low"))
    found = argv(sent.as_curl(), API_TOKEN='it\'s a "secret" $(id)', API="a", low="l", HOME="/")
    assert value_of(found, "-H") == [
        'Authorization: Bearer it\'s a "secret" $(id)',
        "X: $(id) `id` $1 $lower ${API_TOKEN} $API_TOKENS $HOME",
        "Y: la",
    ]


def test_a_body_that_begins_with_at_is_no_file_name():
    found = argv(exchange("POST", body="@/etc/hostname").as_curl())
    assert value_of(found, "--data-raw") == ["@/etc/hostname"]
    # curl would send a media type of its own.
    assert value_of(found, "-H") == ["Content-Type:"]


def test_what_curl_would_change_is_reported_to_it():
    assert "--head" in argv(exchange("HEAD").as_curl())
    assert value_of(argv(exchange("DELETE").as_curl()), "-X") == ["DELETE"]
    assert "-X" not in argv(exchange().as_curl())
    assert value_of(argv(exchange(fields=[("X-Empty", "")]).as_curl()), "-H") == ["X-Empty;"]
    assert "--path-as-is" in argv(exchange(url="http://h/a/../b").as_curl())
    hops = [("Host", "h"), ("Content-Length", "3"), ("User-Agent", "x"), ("Connection", "close")]
    assert value_of(argv(exchange(fields=hops).as_curl()), "-H") == []


@pytest.mark.parametrize(
    ("url", "status", "error", "line"),
    [
        ("http://h", 200, None, "GET / -> 200"),
        ("http://h/a?b=c", 404, None, "GET /a?b=c -> 404"),
        ("http://h/a", None, "no answer", "GET /a -> no answer"),
    ],
)
def test_summary(url, status, error, line):
    assert Exchange("1", "GET", url, (), Body(), status, error=error).summary() == line


def test_fields_are_joined_in_order():
    one = Exchange("1", "GET", "u", (("A", "1"),), Body(), 200, response_fields=(("B", "1"), ("b", "2")))
    assert one.field("B") == "1, 2"
    assert one.field("C") is None
    assert one.request_field("a") == "1"
    assert one.media_type == ""


@pytest.mark.parametrize("body", [Body("{", 1), Body("[1]", 99_999, cut=True), Body("[" * 20_000, 20_000)])
def test_what_is_no_json_is_a_value_error(body):
    with pytest.raises(ValueError):
        body.json()
