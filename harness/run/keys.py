"""Keys that a profile names: whether they can be used."""

from __future__ import annotations

import json

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from harness.bad_input import BadInput


def check_key(key: str, source: str, name: str) -> None:
    """Refuse what is no private key.

    Args:
        key: PEM, or a JWK.
        source: the file of the profile, for messages.
        name: of the key in the profile.

    Raises:
        BadInput: it is none.
    """
    fix = "give a PEM file, or a JWK, with an RSA or EC private key"
    try:
        made = import_key(json.loads(key)) if key.lstrip().startswith("{") else _of_pem(key)
    except (ValueError, TypeError, JoseError):
        raise BadInput(source, f"{name}: is no key that can be used", fix) from None
    if not made.is_private:
        raise BadInput(source, f"{name}: is no private key", fix)


def check_set(text: str, source: str, file: str) -> None:
    """Refuse what is no JWK set (RFC 7517).

    Raises:
        BadInput: it is none.
    """
    try:
        for one in json.loads(text)["keys"]:
            import_key(one)
    except (ValueError, TypeError, KeyError, JoseError):
        raise BadInput(
            source, f"jwt.jwks: {file} is no JWK set (RFC 7517)", 'it is {"keys": [...]}'
        ) from None


def _of_pem(text: str) -> Key:
    for kind in ("RSA", "EC", "OKP"):
        try:
            return import_key(text, kind)
        except (ValueError, TypeError, JoseError):
            continue
    raise ValueError("no key")
