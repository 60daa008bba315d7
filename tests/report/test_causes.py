"""Findings with one cause together, on literal findings."""

from __future__ import annotations

from random import Random

from harness.report.causes import causes
from harness.report.model import CauseRecord, PlaceRecord
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Impact, Level, Verdict

HEAD = "GET /{0} -> 200, but HEAD /{0} -> 405; GET /{0}/{1} -> 200, but HEAD /{0}/{1} -> 405"


def found(
    rule: str,
    resource: str | None,
    observed: str,
    verdict: Verdict = Verdict.FAIL,
    *,
    cause: str = "",
    known: bool = False,
) -> Finding:
    breach = BreachRecord(
        expected="as specified", observed=observed, level=Level.MUST, impact=Impact.MAJOR, cause=cause
    )
    return Finding(
        rule=rule, resource=resource, verdict=verdict, reason=observed, breaches=[breach], known=known
    )


def grouped(*findings: Finding) -> list[list[tuple[str, str]]]:
    return [[one.key for one in cause.findings] for cause in causes(findings, {})]


def test_the_same_answers_on_several_resources_are_one_cause() -> None:
    orders, users = (
        found("METH-001", "orders", HEAD.format("orders", 7)),
        found("METH-001", "users", HEAD.format("v2/users", "3f2a-99")),
    )
    (cause,) = causes([users, orders], {})
    assert [one.key for one in cause.findings] == [("METH-001", "orders"), ("METH-001", "users")]
    assert (cause.lead.resource, cause.also, cause.sentence) == ("orders", "also on users", "")


def test_other_answers_are_another_cause() -> None:
    one = found("METH-001", "orders", "GET /orders -> 200, but HEAD /orders -> 405")
    other = found("METH-001", "users", "GET /users -> 200, but HEAD /users -> 500")
    assert grouped(one, other) == [[("METH-001", "orders")], [("METH-001", "users")]]


def test_without_answers_the_words_count_and_not_the_values() -> None:
    one = found("COND-001", "a", "/name was 'x 1' and is \"x 2\"")
    same = found("COND-001", "b", "/title/de was 'y' and is \"\"")
    other = found("COND-001", "c", "/name is gone")
    assert grouped(one, same, other) == [[("COND-001", "a"), ("COND-001", "b")], [("COND-001", "c")]]


def test_rules_that_name_one_cause_are_together_on_all_resources() -> None:
    text = "Requests with an unsupported Content-Type are not refused"
    members = [
        found("NEGO-006", "items", "POST /items -> 201", Verdict.WARN, cause=text),
        found("PATCH-010", "items", "PATCH /items/1 -> 200", Verdict.WARN, cause=text),
        found("PATCH-010", "notes", "PATCH /notes/1 -> 204", Verdict.FAIL, cause=text),
    ]
    (cause,) = causes(members, {})
    # The gravest stands for all.
    assert cause.lead.key == ("PATCH-010", "notes")
    assert (cause.verdict, cause.sentence) == (Verdict.FAIL, text)
    assert cause.also == "also on items; also by NEGO-006"


def test_new_findings_known_ones_other_verdicts_and_other_rules_stay_apart() -> None:
    text = "DELETE /a -> 500"
    findings = [
        found("METH-008", "a", text),
        found("METH-008", "b", text, known=True),
        found("METH-008", "c", text, Verdict.ADVICE),
        found("METH-009", "a", text),
    ]
    assert sorted(map(len, grouped(*findings))) == [1, 1, 1, 1]


def test_what_holds_or_is_undecided_has_no_cause() -> None:
    calm = [
        Finding(rule="METH-001", verdict=verdict, reason="x")
        for verdict in Verdict
        if verdict not in (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.ADVICE)
    ]
    assert causes(calm, {}) == []


def test_errors_of_the_harness_are_together_by_their_words() -> None:
    one = Finding(rule="METH-001", resource="a", verdict=Verdict.ERROR, reason="KeyError: 'id' in line 7")
    other = Finding(rule="METH-001", resource="b", verdict=Verdict.ERROR, reason="KeyError: 'key' in line 9")
    assert grouped(one, other) == [[("METH-001", "a"), ("METH-001", "b")]]


def test_the_order_in_which_rules_ran_does_not_matter() -> None:
    findings = [
        found(f"METH-00{rule}", name, f"GET /{name} -> {status}", verdict)
        for rule, status, verdict in (
            (1, 500, Verdict.WARN),
            (2, 404, Verdict.FAIL),
            (3, 200, Verdict.ADVICE),
        )
        for name in ("a", "b", "c")
    ]
    expected = causes(findings, {})
    for seed in range(20):
        mixed = findings[:]
        Random(seed).shuffle(mixed)
        assert causes(mixed, {}) == expected
    assert [cause.verdict for cause in expected] == [Verdict.FAIL, Verdict.WARN, Verdict.ADVICE]


def test_many_places_are_named_in_part() -> None:
    (cause,) = causes([found("METH-001", f"r{n}", "HEAD /r -> 405") for n in range(10)], {})
    assert cause.also == "also on r1, r2, r3, r4, r5, r6 and 3 more"


def test_a_record_names_every_place() -> None:
    (cause,) = causes([found("METH-001", name, "HEAD /x -> 405") for name in ("b", "a")], {})
    assert cause.record() == CauseRecord(
        verdict=Verdict.FAIL,
        findings=[PlaceRecord(rule="METH-001", resource="a"), PlaceRecord(rule="METH-001", resource="b")],
    )


def test_long_texts_of_a_target_take_no_time() -> None:
    texts = ["x" * 2_000_000, "GET /" + "y" * 2_000_000, "'" * 2_000_000, "GET /a (" * 300_000]
    findings = [found("METH-001", f"r{number}", text) for number, text in enumerate(texts)]
    assert len(causes(findings, {})) == 4
