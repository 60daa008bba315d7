"""Responses of a store with the API of S3, and the signatures of requests to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.http.presigned_urls import Signer, parameters_of
from suites.files.s3_judge import completed, completion, element, listed_parts

PARTS = """<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><UploadId>a&amp;b</UploadId>
<Part><PartNumber>1</PartNumber><ETag>"x"</ETag><Size>100</Size></Part>
<Part><PartNumber>3</PartNumber><ETag>"y"</ETag><Size>7</Size></Part></ListPartsResult>"""


def test_elements_are_unescaped() -> None:
    assert element(PARTS, "UploadId") == "a&b"
    assert element(PARTS, "Nothing") is None
    assert element("<s3:UploadId>7</s3:UploadId>", "UploadId") == "7"


def test_parts_and_their_sizes() -> None:
    assert listed_parts(PARTS) == {1: 100, 3: 7}
    assert listed_parts("<ListPartsResult/>") == {}


def test_what_ends_an_upload() -> None:
    assert completion([(1, '"a"')]) == (
        b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
        b"</CompleteMultipartUpload>"
    )


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (200, "<CompleteMultipartUploadResult><Key>k</Key></CompleteMultipartUploadResult>", True),
        (200, "<Error><Code>InternalError</Code></Error>", False),
        (400, "<Error><Code>InvalidPart</Code></Error>", False),
    ],
)
def test_an_error_may_come_with_200(status: int, content: str, expected: bool) -> None:
    assert completed(status, content) is expected


def test_the_published_example_of_a_presigned_url() -> None:
    """The example of "Authenticating Requests: Using Query Parameters" in the Amazon S3 API Reference."""
    signer = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    moment = datetime(2013, 5, 24, tzinfo=UTC)
    url = signer.presigned("GET", "https://examplebucket.s3.amazonaws.com/test.txt", moment, 86400)
    given = parameters_of(url.partition("?")[2])
    assert given["X-Amz-Credential"] == "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    assert given["X-Amz-Signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


def test_the_signature_covers_method_fields_and_parameters() -> None:
    signer = Signer("k", "s")
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    urls = {
        signer.presigned("GET", "http://h/b/k", moment, 60),
        signer.presigned("PUT", "http://h/b/k", moment, 60),
        signer.presigned("PUT", "http://h/b/k", moment, 60, {"Content-Type": "a/b"}),
        signer.presigned("PUT", "http://h/b/k", moment, 60, None, {"uploads": ""}),
    }
    assert len({parameters_of(url.partition("?")[2])["X-Amz-Signature"] for url in urls}) == 4
