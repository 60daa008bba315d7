"""How an API takes files: as the profile declares it, or as the document describes it. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.content import at, id_text
from harness.profile.files import Files
from harness.survey.openapi.files import DocumentedUpload

from .presigned_judge import places

BYTES = "application/octet-stream"
_IDS = ("/id", "/_id", "/uuid", "/key", "/file/id", "/data/id", "/filename", "/name")
_LINKS = re.compile(r"(?:content|download|file|raw|self|media)?_?(?:url|uri|href|link)", re.IGNORECASE)
_BELOW = ("/content", "/download", "/file", "/raw")
_STORES = re.compile(
    r"(?:files?|uploads?|attachments?|documents?|media|assets?|objects?|blobs?|images?|binaries)",
    re.IGNORECASE,
)
_CONTENT_OF_ITEM = re.compile(
    r"(?P<item>(?P<start>[^{}]+)/\{[^{}/]+\})/(?:content|contents|data|file|raw|blob|binary|body|bytes)",
    re.IGNORECASE,
)
OPAQUE = (BYTES, "application/zip", "application/pdf", "text/plain", "text/csv")
"""Media types of which an API is the least likely to change content, the first one before the others."""


@dataclass(frozen=True)
class Create:
    """A request that comes before an upload.

    Attributes:
        path: of the POST, relative to the target URL.
        body: JSON content, with {name}, {type} and {size}.
        url: pointer to the URL for the content in the response; None where the path of the upload has {id}.
    """

    path: str
    body: Any
    url: str | None = None


@dataclass(frozen=True)
class Way:
    """How files are uploaded.

    Attributes:
        method: POST or PUT.
        path: relative to the target URL, with `{name}` for PUT, or with `{id}` after a create; empty where the response
            to the create has the URL.
        said: who says so.
        form: fields of multipart/form-data, the file among them as `{file}`; None where the file is the content.
        id: pointer to the id in the response to an upload; None to look for it.
        download, delete: paths with `{id}` or `{name}`; None where nothing says them.
        types: accepted media types; empty for all.
        max_bytes: size of the largest file; None where nothing says it.
        create: what comes before an upload; None where nothing does.
    """

    method: str
    path: str
    said: str
    form: Mapping[str, Any] | None = None
    id: str | None = None
    download: str | None = None
    delete: str | None = None
    types: tuple[str, ...] = ()
    max_bytes: int | None = None
    create: Create | None = None

    @property
    def start(self) -> str:
        """The path of the first request."""
        return self.path if self.create is None else self.create.path

    @property
    def named(self) -> bool:
        """Whether a client says what a file is called, in a form or in a create."""
        return self.form is not None or (self.create is not None and places(self.create.body, "name"))

    @property
    def kind(self) -> str:
        """The media type of a file of any bytes; empty where all accepted types have a form of their own."""
        return next((one for one in OPAQUE if one in self.types), "") if self.types else BYTES

    @property
    def name(self) -> str:
        """The upload, for a finding."""
        return f"{self.method} {self.path or 'to the URL of POST ' + self.start}"


def way(
    declared: Files | None,
    uploads: Iterable[DocumentedUpload],
    downloads: Sequence[str],
    documented: Mapping[str, Sequence[str]],
    bodies: Mapping[str, Any] = {},
) -> Way | None:
    """How files are uploaded; None where nothing says it.

    A documented upload counts only where the document also says how its file is removed, and where its last word says
    that it stores files: `POST /users/me/avatar` replaces what is there.

    Args:
        declared: of the profile.
        uploads: documented operations that take a file.
        downloads: documented URLs of files.
        documented: methods by path of the document.
        bodies: JSON that creates accept, by the path of their collection.
    """
    if declared is not None and (declared.upload or declared.create) is not None:
        return _declared(declared)
    limits = declared or Files()
    for one in uploads:
        found = _documented(one, downloads, documented) or _after_create(one, documented, bodies)
        if found is not None:
            types = tuple(limits.types) or found.types
            return Way(**{**vars(found), "types": types, "max_bytes": limits.max_bytes})
    return None


def _declared(given: Files) -> Way:
    method, _, path = (given.upload or "PUT ").partition(" ")
    create, download, delete = None, given.download, given.delete or given.download
    if given.create is not None:
        start = given.create.removeprefix("POST ")
        body = {"name": "{name}"} if given.create_body is None else given.create_body
        create = Create(start, body, given.upload_url)
        download = given.download or path or None
        delete = given.delete or f"{start.rstrip('/')}/{{id}}"
    return Way(
        method,
        path,
        "the profile",
        given.form,
        given.id,
        download,
        delete,
        tuple(given.types),
        given.max_bytes,
        create,
    )


def _after_create(
    one: DocumentedUpload, documented: Mapping[str, Sequence[str]], bodies: Mapping[str, Any]
) -> Way | None:
    """PUT of content below an item that POST creates: `POST /assets`, then `PUT /assets/{id}/content`."""
    found = _CONTENT_OF_ITEM.fullmatch(one.path)
    if one.method != "PUT" or found is None or not _STORES.fullmatch(found["start"].rpartition("/")[2]):
        return None
    start, item = found["start"], found["item"]
    body = bodies.get(start)
    sound = "POST" in documented.get(start, ()) and "DELETE" in documented.get(item, ())
    if not sound or not isinstance(body, Mapping) or "GET" not in documented.get(one.path, ()):
        return None
    return Way(
        "PUT",
        _named(one.path, "id"),
        "the OpenAPI document",
        download=_named(one.path, "id"),
        delete=_named(item, "id"),
        types=one.types,
        create=Create(start, body),
    )


def _documented(
    one: DocumentedUpload, downloads: Sequence[str], documented: Mapping[str, Sequence[str]]
) -> Way | None:
    said = "the OpenAPI document"
    if one.method == "PUT" and not one.path.endswith("}"):
        return None
    if one.method == "PUT":
        if {"GET", "DELETE"} <= set(documented.get(one.path, ())):
            path = _named(one.path, "name")
            return Way("PUT", path, said, download=path, delete=path, types=one.types)
        return None
    if not _STORES.fullmatch(one.path.rstrip("/").rpartition("/")[2]):
        return None
    item = re.compile(re.escape(one.path.rstrip("/")) + r"/\{[^{}/]+\}/?")
    delete = next(
        (path for path in documented if item.fullmatch(path) and "DELETE" in documented[path]), None
    )
    if delete is None:
        return None
    below = re.compile(item.pattern + r"(?:/[^{}/]+)?")
    read = next((path for path in downloads if below.fullmatch(path)), None)
    form = None if not one.member else {**dict(one.fields), one.member: "{file}"}
    return Way(
        "POST",
        one.path,
        said,
        form,
        download=None if read is None else _named(read, "id"),
        delete=_named(delete, "id"),
        types=one.types,
    )


def _named(path: str, name: str) -> str:
    return re.sub(r"\{[^{}]*\}", f"{{{name}}}", path, count=1)


def id_in(value: Any, location: str | None, pointer: str | None) -> str | None:
    """The id of an uploaded file: at its pointer, at the usual places, or at the end of Location."""
    for place in (pointer,) if pointer is not None else _IDS:
        found = id_text(at(value, place))
        if found:
            return found
    last = (location or "").partition("?")[0].rstrip("/").rpartition("/")[2]
    return last or None


def links(value: Any) -> list[str]:
    """URLs in the response to an upload that may lead to its bytes."""
    inner = value.get("data", value) if isinstance(value, Mapping) else None
    found = []
    for one in (value, inner):
        if isinstance(one, Mapping):
            for name, text in one.items():
                if isinstance(text, str) and _LINKS.fullmatch(str(name)) and re.match(r"https?://|/", text):
                    found.append(text)
    return list(dict.fromkeys(found))


def below(path: str) -> list[str]:
    """Where the bytes of an item usually are."""
    return [path, *(path.rstrip("/") + one for one in _BELOW)]


def fields(form: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form beside the file."""
    return {name: str(value) for name, value in form.items() if value != "{file}"}


def multipart(form: Mapping[str, Any], content: bytes, name: str, kind: str) -> tuple[bytes, str]:
    """Content and Content-Type of a form with a file in it (RFC 7578).

    Args:
        form: its fields; `{file}` is the file.
        name: of the file, percent-encoded where RFC 7578 section 4.2 and browsers do that.
    """
    boundary = f"conformance{secrets.token_hex(12)}"
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    made = []
    # Fields before the file: many servers read them only there.
    for field, value in sorted(form.items(), key=lambda one: one[1] == "{file}"):
        head = f'Content-Disposition: form-data; name="{field}"'
        if value == "{file}":
            lines = f'{head}; filename="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'
            made.append(f"--{boundary}\r\n{lines}".encode() + content + b"\r\n")
        else:
            made.append(f"--{boundary}\r\n{head}\r\n\r\n{value}\r\n".encode())
    return b"".join([*made, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def sample_contents(size: int, seed: bytes) -> dict[str, bytes]:
    """Contents that careless code changes, by what they are; each is new in every run.

    Args:
        size: of the largest.
        seed: bytes that no other file has.
    """
    lines = (
        b"\r\n".join([seed, b"a", b"", b"b\n", b"\n\r", b"--boundary", b"--boundary--", b"\r\n\r\n"])
        + b"\r\n"
    )
    every = bytes(range(256))
    return {
        "lines that end in CRLF, LF and CR, with delimiters of forms": lines,
        "all bytes from 0 to 255, none of it UTF-8": seed
        + every
        + b"\xff\xfe\x00"
        + every[::-1]
        + b"\xef\xbb\xbf",
        f"{size} random bytes": (seed + secrets.token_bytes(size))[:size],
        "one byte": secrets.token_bytes(1),
    }
