"""Loads on real servers: what is sent, what is counted, and when it ends."""

from __future__ import annotations

import ssl
import threading
from dataclasses import replace

import pytest
import trustme

from harness.client.budget import Budget, BudgetSpent
from harness.client.client import Client
from harness.client.recorder import Recorder
from harness.load.arrivals import Arrivals
from harness.load.generator import load, signs
from harness.load.neighbour import plan, wait_for_recovery
from harness.load.slow import SlowClients, SlowPlan
from harness.profile.load import Load
from harness.rules.checks import Undecided
from harness.target.target import DEFAULT, Limits, Target
from tests import servers
from tests.load.samples import series
from tests.servers import Answer, Seen


def client(url: str, most: int = 500, rps: float | None = None, insecure: bool = False) -> Client:
    target = Target(url, limits=Limits(timeout=5.0), insecure=insecure)
    found = Client.open(target, Recorder(target, Budget(1000, rps, load=most)))
    found.recorder.budget.loads = True
    return found


def arrivals(url: str, count: int = 20, rate: float = 100.0, **more: object) -> Arrivals:
    return replace(Arrivals(DEFAULT, f"{url}/a", {}, rate, 0.0, count / rate), **more)


def answering(status: int) -> servers.Respond:
    return lambda _: Answer(status, b"{}", [("Retry-After", "60")])


def test_every_request_is_sent_counted_and_given_its_latency() -> None:
    with servers.http(answering(200)) as server:
        sender = client(server.url)
        course = load(sender, [arrivals(server.url)])
    (series,) = course.series
    assert series.count == len(server.seen) == sender.recorder.budget.sent == 20
    assert [round(one.due, 3) for one in series.samples] == [round(place / 100, 3) for place in range(20)]
    assert all(one.served and one.sent >= one.due and one.latency > 0 for one in series.samples)
    # The first and the slowest are evidence; the others are numbers.
    assert 1 <= len(sender.recorder.exchanges) <= 2
    assert {one.exchange for one in series.samples} - {""} == {one.id for one in sender.recorder.exchanges}
    assert course.stopped is None


def test_a_stall_delays_all_that_were_due_meanwhile() -> None:
    """No coordinated omission: a server that stands still for a while does so for each request that was due."""
    over, first = threading.Event(), threading.Event()

    def respond(_: Seen) -> Answer:
        # The server answers one request at a time: all wait for the first.
        if not first.is_set():
            first.set()
            over.wait(1.0)
        return Answer(200, b"{}")

    with servers.http(respond) as server:
        course = load(client(server.url), [arrivals(server.url, count=40)])
    latencies = course.series[0].latencies
    assert latencies.count == 40
    # Due within 0.4 s, and none was answered within the first second.
    assert latencies.quantile(0.05) > 0.5


def test_a_client_that_retries_at_once_does_so_until_its_attempts_are_used_up() -> None:
    with servers.http(answering(503)) as server:
        sender = client(server.url)
        course = load(sender, [arrivals(server.url, count=2, rate=20.0, retries=3, floods=True)])
    assert len(server.seen) == 8
    assert sorted(one.attempt for one in course.series[0].samples) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert all(one.refused and one.retry_after for one in course.series[0].samples)
    assert sender.recorder.budget.sent == 8


def test_what_was_taken_and_not_sent_is_given_back() -> None:
    with servers.http(answering(200)) as server:
        sender = client(server.url)
        load(sender, [arrivals(server.url, count=4, retries=9, floods=True)])
        assert sender.recorder.budget.sent == 4
        sender.recorder.budget.room_for_load(496)


def test_the_flood_ends_where_the_other_client_suffers() -> None:
    def respond(seen: Seen) -> Answer:
        return Answer(500 if seen.path == "/measured" else 200, b"{}")

    with servers.http(respond) as server:
        measured = replace(arrivals(server.url, count=60), url=f"{server.url}/measured")
        flood = arrivals(server.url, count=300, floods=True)
        course = load(client(server.url), [measured, flood])
    assert course.stopped is not None
    assert "failed, the last with 500" in course.why
    assert course.series[1].count < 300
    # The client that is measured goes on: whether the target recovers is to be seen.
    assert course.series[0].count == 60


def test_slow_clients_whose_time_never_comes_are_no_error() -> None:
    with servers.http(answering(500)) as server:
        sender = client(server.url)
        slow = SlowClients(sender, SlowPlan(DEFAULT, f"{server.url}/a", None, "", 2, 60.0, 120.0))
        course = load(sender, [arrivals(server.url, count=60)], slow=slow)
    assert course.stopped is not None
    assert list(slow.samples) == []


def test_a_load_beyond_a_budget_sends_nothing() -> None:
    with servers.http(answering(200)) as server:
        with pytest.raises(
            BudgetSpent, match=r"it takes 20 requests, and 19 of the 19 of --load-budget are left"
        ):
            load(client(server.url, most=19), [arrivals(server.url)])
        with pytest.raises(Undecided, match=r"100 requests a second, and --rps allows 50"):
            load(client(server.url, rps=50.0), [arrivals(server.url)])
    assert not server.seen


def test_a_load_on_another_origin_is_refused() -> None:
    with (
        servers.http(answering(200)) as server,
        servers.http(answering(200)) as other,
        pytest.raises(Undecided, match="not on the target's origin"),
    ):
        load(client(server.url), [arrivals(other.url)])
    assert not other.seen


def test_a_load_goes_over_tls() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with servers.http(answering(200), context) as server:
        course = load(client(server.url, insecure=True), [arrivals(server.url, count=5)])
    assert [one.status for one in course.series[0].samples] == [200] * 5


def test_a_server_that_hangs_up_is_counted() -> None:
    with servers.http(lambda _: None) as server:
        # More than are sent before the stop rule has looked at them, on a busy machine, too.
        course = load(client(server.url), [arrivals(server.url, count=300)])
    assert all(one.status is None and one.error for one in course.series[0].samples)
    assert course.stopped is not None


@pytest.mark.parametrize(
    ("content", "usual", "said"),
    [
        (b'{"items": []}', (), ""),
        (b'{"success": false, "error": "slow down"}', (), "`error` (an error), `success` (false)"),
        (b'{"code": 429, "message": "too many requests"}', (), "`code` (429)"),
        # An API whose ordinary lists have such a member.
        (b'{"errors": ["one source was not asked"], "items": []}', ("errors",), ""),
        (b'{"errors": ["one source was not asked"], "status": 503}', ("errors",), "`status` (503)"),
        (b"not JSON", (), ""),
        (b"[" * 4000, (), ""),
        (b'{"error": "' + b"x" * 5000 + b'"}', (), ""),
    ],
)
def test_signs_of_an_error_in_a_successful_response(
    content: bytes, usual: tuple[str, ...], said: str
) -> None:
    assert signs(content, usual) == said


@pytest.mark.parametrize(("usual", "served"), [(frozenset[str](), 0), (frozenset({"error"}), 20), (None, 20)])
def test_a_refusal_with_a_status_of_success_is_no_service(usual: frozenset[str] | None, served: int) -> None:
    refusal = servers.always(body=b'{"error": "slow down"}')
    with servers.http(refusal) as server:
        course = load(client(server.url), [replace(arrivals(server.url), usual=usual)])
    assert sum(one.served for one in course.series[0].samples) == served


def test_payflow_is_a_client_that_repeats_what_failed_ten_times_a_second() -> None:
    settings = Load(scenario="payflow", flood=50.0, seconds=2.0, recovery=3.0, flooder="b")
    measured, flood = plan(settings, "http://a/x", "*/*")
    assert (measured.credential, measured.floods, measured.start, measured.end) == (
        "default",
        False,
        0.0,
        7.0,
    )
    assert (flood.credential, flood.retries, flood.start, flood.end) == ("b", 9, 2.0, 4.0)
    # The budget holds for the case that each attempt fails.
    assert flood.most == 100


def test_a_second_flood_waits_until_the_target_serves_again() -> None:
    bad, lock = [5], threading.Lock()

    def respond(_: Seen) -> Answer:
        with lock:
            bad[0] -= 1
            return Answer(503 if bad[0] >= 0 else 200, b"{}")

    settings = Load(rate=20.0, seconds=0.2)
    with servers.http(respond) as server:
        wait_for_recovery(client(server.url), settings, "/a", series([0.02] * 20))
    # Two looks of four requests each saw that it was ill, and the third that it was well.
    assert len(server.seen) == 12
    assert bad[0] < 0
