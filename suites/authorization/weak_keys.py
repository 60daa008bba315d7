"""Keys that anybody can guess or compute, found from a token or a published key alone (RFC 8725 section 3.5). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .tokens import Token, decoded

LEAST_BITS = 2048
"""Bits of an RSA key (RFC 7518 sections 3.3 and 3.5)."""
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}

_WORDS = (
    "secret",
    "password",
    "changeme",
    "change-me",
    "change_me",
    "change me",
    "changeit",
    "key",
    "token",
    "test",
    "testing",
    "dev",
    "development",
    "local",
    "default",
    "example",
    "demo",
    "admin",
    "root",
    "user",
    "guest",
    "private",
    "public",
    "jwt",
    "auth",
    "api",
    "app",
    "foo",
    "bar",
    "foobar",
    "hello",
    "helloworld",
    "qwerty",
    "letmein",
    "welcome",
    "iloveyou",
    "abc123",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "passw0rd",
    "password1",
    "pass",
    "s3cr3t",
    "s3cret",
    "sekret",
    "shhh",
    "shhhh",
    "shhhhh",
    "ssshhh",
    "topsecret",
    "supersecret",
    "verysecret",
    "mysecret",
    "yoursecret",
    "thesecret",
    "notasecret",
    "secretkey",
    "secretsecret",
    "signingkey",
    "privatekey",
    "hmackey",
    "hmacsecret",
    "null",
    "none",
    "undefined",
    "true",
    "xxx",
    "todo",
    "fixme",
    "keyboard cat",
)
_BEFORE = (
    "my",
    "your",
    "the",
    "super",
    "super-super",
    "very",
    "top",
    "jwt",
    "auth",
    "app",
    "api",
    "dev",
    "test",
    "a",
)
_AFTER = (
    "secret",
    "key",
    "secret-key",
    "jwt-secret",
    "jwt-key",
    "signing-key",
    "password",
    "token-secret",
    "private-key",
)
# Keys of documentations, tutorials and templates, as they are printed there.
_PRINTED = (
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long-or-longer",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "413F4428472B4B6250655368566D5970337336763979244226452948404D6351",
    "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
    "ThisIsMyCustomSecretKeyAuthentication",
    "this is my custom Secret key for authentication",
    "this is a secret key",
    "this-is-a-secret-key",
    "this is my secret",
    "this_is_secret",
    "thisisasecret",
    "thisismysecret",
    "some-secret",
    "some-secret-key",
    "mysupersecretkey",
    "my_super_secret_key",
    "MySuperSecretKey",
    "your_jwt_secret_key",
    "your_super_secret_key",
    "your-secret-key-here",
    "your_secret_key_here",
    "your-super-secret-key-change-this",
    "your-secret-key-change-in-production",
    "your-secret-key-change-this-in-production",
    "change-this-secret",
    "change_this_secret",
    "change-this-in-production",
    "changethis",
    "change-this",
    "please-change-me",
    "dev-secret-key",
    "dev_secret_key",
    "dev-secret-do-not-use-in-production",
    "replace-me",
    "replace_me",
    "replaceme",
    "insecure",
    "insecure-secret",
    "not-so-secret",
    "keep-it-secret",
    "keep it secret, keep it safe",
    "kept-secret",
    "top-secret-key",
    "AllYourBase",
    "gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9C",
    "veryverysecret",
    "averysecretkey",
    "insert-your-secret-here",
    "node-jwt-secret",
    "express-jwt-secret",
    "flask-insecure",
    "django-insecure",
)
_JOINTS = ("", "-", "_", " ", ".")


def candidates(claims: Mapping[str, Any], host: str) -> Iterator[str]:
    """Keys that are published or easy to guess, the likeliest first; some twice.

    Args:
        claims: of the token: issuer and audience are guessed, too.
        host: name of the target's host; the names in it are guessed, too.
    """
    yield ""
    for word in (*_WORDS, *_PRINTED):
        yield from dict.fromkeys((word, word.upper(), word.capitalize()))
        if len(word) < 10:
            yield from (word + "1", word + "123", word + "!", word * 2)
    named = list(dict.fromkeys(_names(claims, host)))
    yield from named
    for before in (*_BEFORE, *(name for name in named if name.isalnum())):
        for after in _AFTER:
            for joint in _JOINTS:
                made = joint.join((before, *after.split("-")))
                yield from (made, made.upper(), made.title().replace(" ", ""))


def _names(claims: Mapping[str, Any], host: str) -> Iterator[str]:
    """Names that the token and the host have: as they are, and the words in them."""
    audience = claims.get("aud")
    values = [claims.get("iss"), *(audience if isinstance(audience, list) else [audience])]
    for value in values:
        if isinstance(value, str) and 0 < len(value) < 200:
            yield value
            yield from _labels(value)
    yield from _labels(host)


def _labels(name: str) -> Iterator[str]:
    for label in re.split(r"[.\-_/: ]", name.lower()):
        if (
            len(label) > 2
            and not label.isdigit()
            and label not in ("http", "https", "www", "com", "org", "net")
        ):
            yield label


def guessed(token: Token, host: str = "") -> str | None:
    """The key that a token is signed with, if it is published or easy to guess; None for any other token.

    Nothing is sent: the signature is computed with each candidate, as text and, where that is possible, as the bytes
    of its base64.
    """
    algorithm = _HASHES.get(str(token.header.get("alg")))
    if algorithm is None:
        return None
    try:
        signature = decoded(token.parts[2])
    except ValueError:
        return None
    signed = ".".join(token.parts[:2]).encode()
    for key in dict.fromkeys(candidates(token.claims, host)):
        for secret in _as_bytes(key):
            if hmac.compare_digest(hmac.digest(secret, signed, algorithm), signature):
                return key
    return None


def _as_bytes(key: str) -> Iterator[bytes]:
    yield key.encode()
    for read in (base64.b64decode, base64.urlsafe_b64decode):
        try:
            # Some libraries take the text of a key for base64, and leave padding out.
            yield read(key.encode() + b"=" * (-len(key) % 4))
        except (binascii.Error, ValueError):
            continue


def short_keys(keys: Iterable[Mapping[str, Any]]) -> list[str]:
    """The RSA keys (JWK) of fewer than 2048 bits, a sentence each."""
    found = []
    for key in keys:
        modulus = key.get("n")
        if key.get("kty") != "RSA" or not isinstance(modulus, str):
            continue
        try:
            bits = int.from_bytes(decoded(modulus), "big").bit_length()
        except ValueError:
            continue
        if 0 < bits < LEAST_BITS:
            found.append(f"the RSA key {key.get('kid', '')!r} has {bits} bits")
    return found
