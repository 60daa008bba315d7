"""Paths of a profile that repeat the path of the target URL: `/v1/orders` for a target `http://h/v1`."""

from __future__ import annotations

from collections.abc import Iterable

from harness.bad_input import BadInput
from harness.client.client import Client
from harness.client.ownership import GONE
from harness.profile.models import Resource
from harness.rules.checks import Undecided


def without_base(collection: str, base: str) -> str | None:
    """The path below the target that is meant, if one begins with the target's own path; None if it does not. Pure.

    Args:
        collection: a path as the profile has it.
        base: path of the target URL, without a slash at its end.
    """
    meant = collection.removeprefix(base)
    return meant if base and meant != collection and meant.startswith("/") and "{" not in meant else None


def check(client: Client, written: Iterable[Resource]) -> None:
    """Reject collections that are not there, and that are without the repeated path; one or two reads of such only.

    A path may begin twice with the same part: what is there is tested.

    Raises:
        BadInput: says which path to write.
    """
    base = client.target.base_path
    for resource in written:
        meant = without_base(resource.collection, base)
        if meant is None:
            continue
        try:
            given, other = client.get(resource.collection), None
            if given.status_code in GONE:
                other = client.get(meant)
        except Undecided:
            continue
        if other is not None and other.status_code not in GONE:
            raise BadInput(
                f"[[resources]] {resource.collection}",
                f"paths are below the target URL, which ends with {base} already: GET {given.request.url.path} -> "
                f"{given.status_code}, and GET {other.request.url.path} -> {other.status_code}",
                f'write collection = "{meant}", and `item` and `create` in the same way',
            )
