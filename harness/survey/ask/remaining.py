"""Collections that were found and not surveyed: why, and how to see them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.profile.models import Resource
from harness.survey.ask.choice import Choice, lacking
from harness.survey.infer import templates
from harness.survey.openapi.resources import DEEPEST
from harness.survey.outcome import Survey, Unsurveyed

_NAMED = 5
LATER = "others come first"


def unsurveyed(resource: Resource, because: str) -> Unsurveyed:
    """What is known of a collection without a request."""
    methods = [" ".join(resource.methods.get(part, [])) for part in ("collection", "item")]
    return Unsurveyed(resource.name, resource.collection, ", ".join(filter(None, methods)), because)


def of(
    choice: Choice, parameters: Mapping[str, str], several: Mapping[str, Sequence[str]]
) -> list[Unsurveyed]:
    """The collections that were not chosen, with the reasons.

    Args:
        parameters: values of path parameters that the profile gives.
        several: ids of listed items by parent, where one has to be chosen by the user.
    """
    names = {resource.name: resource for resource in (*choice.chosen, *choice.rest)}
    found = []
    for resource in choice.rest:
        missing = lacking(resource, names, parameters)
        found.append(unsurveyed(resource, needs(missing, several.get(resource.parent or "", ())) or LATER))
    found += [
        Unsurveyed(templates.last_word(path), path, "", "linked, not looked at") for path in choice.listed
    ]
    return found


def needs(missing: Sequence[str], ids: Sequence[str] = ()) -> str:
    """What the user has to give for parameters without values; empty if there are none."""
    if not missing:
        return ""
    values = [ids[0] if ids and name == missing[-1] else "..." for name in missing]
    given = ", ".join(f'{_key(name)} = "{value}"' for name, value in zip(missing, values, strict=True))
    deep = f" (more than {DEEPEST} levels)" if len(missing) > DEEPEST else ""
    return f"needs parameters = {{ {given} }} in conformance.toml{deep}"


def unplaced(resource: Resource, several: Mapping[str, Sequence[str]]) -> str:
    """Why no path of a collection below another one's items could be made."""
    parent = resource.parent or "its parent"
    ids = several.get(parent, ())
    if ids:
        name = templates.parameters(resource.collection)[-1]
        return f"{parent} lists {len(ids)} items and none may be created: {needs([name], ids)}"
    return f"no item of {parent} could be created or seen, to which {resource.collection} belongs"


def line(found: Survey) -> str:
    """How many collections were found and surveyed, and how to see the others; empty if all were surveyed."""
    rest = found.unsurveyed
    if not rest:
        return ""
    surveyed = len(found.profile.resources)
    later = [one for one in rest if not one.because.startswith("needs")]
    text = f"{surveyed + len(rest)} collections found, {surveyed} surveyed"
    if later:
        names = ", ".join(f'"{one.name}"' for one in later[:_NAMED])
        text += f"; next: `only = [{names}]` in conformance.toml"
    asked = next((one for one in rest if one.because.startswith("needs")), None)
    if asked is not None:
        count = sum(one.because.startswith("needs") for one in rest)
        text += f"; {count} below items that are not listed, such as {asked.collection}: {asked.because}"
    return text


def _key(name: str) -> str:
    """A key of TOML, quoted unless it is bare (TOML 1.0, Keys)."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else f'"{name}"'
