"""How signatures are read and computed, on literal deliveries."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from harness.profile.webhooks import Signature
from suites.webhooks.signatures import PRESETS, key_of, read, seconds, signature_fields, verifies

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
# Computed with the library `standardwebhooks` 1.1.0.
STANDARD = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
TEXT = "it's a secret"
GITHUB = {"X-Hub-Signature-256": "sha256=3d717379f87f15705629a025edee403304bb23a55e84caa970d68ee7e6f9bc35"}
STRIPE = {
    "Stripe-Signature": "t=1614265330,v1=1621c0a8e6c9bec0334f2e9efa3b7d1fad79b87714ed0501f0aa02c4a9ab8714,v0=6ffbb59b"
}
SHOPIFY = {"X-Shopify-Hmac-Sha256": "PXFzefh/FXBWKaAl7e5AMwS7I6VehMqpcNaO5+b5vDU="}
SLACK = {
    "X-Slack-Request-Timestamp": "1614265330",
    "X-Slack-Signature": "v0=abca7d67855003245b89f3a8cb1820c80bc71cb172589a4307f047eeeea54720",
}
GHOST = {
    "X-Ghost-Signature": "sha256=a1b54058a5ce21f7789be27524869d967533bea5764ae7ecf17b396fc45f8514, t=1614265330000"
}
GHOST_SCHEME = Signature(
    field="X-Ghost-Signature", prefix="sha256=", signed="{body}{timestamp}", timestamp_prefix="t="
)
EACH = pytest.mark.parametrize(
    ("scheme", "secret", "fields"),
    [
        pytest.param(PRESETS["standard"], SECRET, STANDARD, id="standard"),
        pytest.param(PRESETS["github"], TEXT, GITHUB, id="github"),
        pytest.param(PRESETS["stripe"], TEXT, STRIPE, id="stripe"),
        pytest.param(PRESETS["shopify"], TEXT, SHOPIFY, id="shopify"),
        pytest.param(PRESETS["slack"], TEXT, SLACK, id="slack"),
        pytest.param(GHOST_SCHEME, TEXT, GHOST, id="a template"),
    ],
)


@EACH
def test_a_signature_verifies_for_its_content_and_secret_only(scheme, secret, fields):
    headers, key = Headers(fields), key_of(scheme, secret)
    assert verifies(scheme, key, headers, BODY)
    assert not verifies(scheme, key, headers, BODY + b" ")
    assert not verifies(scheme, key + b"x", headers, BODY)


@EACH
def test_an_upper_case_name_and_a_signature_of_another_key_beside_it_do_no_harm(scheme, secret, fields):
    upper = Headers({name.upper(): value for name, value in fields.items()})
    assert verifies(scheme, key_of(scheme, secret), upper, BODY)


def test_one_of_several_signatures_is_enough():
    several = {**STANDARD, "Webhook-Signature": f"v1a,AAAA v1,AAAA {STANDARD['Webhook-Signature']}"}
    assert verifies(PRESETS["standard"], key_of(PRESETS["standard"], SECRET), Headers(several), BODY)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, "no signature in webhook-signature"),
        ({"webhook-signature": "v2,AAAA"}, "no signature in webhook-signature"),
        ({"webhook-signature": "v1,AAAA"}, "no timestamp in webhook-timestamp"),
        ({"webhook-signature": "v1,AAAA", "webhook-timestamp": "soon"}, "no timestamp in webhook-timestamp"),
        ({"webhook-signature": "v1,AAAA", "webhook-timestamp": "1"}, "no id in webhook-id"),
    ],
)
def test_what_is_missing_is_named(fields, missing):
    assert read(PRESETS["standard"], Headers(fields)).missing == missing


def test_a_secret_that_is_not_base64_is_an_error():
    with pytest.raises(ValueError, match="not base64"):
        key_of(PRESETS["standard"], "whsec_a")


def test_fields_that_look_like_a_signature_are_found_by_their_names():
    headers = Headers({"X-Foo-Signature": "1", "X-Hmac": "2", "Content-Type": "application/json"})
    assert signature_fields(headers) == ["x-foo-signature", "x-hmac"]


def test_only_a_scheme_of_its_own_counts_milliseconds():
    assert seconds("standard", "1614265330") == seconds(GHOST_SCHEME, "1614265330") == 1614265330
    assert seconds(GHOST_SCHEME, "1614265330000") == 1614265330
    assert seconds("standard", "1614265330000") == 1614265330000
