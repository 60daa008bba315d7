"""What was odd in the answers of a resource: declared or expected, and not kept. Pure."""

from __future__ import annotations

import re

from harness.http.content import at, shown
from harness.profile.models import Capability, RateLimit, Resource, State
from harness.quota.fields import is_quota_field
from harness.survey.infer.facts import moved
from harness.survey.infer.rate_limits import DOCUMENTED
from harness.survey.infer.samples import ResourceSamples
from harness.survey.openapi.promises import Promises
from harness.survey.suspicion import Suspicion

_CHANGE = re.compile(
    r"(?i)(.*_)?(updated?|modified|changed|edited|revised|written)(_?(at|on|date|time|ts|timestamp))?"
    r"|(last_?)?(update|modification|change)(_?(at|on|date|time))?|m_?time|_?rev(ision)?|(row_?|lock_?)?version|etag"
)
_OF_ITEMS = ("read", "replace", "update", "delete")
_REFUSABLE = ("list", "replace", "update", "delete")
"""Operations that the survey requests with content that the target has accepted or shown, or with none."""
FAILED = 500
"""From this status on a valid request was not refused: it failed."""
_NO_PERMISSION = 403
_WITH_READ = 2
"""Exchanges of a create whose item was looked for: the create, and the read."""


def suspicions(declared: Resource, known: Resource, samples: ResourceSamples) -> list[Suspicion]:
    """What to doubt about one resource, in the order of its capabilities.

    Args:
        declared: the resource as the profile and the document describe it.
        known: as it was inferred.
    """
    forbidden = _forbidden(known, samples)
    found = [
        Suspicion(_of(known, name, capability), tuple(capability.exchanges), known.name, name)
        for name, capability in known.capabilities.items()
        if capability.denied and not _explained(known, name)
    ]
    found += [
        Suspicion(_refused(known, name, capability), tuple(capability.exchanges), known.name, name)
        for name, capability in known.capabilities.items()
        if name in _REFUSABLE
        and capability.state is State.REFUSED
        and not capability.denied
        and name not in [one.capability for one in forbidden]
    ]
    if samples.unlisted is not None:
        text = (
            f"{known.name}: an item that was just created, and can be read, is not in the list "
            f"({samples.unlisted.exchange.summary()})"
        )
        found.append(Suspicion(text, (samples.unlisted.exchange.id,), known.name, "list"))
    odd = [*_unrepeatable(known, samples), *forbidden, *_unchecked(known, samples)]
    return [*found, *odd, *_moving(declared, samples)]


def _forbidden(known: Resource, samples: ResourceSamples) -> list[Suspicion]:
    """PUT is declared and answered 403 where the same client may PATCH the same item, or the other way round."""
    put, patch = samples.replaced, samples.updated[-1][1] if samples.updated else None
    if put is None or patch is None:
        return []
    found = []
    for name, one, other in (("update", patch, put), ("replace", put, patch)):
        capability = known.capabilities.get(name)
        said = capability.declaration if capability is not None else ""
        if said and one.status == _NO_PERMISSION and other.success:
            text = (
                f"{known.name}: {name} is declared ({said}); answered: {one.exchange.summary()}, though the same "
                f"client may change the item otherwise ({other.exchange.summary()})"
            )
            found.append(Suspicion(text, (one.exchange.id, other.exchange.id), known.name, name))
    return found


def _unchecked(known: Resource, samples: ResourceSamples) -> list[Suspicion]:
    """A version that writes carry by the document, and that is not compared."""
    if samples.unchecked is None:
        return []
    place, stale = samples.unchecked
    text = (
        f"{known.name}: {known.representation}{place} counts writes, and the document has it in the content of writes, "
        f"but a PUT with an old one is accepted ({stale.exchange.summary()}): if it is for locking "
        "(`locking.version`), updates are lost; if not, it is `readOnly`"
    )
    return [Suspicion(text, (stale.exchange.id,), known.name, fact="version", place=place)]


def _unrepeatable(known: Resource, samples: ResourceSamples) -> list[Suspicion]:
    """A create that was accepted once and then failed with 5xx, and no member was found that must be unique."""
    again = samples.duplicate
    if again is None or again.status < FAILED or samples.unique is not None:
        return []
    text = (
        f"{known.name}: a create that was accepted once failed the second time ({again.exchange.summary()}), and no "
        "member is known of which another value would be accepted"
    )
    return [Suspicion(text, (again.exchange.id,), known.name, "create")]


def _of(known: Resource, name: str, capability: Capability) -> str:
    if capability.declaration:
        words = f"{name} is declared ({capability.declaration})"
        answered = capability.denied or capability.because.removeprefix(f"{capability.declaration}, but ")
        return f"{known.name}: {words}; answered: {answered}"
    return f"{known.name}: {name} does not work: {capability.because}"


def _refused(known: Resource, name: str, capability: Capability) -> str:
    answered = capability.because.removeprefix(f"{capability.declaration}, but ")
    return (
        f"{known.name}: {name} is declared ({capability.declaration}), and every request of the survey was refused: "
        f"{answered}"
    )


def _explained(known: Resource, name: str) -> bool:
    """Whether another suspicion is the cause: an item that a create does not leave cannot be used either."""
    create, other = known.capabilities.get("create"), known.capabilities[name]
    if name not in _OF_ITEMS or create is None or not create.doubtful or len(create.exchanges) < _WITH_READ:
        return False
    return bool(set(other.exchanges) & set(create.exchanges)) or other.denied.endswith(("-> 404", "-> 410"))


def _moving(declared: Resource, samples: ResourceSamples) -> list[Suspicion]:
    """Members that are named like the time or the number of a change, and moved between two reads."""
    one, other = samples.read, samples.reread
    if one is None or other is None:
        return []
    return [
        Suspicion(
            f"{declared.name}: {where} was {shown(at(one.value, where))} and then {shown(at(other.value, where))} in "
            "two reads, with no write between them; comparisons leave it out",
            (one.exchange.id, other.exchange.id),
            declared.name,
            fact="volatile",
            place=where,
        )
        for where in moved(samples)
        if where not in declared.volatile and names_a_change(where)
    ]


def names_a_change(pointer: str) -> bool:
    """Whether a member is named like the time, or the number, of the last change (`/updated_at`, `/version`)."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", pointer.rsplit("/", 1)[-1])
    return _CHANGE.fullmatch(name) is not None


def of_quotas(promises: Promises, limits: list[RateLimit]) -> list[Suspicion]:
    """Quota fields that the document has, where no response of the survey had one."""
    if any(not limit.because.startswith(DOCUMENTED) for limit in limits):
        return []
    named = sorted(
        {
            (name, f"{one.status} to {one.method} {one.path}")
            for one in promises.answers
            if one.status.startswith("2")
            for name in (*one.required, *one.optional)
            if is_quota_field(name)
        }
    )
    if not named:
        return []
    text = f"a quota is declared (OpenAPI: {named[0][0]} in {named[0][1]}), but no response has such a field"
    return [Suspicion(text, fact="quota")]
