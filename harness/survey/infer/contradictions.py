"""What a resource declares and its responses deny. Pure."""

from __future__ import annotations

from harness.profile.models import Resource, State


def contradictions(known: Resource) -> list[str]:
    """One line for each contradicted capability, with the declaration and the exchange that denies it."""
    return [
        f"{known.name}: {name} is contradicted ({capability.because})"
        for name, capability in known.capabilities.items()
        if capability.state is State.CONTRADICTED
    ]
