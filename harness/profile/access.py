"""Who may do what: privileged operations, JSON Web Tokens, and credentials that can be revoked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.profile.values import Json, Model, Path, Pointer
from harness.target.credentials.config import Command


class AdminOperation(Model):
    """An operation that only privileged clients may use."""

    path: Path = Field(
        description="Path, such as /admin/users. With {id} it is tried on an item that the run creates."
    )
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field("GET", description="Method.")
    resource: str | None = Field(None, description="Name of the resource that the {id} in `path` belongs to.")
    body: Json = Field(None, description="JSON content; none when omitted.")

    @model_validator(mode="after")
    def _item_of_a_resource(self) -> AdminOperation:
        if ("{id}" in self.path) != (self.resource is not None):
            raise ValueError("`resource` and {id} in `path` belong together: give both or neither")
        return self


class Jwt(Model):
    """JSON Web Tokens (RFC 7519) that the API accepts, and how valid ones are made."""

    credential: str = Field(
        "default", description="Name of a credential whose token is a JWT, as a sample of a valid one."
    )
    jwks: str | None = Field(
        None,
        description="Public keys (RFC 7517): a path on the target that begins with /, or a file.",
    )
    key: str | None = Field(
        None, repr=False, description="Private key (PEM or JWK) that signs tokens for tests; ${NAME}."
    )
    key_file: str | None = Field(None, description="File with that key, relative to the profile.")
    mint: Command | None = Field(
        None,
        description="Program that prints a signed token; it reads {header, claims} as JSON from its standard input.",
    )
    access_tokens: bool = Field(
        False, description="Whether the API follows RFC 9068: exp, aud and the type at+jwt are then required."
    )
    listener: str | None = Field(
        None,
        description="Address of this machine at which the target can reach it, for keys that a token names by URL; "
        "127.0.0.1 when omitted.",
    )

    @model_validator(mode="after")
    def _one_way_to_sign(self) -> Jwt:
        given = [name for name in ("key", "key_file", "mint") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} both say how tokens are signed; keep one")
        return self


class Revoke(Model):
    """How a fresh credential is obtained, and how it is revoked."""

    login: Path = Field(description="Path of the POST that returns a token, such as /sessions.")
    login_body: dict[str, Json] = Field(
        default_factory=dict, repr=False, description="JSON content of that request."
    )
    token: Pointer = Field("/token", description="Location of the token in the response.")
    path: Path = Field(description="Path of the request that revokes the token it carries, such as /session.")
    method: Literal["POST", "DELETE"] = Field("DELETE", description="Method of that request.")
    lag: float = Field(0.0, ge=0, le=30, description="Seconds until a revocation must have taken effect.")
