"""`--dry-run` sends nothing unsafe and runs nothing, and says what a run would; estimates tell what they are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.http.exchange import Body, Exchange
from harness.profile.models import Capability, Profile, Resource, State
from harness.rules.catalogue import shipped
from harness.rules.finding import Finding
from harness.rules.rule import BURST, READ, WRITE, Effect, Rule
from harness.rules.verdict import Impact, Level, Verdict
from harness.run.dry_run import fitted, lines_of, plan, surely_lacks
from harness.run.estimates import about, estimates, expected, measured, requests_of, too_few
from harness.run.plan import Check, planned
from harness.target.target import Limits
from tests import servers
from tests.report.sample import build
from tests.servers import PROFILE, Crud
from tests.sessions import here


def rule(code, effect=READ, needs=()):
    return Rule(code, Level.MUST, Impact.MAJOR, "Title", "why", "fix", ("x",), needs, effect)


def having(name, because="the profile says so", **capabilities):
    known = {
        need: Capability(state=State.DETECTED if there else State.ABSENT, because=because)
        for need, there in capabilities.items()
    }
    return Resource(collection=f"/{name}", capabilities=known)


def test_what_is_not_known_may_be_there():
    lists = rule("ACME-001", needs=("list", "create"))
    assert surely_lacks(having("a", list=True), lists) is None
    assert surely_lacks(having("a"), lists) is None
    assert surely_lacks(having("a", "no body for POST /a is known", create=False), lists) is None
    assert surely_lacks(having("a", list=True, create=False), lists) == "create: the profile says so"


def test_the_plan():
    create = rule("METH-001", WRITE, ("create",))
    items = [
        (create, "b", True),
        (create, "a", True),
        (rule("LINT-001"), None, False),
        (rule("CONC-001", BURST), "a", True),
        (rule("PAGE-001"), None, True),
        (rule("ACME-001"), None, False),
    ]
    made = plan(items, [having("a", create=True), having("b")], WRITE)
    assert [(one.code, one.on, set(one.unsure)) for one in made.rules] == [
        ("METH-001", ("b", "a"), {"b"}),
        ("LINT-001", (), set()),
        ("ACME-001", (), set()),
    ]
    assert (made.forbidden, made.absent) == (("CONC-001",), ("PAGE-001",))
    assert made.requests == math.ceil(1.75 * estimates()["METH-001"])
    text = "\n".join(lines_of(made, Limits(max_requests=3, rps=2.0, max_time=60), 7))
    for line in (
        "ACME-001   read        ?      0  the whole API",
        f"METH-001   write      {made.requests}      0  b?, a",
        "?: only a run that writes can find out whether",
        "need more --effects: CONC-001",
        "nothing to run on: PAGE-001",
        "at most 3 requests (--max-requests), 2 per second (--rps), 60 seconds (--max-time)",
        "that will probably not suffice",
        "no rule was run: the survey sent 7 safe requests and created nothing",
    ):
        assert line in text
    assert "not suffice" not in "\n".join(lines_of(made, Limits(), 7))


def test_the_plan_by_value():
    one, two = rule("METH-001", WRITE, ("create",)), rule("LINT-001")
    first = Check("1", "METH-001", "b", 3, 6)
    last = Check("2", "METH-001", "a", 2, 6)
    free = Check("3", "LINT-001", "", 1, 0)
    made = planned([last, first, free], 7)
    items = [(two, None, False), (one, "b", True), (one, "a", True)]
    shown = plan(items, [having("a", create=True), having("b", create=True)], WRITE, made, 90)
    assert [(each.code, each.about, each.after, each.on) for each in shown.rules] == [
        ("LINT-001", 0, 0, ()),
        ("METH-001", 6, 0, ("b",)),
    ]
    assert shown.left_out == {"METH-001": ("a",)}
    text = "\n".join(lines_of(shown, Limits(max_requests=12), 5, 80))
    assert "left out, since 12 requests are planned for what is worth more:\n  METH-001   a\n" in text
    assert "--max-requests 90 would cover everything" in text


@pytest.mark.parametrize(
    ("width", "text"),
    [(40, "contracts, documents, orders"), (22, "contracts and 2 more"), (12, "3 resources")],
)
def test_names_fit_their_column(width, text):
    assert fitted(["contracts", "documents", "orders"], width) == text


@pytest.mark.parametrize("effects", ["read", "load"])
def test_a_dry_run_sends_safe_requests_only(pytester, effects):
    api = Crud(items={"first": {"id": "first", "name": "somebody's"}})
    with servers.http(api) as server:
        arguments = ("--target-url", server.url, "--dry-run", "--effects", effects)
        done = here(pytester, *arguments, files={"conformance.toml": PROFILE})
    assert done.code == 0, done.out
    assert set(server.methods) <= {"GET", "HEAD", "OPTIONS"}
    assert f"the survey sent {len(server.seen)} safe requests" in done.out
    assert list((pytester.path / "reports").iterdir()) == []
    lines = [line.split() for line in done.out.splitlines()]
    planned = {line[0]: line[1] for line in lines if line and line[0] in estimates()}
    assert planned["METH-020"] == "read"
    # It reads an item of its own where it may create one.
    assert planned["METH-001"] == ("read" if effects == "read" else "write")
    if effects == "read":
        assert set(planned.values()) == {"read"}
        (more,) = [line for line in done.out.splitlines() if line.startswith("need more --effects: ")]
        assert "CONC-001" in more.split(": ")[1].split(", ")
    else:
        assert planned["METH-005"] == "write"
        assert planned["CONC-001"] == "burst"
        assert "need more --effects" not in done.out


def test_a_dry_run_of_what_cannot_be_collected_is_an_error(pytester):
    with servers.http(Crud()) as server:
        files = {"conformance.toml": PROFILE, "test_own.py": "import nothing_of_that_name\n"}
        done = here(pytester, "--target-url", server.url, "--dry-run", "test_own.py", files=files)
    assert done.code == 2, done.out


# -- estimates -----------------------------------------------------------------------------------------------


def test_there_is_an_estimate_for_every_rule():
    assert set(estimates()) == {one.rule.code for one in shipped()}
    asked = {one.rule.code for one in shipped() if one.passive}
    assert all(estimates()[code] == 0 for code in asked)


def exchange(id, method, status):
    return Exchange(id, method, "http://x/things", (), Body(), status=status)


def test_requests_of_a_finding():
    sent = {
        one.id: one
        for one in (
            exchange("1", "POST", 201),
            exchange("2", "GET", 200),
            exchange("3", "POST", 201),
            exchange("4", "DELETE", 204),
            exchange("5", "POST", 400),
        )
    }
    finding = Finding(
        rule="ACME-001", verdict=Verdict.PASS, exchanges=["s1", "1", "2", "3", "4"], repeat=["5"]
    )
    # Five, and two more for what it created and did not remove itself: a look, and the DELETE.
    assert requests_of(finding, sent) == 7


def profile(count):
    everything = {need: True for one in shipped() for need in one.rule.needs}
    return Profile(resources=[having(f"r{number}", **everything) for number in range(count)])


def test_what_all_rules_take():
    one = expected(shipped(), profile(1), Effect.BURST)
    assert one > 3000
    assert expected(shipped(), profile(1), READ) < one / 2
    more = expected(shipped(), profile(3), Effect.BURST)
    assert 1.5 * one < more < 3 * one
    # Rules on the API as a whole: an endpoint of GraphQL, operations and others that need no collection.
    assert expected(shipped(), Profile(), Effect.BURST) < one / 5


def test_resources_may_share_the_rounds_of_a_rule():
    each, shared = rule("METH-001", WRITE), replace(rule("CONC-008", BURST), shared=4)
    known = estimates()
    assert about(each, 3) == math.ceil(2.5 * known["METH-001"])
    assert [about(shared, places) for places in (0, 1, 4)] == [0, known["CONC-008"], known["CONC-008"]]
    assert about(shared, 8) == 2 * known["CONC-008"]
    assert about(rule("ACME-001"), 2) is None


def test_what_is_shared_is_measured_as_a_sum():
    findings = [
        Finding(rule=code, resource=name, verdict=Verdict.PASS, exchanges=[id])
        for code, name, id in (
            ("A-001", "a", "1"),
            ("A-001", "b", "2"),
            ("B-001", "a", "1"),
            ("B-001", "b", "2"),
        )
    ]
    sent = [exchange("1", "GET", 200), exchange("2", "GET", 200)]
    seen = build().model_copy(update={"findings": findings, "exchanges": sent, "survey": []})
    assert measured(seen, {"B-001"}) == {"A-001": 1, "B-001": 2}


def test_what_a_run_may_send_by_default_covers_the_reference_with_races(pytester):
    """New rules make runs longer: whoever omits --max-requests is to get all of them."""
    done = here(pytester, "--target-url", "demo", "--effects", "burst", "--dry-run")
    assert "as measured on the reference API" in done.out
    assert "left out" not in done.out


def test_a_budget_that_will_not_suffice_is_reported_beforehand(pytester):
    assert too_few(profile(3), Effect.BURST, 30_000) is None
    assert too_few(profile(1), Effect.READ, 3000) is None
    assert "all rules on 10 resources take about" in str(too_few(profile(10), Effect.BURST, 30_000))
    with servers.http(Crud()) as server:
        arguments = ("--target-url", server.url, "--max-requests", "70", "--effects", "write")
        done = here(pytester, *arguments, files={"conformance.toml": PROFILE})
        assert "more than the 70 of --max-requests" in done.out
        done = here(pytester, *arguments, "-k", "METH-001")
        assert "more than the 70 of --max-requests" not in done.out
