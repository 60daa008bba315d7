"""A realistic report with every verdict, and with hostile content wherever a target has a say."""

from __future__ import annotations

import datetime as dt

from harness.http.exchange import Body, Exchange
from harness.profile.models import Capability, CredentialConfig, Profile, Resource, State, Waiver
from harness.report.model import Report, RuleRecord, RunRecord, TargetRecord, tallies, tally
from harness.rules.finding import BreachRecord, Finding
from harness.rules.verdict import Impact, Level, Verdict

URL = "https://staging.example.com/v1"
SCRIPT = "</pre></script><script>alert('owned')</script><img src=x onerror=alert(1)>"
CONTROLS = "\x00\x1b[31mred\x1b[0m\x1b]0;title\x07 \u202egnp.exe\u202c \x9b2J \ud800 \ufffd"
SECRET = "sk-live-never-written"
TITLES = {
    "COND-004": "A write with a stale If-Match is refused with 412 and changes nothing",
    "COND-007": "An ETag changes when the representation changes",
    "ERR-002": "Answer an absent resource or route with 404",
    "ERR-003": "Answer syntactically malformed JSON with 400",
    "ERR-006": "Send an explanation in every error, in the API's media type",
    "ERR-009": "Make problem+json valid and its status truthful",
    "IDEM-001": "A repeated create with the same Idempotency-Key creates one resource",
    "IDEM-004": "A concurrent duplicate of a create in progress is answered with 409",
    "METH-001": "Safe methods change nothing",
    "METH-005": "Answer 405 with Allow",
    "PAGE-003": "A cursor sees each item once while others are added",
    "RATE-002": "Advertise the remaining quota truthfully",
}
CRITICAL = {"COND-004", "IDEM-001", "IDEM-004"}
SHOULD = {"ERR-002", "ERR-003", "ERR-006", "IDEM-004", "METH-005"}


def build() -> Report:
    """The sample."""
    exchanges = _exchanges()
    findings = _findings()
    rules = [_rule(code) for code in sorted(TITLES)]
    return Report(
        run=RunRecord(
            id="c7f3a9",
            harness="0.1.0",
            python="3.11.9",
            started="2026-11-21T16:14:05Z",
            duration=74.2,
            exit_code=1,
        ),
        target=TargetRecord(
            url=URL,
            openapi=f"{URL}/openapi.json",
            credentials=["default", "other"],
            effects="BURST",
            max_requests=20_000,
            rps=25.0,
            requests=1843,
        ),
        profile=_profile(),
        summary=tally(findings),
        suites=tallies(findings),
        rules=rules,
        findings=findings,
        exchanges=exchanges,
        survey=["s1", "s2"],
        leftovers=[f"{URL}/orders/81?x={SCRIPT}"],
        warnings=[f"The OpenAPI document names a server elsewhere: https://other.example{SCRIPT}"],
    )


def exchange(
    id: str,
    method: str,
    path: str,
    status: int | None,
    *,
    sent: str = "",
    body: str = "",
    fields: tuple[tuple[str, str], ...] = (),
    size: int | None = None,
    error: str | None = None,
    at: float = 0.0,
) -> Exchange:
    """An exchange with the fields that real ones have."""
    reasons = {200: "OK", 201: "Created", 404: "Not Found", 409: "Conflict", 412: "Precondition Failed"}
    request_fields = [("Accept", "application/json"), ("Authorization", "$TARGET_TOKEN")]
    if sent:
        request_fields.append(("Content-Type", "application/json"))
    length = size if size is not None else len(body.encode(errors="replace"))
    return Exchange(
        id=id,
        method=method,
        url=URL + path,
        request_fields=tuple(request_fields),
        request_body=Body(sent, len(sent.encode())),
        status=status,
        reason=reasons.get(status or 0, ""),
        http_version="HTTP/1.1" if status else "",
        response_fields=(
            ("Date", "Sat, 21 Nov 2026 16:14:09 GMT"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(length)),
            *fields,
        )
        if status
        else (),
        response_body=Body(body, length, cut=size is not None),
        started=at,
        ended=at + 0.0123,
        connection="c1",
        credential="default",
        error=error,
    )


def _exchanges() -> list[Exchange]:
    order = '{"id":81,"sku":"A-7","quantity":2,"price":12.50,"tags":[],"at":{"city":"Łódź"}}'
    changed = '{"sku":"A-7","quantity":3,"price":12.50}'
    tag = (("ETag", '"v1"'),)
    return [
        exchange("s1", "GET", "/openapi.json", 200, body='{"openapi": "3.1.0"' + " " * 16_000, size=812_345),
        exchange("s2", "GET", "/orders?limit=2&filter[state]=open", 200, body=f"[{order},{order}]"),
        exchange(
            "e1", "POST", "/orders", 201, sent=order, body=order, fields=(*tag, ("Location", "/orders/81"))
        ),
        exchange("e2", "PUT", "/orders/81", 200, sent=changed, body=changed, fields=(("ETag", '"v2"'),)),
        exchange("e3", "PUT", "/orders/81", 200, sent=changed, body=changed, fields=(("ETag", '"v3"'),)),
        exchange("r1", "POST", "/orders", 201, sent=order, body=order, fields=tag),
        exchange("r2", "PUT", "/orders/82", 200, sent=changed, body=changed),
        exchange("h1", "GET", "/orders/0?q=<script>alert(1)</script>", 500, body=f"<html>{SCRIPT}</html>"),
        exchange(
            "h2", "GET", "/customers/0", 200, body=CONTROLS, fields=(("X-Powered-By", SCRIPT + CONTROLS),)
        ),
        exchange("h3", "GET", "/customers", 200, body='{"long":"' + "x" * 9_000 + '"}'),
        exchange("t1", "POST", "/orders", None, sent=order, error="timeout: no answer within 10 s"),
        exchange("p1", "GET", "/orders/81", 200, body=order, fields=tag),
    ]


def _findings() -> list[Finding]:
    def found(rule: str, resource: str | None, verdict: Verdict, *ids: str, reason: str = "") -> Finding:
        return Finding(
            rule=rule,
            resource=resource,
            verdict=verdict,
            reason=reason,
            exchanges=list(ids),
            nodeid=f"suites/test_x.py::test[{resource}]",
            duration=0.25,
        )

    def broken(finding: Finding, expected: str, observed: str, level: Level, *repeat: str) -> Finding:
        breach = BreachRecord(expected=expected, observed=observed, level=level)
        return finding.model_copy(
            update={
                "breaches": [*finding.breaches, breach],
                "repeat": list(repeat),
                "reason": finding.reason or observed,
            }
        )

    lacks = "patch: the OpenAPI document names no PATCH operation"
    waived = broken(
        found(
            "METH-005",
            "orders",
            Verdict.WAIVED,
            "p1",
            reason="the gateway is replaced in January (waived by Team Shop until 2027-01-31)",
        ),
        "405 with an Allow field",
        "404 without Allow",
        Level.SHOULD,
    )
    return [
        broken(
            found("COND-004", "orders", Verdict.FAIL, "e1", "e2", "e3"),
            '412 for a write with the stale entity tag "v1", and the order unchanged',
            "200, and the quantity is 3 now: another client's change is lost",
            Level.MUST,
            "r1",
            "r2",
        ),
        broken(
            found("ERR-002", "orders", Verdict.WARN, "h1"),
            "404 for an absent order",
            f"500 with an HTML page: {SCRIPT}{CONTROLS}",
            Level.SHOULD,
        ),
        broken(
            found("ERR-002", "customers", Verdict.FAIL, "h2", "h3"),
            "404 for an absent customer",
            "200 " + "y" * 600,
            Level.MUST,
        ),
        found("IDEM-001", "orders", Verdict.ERROR, "t1", reason="KeyError: 'id' in payloads.make()"),
        found(
            "IDEM-004",
            "orders",
            Verdict.INCONCLUSIVE,
            "t1",
            reason="no overlap: the requests arrived 14 ms apart, the first was answered after 9 ms",
        ),
        waived,
        found("COND-007", "orders", Verdict.PASS, "e1", "e2", "p1"),
        found("COND-007", "customers", Verdict.NOT_APPLICABLE, reason="etag: no response carried an ETag"),
        found("METH-001", "orders", Verdict.PASS, "p1", "missing-id"),
        found("METH-001", "customers", Verdict.PASS, "h3"),
        found("ERR-006", None, Verdict.PASS, "s1", "h1"),
        found("ERR-003", "orders", Verdict.NOT_APPLICABLE, reason=lacks),
        found("ERR-009", None, Verdict.NOT_APPLICABLE, reason=f"nothing is sent as problem+json {SCRIPT}"),
        found("PAGE-003", "orders", Verdict.NOT_APPLICABLE, reason=lacks),
        found("RATE-002", None, Verdict.NOTE, "s2", reason="no quota is advertised").model_copy(
            update={"notes": ["no quota is advertised", "the limit seems to be 100 a minute"]}
        ),
    ]


def _rule(code: str) -> RuleRecord:
    return RuleRecord(
        code=code,
        suite=code.partition("-")[0],
        level=Level.SHOULD if code in SHOULD else Level.MUST,
        impact=Impact.CRITICAL if code in CRITICAL else Impact.MAJOR,
        title=TITLES[code],
        why="Two clients that edit the same order overwrite each other, and neither is told.",
        fix="Compare If-Match with the current entity tag in the transaction that writes, and answer 412.",
        refs=["RFC 9110 section 13.1.1", "RFC 9110 section 15.5.13"],
        needs=["etag"] if code.startswith("COND") else [],
        effect="WRITE",
        module="suites/conditional/test_conditional_reads.py",
    )


def _profile() -> Profile:
    def known(state: State, because: str) -> Capability:
        return Capability(state=state, because=because)

    return Profile(
        openapi=f"{URL}/openapi.json",
        credentials={"default": CredentialConfig(headers={"Authorization": f"Bearer {SECRET}"})},
        resources=[
            Resource(
                collection="/orders",
                body={"sku": "A-7", "quantity": 2},
                capabilities={
                    "etag": known(State.DETECTED, 'GET /orders/81 carried ETag: "v1"'),
                    "patch": known(State.ABSENT, "the OpenAPI document names no PATCH operation"),
                    "put": known(State.DECLARED, "the OpenAPI document names PUT /orders/{id}"),
                    "idempotency": known(
                        State.CONTRADICTED,
                        "declared in the OpenAPI document, but two creates made two orders",
                    ),
                },
            ),
            Resource(
                collection="/customers",
                name=f"customers{SCRIPT}",
                capabilities={"list": known(State.DETECTED, f"GET /customers answered {CONTROLS}{SCRIPT}")},
            ),
        ],
        waivers=[
            Waiver(
                rule="METH-005",
                reason="the gateway is replaced in January",
                owner="Team Shop",
                until=dt.date(2027, 1, 31),
            )
        ],
    )
