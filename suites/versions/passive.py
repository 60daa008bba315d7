"""VERS: what is looked for in all exchanges: malformed Deprecation and Sunset, also on errors. Pure."""

from __future__ import annotations

from harness.rules.passive import Judge, each
from harness.rules.verdict import Level

from .dates import deprecation_fault, early_sunset, past_sunset, sunset_fault

DEPRECATION = "a Deprecation that is one Date of structured fields"
SUNSET = "a Sunset that is one HTTP-date in IMF-fixdate"
FUTURE = "a Sunset in the future"
ORDERED = "a Sunset that is not before Deprecation"

JUDGES = (
    Judge("VERS-003", DEPRECATION, each(deprecation_fault)),
    Judge("VERS-004", SUNSET, each(sunset_fault)),
    Judge("VERS-004", FUTURE, each(past_sunset), Level.SHOULD),
    Judge("VERS-005", ORDERED, each(early_sunset)),
)
