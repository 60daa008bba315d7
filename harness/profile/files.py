"""Files: where they are uploaded and downloaded, and what limits the API sets."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from harness.profile.values import Json, Model, Path, Pointer

_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+\Z", re.ASCII)


def _upload(value: str) -> str:
    method, _, path = value.strip().partition(" ")
    path = path.strip()
    sound = path.startswith("/") and "://" not in path
    if method == "POST" and sound and "{" not in path:
        return f"POST {path}"
    if method == "PUT" and sound and path.count("{name}") == 1:
        return f"PUT {path}"
    if method in ("POST", "PUT") and sound and path.count("{id}") == path.count("{") == 1:
        return f"{method} {path}"
    raise ValueError(
        f"{value!r} names no upload: write 'POST /files', 'PUT /files/{{name}}', or 'PUT /files/{{id}}/content' with "
        "`create`"
    )


def _create(value: str) -> str:
    method, _, path = value.strip().partition(" ")
    path = path.strip()
    if method != "POST" or not path.startswith("/") or "://" in path or "{" in path:
        raise ValueError(f"{value!r} names no create: write 'POST /assets'")
    return f"POST {path}"


def _type(value: str) -> str:
    if not _MEDIA_TYPE.match(value):
        raise ValueError(f"{value!r} is not a media type, such as image/png")
    return value.lower()


class Presigned(Model):
    """How the API hands out presigned URLs; the run asks for one and uses it for a file of its own."""

    path: Path = Field(
        description="Path of the POST that hands out a presigned URL, such as /uploads/presign."
    )
    body: Json = Field(
        None,
        description="JSON content of that POST; {name} is the name of a file, {type} its media type, and "
        "{seconds} for how long the URL is to be valid, if clients choose that.",
    )
    url: Pointer = Field("/url", description="Location of the presigned URL in the response.")
    method: Literal["GET", "PUT", "POST"] = Field("PUT", description="Method that the URL is signed for.")
    expires: Pointer | None = Field(
        None, description="Location of the time at which the URL expires; found where omitted."
    )
    lifetime: int = Field(900, ge=1, description="Seconds for which a URL may be valid at most.")


def _object(value: str) -> str:
    if not value.startswith("/") or "://" in value or value.count("{name}") != 1:
        raise ValueError(f"{value!r} is not the path of an object: write '/bucket/{{name}}'")
    return value


class ObjectStore(Model):
    """A store with the API of S3, in which the run may create objects and remove them."""

    path: Annotated[str, AfterValidator(_object)] = Field(
        description="Path of an object, with {name}, such as /bucket/{name}."
    )
    key_id: str = Field(description="Id of an access key.")
    secret: str = Field(description="Its secret, such as ${S3_SECRET}.")
    region: str = Field("us-east-1", description="Region that requests are signed for.")


class Files(Model):
    """How the API takes files and gives them back."""

    upload: Annotated[str, AfterValidator(_upload)] | None = Field(
        None,
        description="Request that uploads a file: 'POST /files', 'PUT /files/{name}' under a name that the run "
        "chooses, or 'PUT /files/{id}/content' after a `create`; found in the document when omitted.",
    )
    create: Annotated[str, AfterValidator(_create)] | None = Field(
        None, description="Request that must come before each upload, such as 'POST /assets'."
    )
    create_body: Json = Field(
        None,
        description="JSON content of `create`; {name} is the name of the file, {type} its media type, and {size} its "
        "size in bytes. {name} as `name` when omitted.",
    )
    upload_url: Pointer | None = Field(
        None,
        description="Location of the URL in the response to `create` to which the content is PUT; instead of `upload`.",
    )
    form: dict[str, Json] | None = Field(
        None,
        description="Fields of the multipart/form-data that POST takes: '{file}' is the value of the field that has "
        "the file. Without it the file is the whole content.",
    )
    id: Pointer | None = Field(
        None, description="Location of the id of the file in the response to an upload; found when omitted."
    )
    download: Path | None = Field(
        None,
        description="Path at which an uploaded file is read byte for byte, with {id} or {name}; found when omitted.",
    )
    delete: Path | None = Field(
        None,
        description="Path whose DELETE removes an uploaded file, with {id} or {name}; `download` when omitted.",
    )
    samples: list[Path] = Field(
        default_factory=list, description="Paths of files that are there already; ranges of them are read."
    )
    max_bytes: int | None = Field(None, ge=1, description="Size of the largest file that the API takes.")
    types: list[Annotated[str, AfterValidator(_type)]] = Field(
        default_factory=list, description="Media types that the API takes; all when empty."
    )
    transforms: bool = Field(
        False, description="Whether the API changes files that it is given, such as images, on purpose."
    )
    partial_put: bool = Field(
        False, description="Whether PUT with Content-Range writes a part of a file (RFC 9110 section 14.5)."
    )
    digests: bool = Field(
        False, description="Whether the API refuses content that a Content-Digest does not match (RFC 9530)."
    )
    private: bool | None = Field(
        None, description="Whether only the client that uploaded a file may read it and remove it."
    )
    tus: Path | None = Field(None, description="Path at which tus uploads are created (tus 1.0.0).")
    metadata: dict[str, str] = Field(
        default_factory=lambda: {"filename": "{name}", "filetype": "{type}"},
        description="Upload-Metadata of tus uploads; {name} is the name of the file, {type} its media type.",
    )
    resumable: Path | None = Field(
        None, description="Path to which resumable uploads are sent (draft-ietf-httpbis-resumable-upload)."
    )
    presigned: Presigned | None = Field(None, description="Presigned URLs.")
    s3: ObjectStore | None = Field(
        None, description="A store with the API of S3; its presigned URLs are made by the run."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Files:
        """Check that what comes first and what uploads belong together."""
        named = self.upload is not None and "{id}" in self.upload
        if named and self.create is None:
            raise ValueError(
                "`upload` has {id}: say by `create` which request comes first, such as 'POST /assets'"
            )
        if self.create is not None and named == (self.upload_url is not None):
            raise ValueError("`create` needs either `upload` with {id} or `upload_url`")
        if self.create is None and (self.upload_url is not None or self.create_body is not None):
            raise ValueError("`upload_url` and `create_body` need `create`, such as 'POST /assets'")
        return self
