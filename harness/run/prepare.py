"""From what the user gave to a target that requests can be sent to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.bad_input import BadInput
from harness.profile import read as profile_file
from harness.profile.models import Profile
from harness.rules.rule import Effect
from harness.target.credentials.config import Credential
from harness.target.credentials.resolve import overridden, resolved
from harness.target.secrets import Secrets
from harness.target.target import (
    DEFAULT,
    Limits,
    Resolve,
    Target,
    addresses,
    on_loopback,
    parse_header,
    parse_url,
)


def prepare(
    url: str,
    *,
    directory: Path,
    profile: str | None = None,
    headers: Sequence[str] = (),
    others: Mapping[str, Mapping[str, str]] = {},
    limits: Limits | None = None,
    insecure: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Target, Profile]:
    """The target and the profile as written.

    Args:
        url: base URL of the API.
        directory: where relative paths begin.
        profile: file of the profile; looked for in `directory` when omitted.
        headers: fields as `Name: value`, that go with every request.
        others: further credentials, where the profile names none of that name.
        limits: how much may be done.
        insecure: whether TLS certificates go unverified.
        environ: what `${NAME}` in the profile takes its values from.

    Raises:
        BadInput: any of it cannot be used.
    """
    parsed = parse_url(url)
    loaded = profile_file.load(Path(profile) if profile else None, directory, environ)
    secrets = Secrets(loaded.secrets)
    for name, fields in others.items():
        if name not in loaded.profile.credentials:
            secrets.take(name, fields)
    secrets.take(DEFAULT, dict(map(parse_header, headers)))
    where = (directory / loaded.source).parent if loaded.source else directory
    credentials = {
        name: resolved(
            name,
            given,
            secrets,
            source=loaded.source or "--header",
            directory=where,
            environ=environ,
        )
        for name, given in together(loaded.profile.credentials, headers, others).items()
    }
    target = Target(parsed, credentials, secrets.values, limits or Limits(), insecure)
    return target, _without_values(loaded.profile)


def permitted(
    limits: Limits, chosen: Effect | None, written: Profile, url: str, resolve: Resolve = addresses
) -> Limits:
    """The limits with the roughest effect that a run may have: as asked for, or as the profile says, or by the place.

    A target that is not on a loopback address may be shared, so that it is only read where nobody says more.

    Args:
        chosen: what `--effects` says; None where it is not given.
        url: of the target.
        resolve: gives the addresses of a host.
    """
    if chosen is None and written.effects is not None:
        chosen = Effect[written.effects.upper()]
    if chosen is None:
        chosen = Effect.BURST if on_loopback(url, resolve) else Effect.READ
    return replace(limits, effects=chosen)


def together(
    given: Mapping[str, Credential],
    headers: Sequence[str] = (),
    others: Mapping[str, Mapping[str, str]] = {},
) -> dict[str, Credential]:
    """All credentials of a run as they might have been written in one profile, with their values.

    Args:
        given: those of the profile.
        headers: fields as `Name: value`, that go before what `default` has.
        others: further credentials, where the profile names none of that name.

    Raises:
        BadInput: a header field cannot be sent.
    """
    made = {**{name: Credential(headers=dict(fields)) for name, fields in others.items()}, **given}
    for text in headers:
        name, value = parse_header(text)
        made[DEFAULT] = overridden(made.get(DEFAULT, Credential(headers={})), {name: value})
    return made


def _without_values(profile: Profile) -> Profile:
    """The profile with the names of the credentials only: the values stay in the target, and nowhere else."""
    named = {name: given.masked() for name, given in profile.credentials.items()}
    return profile.model_copy(update={"credentials": named})


@contextmanager
def demo() -> Iterator[tuple[str, str, str]]:
    """Run the embedded reference API: its base URL, and the tokens of two users.

    Raises:
        BadInput: the packages that serve it are not installed.
    """
    try:
        from harness.reference import BOB, server
    except ImportError as missing:
        raise BadInput(
            "--target-url demo",
            f"the demo needs {missing.name}",
            f"pip install {missing.name}",
        ) from None
    with server.demo() as (url, token):
        yield url, token, BOB
