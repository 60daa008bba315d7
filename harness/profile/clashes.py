"""What the tables [[resources]] of one profile say against each other, or against themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.bad_input import BadInput
from harness.profile.resource import Resource


def check(resources: Sequence[Resource], source: str) -> None:
    """Raise for a resource that is given twice, and for a parent whose id has no place in the path.

    Args:
        resources: as the profile has them.
        source: the file, for the message.

    Raises:
        BadInput: naming the key and the fix.
    """
    before: dict[tuple[str | None, ...], int] = {}
    for number, one in enumerate(resources):
        where = f"resources[{number}]"
        if one.parent is not None and "{" not in one.collection:
            raise BadInput(
                source,
                f"{where}.parent: {one.collection} has no place for the id of an item of {one.parent}",
                f"write collection = '/{one.parent}/{{id}}{one.collection}', or leave `parent` out",
            )
        same = (one.collection.rstrip("/"), one.item, one.create, one.credential, one.create_method, one.name)
        if same in before:
            raise BadInput(
                source,
                f"{where}.collection: {one.collection or 'the target URL'} is that of resources[{before[same]}]",
                "make them one table, or give the second another `credential` or `name`",
            )
        before[same] = number
