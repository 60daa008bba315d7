"""Whether the target URL is an HTTP API at all; if not, one line that says what it is."""

from __future__ import annotations

from contextlib import suppress

import httpx

from harness.bad_input import BadInput
from harness.client.client import Client, Throttled, exchange_of
from harness.client.recorder import Unanswered
from harness.http.content import is_json, media_type
from harness.profile.models import Resource
from harness.rules.checks import Undecided
from harness.survey.infer.accepting import types_to_name

NOT_ACCEPTABLE = 406


def reach(client: Client) -> httpx.Response:
    """The response at the target URL, with any status.

    Raises:
        BadInput: there is no response, or the target is unavailable.
    """
    url = client.target.url
    try:
        return client.get(url)
    except Throttled as problem:
        raise BadInput(url, str(problem), "start the target first, or wait until it is up") from None
    except Unanswered as problem:
        raise BadInput(url, *_unreachable(url, str(problem.exchange.error))) from None
    except Undecided as problem:
        raise BadInput(url, str(problem)) from None


def entered(client: Client, first: httpx.Response) -> httpx.Response:
    """The response below the target URL to which that redirects (/api/ for /api, /v1/ for /); else the first one."""
    if not first.is_redirect:
        return first
    try:
        further = client.resolve(first.headers.get("location", ""), client.target.url)
        return client.get(further) if further.startswith(client.target.url + "/") else first
    except Undecided:
        return first


def by_type(client: Client, first: httpx.Response) -> tuple[httpx.Response, list[str], str]:
    """The response to a client that names the media type which a 406 asks for, if only such clients are served.

    Args:
        first: the response at the target URL.

    Returns:
        The response; the media types that all requests name from now on, and what shows that they are needed.
    """
    kinds = types_to_name(Resource(collection="/"), first) if first.status_code == NOT_ACCEPTABLE else []
    if not kinds:
        return first, [], ""
    client.accept_also(kinds)
    with suppress(Undecided):
        reply = client.get(client.target.url)
        if reply.is_success and is_json(media_type(reply)):
            shown = f"{reply.status_code} {media_type(reply)}"
            return reply, kinds, f"{exchange_of(first).summary()} without it, {shown} with it"
    client.accept_also(())
    return first, [], ""


def _unreachable(url: str, error: str) -> tuple[str, str]:
    low = error.lower()
    if "certificate" in low:
        return (
            f"its TLS certificate is not trusted ({error})",
            "trust its CA by `authority` in [tls] of the profile or with SSL_CERT_FILE, or pass --insecure",
        )
    if "wrong_version_number" in low or "wrong version number" in low or "record layer" in low:
        plain = url.replace("https://", "http://", 1)
        return f"it does not use TLS ({error})", f"is it {plain}?"
    if "name or service not known" in low or "name resolution" in low or "nodename nor servname" in low:
        return f"the host name cannot be resolved ({error})", "check the name"
    if "illegal" in low or "disconnected" in low or "not valid http" in low:
        secure = url.replace("http://", "https://", 1)
        hint = f"is it {secure}?" if url.startswith("http://") else "is this an HTTP server?"
        return f"its response is not HTTP ({error})", hint
    if any(sign in low for sign in ("more than", "too long", "peer closed", "malformed")):
        return f"its response cannot be read: {error}", "is this the base URL of an API?"
    return f"cannot be reached: {error}", "is it running, and is the URL right?"


def refuse_if_down(client: Client) -> None:
    """Stop if the target returns only server errors.

    Raises:
        BadInput: every response so far was a server error, or the target no longer responds.
    """
    statuses = [exchange.status for exchange in client.recorder.exchanges if exchange.status is not None]
    if statuses and all(status >= 500 for status in statuses):
        worst = statuses[0]
        raise BadInput(
            client.target.url,
            f"every one of {len(statuses)} requests was answered with a server error ({worst})",
            "start the target first",
        )
    if client.recorder.died is not None:
        raise BadInput(client.target.url, client.recorder.died, "is it up, and fast enough for --timeout?")
