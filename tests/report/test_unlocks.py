"""What would let more rules be verified: counted from data, promised only where one thing is lacking."""

from __future__ import annotations

from harness.profile.models import Capability, Profile, Resource, State
from harness.report.console.terminal import lines
from harness.report.model import RuleRecord
from harness.report.unlocks import unlocks
from harness.rules.finding import Finding
from harness.rules.verdict import Impact, Level, Verdict
from tests.report.sample import build

SEEN = Capability(state=State.DETECTED, because="seen")
GONE = Capability(state=State.ABSENT, because="DELETE -> 405")


def rule(code: str, needs: str = "", effect: str = "READ") -> RuleRecord:
    return RuleRecord(
        code=code,
        suite=code[:3],
        level=Level.MUST,
        impact=Impact.MAJOR,
        title="t",
        why="w",
        fix="f",
        refs=["r"],
        needs=needs.split(),
        effect=effect,
    )


def made(
    *rules: RuleRecord,
    reasons: dict[str, str] | None = None,
    verdict: Verdict = Verdict.NOT_APPLICABLE,
    **known: Capability,
) -> list[tuple[int, str]]:
    base = build()
    findings = [
        Finding(rule=one.code, verdict=verdict, reason=(reasons or {}).get(one.code, "x")) for one in rules
    ]
    profile = Profile(resources=[Resource(collection="/orders", capabilities=known)])
    run = base.model_copy(update={"rules": list(rules), "findings": findings, "profile": profile})
    return [(one.rules, one.line) for one in unlocks(run)]


def test_rules_that_need_one_thing_are_counted_by_it() -> None:
    needs = [rule("AAA-001", "read idempotency"), rule("AAA-002", "idempotency"), rule("AAA-003", "unique")]
    assert made(*needs, read=SEEN) == [
        (2, '[[resources]] idempotency = { field = "Idempotency-Key" }'),
        (1, '[[resources]] unique = ["/email"]'),
    ]
    assert made(rule("AAA-004", "conditional")) == [(1, "[[resources]] locking = { if_match = true }")]
    assert made(rule("AAA-005", "delete")) == [(1, "[[resources]] capabilities = { delete = true }")]


def test_nothing_is_promised_where_two_things_are_lacking_or_the_target_lacks_it() -> None:
    assert made(rule("AAA-001", "idempotency unique")) == []
    assert made(rule("AAA-001", "delete"), delete=GONE) == []
    assert made(rule("AAA-001", "delete idempotency"), delete=GONE) == []
    # A create that was refused for want of a body is the user's to mend.
    assert made(rule("AAA-001", "create"), create=GONE) == [
        (1, "--body 'NAME={...}', or [[resources]] body = { name = \"...\" }")
    ]
    # One that made nothing, as of a mock, is not mended by another body.
    denied = Capability(state=State.CONTRADICTED, because="as a mock does")
    assert made(rule("AAA-001", "create"), create=denied) == []


def test_effects_that_were_not_allowed() -> None:
    flood = [rule("AAA-001", "read", "FLOOD"), rule("AAA-002", "", "FLOOD"), rule("AAA-003", "etag", "FLOOD")]
    assert made(*flood, read=SEEN) == [(2, "--effects flood")]


def test_reasons_that_name_a_key_of_the_profile() -> None:
    reasons = {
        "AAA-001": "only one client is configured: add a second one, of another tenant, in [credentials.other]",
        "AAA-002": "does not apply: the profile declares `transitions`",
        "AAA-003": "the profile declares no `retention` of idempotency keys",
        "AAA-004": "the target said `rm -rf` and [evil]",
        "AAA-005": "the target said `no_such_key`",
        "AAA-006": "does not apply: the profile names `hides_absence`",
        "AAA-007": "not sent unless the profile allows it: add `[wire]` with `malformed = true`",
        "AAA-008": "no answer, document or profile ([[rate_limits]]) tells of a rate limit",
        "AAA-009": "a window is not known: give `window` in [[rate_limits]]",
    }
    other = '[credentials.other] headers = { Authorization = "Bearer ${OTHER_TOKEN}" }'
    assert made(*(rule(code) for code in reasons), reasons=reasons) == [
        (1, f"--credential other=env:OTHER_TOKEN, or {other}"),
        (1, '[[rate_limits]] path = "/status", limit = 100, window = 60'),
        (1, "[[rate_limits]] window = ..."),
        (1, "[[resources]] hides_absence = ..."),
        (1, "[[resources]] idempotency = { retention = 86400 }"),
        (
            1,
            '[[resources]] transitions = [{ name = "pay", path = "/orders/{id}/pay", before = "new", after = "paid" }]',
        ),
        (1, "[wire] malformed = true"),
    ]


def test_what_was_verified_needs_no_unlocking() -> None:
    assert made(rule("AAA-001", "idempotency"), verdict=Verdict.PASS) == []


def test_the_terminal_tells_it() -> None:
    base = build()
    absent = [rule(f"AAA-00{number}", "", "FLOOD") for number in range(3)]
    findings = [Finding(rule=one.code, verdict=Verdict.NOT_APPLICABLE, reason="x") for one in absent]
    said = lines(base.model_copy(update={"rules": absent, "findings": findings}))
    assert said[-1] == "3 rules more if requests beyond the quota may be sent: --effects flood"
