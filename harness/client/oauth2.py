"""Access tokens by OAuth 2.0 client credentials: asked for over httpx, understood by oauthlib."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import quote_plus

import httpx
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from harness.client.transport import EXCHANGE, Deadline, open_transport
from harness.http.decoding import TooMuch, decoded
from harness.target.credentials.resolved import Grant, Token

EARLY = 30.0
"""Seconds before its end at which a token is renewed, at most: a quarter of its lifetime."""
MOST_OCTETS = 1024 * 1024
_FIELDS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
LONGEST = 2**31
"""Seconds as which a longer lifetime is taken."""


class NoToken(Exception):
    """The token endpoint gave no token; says what it did, without any value it sent."""


def fetch(
    grant: Grant,
    *,
    insecure: bool,
    timeout: float,
    end: Callable[[float], float] = lambda instant: instant,
    authority: str | None = None,
) -> Token:
    """A new access token.

    Args:
        insecure: whether TLS certificates go unverified.
        authority: file with private authorities to trust.
        timeout: seconds without an answer after which the request is given up; the whole of it has three times as many.
        end: given an instant of the monotonic clock, an earlier one at which all must be over, or the same.

    Raises:
        NoToken: says why.
    """
    spoken = BackendApplicationClient(grant.client_id)
    post = grant.authentication == "post"
    more = dict(grant.parameters)
    if post:
        more["client_secret"] = grant.client_secret
    content = spoken.prepare_request_body(scope=grant.scope, include_client_id=post, **more)
    deadline = Deadline()
    try:
        with httpx.Client(
            transport=open_transport(insecure, deadline, authority=authority),
            trust_env=False,
            timeout=timeout,
        ) as session:
            started = time.monotonic()
            request = session.build_request("POST", grant.token_url, content=content, headers=_FIELDS)
            with deadline.of(request, end(started + EXCHANGE * timeout)):
                reply = session.send(request, auth=None if post else _basic(grant), stream=True)
                with closing(reply):
                    text = _read(reply)
    except TooMuch:
        raise NoToken("sends an endless response") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        raise NoToken(f"did not answer ({type(problem).__name__})") from None
    return _understood(spoken, grant, reply.status_code, text, started)


def _basic(grant: Grant) -> httpx.BasicAuth:
    """Identifier and secret, each encoded as a form's value (RFC 6749 section 2.3.1)."""
    return httpx.BasicAuth(quote_plus(grant.client_id), quote_plus(grant.client_secret))


def _read(reply: httpx.Response) -> str:
    octets = bytearray()
    for part in reply.iter_raw():
        octets += part
        if len(octets) > MOST_OCTETS:
            raise NoToken("sends an endless response")
    return decoded(reply.headers, bytes(octets), MOST_OCTETS).decode("utf-8", "replace")


def _understood(
    spoken: BackendApplicationClient, grant: Grant, status: int, text: str, started: float
) -> Token:
    """The token of an answer (RFC 6749 section 5.1).

    Raises:
        NoToken: it is an error, or none that is understood.
    """
    shown: Mapping[str, object]
    try:
        shown = spoken.parse_request_body_response(text)
    except Warning as warning:
        # A scope that is not the one asked for is lawful; oauthlib raises what it has to say of that.
        shown = getattr(warning, "token", {})
    except OAuth2Error as problem:
        # The code is one of RFC 6749 section 5.2; the description may repeat what was sent.
        known = problem.error if (problem.error or "").replace("_", "").isalpha() else "an error"
        what = "no access token" if known == "missing_token" else known
        raise NoToken(f"answered {status}: {what}") from None
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise NoToken(f"answered {status} with an invalid token response (RFC 6749 section 5.1)") from None
    value, kind = shown.get("access_token"), shown.get("token_type", "Bearer")
    if not 200 <= status < 300 or not isinstance(value, str) or not value.isascii() or " " in value:
        raise NoToken(f"answered {status} without a usable token")
    if not value.isprintable() or not isinstance(kind, str):
        raise NoToken(f"answered {status} without a usable token")
    if kind.lower() != "bearer":
        raise NoToken("issues tokens that are not of type Bearer")
    seconds = shown.get("expires_in")
    lifetime = float(min(seconds, LONGEST)) if isinstance(seconds, int) and seconds > 0 else grant.lifetime
    until = None if lifetime is None else started + lifetime - min(EARLY, lifetime / 4)
    return Token(value, until)
