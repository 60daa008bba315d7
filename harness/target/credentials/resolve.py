"""From credentials as written to credentials as carried: commands run, certificates read, secrets named."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from pathlib import Path

from harness.bad_input import BadInput
from harness.target.credentials import config
from harness.target.credentials.certificate import load
from harness.target.credentials.command import printed
from harness.target.credentials.resolved import Certificate, Credential, Grant, Program
from harness.target.secrets import Secrets, basic_pair


def overridden(given: config.CredentialConfig, fields: Mapping[str, str]) -> config.CredentialConfig:
    """A credential with header fields in place of whatever gave those of the same names."""
    values = dict(given)
    values["headers"] = dict(given.headers)
    for name in fields:
        for place, field in given.carriers():
            if field.lower() == name.lower():
                if place.startswith("headers."):
                    values["headers"].pop(field, None)
                else:
                    values[place] = None
    values["headers"] |= fields
    return config.CredentialConfig.model_construct({*given.model_fields_set, "headers"}, **values)


def resolved(
    name: str,
    given: config.CredentialConfig,
    secrets: Secrets,
    *,
    source: str,
    directory: Path,
    environ: Mapping[str, str],
) -> Credential:
    """What requests carry for a credential.

    Args:
        secrets: those of the profile; takes up what is not written in it.
        source: the file that it is from, for messages.
        directory: where relative paths begin, and commands are run.
        environ: what commands are run with.

    Raises:
        BadInput: a certificate or a command cannot be used.
    """
    key = f"credentials.{name}"
    fields = dict(given.headers)
    for field, value in given.headers.items():
        if (pair := basic_pair(value)) is not None:
            secrets.name_of(name, f"{field}_PASSWORD", pair[1])
    if given.bearer is not None:
        fields["Authorization"] = f"Bearer {given.bearer}"
    if given.basic is not None:
        coded = base64.b64encode(f"{given.basic.user}:{given.basic.password}".encode()).decode()
        fields["Authorization"] = f"Basic {coded}"
    if given.cookies:
        fields["Cookie"] = "; ".join(f"{called}={value}" for called, value in given.cookies.items())
    program = None
    if given.command is not None:
        program = Program(**dict(given.command), where=(source, f"{key}.command"), directory=str(directory))
        token = printed(program, program.where, directory, environ)
        secrets.name_of(name, "TOKEN", token)
        fields |= program.carried(token)
    return Credential(
        fields,
        dict(given.query),
        _certificate(given.certificate, source, f"{key}.certificate", directory),
        None if given.oauth2 is None else Grant(**dict(given.oauth2), where=(source, f"{key}.oauth2")),
        program=program,
    )


def _certificate(
    given: config.CertificateConfig | None, source: str, key: str, directory: Path
) -> Certificate | None:
    if given is None:
        return None
    shown = [("--cert", given.file), *([("--key", given.key)] if given.key else [])]
    if given.password:
        shown.append(("--pass", given.password))
    files = {
        called: getattr(given, called) for called in ("file", "key") if getattr(given, called) is not None
    }
    for called, file in files.items():
        try:
            (directory / file).read_bytes()
        except OSError as problem:
            raise BadInput(source, f"{key}.{called}: {file} cannot be read ({problem.strerror})") from None
    paths = {called: str(directory / file) for called, file in files.items()}
    certificate = Certificate(paths["file"], paths.get("key"), given.password, tuple(shown))
    try:
        load(ssl.create_default_context(), certificate)
    except (ssl.SSLError, OSError, ValueError):
        raise BadInput(
            source,
            f"{key}: certificate and private key cannot be used together",
            "both must be PEM and belong together, and an encrypted key needs its password",
        ) from None
    return certificate
