"""Judgement of hostile input and exposure, on literal inputs."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from harness.http.exchange import Body, Exchange
from harness.rules.verdict import Impact
from suites.security import defensive, exposure, hosts, injection, limits, xml_documents

pytestmark = pytest.mark.topic(name="security")

PAGE = "<!doctype html><html><head><title>Shop</title></head></html>"


def place(path: str) -> exposure.Place:
    return next(one for one in exposure.PLACES if one.path == path)


class TestPlaces:
    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("/.git/HEAD", "ref: refs/heads/main\n"),
            ("/.env", "# settings\nDB_PASSWORD=secret\n"),
            ("/.env", "export APP_KEY=base64:7c1d\n"),
            ("/actuator/env", '{"activeProfiles":[],"propertySources":[]}'),
            ("/actuator", '{"_links":{"self":{"href":"/actuator"},"env":{"href":"/actuator/env"}}}'),
            ("/debug/vars", '{"cmdline":["api"],"memstats":{}}'),
            ("/metrics", "# HELP go_goroutines\n# TYPE go_goroutines gauge\n"),
            ("/phpinfo.php", "<title>PHP 8.2.1 - phpinfo()</title>"),
        ],
    )
    def test_the_real_thing_is_recognised(self, path: str, content: str) -> None:
        assert exposure.shows(place(path), 200, content, [])

    @pytest.mark.parametrize("one", exposure.PLACES, ids=lambda one: one.path)
    @pytest.mark.parametrize(
        "content",
        [
            PAGE,
            "",
            "{}",
            '{"error":"not found"}',
            "[]",
            "OK",
            '{"data":[{"id":1}]}',
            '{"status":"UP"}',
            "404 not found",
        ],
    )
    def test_a_page_for_everything_is_not(self, one: exposure.Place, content: str) -> None:
        assert not exposure.shows(one, 200, content, [])

    def test_a_part_of_the_file_will_do(self) -> None:
        assert exposure.shows(place("/.git/HEAD"), 206, "ref: refs/heads/main", [])

    def test_only_a_success_counts(self) -> None:
        assert not exposure.shows(place("/.git/HEAD"), 403, "ref: refs/heads/main", [])

    def test_a_list_of_harmless_endpoints_is_meant(self) -> None:
        assert not exposure.shows(place("/actuator"), 200, '{"_links":{"self":{},"health":{}}}', [])

    def test_what_is_answered_everywhere_shows_nothing(self) -> None:
        assert not exposure.shows(place("/.env"), 200, "KEY=value", ["KEY=value"])

    def test_files_are_asked_for_at_the_origin_and_endpoints_below_the_api_too(self) -> None:
        found = [url for url, _ in exposure.places_at("http://api.example", "/v1")]
        assert "http://api.example/.git/HEAD" in found
        assert "http://api.example/v1/.git/HEAD" not in found
        assert {"http://api.example/actuator/env", "http://api.example/v1/actuator/env"} <= set(found)
        assert len(found) < 60

    def test_metrics_are_a_note(self) -> None:
        assert place("/metrics").impact is None
        assert place("/.git/HEAD").impact is Impact.CRITICAL


class TestFields:
    def answered(self, **fields: str) -> Exchange:
        named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
        return Exchange("1", "GET", "http://a/v1/o", (), Body(), 200, response_fields=named)

    def test_a_defended_response(self) -> None:
        one = self.answered(
            content_type="application/json",
            x_content_type_options="nosniff",
            x_frame_options="DENY",
            server="nginx",
        )
        assert defensive.listed([one]) == []

    @pytest.mark.parametrize("policy", ["default-src 'none'", "frame-ancestors 'none'"])
    def test_a_policy_instead_of_x_frame_options(self, policy: str) -> None:
        one = self.answered(
            content_type="application/json", x_content_type_options="nosniff", content_security_policy=policy
        )
        assert defensive.missing(one) == []

    def test_what_is_missing_is_listed_with_an_example(self) -> None:
        one = self.answered(content_type="application/problem+json", server="Apache/2.4.49 (Unix)")
        assert defensive.listed([one, one])[0] == (
            "no X-Content-Type-Options: nosniff (2 responses, such as GET /v1/o -> 200)"
        )
        assert len(defensive.listed([one])) == 3

    @pytest.mark.parametrize("server", ["cloudflare", "nginx", "Kestrel", "", "uvicorn", "gws"])
    def test_a_server_without_version(self, server: str) -> None:
        assert defensive.detailed(self.answered(server=server)) is None


class TestHosts:
    @pytest.mark.parametrize(
        ("status", "fields", "content"),
        [
            (302, {"location": "https://h.invalid/login"}, ""),
            (200, {"link": '<http://h.invalid/o?page=2>; rel="next"'}, ""),
            (200, {}, '{"next": "https:\\/\\/h.invalid\\/o"}'),
            (201, {}, '{"url": "//h.invalid/o/1"}'),
        ],
    )
    def test_a_link_to_the_host(self, status: int, fields: dict[str, str], content: str) -> None:
        assert hosts.links_to("h.invalid", status, fields, content) is not None

    @pytest.mark.parametrize(
        ("status", "content"),
        [
            (400, "Invalid HTTP_HOST header: 'h.invalid'."),
            (421, "http://h.invalid/ is not here"),
            (200, "h.invalid"),
        ],
    )
    def test_a_sentence_is_none(self, status: int, content: str) -> None:
        assert hosts.links_to("h.invalid", status, {}, content) is None


class TestInjection:
    def test_a_condition_that_is_evaluated(self) -> None:
        assert injection.evaluated([("a",)] * 3, [("a",)] * 3, [()] * 3, ())

    @pytest.mark.parametrize(
        ("usual", "true", "false"),
        [
            # Taken literally: nothing has that text.
            ([("a",)] * 3, [()] * 3, [()] * 3),
            # The parameter is ignored, or a search by words.
            ([("a", "b")] * 3, [("a", "b")] * 3, [("a", "b")] * 3),
            ([("a",)] * 3, [("a",)] * 3, [("b",)] * 3),
            # Not stable.
            ([("a",), ("a",), ("a", "b")], [("a",)] * 3, [()] * 3),
            ([("a",)] * 3, [("a",), (), ("a",)], [()] * 3),
            ([("a",)] * 3, [("a",)] * 3, [(), ("a",), ()]),
            # The value alone selects nothing.
            ([()] * 3, [()] * 3, [()] * 3),
        ],
    )
    def test_what_looks_like_one(self, usual: list[object], true: list[object], false: list[object]) -> None:
        assert not injection.evaluated(usual, true, false, ())

    def test_one_quote_breaks_and_two_do_not(self) -> None:
        assert injection.breaks_at_a_quote([200] * 3, [500] * 3, [200] * 3)
        assert not injection.breaks_at_a_quote([200] * 3, [500] * 3, [500] * 3)
        assert not injection.breaks_at_a_quote([200] * 3, [500, 200, 500], [200] * 3)
        assert not injection.breaks_at_a_quote([200] * 3, [503] * 3, [200] * 3)

    def test_an_expression_and_its_value(self) -> None:
        sum = injection.expression()
        one, _, other = sum.text.split()[0].strip("{}").partition("*")
        assert int(one) * int(other) == int(sum.value)
        assert sum.value not in sum.text

    def test_files(self) -> None:
        assert injection.shows_a_file("root:x:0:0:root:/root:/bin/bash\n")
        assert not injection.shows_a_file('{"detail": "root: not found"}')

    @pytest.mark.parametrize(
        ("status", "usual", "firewall"),
        [(403, 200, True), (403, 403, False), (403, 404, True), (400, 200, False)],
    )
    def test_firewalls(self, status: int, usual: int, firewall: bool) -> None:
        assert injection.refused_by_firewall(status, usual) is firewall


class TestLimits:
    def test_content_of_the_ramps_is_json(self) -> None:
        for ramp in limits.RAMPS:
            content = limits.beside(b'{"name": "x"}', ramp.value(ramp.sizes[0]))
            assert set(json.loads(content)) == {"name", "harness"}
            assert len(ramp.value(ramp.sizes[-1])) <= limits.LARGEST + 2

    @pytest.mark.parametrize("status", [200, 201, 400, 413, 414, 422, 502, 503])
    def test_answers_that_are_fine(self, status: int) -> None:
        assert limits.fault(limits.Answer(status)) is None

    def test_answers_that_are_not(self) -> None:
        assert limits.fault(limits.Answer(500)) == "500 instead of a refusal"
        assert limits.fault(limits.Answer(None, hung=True)) == "no answer in time"
        assert limits.fault(limits.Answer(None)) is None

    def test_a_ramp_ends_at_the_first_refusal_for_the_size(self) -> None:
        invalid = limits.Answer(422)
        assert not limits.ends(limits.Answer(422), invalid)
        assert limits.ends(limits.Answer(413), invalid)
        assert limits.ends(limits.Answer(400), limits.Answer(201))
        assert limits.ends(limits.Answer(None), invalid)
        assert not limits.ends(limits.Answer(201), limits.Answer(201))


class TestXml:
    def test_members_become_elements(self) -> None:
        made = xml_documents.document(
            "order", {"note": "a & b", "paid": True, "tags": ["x", "y"], "at": {"n": 1}}
        )
        root = ElementTree.fromstring(made)
        assert [(one.tag, one.text) for one in root] == [
            ("note", "a & b"),
            ("paid", "true"),
            ("tags", "x"),
            ("tags", "y"),
            ("at", None),
        ]

    def test_three_levels_of_entities(self) -> None:
        made = xml_documents.document("order", {"note": "x ENTITY!"}, xml_documents.LEVELS, "&c;")
        assert ElementTree.fromstring(made)[0].text == f"x {xml_documents.EXPANDED}"

    @pytest.mark.parametrize(
        ("path", "root"), [("/v1/orders", "order"), ("/companies/", "company"), ("/news", "new"), ("/x", "x")]
    )
    def test_roots(self, path: str, root: str) -> None:
        assert xml_documents.root_of(path) == root


class TestSleeps:
    def test_a_query_that_sleeps_takes_as_long_as_it_is_told(self) -> None:
        assert injection.slept([2.1, 2.0, 2.3], [1.1, 1.0, 1.1], [0.1, 0.0, 0.1])
        assert injection.slept([4.1, 4.0, 4.3], [2.1, 2.0, 2.1], [0.1, 0.0, 0.1])

    @pytest.mark.parametrize(
        ("long", "half", "none"),
        [
            ([2.1, 2.2, 2.4], [2.3, 2.1, 2.2], [0.1, 0.1, 0.1]),
            ([2.1, 0.1, 2.4], [1.1, 1.1, 1.2], [0.1, 0.1, 0.1]),
            ([2.1, 2.2, 2.4], [1.1, 1.1, 1.2], [0.1, 0.9, 0.1]),
            ([2.1, 2.2, 2.4], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]),
            ([], [], []),
        ],
        ids=["always slow", "slow now and then", "slow without it", "no proportion", "nothing"],
    )
    def test_a_slow_server_is_no_query(self, long: list[float], half: list[float], none: list[float]) -> None:
        assert not injection.slept(long, half, none)

    def test_a_number_needs_no_quote(self) -> None:
        assert "7-SLEEP({seconds})" in list(injection.sleeps("7"))
        assert all("'" in one for one in injection.sleeps("a{b}c"))
