"""Whether load may be put on the target, and where."""

from __future__ import annotations

from collections.abc import Collection

from harness.profile.models import Profile, Resource
from harness.rules.checks import applies, not_applicable

NOT_SENT = (
    "no load is sent unless the profile says that nobody depends on the target: add `non_production = true`"
)


def allowed(profile: Profile) -> None:
    """Continue only where the profile says that nobody depends on the target."""
    if not profile.non_production:
        not_applicable(NOT_SENT)


def two_clients(profile: Profile, credentials: Collection[str]) -> None:
    """Continue only where there is a client that may flood, besides the one that is measured.

    Args:
        credentials: names of those that the run has.
    """
    flooder = profile.load.flooder
    applies(
        flooder in credentials and "default" in credentials,
        f"two clients have credentials: that of `default` is measured, and `credentials.{flooder}` floods",
    )


def create_of(profile: Profile) -> Resource | None:
    """The resource to whose collection slow clients send the beginning of a create; None where nothing is created."""
    return next((one for one in profile.resources if one.missing("create") is None), None)


def path_of(profile: Profile) -> str:
    """The path of the GET that is sent: that of the profile, or else the first list."""
    if profile.load.path is not None:
        return profile.load.path
    lists = [one.collection for one in profile.resources if one.missing("list") is None]
    applies(lists, "there is a list to read, or `path` in [load]")
    return lists[0]
