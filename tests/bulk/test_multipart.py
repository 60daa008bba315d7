"""Batches as multipart/mixed, as they are sent and as services answer them."""

from __future__ import annotations

from harness.http.content import MISSING
from suites.bulk.multipart import BOUNDARY, content, responses
from suites.bulk.shapes import Request

KIND = f"multipart/mixed; boundary={BOUNDARY}"
CREATE = Request("POST", "/", {"title": "Ä"}, media="application/json")


def test_what_is_sent() -> None:
    sent = content([CREATE, Request("GET", "/")], ["Books", "Books(1)"], atomic=False).decode()
    first, second = sent.split(f"--{BOUNDARY}\r\n")[1:]
    assert "Content-Type: application/http\r\n" in first
    assert "Content-ID: 1\r\n\r\nPOST Books HTTP/1.1\r\nContent-Type: application/json\r\n" in first
    assert 'Content-Length: 15\r\n\r\n{"title": "Ä"}\r\n' in first
    assert second.endswith(f"GET Books(1) HTTP/1.1\r\n\r\n\r\n--{BOUNDARY}--\r\n")
    assert sent.endswith("--\r\n")


def test_a_change_set_is_one_part() -> None:
    sent = content([CREATE, CREATE], ["Books", "Books"], atomic=True).decode()
    assert sent.count(f"--{BOUNDARY}\r\n") == 1
    assert sent.count("--changes\r\n") == 2


def part(number: int, status: str, body: str) -> str:
    return (
        f"Content-Type: application/http\r\nContent-ID: {number}\r\n\r\nHTTP/1.1 {status}\r\n"
        f"Content-Type: application/json\r\nLocation: Books({number})\r\n\r\n{body}\r\n"
    )


def test_what_is_answered() -> None:
    created, absent = part(1, "201 Created", '{"ID": 1}'), part(2, "404 Not Found", "")
    received = f"--{BOUNDARY}\r\n{created}--{BOUNDARY}\r\n{absent}"
    found = responses(KIND, f"{received}--{BOUNDARY}--\r\n".encode(), 2)["responses"]
    assert [one["status"] for one in found] == [201, 404]
    assert found[0]["headers"]["location"] == "Books(1)"
    assert found[0]["body"] == {"ID": 1}
    assert found[0]["id"] == "1"
    assert "body" not in found[1]


def test_responses_in_a_change_set() -> None:
    inner = f"--c\r\n{part(1, '201 Created', '{}')}--c\r\n{part(2, '201 Created', '{}')}--c--\r\n"
    whole = f"--{BOUNDARY}\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{inner}--{BOUNDARY}--\r\n"
    assert [one["id"] for one in responses(KIND, whole.encode(), 2)["responses"]] == ["1", "2"]


def test_one_response_to_a_change_set_that_failed() -> None:
    refused = part(1, "409 Conflict", '{"error": {}}')
    received = f"--{BOUNDARY}\r\n{refused}--{BOUNDARY}--\r\n"
    found = responses(KIND, received.encode(), 3)["responses"]
    assert [one["status"] for one in found] == [409, 409, 409]
    assert "id" not in found[0]


def test_what_is_no_batch() -> None:
    assert responses("application/json", b"{}", 1) is MISSING
    assert responses("multipart/mixed", b"x", 1) is MISSING
    assert responses(KIND, f"--{BOUNDARY}\r\n\r\nnothing\r\n--{BOUNDARY}--".encode(), 1) is MISSING
