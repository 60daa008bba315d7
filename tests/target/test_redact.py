"""No secret survives redaction in any form; innocent text is left alone."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.target.redact import MASK, Redactor

# What a credential is made of: visible ASCII, and now and then anything else.
secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=20
).filter(str.strip)
# What stands for a secret must not look like one.
secrets = secrets.filter(lambda secret: secret.lower() not in f"bearer $api_token={MASK}")
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def survivors(secret: str, text: str) -> list[str]:
    return [form for form in (secret, quote(secret, safe=""), quote_plus(secret)) if form in text]


@settings(deadline=None)
@given(secrets, around, around)
def test_no_form_survives(secret, before, after):
    assume(secret not in before + after)
    redactor = Redactor({"API_TOKEN": secret})
    for form in (
        secret,
        quote(secret),
        quote(secret, safe=""),
        re.sub("%..", lambda escape: escape.group().lower(), quote(secret, safe="")),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
    ):
        clean = redactor.text(f"{before}\n{form}\n{after}")
        assert form not in clean.replace(before, "").replace(after, "")
        assert "$API_TOKEN" in clean


@settings(deadline=None)
@given(secrets, st.binary(max_size=7), st.binary(max_size=7), st.booleans())
def test_base64_at_every_alignment(secret, before, after, url_safe):
    octets = before + secret.encode() + after
    coded = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(octets).decode()
    clean = Redactor({"API_TOKEN": secret}).text(f"<{coded}>")
    assert "$API_TOKEN" in clean
    # What is left decodes to less than half of the secret.
    assert len(clean.replace("$API_TOKEN", "")) <= len(coded) - len(base64.b64encode(secret.encode())) + 12


@settings(deadline=None)
@given(secrets)
def test_url_query_json_and_fields(secret):
    redactor = Redactor({"API_TOKEN": secret})
    texts = [
        f"https://h/{quote(secret, safe='')}?{urlencode({'k': secret})}",
        json.dumps({"deep": [{"k": secret}]}),
        json.dumps({"k": f"Bearer {secret}"}, ensure_ascii=False),
    ]
    for text in texts:
        clean = redactor.text(text)
        assert not survivors(secret, clean)
        assert json.dumps(secret)[1:-1] not in clean
    for name in ("Authorization", "X-Anything", "Location", "Cookie", "Set-Cookie"):
        assert secret not in redactor.field(name, f"Bearer {secret}")


@settings(deadline=None)
@given(around)
def test_innocent_text_is_left_alone(text):
    assume("sesame-42-open" not in text)
    for redactor in (Redactor(), Redactor({"API_TOKEN": "sesame-42-open"})):
        assert redactor.values(text) == text


def test_innocent_bodies_are_left_alone():
    redactor = Redactor({"API_TOKEN": "sesame-42-open"})
    for text in (
        '{"tokens_left": 5, "secretary": "Ada", "key": "value", "token": 12, "password": null}',
        "GET /tokens?page=2&sort=secret HTTP/1.1",
        "the password must have eight characters",
        '{"token": ""}',
    ):
        assert redactor.text(text) == text


def test_the_longer_of_two_secrets_goes_as_a_whole():
    redactor = Redactor({"SHORT": "abcdef", "LONG": "abcdef-ghijkl"})
    assert redactor.text("abcdef-ghijkl abcdef") == "$LONG $SHORT"


def test_short_values_garble_no_text_but_their_field_is_masked():
    redactor = Redactor({"PIN": "123"}, {"x-pin"})
    assert redactor.text("123 items") == "123 items"
    assert redactor.field("X-Pin", "123") == MASK
    assert redactor.field("X-Count", "123") == "123"


@pytest.mark.parametrize(
    "name", ["access_token", "refreshToken", "password", "client_secret", "api_key", "Token"]
)
def test_members_named_like_a_secret(name):
    clean = Redactor().text(json.dumps({name: 'issued "quoted" one', "n": 1}))
    assert json.loads(clean) == {name: MASK, "n": 1}
    assert MASK in Redactor().text(f"/cb?{name}=issued&x=1")
    assert "issued" not in Redactor().text(f"/cb?{name}=issued&x=1")


def test_fields_that_always_carry_a_credential():
    redactor = Redactor({"API_TOKEN": "sesame-42-open"})
    assert redactor.field("Authorization", "Bearer sesame-42-open") == "Bearer $API_TOKEN"
    assert redactor.field("authorization", "Bearer another") == MASK
    assert redactor.field("Set-Cookie", "sid=abc; Path=/; HttpOnly") == f"sid={MASK}; Path=/; HttpOnly"
    assert redactor.field("Cookie", "a=sesame-42-open; b=other") == f"a=$API_TOKEN; b={MASK}"
    assert redactor.field("Content-Type", "application/json") == "application/json"


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=60))
def test_a_cut_leaves_no_half_of_a_secret(start):
    secret = "sesame-42-open-the-gate"
    octets = b"x" * start + secret.encode() + b"y" * 60
    for most in range(start, start + len(secret) + 1):
        clean = Redactor({"API_TOKEN": secret}).beginning(octets, most)
        assert "ses" not in clean
        assert clean.startswith("x" * start)


def test_a_cut_member_is_masked_too():
    octets = b'{"access_token":"eyJhbGciOiJIUzI1NiJ9.payload"}'
    for most in range(17, len(octets)):
        assert "eyJ" not in Redactor().beginning(octets, most)


@pytest.mark.parametrize(
    "name",
    [
        "X-Access-Token",
        "Private-Token",
        "X-Shopify-Access-Token",
        "Ocp-Apim-Subscription-Key",
        "X-Client-Secret",
    ],
)
def test_fields_named_like_a_secret(name):
    assert Redactor().field(name, "abcd1234") == MASK


@pytest.mark.parametrize("name", ["Idempotency-Key", "X-Next-Page-Token", "Sec-WebSocket-Key", "ETag"])
def test_fields_that_only_sound_like_one(name):
    assert Redactor().field(name, "abcd1234") == "abcd1234"


def test_parameters_of_a_form_and_passwords_in_a_url():
    clean = Redactor().text
    assert clean("password=a+b&user=c&client_secret=d") == f"password={MASK}&user=c&client_secret={MASK}"
    assert clean("see https://ann:pw%40x@host:80/a") == "see https://ann:***@host:80/a"
    for innocent in ("http://h:80/a@b", "mail http://h/ to a:b@c", "http://h/?q=a:b@c"):
        assert clean(innocent) == innocent


def test_a_secret_inside_a_url_inside_a_url_and_in_the_base64_of_one():
    clean = Redactor({"KEY": "a+b/c=d&e"}).text
    once = "/x?q=" + quote("a+b/c=d&e", safe="")
    assert clean("/login?next=" + quote(once, safe="")) == "/login?next=%2Fx%3Fq%3D$KEY"
    for pad in range(3):
        coded = base64.b64encode(b"." * pad + once.encode() + b"&z").decode()
        assert "$KEY" in clean(coded)


def test_a_name_that_stands_for_a_secret_already_is_kept():
    clean = Redactor({"TOKEN": "t0ken-1"}).text
    assert clean('{"token": "t0ken-1", "secret": "other", "password": "$OTHER"}') == (
        f'{{"token": "$TOKEN", "secret": "{MASK}", "password": "{MASK}"}}'
    )
    assert clean("/x?token=t0ken-1&secret=y") == f"/x?token=$TOKEN&secret={MASK}"


def test_user_and_password_stand_for_the_two_in_base64():
    coded = base64.b64encode(b"ann:pw").decode()
    clean = Redactor({"PW": "pw"}, values=[f"Basic {coded}", "Bearer pw"])
    assert clean.field("Authorization", f"Basic {coded}") == "Basic ann:$PW"
    assert clean.text(f"you sent {coded}") == "you sent ann:$PW"


def test_a_known_secret_keeps_its_name_when_it_is_learnt_again():
    clean = Redactor({"A": "first-secret"})
    clean.learn("B", "first-secret")
    assert clean.url("http://h/x?access_token=first-secret") == "http://h/x?access_token=$A"
    assert clean.names_in("$A") == {"A"}


def test_what_is_learnt_later_is_replaced_from_then_on():
    clean = Redactor({"A": "first-secret"})
    assert clean.field("X-A", "second-secret") == "second-secret"
    clean.learn("B", "second-secret")
    clean.learn("B", "third-secret")
    assert clean.field("X-A", "first-secret second-secret third-secret") == "$A $B $B"
    assert clean.names_in("$A and $BB") == {"A", "B"}


def test_what_dots_leave_of_a_secret():
    clean = Redactor({"A": "sesame-42-open-the-gate"}).text
    assert clean("{'k': 'sesame-42-op...gate'}") == "{'k': '$A...$A'}"
    assert clean("{'k': 'a long text with sesame…'}") == "{'k': 'a long text with $A…'}"
    assert clean("and so on... the end") == "and so on... the end"


def test_fields_are_what_they_were_however_many_came_before():
    redactor = Redactor({"A": "sesame-42-open"})
    usual = [("Content-Type", "text/html"), ("X-You", "sesame-42-open")]
    for number in range(5000):
        shown = redactor.fields([*usual, ("X-Id", str(number))])
        assert shown == (usual[0], ("X-You", "$A"), ("X-Id", str(number)))
