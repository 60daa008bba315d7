"""Whatever credential, encoded however, wherever: no reader finds it, and what stands around it stays what it was."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from harness.target.redact import Redactor
from tests.target.encodings import ENCODINGS, KEEPS_CASE, Encode, finds

NAME = "S"
NAMED_LIKE_A_SECRET = ("token", "api", "secret", "pass", "key", "session", "signature", "auth", "@")
ascii_secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
kinds = (
    ascii_secrets
    | st.binary(min_size=9, max_size=40).map(lambda octets: base64.b64encode(octets).decode())
    | st.uuids().map(str)
    | st.from_regex(r"eyJ[A-Za-z0-9_-]{8,20}\.eyJ[A-Za-z0-9_-]{8,20}\.[A-Za-z0-9_-]{8,20}", fullmatch=True)
    | st.from_regex(r"[a-z]{2,6}[-+/=&:;,.!'\"<>%\\ ]{1,3}[a-z0-9é]{4,12}", fullmatch=True)
)


kinds = kinds.filter(
    lambda secret: secret.lower() not in f"bearer ${NAME}=[redacted] error: was refused".lower()
)


# -- places, and what must stay of them ----------------------------------------------------------------


class Shape(HTMLParser):
    """Elements and attributes of a page, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(tag)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [shape(one) for one in value.values()]
    return [shape(one) for one in value] if isinstance(value, list) else type(value)


def of_json(text: str) -> Any:
    return shape(json.loads(text))


def of_page(text: str) -> Any:
    return Shape(text).seen


def of_url(text: str) -> Any:
    parts = urlsplit(text)
    named = [name for name, _ in parse_qsl(parts.query)]
    assert re.fullmatch(r"[!#$%&'()*+,./0-9:;=?@A-Z_a-z~-]*", text), text
    return parts.scheme, parts.netloc, parts.port, parts.path.count("/"), named, bool(parts.fragment)


def of_form(text: str) -> Any:
    return [name for name, _ in parse_qsl(text)]


PLACES: dict[str, tuple[Encode, Callable[[str], Any]]] = {
    "JSON string": (lambda it: json.dumps({"a": [{"k": f"x {it} y"}, True], "n": 1}), of_json),
    "JSON, not escaped": (lambda it: json.dumps({"k": f"{it}", "z": None}, ensure_ascii=False), of_json),
    "JSON member": (lambda it: json.dumps({"a": {it: [1, "b"]}, "z": {}}), of_json),
    "HTML text": (lambda it: f'<p class="a">you sent {html.escape(it)}<br>x</p>', of_page),
    "HTML attribute": (lambda it: f'<a href="/?q={html.escape(it)}" id=b>x</a>', of_page),
    "URL path": (lambda it: f"http://h:81/a/{quote(it, safe='')}/b?x=1", of_url),
    "URL query": (lambda it: f"http://h:81/a?x=1&k={quote_plus(it)}&z=2#f", of_url),
    "form": (lambda it: f"x=1&k={quote_plus(it)}&z=2", of_form),
    "plain text": (lambda it: f"error: {it} was refused", len),
}


@settings(max_examples=400, deadline=None)
@given(
    kinds, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(KEEPS_CASE), st.sampled_from(sorted(PLACES))
)
@example("canary+token/7f==", "JSON of .NET", "base64", "JSON string")
@example("canary+token/7f==", "base64", "base64, second", "JSON member")
@example("a&b<c>d'e\"f", "HTML numbers", "percent throughout", "HTML attribute")
def test_no_reader_finds_it(secret: str, first: str, second: str, place: str) -> None:
    put, seen = PLACES[place]
    coded = ENCODINGS[second](ENCODINGS[first](secret))
    assume(place != "plain text" or finds(secret, coded))
    text = put(coded)
    assume(len(text) > len(secret) and not finds(secret, put("")))
    clean = Redactor({NAME: secret}).text(text)
    assert f"${NAME}" in clean
    assert not finds(secret, clean, 4 if place.startswith("JSON") else 3)
    if seen is not len:
        assert seen(clean) == seen(text)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from(sorted(ENCODINGS)),
)
def test_what_has_no_secret_is_not_touched(value: Any, encoding: str) -> None:
    redactor = Redactor({NAME: "canary+token/7f=="}, {"authorization"})
    text = json.dumps(value)
    # Hypothesis draws names from our own code, too: values of members named like a secret are masked.
    assume(not any(name in text.lower() for name in NAMED_LIKE_A_SECRET))
    for one in (text, ENCODINGS[encoding](text), f"http://h/?q={quote(text)}", f"<p>{html.escape(text)}</p>"):
        assert redactor.text(one) == one
        assert redactor.beginning(one.encode(), 16_384) == one
        assert redactor.fields([("X-A", one)]) == (("X-A", one),)


@settings(max_examples=200, deadline=None)
@given(kinds, st.sampled_from(sorted(ENCODINGS)), st.integers(0, 200))
def test_a_cut_leaves_no_more_than_the_beginning_of_a_token(secret: str, encoding: str, most: int) -> None:
    coded = ENCODINGS[encoding](secret)
    octets = b"." * 40 + coded.encode() + b"." * 400
    shown = Redactor({NAME: secret}).beginning(octets, 40 + most)
    assert shown.startswith("." * 39)
    # Of a coding that begins with the secret itself, the end of an escape sequence may be left: it shows nothing.
    harmless = encoding.startswith("base64") or (coded != secret and coded.startswith(secret))
    assert harmless or set(shown.replace(f"${NAME}", "")) <= {".", "$", NAME}


def test_redaction_can_be_repeated() -> None:
    redactor = Redactor({NAME: "canary-token-7f"})
    text = '{"token": "canary-token-7f", "password": "x", "u": "/?token=abc&x=canary-token-7f", "v": "http://a:b@h/"}'
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert json.loads(once) == {
        "token": "$S",
        "password": "[redacted]",
        "u": "/?token=[redacted]&x=$S",
        "v": "http://a:***@h/",
    }


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('{"next": "/x?token=abc", "n": 1}', '{"next": "/x?token=[redacted]", "n": 1}'),
        (r'{"next": "\/x?token=a\u0026n=1", "n": 1}', r'{"next": "\/x?token=[redacted]\u0026n=1", "n": 1}'),
        ('{"a": "{\\"token\\": \\"abc\\"}"}', '{"a": "{\\"token\\": \\"[redacted]\\"}"}'),
        ('<a href="/x?token=abc">b</a>', '<a href="/x?token=[redacted]">b</a>'),
        ("<a href='/x?a=1&amp;token=abc'>b</a>", "<a href='/x?a=1&amp;token=[redacted]'>b</a>"),
        (
            "GET '/x?token=abc', then {'token': 'a b'}",
            "GET '/x?token=[redacted]', then {'token': '[redacted]'}",
        ),
        (
            "<i>&quot;token&quot;: &quot;a b&quot;, 1</i>",
            "<i>&quot;token&quot;: &quot;[redacted]&quot;, 1</i>",
        ),
        ("{'at': '/?token=abc', 'token': 'a b'}", "{'at': '/?token=[redacted]', 'token': '[redacted]'}"),
        ("[info] GET /?token=abc", "[info] GET /?token=[redacted]"),
        (r'{"x":"{\"token\":\"a\\\"b\",\"n\":1}"}', r'{"x":"{\"token\":\"[redacted]\",\"n\":1}"}'),
        (r'x {"token": "a\\", "n": "b"}', r'x {"token": "[redacted]", "n": "b"}'),
        ("password=a'b\"c&user=d", "password=[redacted]&user=d"),
        ('["http://h:80","a@b"]', '["http://h:80","a@b"]'),
        ('{"pin": 12345678, "t": true, "n": 1}', '{"pin": "$PIN", "t": true, "n": 1}'),
        ('{"a": "x\\n-abc-1234\\"y"}', '{"a": "x$N-1\\"y"}'),
    ],
)
def test_what_is_around_a_secret_stays_well_formed(text: str, clean: str) -> None:
    redactor = Redactor({"PIN": "12345678", "N-1": "n-abc-1234", "T": "true"})
    assert redactor.text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("the latest tests test", "the latest tests $WORD"),
        ('{"year": 12024, "y": "2024"}', '{"year": 12024, "y": "$YEAR"}'),
        ("xs3cr3ty", "x$MIXED" + "y"),
        ('{"x-pin": "123", "n": "123", "pin": "1234"}', '{"x-pin": "$PIN", "n": "123", "pin": "1234"}'),
        ("/a?pin=123&n=123", "/a?pin=$PIN&n=123"),
    ],
)
def test_short_secrets_take_no_more_than_they_must(text: str, clean: str) -> None:
    secrets = {"WORD": "test", "YEAR": "2024", "MIXED": "s3cr3t", "PIN": "123"}
    assert Redactor(secrets, {"x-pin"}, places=["pin"]).text(text) == clean


def test_a_url_keeps_its_authority() -> None:
    redactor = Redactor({"HOST": "example", "PORT": "8080"})
    assert redactor.url("http://example.org:8080/example/a") == "http://example.org:8080/$HOST/a"


def test_names_of_fields() -> None:
    redactor = Redactor({NAME: "location", "T": "canary-token"})
    assert redactor.fields(
        [("Location", "x"), ("X-Canary-Token", "x"), ("63616e6172792d746f6b656e", "")]
    ) == (
        ("Location", "x"),
        ("X-$T", "x"),
        ("$T", ""),
    )
