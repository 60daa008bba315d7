"""Lawful rate limiters that a careless rule would accuse: variants of the reference that must break no rule."""

from __future__ import annotations

import copy
from typing import Any

from harness.reference import times
from harness.reference.call import Call, Reply
from harness.reference.extra_endpoints import Description, Limited
from harness.reference.openapi import describe
from harness.reference.rate_limit_kinds import FixedWindow, LeakyBucket, TokenBucket
from harness.reference.rate_limits import Limiter, QuotaPolicy
from tests.matrix.variant import Variant, variant


class NoLimit(Limited):
    """No limit at all."""

    def get(self, call: Call) -> Reply:
        return call.policies.representation.selected(call, {"message": "Welcome."})


class NoLimitDocumented(Description):
    """A document that tells of no limit."""

    def get(self, call: Call) -> Reply:
        document: Any = copy.deepcopy(describe(call.policies.limiter))
        del document["paths"]["/limited"]
        return call.policies.representation.selected(call, document)


class NoFieldsDocumented(Description):
    """A document that tells of the limit, and promises no quota field, neither of a success nor of a refusal."""

    def get(self, call: Call) -> Reply:
        document: Any = copy.deepcopy(describe(call.policies.limiter))
        refused = document["components"]["responses"]["429"]
        for response in (document["paths"]["/limited"]["get"]["responses"]["200"], refused):
            for name in ("RateLimit", "RateLimit-Policy"):
                del response["headers"][name]
        return call.policies.representation.selected(call, document)


class NearExhaustion(Limiter):
    """Fields only where half of the quota is gone (draft-ietf-httpapi-ratelimit-headers section 6.2)."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return super().fields(quota) if quota.remaining < self.limit / 2 else {}


class CombinedDialect(Limiter):
    """Draft -07."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {
            "RateLimit": f"limit={self.limit}, remaining={quota.remaining}, reset={quota.reset}",
            "RateLimit-Policy": f"{self.limit};w={self.window}",
        }


class SeparateDialect(Limiter):
    """Drafts up to -06."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {
            "RateLimit-Limit": f"{self.limit}, {self.limit};w={self.window}",
            "RateLimit-Remaining": str(quota.remaining),
            "RateLimit-Reset": str(quota.reset),
        }


class EpochReset(Limiter):
    """The reset as Unix time."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        reset = times.now() // 1_000_000 + quota.reset
        return {**super().fields(quota), "X-RateLimit-Reset": str(reset)}


class RetryAfterDate(Limiter):
    """Retry-After as an HTTP-date."""

    def retry_after(self, quota: QuotaPolicy) -> str:
        return times.http_date(times.now() + quota.reset * 1_000_000)


class SmallBurst(TokenBucket):
    """Ten a second, and never more than four at once."""

    burst = 4


class SharedByTheTenant(Limiter):
    """One quota for a tenant, to which all users belong."""

    def client(self, call: Call) -> str:
        return "the tenant"


class Silent(Limiter):
    """Tells no quota."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {}


class Tiers(Silent):
    """Twice as much for one of the users, who pays for it."""

    def admit(self, call: Call) -> dict[str, str]:
        if call.principal.name != "bob":
            return super().admit(call)
        return Silent(2 * self.limit, self.window).admit(call)


class TwoPolicies(Limiter):
    """A second, larger quota beside the one that is met first."""

    def fields(self, quota: QuotaPolicy) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"second";q={self.limit};w={self.window}, "day";q=5000;w=86400',
            "RateLimit": f'"second";r={quota.remaining};t={quota.reset}, "day";r=4000;t=3600',
        }


LIMITERS: tuple[Variant, ...] = (
    variant("no rate limit", limited=NoLimit, description=NoLimitDocumented),
    variant("quota fields only near exhaustion", limiter=NearExhaustion),
    variant("RateLimit of draft -07", limiter=CombinedDialect),
    variant("RateLimit-Limit of drafts up to -06", limiter=SeparateDialect),
    variant("reset as Unix time", limiter=EpochReset),
    variant("Retry-After as a date", limiter=RetryAfterDate),
    variant("a fixed window", limiter=FixedWindow),
    variant("a token bucket", limiter=TokenBucket),
    variant("a token bucket of small bursts", limiter=SmallBurst),
    variant("a leaky bucket that tells no quota", limiter=LeakyBucket, description=NoFieldsDocumented),
    variant("a quota that a tenant shares", limiter=SharedByTheTenant),
    variant("two policies", limiter=TwoPolicies),
)
