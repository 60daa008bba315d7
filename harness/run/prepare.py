"""From the user's options and profile to a target that requests can be sent to."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.bad_input import BadInput
from harness.http.earlier_report import recorded
from harness.http.pact import interactions
from harness.profile import read as profile_file
from harness.profile.additions import NOTHING, Additions
from harness.profile.models import Profile, Tls, Versions, Webhooks
from harness.rules.rule import Effect
from harness.run.entry import settled
from harness.run.named_schema import schema_text
from harness.run.private import check_distinct, hidden, private
from harness.run.settings import BUGGY, DEMO, Settings
from harness.survey.openapi.document import parse
from harness.target.credentials.config import CredentialConfig
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
    additions: Additions = NOTHING,
    limits: Limits | None = None,
    insecure: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> tuple[Target, Profile]:
    """The target, and the profile as the user wrote it.

    Args:
        url: base URL of the API.
        directory: relative paths are relative to it.
        profile: file of the profile; looked for in `directory` when omitted.
        headers: fields as `Name: value`, that go with every request.
        others: further credentials, where the profile names none of that name.
        additions: what options add to the profile.
        limits: how much may be done.
        insecure: whether TLS certificates go unverified.
        environ: what `${NAME}` in the profile takes its values from.

    Raises:
        BadInput: any of it cannot be used.
    """
    parsed = parse_url(url)
    loaded = profile_of(profile, directory, additions, environ)
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
    check_distinct(credentials, loaded.source or "--header")
    kept = private(loaded.profile, secrets, loaded.source or "--header", where)
    if (schema := schema_text(loaded.profile.graphql, loaded.source or "--profile", where)) is not None:
        kept["graphql_schema"] = schema
    if loaded.profile.webhooks is not None:
        check_port(loaded.profile.webhooks, loaded.source or "--profile")
    trusted = authority(loaded.profile.tls, where, loaded.source or "--profile")
    target = Target(parsed, credentials, secrets.values, limits or Limits(), insecure, kept, trusted)
    return target, _without_values(loaded.profile, others)


def check_port(how: Webhooks, source: str) -> None:
    """Reject an address for deliveries at which nothing can listen, before any request.

    Args:
        source: the file of the profile, for messages.

    Raises:
        BadInput: the port is taken, or the address is not this machine's.
    """
    host, _, port = how.listen.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, int(port)))
    except OSError as problem:
        raise BadInput(
            source,
            f"webhooks.listen: cannot listen at {how.listen} ({problem.strerror})",
            "name another port, or 0 for a free one",
        ) from None


def authority(tls: Tls | None, directory: Path, source: str) -> str | None:
    """The file with the private authorities that a profile trusts; None for none.

    Args:
        directory: relative paths are relative to it.
        source: the file of the profile, for messages.

    Raises:
        BadInput: it holds no certificate.
    """
    if tls is None or tls.authority is None:
        return None
    file = str(directory / tls.authority)
    try:
        ssl.create_default_context(cafile=file)
    except OSError as problem:
        reason = "not certificates in PEM" if isinstance(problem, ssl.SSLError) else problem.strerror
        raise BadInput(
            source,
            f"tls.authority: {tls.authority} cannot be used ({reason})",
            "give a PEM file, relative to the profile",
        ) from None
    return file


def profile_of(
    profile: str | None,
    directory: Path,
    additions: Additions = NOTHING,
    environ: Mapping[str, str] = os.environ,
) -> profile_file.Loaded:
    """The profile as the user wrote it, in a file and by options; see `prepare()`.

    Raises:
        BadInput: any of it cannot be used.
    """
    loaded = profile_file.load(Path(profile) if profile else None, directory, environ)
    return profile_file.with_additions(loaded, additions, directory, environ)


def chosen(written: Profile, which: str | None) -> Profile:
    """The profile with what `--resources` says. Pure.

    Args:
        which: `families`, `all`, or names with commas; None if it is not given.

    Raises:
        BadInput: the profile lists resources, and none has a name that is given; or there is no name.
    """
    if which is None or which.strip().lower() == "families":
        return written if which is None else written.model_copy(update={"explore": "families", "only": []})
    if which.strip().lower() == "all":
        return written.model_copy(update={"explore": "all", "only": []})
    names = [name.strip() for name in which.split(",") if name.strip()]
    if not names:
        raise BadInput(
            "--resources", "no resource is named", "use all, families, or names such as orders,users"
        )
    listed = [resource.name for resource in written.resources]
    if listed and (unknown := sorted(set(names) - set(listed))):
        raise BadInput(
            "--resources", f"no resource is called {unknown[0]!r}", f"there are: {', '.join(listed)}"
        )
    resources = [resource for resource in written.resources if resource.name in names]
    return written.model_copy(update={"only": names, "resources": resources})


def turned(written: Profile, number: int | None) -> Profile:
    """The profile with what `--rotate` says. Pure.

    Args:
        number: of the run; None if it is not given.

    Raises:
        BadInput: all resources, or those of a list, are tested anyway.
    """
    if number is None:
        return written
    if written.explore == "all" or written.only or written.resources:
        raise BadInput(
            "--rotate", "the resources to test are given", "leave it out, or test --resources families"
        )
    return written.model_copy(update={"rotate": number})


def check_document(given: str | bool | None) -> None:
    """Reject an OpenAPI document that is a file which does not exist, before any request.

    A path such as /openapi.json is one on the target, unless its directory exists here.

    Args:
        given: a file, a path on the target, or a URL; False or `none` for none; None to look for one.

    Raises:
        BadInput: the file does not exist, or is a directory.
    """
    if not isinstance(given, str) or given.lower() in ("none", "false"):
        return
    if given.startswith(("http://", "https://")):
        return
    file = Path(given)
    on_target = given.startswith("/") and (file.parent == Path("/") or not file.parent.is_dir())
    if file.is_file() or on_target:
        return
    what = f"{given} is a directory" if file.is_dir() else f"the file {given} does not exist"
    raise BadInput("--openapi", what, "give a file, a path such as /openapi.json, or a URL")


def check_versions(given: Versions | None) -> None:
    """Reject files of [versions] that cannot be read, before any request.

    Raises:
        BadInput: a file does not exist, or is not what it should be, or a program is not found.
    """
    if given is None:
        return
    check_baseline(given.baseline_schema)
    if given.recorded is not None:
        _checked("versions.recorded", given.recorded, recorded, "give the conformance.json of an earlier run")
    if given.pact is None:
        return
    for name in given.pact.files:
        _checked("versions.pact.files", name, interactions, "give a Pact file that a consumer's tests wrote")
    if given.pact.state_command and shutil.which(given.pact.state_command[0]) is None:
        what = f"{given.pact.state_command[0]}: program not found"
        raise BadInput("versions.pact.state_command", what, "give its path, or install it")


def _checked(key: str, name: str, read: Callable[[bytes, str], object], fix: str) -> None:
    try:
        read(Path(name).read_bytes(), f"{key} {name}")
    except OSError as problem:
        raise BadInput(key, f"{name}: {problem.strerror or 'cannot be read'}", fix) from None


def check_baseline(given: str | None) -> None:
    """Reject a baseline document that cannot be read, before any request.

    Raises:
        BadInput: the file does not exist, or is no OpenAPI document.
    """
    if given is None:
        return
    try:
        parse(Path(given).read_bytes(), f"versions.baseline_schema {given}")
    except OSError as problem:
        what = f"{given}: {problem.strerror or 'cannot be read'}"
        raise BadInput("versions.baseline_schema", what, "give the file of an OpenAPI document") from None


def permitted(
    limits: Limits, chosen: Effect | None, written: Profile, url: str, resolve: Resolve = addresses
) -> Limits:
    """The limits with the effects that a run is allowed: by option, else by profile, else by the target's address.

    A target that is not on a loopback address may be shared, so it is only read unless the user allows more.

    Args:
        chosen: the value of `--effects`; None if it is not given.
        url: of the target.
        resolve: gives the addresses of a host.
    """
    if chosen is None and written.effects is not None:
        chosen = Effect[written.effects.upper()]
    if chosen is None:
        chosen = Effect.BURST if on_loopback(url, resolve) else Effect.READ
    return replace(limits, effects=chosen)


def together(
    given: Mapping[str, CredentialConfig],
    headers: Sequence[str] = (),
    others: Mapping[str, Mapping[str, str]] = {},
) -> dict[str, CredentialConfig]:
    """All credentials of a run, as one profile would list them, with their values.

    Args:
        given: those of the profile.
        headers: fields as `Name: value`, which take precedence over those of `default`.
        others: further credentials, where the profile names none of that name.

    Raises:
        BadInput: a header field cannot be sent.
    """
    made = {**{name: CredentialConfig(headers=dict(fields)) for name, fields in others.items()}, **given}
    for text in headers:
        name, value = parse_header(text)
        made[DEFAULT] = overridden(made.get(DEFAULT, CredentialConfig(headers={})), {name: value})
    return made


def _without_values(profile: Profile, others: Mapping[str, Mapping[str, str]]) -> Profile:
    """The profile with the names of all credentials only: their values are kept in the target alone."""
    given = together(profile.credentials, (), others)
    named = {name: one.masked() for name, one in given.items()}
    return profile.model_copy(update={"credentials": named, **hidden(profile)})


@contextmanager
def target_of(given: Settings, directory: Path) -> Iterator[tuple[Target, Profile]]:
    """The target of a pytest run, with the effects that it is allowed, and the profile as written.

    Args:
        given: the options of the run.
        directory: relative paths are relative to it.

    Raises:
        BadInput: an option or the profile cannot be used.
    """
    with served(given.target_url, given.headers) as (url, headers, others):
        target, written = prepare(
            url,
            directory=directory,
            profile=given.profile,
            headers=headers,
            others=others,
            additions=given.additions,
            limits=given.limits,
            insecure=given.insecure,
        )
        if given.target_url == BUGGY and "consistency_window" not in written.model_fields_set:
            # One process with one database: every read shows every write.
            written = written.model_copy(update={"consistency_window": 0.0})
        written = turned(chosen(written, given.which), given.rotate)
        check_document(written.openapi if given.openapi is None else given.openapi)
        check_versions(written.versions)
        target, written = settled(target, written, given.openapi)
        limits = permitted(given.limits, given.effects, written, target.url)
        yield replace(target, limits=limits), written


@contextmanager
def served(url: str, headers: Sequence[str]) -> Iterator[tuple[str, list[str], dict[str, dict[str, str]]]]:
    """Start the embedded reference API for `demo` and `demo:buggy`; any other URL is yielded as it was given.

    Args:
        url: base URL of the API, `demo`, or `demo:buggy`.
        headers: fields as `Name: value`, that go with every request.

    Yields:
        The base URL, the fields, and further credentials by name.

    Raises:
        BadInput: the packages that serve the reference API are not installed.
    """
    if url not in (DEMO, BUGGY):
        yield url, list(headers), {}
        return
    with demo(url) as (base, token, second):
        others = {"other": {"Authorization": f"Bearer {second}"}}
        yield base, [*headers, f"Authorization: Bearer {token}"], others


@contextmanager
def demo(name: str = DEMO) -> Iterator[tuple[str, str, str]]:
    """Run the embedded reference API: its base URL, and the tokens of two users.

    Args:
        name: `demo` for the conformant API, `demo:buggy` for the one with five bugs.

    Raises:
        BadInput: the packages that serve it are not installed.
    """
    try:
        from harness.reference import BOB, apart
    except ImportError as missing:
        raise BadInput(
            f"--target-url {name}",
            f"the demo needs {missing.name}",
            f"pip install {missing.name}",
        ) from None
    with apart.demo_apart(bugs=name == BUGGY) as (url, token):
        yield url, token, BOB
