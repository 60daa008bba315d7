"""Judging uploads, names, digests and ways to upload, on literal inputs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from harness.profile.files import Files
from harness.survey.openapi.files import DocumentedUpload
from suites.files.digests import wrong
from suites.files.judge import (
    metadata_fault,
    runs_scripts,
    split_fields,
    suggested_name,
    unsafe_name,
    unsniffed,
)
from suites.files.ways import Way, id_in, links, multipart, way

SHA = hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"id": "1", "size": 3, "sha256": SHA, "label": "x"}, None),
        ({"data": {"filesize": "3", "label": "x"}}, None),
        ({"size": 0, "items": [1]}, "size is 0"),
        ({"data": {"content_length": 4}}, "content_length is 4"),
        ({"sha256": "0" * 64}, "sha256 is 0000"),
        ({"label": "y"}, "label is 'y'"),
        ({"size": "3 kB", "width": 17, "page_size": 20}, None),
        (None, None),
    ],
)
def test_metadata(value: Any, fault: str | None) -> None:
    found = metadata_fault(value, 3, SHA, {"label": "x"})
    assert (found is None) if fault is None else (found or "").startswith(fault)


SCRIPT = b"<html><script>1</script>"


@pytest.mark.parametrize(
    ("fields", "runs"),
    [
        ({"content-type": "text/html; charset=utf-8"}, True),
        ({"content-type": "image/svg+xml", "content-disposition": "inline; filename=a.svg"}, True),
        ({}, True),
        ({"x-content-type-options": "nosniff"}, False),
        ({"content-type": "text/html", "content-disposition": 'attachment; filename="a"'}, False),
        ({"content-type": "text/html", "content-security-policy": "sandbox"}, False),
        ({"content-type": "text/html", "content-security-policy": "default-src 'none'"}, False),
        ({"content-type": "image/png"}, False),
        ({"content-type": "text/plain"}, False),
    ],
)
def test_pages_that_browsers_show(fields: dict[str, str], runs: bool) -> None:
    assert (runs_scripts(fields, SCRIPT) is not None) is runs
    assert runs_scripts(fields, b"<html>cleaned") is None


@pytest.mark.parametrize(
    ("value", "name", "safe"),
    [
        ('attachment; filename="a b.txt"', "a b.txt", True),
        ("attachment; filename=a.txt", "a.txt", True),
        ("attachment; filename=\"x\"; filename*=UTF-8''..%2Fa", "../a", False),
        ('attachment; filename="..\\\\a"', "..\\a", False),
        ('attachment; filename="a\tb"', "a\tb", False),
        ("inline", None, True),
        (None, None, True),
    ],
)
def test_names_of_downloads(value: str | None, name: str | None, safe: bool) -> None:
    assert suggested_name(value) == name
    assert (unsafe_name(name) is None) is safe


def test_other_fields_of_downloads() -> None:
    assert split_fields({"x-conformance": "1.txt"}, "x-conformance") == "x-conformance"
    assert split_fields({"etag": '"a"'}, "x-conformance") is None
    assert unsniffed({"x-content-type-options": "NoSniff"})
    assert not unsniffed({"content-type": "image/png"})


def digest(content: bytes, name: str = "sha-256", how: str = "sha256") -> str:
    return f"{name}=:{base64.b64encode(hashlib.new(how, content).digest()).decode()}:"


@pytest.mark.parametrize(
    ("value", "count", "fault"),
    [
        (digest(b"abc"), 1, None),
        (f"{digest(b'abc', 'sha-512', 'sha512')}, {digest(b'abc')}", 2, None),
        (digest(b"abcd"), 1, "sha-256 is"),
        (f"unixsum=:AAA=:, {digest(b'abc')}", 1, None),
        ("blake9=:AAAA:", 0, None),
        ("sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", 0, "it is no dictionary"),
        ("sha-256=1", 0, "it is no dictionary"),
    ],
)
def test_digests(value: str, count: int, fault: str | None) -> None:
    why, compared = wrong(value, b"abc")
    assert compared == count
    assert (why is None) if fault is None else (why or "").startswith(fault)


FORM = DocumentedUpload("POST", "/files", "file", (("label", "conformance"),))
PUT = DocumentedUpload("PUT", "/objects/{key}")


@pytest.mark.parametrize(
    ("upload", "downloads", "documented", "expected"),
    [
        (
            FORM,
            ("/files/{id}/content",),
            {"/files": ["POST"], "/files/{id}": ["DELETE", "GET"]},
            ("POST", "/files", "/files/{id}/content", "/files/{id}"),
        ),
        (FORM, (), {"/files/{fileId}": ["DELETE"]}, ("POST", "/files", None, "/files/{id}")),
        (FORM, ("/files/{id}",), {"/files/{id}": ["GET"]}, None),
        (DocumentedUpload("POST", "/users/me/avatar"), (), {"/users/me/avatar/{id}": ["DELETE"]}, None),
        (
            PUT,
            (),
            {"/objects/{key}": ["DELETE", "GET", "PUT"]},
            ("PUT", "/objects/{name}", "/objects/{name}", "/objects/{name}"),
        ),
        (PUT, (), {"/objects/{key}": ["GET", "PUT"]}, None),
    ],
)
def test_documented_ways(
    upload: DocumentedUpload,
    downloads: tuple[str, ...],
    documented: dict[str, list[str]],
    expected: tuple[str, str, str | None, str | None] | None,
) -> None:
    found = way(None, [upload], downloads, documented)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert (found.method, found.path, found.download, found.delete) == expected


def test_the_profile_comes_first() -> None:
    given = Files(upload="PUT /dav/{name}", types=["text/plain"], max_bytes=9)
    found = way(given, [FORM], (), {"/files/{id}": ["DELETE"]})
    assert found == Way("PUT", "/dav/{name}", "the profile", types=("text/plain",), max_bytes=9)
    assert found.kind == "text/plain"
    assert Way("POST", "/a", "", types=("image/png",)).kind == ""
    limited = way(Files(max_bytes=9), [FORM], (), {"/files/{id}": ["DELETE"]})
    assert limited is not None
    assert limited.max_bytes == 9


def test_ids_and_links_in_responses() -> None:
    assert id_in({"data": {"id": 7}}, "/files/8", None) == "7"
    assert id_in({}, "https://a.example/files/8?x=1", None) == "8"
    assert id_in({"a": "b"}, None, "/a") == "b"
    assert id_in(None, None, None) is None
    value = {
        "data": {"id": 1, "url": "/f/1", "content_url": "https://a.example/1", "name": "/etc"},
        "href": "x",
    }
    assert links(value) == ["/f/1", "https://a.example/1"]


def test_forms() -> None:
    content, kind = multipart({"file": "{file}", "label": "x"}, b"\0\r\n", 'a"\r\n.txt', "a/b")
    boundary = kind.partition("boundary=")[2]
    assert (
        content
        == (
            f'--{boundary}\r\nContent-Disposition: form-data; name="label"\r\n\r\nx\r\n--{boundary}\r\n'
            'Content-Disposition: form-data; name="file"; filename="a%22%0D%0A.txt"\r\nContent-Type: a/b\r\n\r\n'
            f"\0\r\n\r\n--{boundary}--\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("upload", "GET /files", "POST /files"),
        ("upload", "PUT /files", "PUT /files/{name}"),
        ("upload", "POST /files/{id}", "POST /files"),
        ("types", ["png"], "image/png"),
        ("max_bytes", 0, "greater than or equal to 1"),
    ],
)
def test_bad_profiles_say_what_to_write(key: str, value: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word.replace("{", r"\{")):
        Files.model_validate({key: value})
