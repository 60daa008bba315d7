"""Surveys of large APIs: one or two of each family are explored, the others get a light look, or all are explored."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from harness.bad_input import BadInput
from harness.http.exchange import Body, Exchange
from harness.profile.models import Capability, Profile, Resource, State
from harness.rules.rule import Effect
from harness.run.prepare import chosen, turned
from harness.survey.ask.allowance import EACH, LOOK, MOST, MOST_RESOURCES, SHARE, Allowance
from harness.survey.ask.choice import LIGHT, MOST_EXPLORED, apart, of_families, rotated
from harness.survey.infer.alike import Look, difference
from harness.survey.infer.samples import Sample
from tests import servers
from tests.survey.surveying import Api, described, surveyed


@dataclass
class Crashing(Api):
    """One of the collections fails on a plain read."""

    broken: str = ""

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        if path == self.broken and method == "GET":
            return 500, {"detail": "boom"}
        return super()._answer(method, path, content)


def many(number: int) -> tuple[str, ...]:
    return tuple(f"/c{place:03}" for place in range(number))


def declared(name: str, *needs: str) -> Resource:
    seen = {need: Capability(state=State.DECLARED, because="OpenAPI") for need in needs}
    return Resource(collection=f"/{name}", capabilities=seen)


def test_a_first_one_of_each_family_comes_before_a_second_one() -> None:
    alike = [declared(name, "list", "create") for name in ("a", "b", "c", "d")]
    others = [declared(name, "list") for name in ("x", "y", "z")]
    first, rest = of_families([*alike, *others])
    assert [one.name for one in first] == ["a", "x", "b", "y"]
    assert [one.name for one in rest] == ["c", "d", "z"]


@pytest.mark.parametrize(
    ("sizes", "most", "turns"),
    [((60,), 10, 10), ((20, 20, 20), 9, 14), ((15,) * 12, 20, 30), ((2,) * 40, 20, 22), ((3, 9), 9, 2)],
)
def test_rotation_comes_to_each_collection(sizes: tuple[int, ...], most: int, turns: int) -> None:
    needs = ("list", "create", "read", "update", "delete", "replace")
    kinds = list(itertools.chain.from_iterable(itertools.combinations(needs, n) for n in range(1, 7)))
    every = [
        declared(f"f{family}m{place}", *kinds[family])
        for family, size in enumerate(sizes)
        for place in range(size)
    ]
    names = {one.name for one in every}
    seen = [[one.name for one in rotated(every, most, turn)[:most]] for turn in range(turns)]
    assert all(len(set(one)) == most for one in seen)
    assert set().union(*seen) == names
    assert all(
        sorted(one.name for one in rotated(every, most, turn)) == sorted(names) for turn in range(turns)
    )
    # In each turn the first of each family, or as many as there is room for.
    firsts = {f"f{family}m0" for family in range(len(sizes))}
    assert all(len(firsts & set(one)) >= min(len(firsts), most - most // 4) for one in seen)
    assert seen[0] == [one.name for one in rotated(every, most, 0)[:most]]


def test_all_of_sixty_are_tested_in_part_within_six_turns() -> None:
    every = [declared(f"c{place:03}", "list", "create") for place in range(60)]
    orders = [apart(rotated(every, 10, turn), 10) for turn in range(6)]
    assert all(len({one.name for one in order}) == 60 for order in orders)
    assert len({one.name for order in orders for one in order[: 10 + LIGHT]}) == 60


def test_each_number_surveys_other_members() -> None:
    with servers.http(Api(many(25), described(*many(25)))) as server:
        found = [surveyed(server.url, Effect.READ, profile={"rotate": turn}) for turn in (0, 1, 1)]
    explored = [{one.name for one in survey.profile.resources} for survey in found]
    full = [{one.name for one in survey.profile.resources if not one.light} for survey in found]
    assert "c000" in full[0] & full[1]
    assert len(full[0] | full[1]) > 15
    assert explored[1] == explored[2]
    assert [len(one) for one in full] == [MOST_RESOURCES] * 3
    # Where nothing may be created and the lists are empty, more of them would show nothing.
    assert explored == full


def test_what_rotate_says() -> None:
    assert turned(Profile(), 7).rotate == 7
    assert turned(Profile(rotate=3), None).rotate == 3
    for other in (Profile(explore="all"), Profile(only=["a"]), Profile(resources=[declared("orders")])):
        with pytest.raises(BadInput, match="--rotate: the resources to test are given"):
            turned(other, 1)


def sample(status: int, value: Any) -> Sample:
    exchange = Exchange("1", "GET", "http://x/c", (), Body(), status=status)
    return Sample(exchange, value)


def test_looks_differ_by_status_and_by_what_is_around_items() -> None:
    one = Look(
        sample(200, {"items": [], "next": None}), sample(200, {"id": 1, "size": 2}), sample(404, {"error": 1})
    )
    other = Look(
        sample(200, {"items": [1], "next": "x"}),
        sample(200, {"id": 7, "name": "n"}),
        sample(404, {"error": 2}),
    )
    assert difference(one, other) is None
    assert difference(Look(one.listed), other) is None
    crash = Look(sample(500, {"items": [], "next": None}))
    assert difference(crash, other) == "its list is answered 500, there 200"
    bare = Look(sample(200, [1]))
    assert difference(bare, other) == "its list is with members list, there items, next"


@pytest.mark.parametrize(
    ("resources", "others", "budget", "most"),
    [
        (MOST_RESOURCES, 0, 20_000, MOST),
        (20, 0, 20_000, MOST + 11 * EACH),
        (10, 50, 20_000, MOST + 50 * LOOK),
        (1_000, 0, 20_000, SHARE * 20_000),
        (10, 1_000, 500, MOST),
    ],
)
def test_the_bound_of_a_survey_is_a_share_of_the_budget(
    resources: int, others: int, budget: int, most: float
) -> None:
    allowance = Allowance(lambda: 0, lambda: 0)
    allowance.widen(resources, others, budget)
    assert allowance.spare() == most


def test_most_collections_of_one_family_get_a_light_look() -> None:
    api = Crashing(many(60), described(*many(60)), broken="/c050")
    with servers.http(api) as server:
        found = surveyed(server.url, budget=20_000)
        sent = [seen for seen in server.seen if seen.path.partition("/c0")[1]]
    explored = {resource.name for resource in found.profile.resources}
    full = {resource.name for resource in found.profile.resources if not resource.light}
    assert 2 <= len(full) <= MOST_EXPLORED
    assert len(explored - full) == LIGHT
    looked = {one.name: one.because for one in found.unsurveyed}
    assert len(explored) + len(looked) == 60
    assert explored.isdisjoint(looked)
    odd = looked.pop("c050")
    assert odd.startswith("unlike c0")
    assert odd.endswith("its list is answered 500, there 200")
    assert {because.partition(" c")[0] for because in looked.values()} == {"answers like"}
    for name in looked:
        own = [seen for seen in sent if seen.path.startswith(f"/{name}")]
        assert len(own) <= LOOK
        assert {seen.method for seen in own} == {"GET"}
    assert api.items == {}
    (suspicion,) = [one for one in found.suspicions if one.resource == "c050"]
    assert "500" in suspicion.text
    assert "60 collections found" in found.warnings[0]
    assert "--resource /c050" in found.warnings[0]


def test_all_are_explored_where_the_user_wants_that() -> None:
    with servers.http(Api(many(25), described(*many(25)))) as server:
        found = surveyed(server.url, Effect.READ, profile={"explore": "all"}, budget=20_000)
    assert len(found.profile.resources) == 25
    assert not found.unsurveyed


def test_what_resources_says() -> None:
    profile = Profile(resources=[declared("orders"), declared("users")], only=["users"])
    assert chosen(profile, None) is profile
    assert (chosen(profile, "all").explore, chosen(profile, "all").only) == ("all", [])
    assert chosen(profile, "families").explore == "families"
    named = chosen(profile, "orders")
    assert (named.only, [one.name for one in named.resources]) == (["orders"], ["orders"])
    assert chosen(Profile(), "a, b").only == ["a", "b"]
    for wrong, message in (("invoices", "no resource is called 'invoices'"), (",", "no resource is named")):
        with pytest.raises(BadInput, match=message):
            chosen(profile, wrong)
