"""From what the user gave to a target that requests can be sent to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness import profile_file
from harness.bad_input import BadInput
from harness.credential_secrets import Secrets, secret_part
from harness.profile import Profile
from harness.target import DEFAULT, Limits, Target, parse_header, parse_url


def prepare(
    url: str,
    *,
    directory: Path,
    profile: str | None = None,
    headers: Sequence[str] = (),
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
        limits: how much may be done.
        insecure: whether TLS certificates go unverified.
        environ: what `${NAME}` in the profile takes its values from.

    Raises:
        BadInput: any of it cannot be used.
    """
    parsed = parse_url(url)
    loaded = profile_file.load(Path(profile) if profile else None, directory, environ)
    credentials = {name: dict(given.headers) for name, given in loaded.profile.credentials.items()}
    secrets = Secrets(loaded.secrets)
    for text in headers:
        name, value = parse_header(text)
        credentials.setdefault(DEFAULT, {})[name] = value
        secrets.name_of(DEFAULT, name, secret_part(name, value))
    return Target(parsed, credentials, secrets.values, limits or Limits(), insecure), loaded.profile


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Run the embedded reference API: its base URL, and a token that it accepts.

    Raises:
        BadInput: the packages that serve it are not installed.
    """
    try:
        from harness.reference import server
    except ImportError as missing:
        raise BadInput(
            "--target-url demo",
            f"the demo needs {missing.name}",
            "pip install 'pytest-rest-conformance[demo]'",
        ) from None
    with server.demo() as served:
        yield served
