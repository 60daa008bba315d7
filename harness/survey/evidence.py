"""The evidence for each line of a profile that a survey wrote: comments by dotted key. Pure."""

from __future__ import annotations

from harness.profile.models import Profile, Resource, State
from harness.survey.outcome import Survey

_SHOWN_BY = {
    "credential": "credential",
    "item": "read",
    "items": "list",
    "id": "create",
    "representation": "create",
    "body": "create",
    "media_type": "create",
    "update_body": "replace",
    "patch": "update",
    "change": "update",
    "unique": "unique",
    "volatile": "read",
    "hides_absence": "delete",
    "idempotency": "idempotency",
    "locking": "conditional",
    "pagination.style": "pages",
    "pagination.limit_param": "limit",
    "pagination.sort_member": "sort",
    "pagination.filter_param": "filter",
    "pagination.total": "totals",
    "pagination.total_field": "totals",
}


def comments(profile: Profile, accepting: str = "") -> dict[str, str]:
    """The evidence by dotted key, such as `resources[0].items`, for `profile.write.write()`.

    Args:
        accepting: what showed that the profile's `accept` is needed.
    """
    found = {"accept": f"detected: {accepting}"} if accepting else {}
    for place, resource in enumerate(profile.resources):
        for key, need in _SHOWN_BY.items():
            capability = resource.capabilities.get(need)
            if capability is not None and capability.state is not State.ABSENT:
                found[f"resources[{place}].{key}"] = f"{capability.state.value}: {capability.because}"
    return found


def repeatable(found: Survey) -> list[Resource]:
    """The resources for the next run, without what is valid for this run only.

    Every run reads the document again; only what it does not say is kept.
    """
    kept = []
    for resource in found.profile.resources:
        update: dict[str, object] = dict(found.templates.get(resource.name, {}))
        if found.openapi:
            update |= {"create_schema": None, "methods": {}, "read_only": [], "accepts": [], "offers": {}}
        if resource.name in found.linked:
            # Its ids belong to items that are removed after the run.
            update["body"] = None
        kept.append(resource.model_copy(update=update))
    return kept
