"""When a token expires that is a JSON Web Token (RFC 7519 section 4.1.4)."""

from __future__ import annotations

import base64
import json

from harness.target.credentials.resolved import Credential


def expiry(credential: Credential) -> float | None:
    """When the JWT that a credential carries expires, in seconds since 1970; None without one, or without `exp`."""
    for value in credential.fields.values():
        parts = value.split()[-1].split(".") if value.split() else []
        if len(parts) != 3:
            continue
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            until = claims.get("exp")
        except (ValueError, AttributeError):
            continue
        if isinstance(until, int | float) and not isinstance(until, bool):
            return float(until)
    return None
