"""Stores of named files with two clients: whose file a name leads to, on real sockets."""

from __future__ import annotations

import pytest

from harness.report.model import Report
from harness.rules.verdict import Verdict
from tests.matrix.declared import AT_ONCE, CLIENTS
from tests.matrix.trials import listing, run_of
from tests.servers import Answer, Seen, http

pytestmark = pytest.mark.topic(name="files")
PROFILE = f"""{AT_ONCE}openapi = false
[files]
upload = "PUT /files/{{name}}"
{CLIENTS}"""
NOSNIFF = ("X-Content-Type-Options", "nosniff")
ATTACHED = ("Content-Disposition", "attachment")


class Store:
    """Named files.

    Args:
        shared: whether all clients have the same files.
        leaks: whether a name that a client has not used leads to another client's file.
        public: whether nobody is asked who they are when they read.
    """

    def __init__(self, *, shared: bool = False, leaks: bool = False, public: bool = False) -> None:
        self.shared, self.leaks, self.public = shared, leaks, public
        self.files: dict[tuple[str, str], bytes] = {}

    def respond(self, request: Seen) -> Answer:
        client = dict(request.fields).get("Authorization", "")
        name = request.path.rpartition("/")[2]
        if not request.path.startswith("/files/") or not (
            client or (self.public and request.method == "GET")
        ):
            return Answer(404 if client else 401)
        own = ("" if self.shared else client, name)
        if request.method == "PUT":
            there = own in self.files
            self.files[own] = request.body
            return Answer(200 if there else 201)
        if request.method == "DELETE":
            return Answer(404 if self.files.pop(own, None) is None else 204)
        found = self.files.get(own)
        if found is None and (self.leaks or self.public):
            found = next((one for (_, other), one in self.files.items() if other == name), None)
        return Answer(404) if found is None else Answer(200, found, fields=[NOSNIFF, ATTACHED])


def run(store: Store, more: str = "") -> Report:
    profile = PROFILE.replace("[files]\n", f"[files]\n{more}")
    with http(store.respond) as server:
        return run_of(
            ["FILE-015"],
            server.url,
            "--effects",
            "write",
            "--header",
            "Authorization: Bearer demo-token-alice",
            profile=profile,
        )


@pytest.mark.parametrize(
    ("store", "more", "verdict"),
    [
        (Store(leaks=True), "", Verdict.FAIL),
        (Store(), "", Verdict.PASS),
        (Store(shared=True), "", Verdict.NOT_APPLICABLE),
        (Store(shared=True), "private = true\n", Verdict.FAIL),
        (Store(public=True), "", Verdict.NOT_APPLICABLE),
    ],
    ids=["a name leads to another client's file", "apart", "shared", "shared, declared private", "public"],
)
def test_a_name_leads_to_the_callers_own_file(store: Store, more: str, verdict: Verdict) -> None:
    report = run(store, more)
    (finding,) = report.findings
    assert finding.verdict is verdict, listing(report.findings)
    assert report.leftovers == []
    assert store.files == {}
