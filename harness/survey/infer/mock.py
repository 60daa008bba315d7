"""Whether a target answers as a mock does: with the same, whatever was sent to it. Pure.

A mock verifies nothing: creates that seem to succeed make nothing, so rules about writes would judge its examples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.http.content import at
from harness.profile.models import Resource
from harness.resource.tags import tag_pointer
from harness.survey.infer.samples import ResourceSamples

TAG = re.compile(r" (?:[0-9a-f]{8})?[0-9a-f]{6}$")


def suspicious(known: Resource, samples: ResourceSamples) -> bool:
    """Whether a create with a text of ours succeeded, and neither its answer nor its item shows the text."""
    if samples.created is None or samples.read is None or not samples.read.success:
        return False
    body, answer = samples.created
    pointer = tag_pointer(known, body)
    text = at(body, pointer) if pointer is not None else None
    if not isinstance(text, str) or not TAG.search(text):
        return False
    return not any(holds(one.value, text) for one in (answer, samples.read))


def is_mock(samples: ResourceSamples) -> bool:
    """Whether, beyond that, an id that nobody made is answered as if there were such an item."""
    one, other = samples.read, samples.unmade
    if one is None or other is None or not (one.success and other.success):
        return False
    if not isinstance(one.value, Mapping) or not isinstance(other.value, Mapping):
        return False
    return bool(one.value) and one.value.keys() == other.value.keys()


def holds(value: Any, text: Any) -> bool:
    """Whether JSON has a text somewhere in it."""
    if isinstance(value, Mapping):
        return any(holds(inner, text) for inner in value.values())
    return any(holds(inner, text) for inner in value) if isinstance(value, list) else bool(value == text)
