"""A survey stored in a file for the next run on the same target: `--survey-cache`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness import __version__
from harness.atomic_files import write_text
from harness.bad_input import BadInput
from harness.profile.models import Profile
from harness.survey.outcome import Survey, Trigger
from harness.target.target import Target

OPTION = "--survey-cache"


class Cache:
    """One file; it is used only for the same target, document, profile and version.

    Args:
        path: a file that ends in .json, or a directory in which each target has a file.
        target: the surveyed target.
        written: the user's profile.
        clean: redacts the values of secrets.
    """

    def __init__(
        self, path: Path, target: Target, written: Profile, clean: Callable[[str], str] = str
    ) -> None:
        named = hashlib.sha256(target.url.encode()).hexdigest()[:16]
        self.file = path if path.suffix == ".json" else path / f"{named}.json"
        self._target, self._written, self._clean = target, written, clean

    def key(self, document: Any) -> str:
        """Everything that must be equal for a survey to be reused."""
        parts = [
            __version__,
            self._target.url,
            self._target.limits.effects.name,
            sorted(self._target.credentials),
            self._written.model_dump(mode="json", exclude={"waivers"}),
            document,
        ]
        text = json.dumps(parts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def load(self, document: Any) -> Survey | None:
        """The stored survey, or None if there is none for the target as it is now.

        Raises:
            BadInput: the file cannot be read.
        """
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as problem:
            raise BadInput(OPTION, f"{self.file} cannot be read: {problem}", "remove it") from None
        if not isinstance(kept, dict) or kept.get("key") != self.key(document):
            return None
        try:
            found = Survey.from_json(json.dumps(kept.get("survey")))
        except ValidationError:
            return None
        _renumber(found)
        found.profile = found.profile.model_copy(update={"waivers": self._written.waivers})
        # Items may have come and gone since then.
        found.before, found.touched = {}, []
        found.warnings.append(f"the survey was read from {self.file}; remove the file for a new one")
        return found

    def keep(self, document: Any, found: Survey) -> None:
        """Store a survey, unless it depends on items that are removed after the run, or on a secret.

        A profile with a redacted secret would not work; exchanges and warnings do.

        Raises:
            BadInput: the file cannot be written.
        """
        if found.templates or found.linked or found.leftovers:
            return
        working = replace(found, exchanges=[], warnings=[]).to_json()
        if self._clean(working) != working:
            found.warnings.append(f"the survey is not stored in {self.file}: it contains a credential")
            return
        kept = json.dumps(json.loads(found.to_json()))
        text = f'{{"key": {json.dumps(self.key(document))}, "survey": {self._clean(kept)}}}'
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.file, text)
        except OSError as problem:
            raise BadInput(OPTION, f"{self.file} cannot be written: {problem}") from None


def _renumber(found: Survey) -> None:
    """Give the exchanges ids of their own: those of this run also count from the beginning."""

    def kept(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"kept.{id}" for id in ids)

    found.exchanges = [replace(one, id=f"kept.{one.id}") for one in found.exchanges]
    found.triggers = [Trigger(one.kind, f"kept.{one.exchange}", one.resource) for one in found.triggers]
    found.suspicions = [replace(one, exchanges=kept(one.exchanges)) for one in found.suspicions]
    found.learnt = [replace(one, exchanges=kept(one.exchanges)) for one in found.learnt]
    for resource in found.profile.resources:
        for capability in resource.capabilities.values():
            capability.exchanges = list(kept(capability.exchanges))
