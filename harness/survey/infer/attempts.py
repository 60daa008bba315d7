"""What the refusal of a create says of further attempts with other bodies. Pure."""

from __future__ import annotations

from typing import Any

import httpx

from harness.http.content import json_of
from harness.survey.infer.repair import names_members
from harness.survey.infer.samples import ResourceSamples, Sample

REPEATED = 2
UNREACHED = (502, 504)
"""Statuses of a gateway that did not reach the API, or got no answer in time."""


def learning(samples: ResourceSamples) -> bool:
    """Whether the last refusal was not received twice before: of one member, two things may be wrong."""
    *before, last = [(one.status, one.value) for _, one in samples.creates]
    return before.count(last) < REPEATED


def doubts_the_id(reply: httpx.Response, body: Any) -> bool:
    """Whether the id in the URL may be what a PUT was refused for."""
    return reply.status_code in (400, 404, 422) and not names_members(json_of(reply), body)


def final(reply: httpx.Response, listed: Sample | None) -> bool:
    """Whether a refusal says that no other body will be accepted."""
    if reply.status_code in (401, 403, 405, 415, 501, 503):
        return True
    # If the list exists, a 404 may mean an item that the body refers to.
    return reply.status_code == 404 and listed is not None and listed.status == 404
