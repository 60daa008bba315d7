"""The session cookie that the declared login sets."""

from __future__ import annotations

from harness.client.client import Client, exchange_of
from harness.profile.models import Profile
from harness.rules.checks import control
from harness.rules.rule import Effect


def session_cookie(client: Client, profile: Profile) -> str | None:
    """The value of Cookie after the login of [cookie]; None where none is declared, or the run only reads.

    Raises:
        Undecided: the login does not succeed.
    """
    how = profile.cookie
    if how is None or how.login is None or client.target.limits.effects < Effect.WRITE:
        return None
    client.may_change("POST", how.login)
    content = client.target.private.get("cookie_login_body", "{}")
    reply = client.under(None).post(how.login, content=content, headers={"Content-Type": "application/json"})
    control(reply.is_success, f"the login of [cookie] should succeed: {exchange_of(reply).summary()}")
    pairs = [one.partition(";")[0].strip() for one in reply.headers.get_list("set-cookie")]
    for pair in pairs:
        client.recorder.redactor.learn("SESSION_COOKIE", pair.partition("=")[2])
    return "; ".join(pairs) or None
