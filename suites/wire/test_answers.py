"""WIRE-010: no request is left without a whole response."""

from __future__ import annotations

from harness import CRITICAL, MUST, control, expect, rule
from harness.client.client import Unanswered, exchange_of
from harness.client.lost import Lost
from harness.rules.faults import Fault, grouped

from .answers import ANSWERED, reason

MALFORMED = Lost.MALFORMED


@rule(
    "WIRE-010",
    MUST,
    refs=["RFC 9110 section 3.4", "RFC 9110 section 15.6.1"],
    impact=CRITICAL,
    needs="list",
    light=True,
)
def test_every_request_gets_a_response(resource):
    """Answer every request with a whole response, also where a handler crashes

    Why: a client that gets no response cannot know whether its request had an effect, and retries it. A request that
        ends a worker process takes the requests of other clients with it. Content that is longer than Content-Length
        says (characters counted instead of bytes) is taken for the next response on the connection.
    Fix: catch what a handler raises at the outermost layer, and answer 500; look for crashed workers in the log. Let
        the server library compute Content-Length, in bytes.
    Probe: the list, the list with an unknown parameter, and an item that does not exist are read. Besides, every
        request of the other rules counts: where the connection is closed before the response ended, the rule is
        repeated on new connections, and only what is lost again is reported; what is no HTTP response counts at once.
        Long, large and unusual requests do not count, nor floods and loads.
    """
    listed = resource.client.get(resource.url)
    control(listed.status_code < 500, f"the list should be readable: {exchange_of(listed).summary()}")
    urls = [f"{resource.url}?no_such_parameter=1"]
    if resource.can("read") and (resource.sample_id or resource.known.absent_id):
        urls.append(resource.absent_url())
    fresh = resource.on_new_connections().client
    lost = []
    for url in urls:
        try:
            resource.client.get(url)
        except Unanswered as silence:
            if silence.lost is None:
                raise
            if silence.lost is MALFORMED or _again(fresh, resource.url, url):
                found = silence.exchange
                lost.append(Fault(found.summary(), reason(found.error or "")))
    expect(not lost, ANSWERED, grouped(lost))


def _again(client, control_url, url):
    """Whether a response is lost on a new connection as well, while another request gets one."""
    client.get(control_url)
    try:
        client.get(url)
    except Unanswered as silence:
        if silence.lost is None:
            raise
        return True
    return False
