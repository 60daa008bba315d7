"""RATE: what is looked for in all exchanges: quota fields and Retry-After, whoever provoked the response. Pure."""

from __future__ import annotations

from harness.http.exchange import Exchange
from harness.http.fields import retry_after
from harness.quota.fields import Dialect, read
from harness.quota.syntax import policy_faults, retry_after_fault, state_faults
from harness.rules.passive import Judge, each
from harness.rules.verdict import Level

from .judge import quota_fault, unit_fault


def legacy_fault(exchange: Exchange) -> str | None:
    """What is wrong with the quota fields of an older dialect in one response, or None."""
    for reading in read(exchange.response_fields):
        if reading.dialect not in (Dialect.LEGACY, Dialect.SEPARATE):
            continue
        if reading.faults:
            return "; ".join(reading.faults)
        for quota in reading.quotas:
            if (fault := quota_fault(quota)) is not None:
                return fault
    return None


def structured_fault(exchange: Exchange) -> str | None:
    """What is wrong with RateLimit-Policy and RateLimit in one response, or None."""
    policy, state = exchange.field("ratelimit-policy"), exchange.field("ratelimit")
    faults = [] if policy is None else policy_faults(policy)
    faults += [] if state is None else state_faults(state)
    return "; ".join(faults) or None


def waiting_fault(exchange: Exchange) -> str | None:
    """Why the Retry-After of one response has neither form of the field, or None."""
    value = exchange.field("retry-after")
    fault = None if value is None else retry_after_fault(value)
    return None if fault is None else f"Retry-After: {value} is {fault}"


def unit_of_waiting(exchange: Exchange) -> str | None:
    """What shows that the Retry-After of a 429 is not in seconds, or None."""
    value = exchange.field("retry-after")
    if exchange.status != 429 or value is None or retry_after_fault(value) is not None:
        return None
    resets = [
        quota.reset
        for reading in read(exchange.response_fields)
        for quota in reading.quotas
        if quota.reset is not None
    ]
    return unit_fault(retry_after(value, exchange.field("date")), resets)


JUDGES = (
    Judge("RATE-003", "an IMF-fixdate, or a delay in whole seconds", each(waiting_fault)),
    Judge("RATE-003", "a Retry-After in seconds", each(unit_of_waiting), Level.SHOULD),
    Judge("RATE-007", "RateLimit-Policy and RateLimit as Structured Fields", each(structured_fault)),
    Judge(
        "RATE-009",
        "consistent integers: 0 <= remaining <= limit, and a reset in the future",
        each(legacy_fault),
    ),
)
