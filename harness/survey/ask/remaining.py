"""Collections that were found and not surveyed: why, and how to see them. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from harness.profile.models import Resource
from harness.survey.ask.choice import Choice, lacking
from harness.survey.infer import templates
from harness.survey.openapi.resources import DEEPEST
from harness.survey.outcome import Survey, Unsurveyed

_NAMED = 3
LATER = "others came first"
LIKE = "answers like "
"""How the reason of a collection begins at which a light look was taken, and that is served like an explored one."""
UNLIKE = "unlike "
LINKED = "linked, and not looked at"
UNNAMED = "not among the resources of the profile or of --resource"


def unsurveyed(resource: Resource, because: str) -> Unsurveyed:
    """What is known of a collection without a request."""
    methods = [" ".join(resource.methods.get(part, [])) for part in ("collection", "item")]
    return Unsurveyed(resource.name, resource.collection, ", ".join(filter(None, methods)), because)


def of(
    choice: Choice, parameters: Mapping[str, str], several: Mapping[str, Sequence[str]]
) -> list[Unsurveyed]:
    """The collections that lack parameters, and those that an index lists and that were not looked at.

    Args:
        parameters: values of path parameters that the profile gives.
        several: ids of listed items by parent, where one has to be chosen by the user.
    """
    names = {resource.name: resource for resource in (*choice.chosen, *choice.rest)}
    found = []
    for resource in choice.rest:
        missing = lacking(resource, names, parameters)
        found.append(unsurveyed(resource, needs(missing, several.get(resource.parent or "", ())) or LATER))
    found += [unsurveyed(resource, UNNAMED) for resource in choice.unnamed]
    found += [Unsurveyed(templates.last_word(path), path, "", LINKED) for path in choice.listed]
    return found


def needs(missing: Sequence[str], ids: Sequence[str] = ()) -> str:
    """What the user has to give for parameters without values; empty if there are none."""
    if not missing:
        return ""
    values = [ids[0] if ids and name == missing[-1] else "..." for name in missing]
    given = ", ".join(f'{_key(name)} = "{value}"' for name, value in zip(missing, values, strict=True))
    deep = f" (more than {DEEPEST} levels)" if len(missing) > DEEPEST else ""
    return f"needs parameters = {{ {given} }} in conformance.toml{deep}"


def unplaced(resource: Resource, several: Mapping[str, Sequence[str]]) -> Unsurveyed:
    """A collection below another one's items, of which none is available."""
    return unsurveyed(resource, _why_unplaced(resource, several))


def _why_unplaced(resource: Resource, several: Mapping[str, Sequence[str]]) -> str:
    parent = resource.parent or "its parent"
    ids = several.get(parent, ())
    if ids:
        name = templates.parameters(resource.collection)[-1]
        return f"{needs([name], ids)}: {parent} lists {len(ids)} items, and none may be created"
    return f"no item of {parent} could be created or seen, to which {resource.collection} belongs"


def line(found: Survey, base: str) -> str:
    """How many collections were found and surveyed, and how to see the others; empty if all were surveyed.

    Args:
        base: the target URL.
    """
    rest = found.unsurveyed
    if not rest:
        return ""
    surveyed = len(found.profile.resources)
    text = f"{surveyed + len(rest)} collections found, {surveyed} surveyed"
    if light := sum(one.light for one in found.profile.resources):
        text += f", {light} of them tested in part (access, lost updates, validation, errors)"
    alike = sum(one.because.startswith(LIKE) for one in rest)
    if alike:
        text += f", {alike} answer plain reads like these (--resources all tests each)"
    later = [one for one in rest if one.because in (LATER, LINKED) or one.because.startswith(UNLIKE)]
    if later:
        options = " ".join(f"--resource {shlex.quote(one.collection)}" for one in later[:_NAMED])
        text += f"; next: pytest --target-url {base} {options}"
    unnamed = [one for one in rest if one.because == UNNAMED]
    if unnamed:
        text += f"; {len(unnamed)} not tested, such as {unnamed[0].collection}: {UNNAMED} (--resources all tests each)"
    asked = next((one for one in rest if one.because.startswith("needs")), None)
    if asked is not None:
        count = sum(one.because.startswith("needs") for one in rest)
        text += f"; {count} below items that are not listed, such as {asked.collection}: {asked.because}"
    return text


def _key(name: str) -> str:
    """A key of TOML, quoted unless it is bare (TOML 1.0, Keys)."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
