"""What a profile holds besides credentials that no report may show, and mistakes in credentials that cost rules."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bad_input import BadInput
from harness.profile.models import Jwt, Profile
from harness.survey.outcome import Survey
from harness.target.credentials.expiry import expiry
from harness.target.credentials.resolved import Credential
from harness.target.redact import MASK
from harness.target.secrets import Secrets
from harness.target.target import DEFAULT, Target

_SECRET = re.compile(r"(?i).*(pass|secret|token|key|pin|code)")
_USES = {
    "other": "rules about other clients' items",
    "readonly": "rules about fewer rights",
    "admin": "rules about more rights",
}


def private(profile: Profile, secrets: Secrets, source: str, directory: Path) -> dict[str, str]:
    """Keys and login contents by name, as `Target.private` has them.

    Args:
        secrets: learns those that requests carry.
        source: the file of the profile, for messages.
        directory: where relative paths begin.

    Raises:
        BadInput: a file cannot be read, or holds no key.
    """
    made: dict[str, str] = {}
    if profile.jwt is not None:
        made |= _of_jwt(profile.jwt, profile.credentials, source, directory)
    for key, login in (("login_body", profile.revoke), ("cookie_login_body", profile.cookie)):
        if login is not None:
            for name, value in login.login_body.items():
                if isinstance(value, str) and _SECRET.match(name):
                    secrets.name_of("login", name, value)
            made[key] = json.dumps(login.login_body)
    if profile.webhooks is not None and profile.webhooks.shared_secret is not None:
        secrets.name_of("webhooks", "shared_secret", profile.webhooks.shared_secret)
        made["webhooks_secret"] = profile.webhooks.shared_secret
    if profile.webhooks is not None and profile.webhooks.authority is not None:
        text = _read(directory, profile.webhooks.authority, source, "webhooks.authority")
        _check_authority(text, source)
        made["webhooks_authority"] = text
    if profile.files is not None and profile.files.s3 is not None:
        secrets.name_of("files.s3", "secret", profile.files.s3.secret)
        store = profile.files.s3
        made |= {"s3_secret": store.secret, "s3_key_id": store.key_id, "s3_region": store.region}
    return made


def _of_jwt(jwt: Jwt, credentials: Mapping[str, Any], source: str, directory: Path) -> dict[str, str]:
    made = {"directory": str(directory)}
    if jwt.credential not in credentials and jwt.credential != "default":
        known = ", ".join(sorted(credentials)) or "none"
        raise BadInput(
            source, f"jwt.credential: no credential is called {jwt.credential!r}", f"there are: {known}"
        )
    # Reading keys takes long to import, and few profiles name one.
    from harness.run import keys

    key = jwt.key
    if jwt.key_file is not None:
        key = _read(directory, jwt.key_file, source, "jwt.key_file")
    if key is not None:
        keys.check_key(key, source, "jwt.key_file" if jwt.key_file else "jwt.key")
        made["jwt_key"] = key
    if jwt.jwks is not None and not jwt.jwks.startswith("/"):
        text = _read(directory, jwt.jwks, source, "jwt.jwks")
        keys.check_set(text, source, jwt.jwks)
        made["jwks"] = text
    return made


def _check_authority(text: str, source: str) -> None:
    # Reading certificates takes long to import, and few profiles name one.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        public = x509.load_pem_x509_certificate(text.encode()).public_key()
        matching = load_pem_private_key(text.encode(), None).public_key() == public
    except (ValueError, TypeError):
        matching = False
    if not matching:
        raise BadInput(
            source,
            "webhooks.authority: the file holds no certificate with its key",
            "put both into one PEM file, the key without a password",
        )


def _read(directory: Path, file: str, source: str, key: str) -> str:
    try:
        return (directory / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "not text"
        raise BadInput(
            source, f"{key}: {file} cannot be read ({reason})", "give its path, relative to the profile"
        ) from None


def hidden(profile: Profile) -> dict[str, Any]:
    """The parts of a profile that `private()` takes over, without their values, to update it with."""
    made: dict[str, Any] = {}
    if profile.jwt is not None and profile.jwt.key is not None:
        made["jwt"] = profile.jwt.model_copy(update={"key": MASK})
    for key, login in (("revoke", profile.revoke), ("cookie", profile.cookie)):
        if login is not None:
            masked = {
                name: MASK if _SECRET.match(name) else value for name, value in login.login_body.items()
            }
            made[key] = login.model_copy(update={"login_body": masked})
    if profile.webhooks is not None and profile.webhooks.shared_secret is not None:
        made["webhooks"] = profile.webhooks.model_copy(update={"shared_secret": MASK})
    if profile.files is not None and profile.files.s3 is not None:
        store = profile.files.s3.model_copy(update={"secret": MASK})
        made["files"] = profile.files.model_copy(update={"s3": store})
    return made


def check_distinct(credentials: Mapping[str, Credential], source: str) -> None:
    """Reject a second credential that is the first again, and tokens that have expired.

    Raises:
        BadInput: says which, and what rules need.
    """
    for name, uses in _USES.items():
        if name in credentials and credentials[name] == credentials.get("default"):
            raise BadInput(
                source,
                f"credentials.{name} is the same client as credentials.default, which {uses} cannot use",
                f"give the credential of another client, or remove [credentials.{name}]",
            )
    for name, held in credentials.items():
        until = None if name == "expired" else expiry(held)
        if until is not None and until < time.time():
            ago = int(time.time() - until)
            raise BadInput(
                source,
                f"credentials.{name}: the token expired {ago} s ago (its `exp` claim)",
                "get a new token",
            )


def check_accepted(survey: Survey, target: Target, source: str) -> None:
    """End a run whose `default` credential is refused by every collection: nearly no rule would apply.

    Args:
        source: the file, or the option, that the credential is from.

    Raises:
        BadInput: shows one refusal.
    """
    urls = {
        target.url + one.collection for one in survey.profile.resources if one.credential in (None, DEFAULT)
    }
    asked = {
        one.url: one
        for one in survey.exchanges
        if one.credential == DEFAULT and one.method == "GET" and one.url in urls
    }
    if DEFAULT not in target.credentials or not asked or any(one.status != 401 for one in asked.values()):
        return
    # Where another kind of credential is required, the survey names it, and what to write.
    if survey.missing:
        return
    shown = next(iter(asked.values()))
    raise BadInput(
        source,
        f"the credential `default` is not accepted: {shown.summary()}",
        "is it complete, and of this environment? All rules need it",
    )
