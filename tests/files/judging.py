"""What a rule on files finds without a run around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.client.client import Client
from harness.ledger.ledger import Ledger
from harness.profile.models import Files, Profile
from harness.rules.checks import Broken, listening
from harness.rules.verdict import Breach
from harness.survey.outcome import Survey


def breaches(client: Client, rule: Callable[..., None], **declared: Any) -> list[Breach]:
    """What a rule finds under a profile with these keys in `[files]`; its files are removed."""
    profile, ledger = Profile(files=Files(**declared), consistency_window=0), Ledger()
    given = {"client": client, "survey": Survey(profile), "profile": profile, "ledger": ledger}
    with listening() as remarks:
        try:
            rule(**given)
        except Broken as problem:
            remarks.breaches.append(problem.breach)
        finally:
            ledger.clear(last=True)
    assert not ledger.leftovers
    return remarks.breaches
