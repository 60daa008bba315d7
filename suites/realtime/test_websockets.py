"""RT: WebSocket (RFC 6455): the opening handshake, and the protocol after it. wsproto judges both."""

from __future__ import annotations

import time

from harness import MINOR, MUST, READ, SHOULD, WRITE, advise, evidence, expect, inconclusive, note, rule, warn
from harness.client.websockets import websocket
from harness.http.foreign import FOREIGN
from harness.rules.checks import Undecided
from harness.rules.rule import Effect

from .cookies import session_cookie
from .idle import begin
from .sources import Given, socket_of

RFC = "RFC 6455"
WAITS = 10.0
UNSUPPORTED = "99"
MADE_UP = "conformance.invalid"
PAYLOAD = b"conformance"
UNMASKED = b"\x89\x00"
"""A Ping frame without a mask: it asks for nothing but a Pong."""
NOT_UTF8 = b"\x81\x82\x00\x00\x00\x00\xc3\x28"
"""A text frame of two bytes that are not UTF-8."""


def endpoint(client, profile, survey, make_resource):
    """The WebSocket, and what says that there is one."""
    given = Given(client, profile, survey, make_resource)
    begin(given)
    return socket_of(given)


def accepted(handshake, because, mine):
    """The control: a valid handshake is accepted; what is wrong with it, one rule judges.

    Args:
        mine: gives whether the rule that asks judges a fault of a response 101, by its text.
    """
    exchange = handshake.exchange
    summary = exchange.summary()
    if (exchange.status or 0) >= 500:
        expect(
            not mine(""),
            "101 for a valid handshake, or a refusal",
            f"{summary}, though {because} calls it a WebSocket",
        )
        inconclusive(f"a valid handshake is answered {summary} (see RT-007)")
    if exchange.status == 101 and not handshake.accepted:
        expect(
            not mine(handshake.fault), "a response 101 that clients accept", f"{summary}: {handshake.fault}"
        )
        inconclusive(f"{summary}, which clients do not accept: {handshake.fault}")
    if not handshake.accepted:
        inconclusive(f"a valid handshake is refused: {summary}; see `path` and `subprotocols` in [websocket]")


def about_subprotocols(fault):
    """Whether the fault of a response 101 is a subprotocol that was not offered."""
    return "subprotocol" in fault


@rule(
    "RT-007",
    MUST,
    refs=[f"{RFC} section 4.2.2", f"{RFC} section 4.4", f"{RFC} section 10.2"],
    effect=READ,
    rougher=WRITE,
    waits=WAITS,
)
def test_handshakes_are_completed_or_refused(client, profile, survey, make_resource):
    """Complete or refuse WebSocket handshakes correctly

    Why: clients end a connection whose handshake is wrong; a server that takes any version, or pages of any origin with
        the user's cookie, lets others talk in the user's name.
    Fix: let a library make the handshake; compare Origin with the origins of your own pages.
    Probe: a valid handshake, then one of an unknown version, and one without a key. Where a cookie is accepted, also
        one of a page of a foreign origin.
    Advice: clients of another version do not exist yet; what a refusal of them lacks breaks nobody.
    """
    how, because = endpoint(client, profile, survey, make_resource)
    with websocket(client, how.path, how.subprotocols) as one:
        accepted(one.handshake, because, lambda fault: not about_subprotocols(fault))
    with websocket(client, how.path, how.subprotocols, {"Sec-WebSocket-Version": UNSUPPORTED}) as one:
        refused(one.handshake.exchange, f"Sec-WebSocket-Version: {UNSUPPORTED}")
        expect(
            one.handshake.exchange.field("sec-websocket-version"),
            "the versions that are supported, in Sec-WebSocket-Version",
            f"{one.handshake.exchange.summary()} for version {UNSUPPORTED}, without the field",
            impact=MINOR,
        )
    with websocket(client, how.path, how.subprotocols, {"Sec-WebSocket-Key": None}) as one:
        refused(one.handshake.exchange, "a handshake without Sec-WebSocket-Key")
    foreign_pages(client, profile, how)


def refused(exchange, what):
    """What is no valid handshake is refused with 4xx."""
    expect(exchange.status != 101, f"a refusal of {what}", f"{exchange.summary()}")
    status = exchange.status or 0
    if status >= 500:
        warn(f"4xx for {what}", exchange.summary())
    elif status < 400:
        advise(f"4xx for {what}", exchange.summary())


def foreign_pages(client, profile, how):
    """Whether a page of a foreign origin may connect with the user's cookie."""
    cookie = session_cookie(client, profile)
    if cookie is None:
        evidence(
            "whether a cookie authenticates is not known ([cookie] `login`), so no foreign page was tried"
        )
        return
    bare = client.under(None)

    def connects(fields):
        with websocket(bare, how.path, how.subprotocols, fields) as one:
            return one.handshake.accepted, one.handshake.exchange

    if connects({"Origin": client.target.origin})[0]:
        evidence("connections need no cookie")
        return
    if not connects({"Origin": client.target.origin, "Cookie": cookie})[0]:
        evidence("a session cookie does not authenticate connections")
        return
    connected, exchange = connects({"Origin": FOREIGN, "Cookie": cookie})
    expect(
        not connected,
        "a refusal of a page of a foreign origin, which has the user's cookie",
        f"{exchange.summary()} with Origin: {FOREIGN}",
        level=SHOULD,
    )


@rule(
    "RT-008",
    MUST,
    refs=[
        f"{RFC} section 5.1",
        f"{RFC} section 5.5.1",
        f"{RFC} section 5.5.2",
        f"{RFC} section 8.1",
        f"{RFC} section 4.2.2",
    ],
    effect=READ,
    rougher=WRITE,
    waits=WAITS,
)
def test_the_protocol_is_kept_after_the_handshake(client, profile, survey, make_resource):
    """Follow the WebSocket protocol after the handshake

    Why: a client whose ping is not answered takes the connection for dead; unmasked frames let pages attack proxies.
    Fix: let a library speak the protocol, and leave its checks on.
    Probe: a ping, then a Close frame; a subprotocol that nobody has; an unmasked ping; where writes are allowed, a
        text that is not UTF-8. After the last two, a valid ping shows whether the connection goes on.
    Advice: an empty Sec-WebSocket-Protocol is not a legal value; clients take it for none.
    """
    how, because = endpoint(client, profile, survey, make_resource)
    patience = min(5.0, client.target.limits.timeout)
    with websocket(client, how.path, how.subprotocols) as one:
        accepted(one.handshake, because, about_subprotocols)
        one.ping(PAYLOAD)
        one.wait(lambda: one.pongs, time.monotonic() + patience)
        if one.over and not one.pongs:
            inconclusive(f"the connection was ended at once{said(one)}: a first message may be expected")
        expect(one.pongs, "a Pong for a Ping", f"none within {patience:g} s")
        expect(
            one.pongs[0] == PAYLOAD,
            f"a Pong with the payload of the Ping, {PAYLOAD.decode()}",
            f"a Pong with {one.pongs[0][:40]!r}",
        )
        expect(not one.fault, "valid frames", one.fault)
        leaves(one, patience)
    with websocket(client, how.path, [*how.subprotocols, MADE_UP] if how.subprotocols else [MADE_UP]) as one:
        judged_offer(how, one.handshake)
    fails(client, how, patience, UNMASKED, "a frame without a mask", 1002)
    if client.target.limits.effects >= Effect.WRITE:
        fails(client, how, patience, NOT_UTF8, "a text that is not UTF-8", 1007)
    else:
        evidence("a text that is not UTF-8 was not sent under --effects read")


def leaves(one, patience):
    """Break the rule where a Close frame is not answered, and the connection goes on."""
    if one.over or one.closed is not None:
        return
    begun = time.monotonic()
    one.leave()
    one.wait(lambda: one.over or one.closed is not None, begun + patience)
    expect(
        one.over or one.closed is not None,
        "a Close frame in answer to one",
        f"none within {patience:g} s, and the connection is open",
    )
    evidence(f"after a Close frame the connection ended within {time.monotonic() - begun:.2f} s{said(one)}")


def judged_offer(how, handshake):
    """Judge which subprotocol was chosen where a made-up one is offered besides."""
    exchange = handshake.exchange
    offered = [*how.subprotocols, MADE_UP]
    chosen = exchange.field("sec-websocket-protocol")
    if exchange.status != 101:
        evidence(f"{exchange.summary()} where {MADE_UP} is offered")
        return
    if chosen == "":
        empty = f"{exchange.summary()}, with an empty Sec-WebSocket-Protocol"
        expect(False, "a subprotocol that was offered, or no such field", empty, impact=MINOR)
    expect(
        chosen is None or chosen in offered,
        "a subprotocol that was offered, or none",
        f"{chosen} where {', '.join(offered)} was offered",
    )
    if chosen == MADE_UP:
        note(f"a subprotocol that nobody has is accepted: {MADE_UP}")


def fails(client, how, patience, octets, what, code):
    """Bytes after which the server must end the connection."""
    with websocket(client, how.path, how.subprotocols) as one:
        if not one.handshake.accepted:
            inconclusive(f"a further handshake is refused: {one.handshake.exchange.summary()}")
        begun = time.monotonic()
        one.raw(octets)
        if not one.wait(lambda: one.over or one.closed is not None, begun + min(1.0, patience)):
            try:
                one.pongs.clear()
                one.ping(PAYLOAD)
                one.wait(lambda: PAYLOAD in one.pongs or one.closed is not None, begun + patience)
            except Undecided:
                one.over = True
            expect(
                one.over or one.closed is not None or PAYLOAD not in one.pongs,
                f"the end of the connection after {what}",
                "a ping after it is answered: the connection goes on",
            )
            if not one.over and one.closed is None:
                inconclusive(f"after {what} nothing more comes, and the connection is open")
        evidence(f"after {what} the connection ended within {time.monotonic() - begun:.2f} s{said(one)}")
        if one.closed is not None and one.closed != code:
            note(f"after {what} the connection is closed with {one.closed}; {code} says why")


def said(one):
    """The code of a Close frame, in words."""
    return f", with code {one.closed}" if one.closed is not None else ", without a Close frame"
