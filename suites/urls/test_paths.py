"""URL: other spellings of a path, sent as they are over raw connections: HTTP clients would normalise them."""

from __future__ import annotations

from harness import CRITICAL, MUST, SHOULD, WRITE, applies, control, evidence, expect, rule
from harness.client.raw import connection
from harness.http.content import at, json_of
from harness.http.error_markers import markers
from harness.rules.checks import Undecided

from .equivalents import another, is_fault, shows, spellings


def raw(client, url, *, odd=True):
    """The exchange of one GET and its JSON; None where the server breaks the connection off."""
    try:
        with connection(client) as wire:
            sent, reply = wire.ask("GET", url, odd=odd)
    except Undecided:
        return None, None
    return sent, json_of(reply)


class Equivalents:
    """One URL of a resource and its other spellings.

    Attributes:
        pointer: where the id of an item is; None for a collection.
    """

    def __init__(self, resource, url, pointer):
        self.client, self.url, self.pointer = resource.client, url, pointer
        self.faults, self.leaks, self.tried = [], [], []
        self.usual, self.content = raw(self.client, url, odd=False)
        control(
            self.usual is not None and 200 <= (self.usual.status or 0) < 300,
            f"GET {url} should be answered 2xx",
        )
        self.nobody = self.client.under(None)
        bare, _ = raw(self.nobody, url, odd=False)
        self.closed = bare is not None and bare.status in (401, 403)

    def identity(self, content):
        """What of a representation says which resource it is of."""
        return content if self.pointer is None else at(content, self.pointer)

    def differs(self, content):
        """Whether a representation is of another resource than the URL's, which is read once more."""
        if self.pointer is not None:
            return self.identity(content) != self.identity(self.content)
        again = raw(self.client, self.url, odd=False)[1]
        return another(content, self.content) and another(content, again)

    def judge(self, spelling):
        """Send one other spelling, with the credential and without."""
        answer, content = raw(self.client, spelling.url)
        if answer is None:
            return
        self.tried.append(f"{spelling.what}: {answer.status}")
        fault = is_fault(answer, self.usual)
        represents = shows(answer) and shows(self.usual) and not markers(content)
        if fault is None and represents and self.differs(content):
            fault = f"{answer.summary()}: a representation of another resource than {self.url}"
        if fault is not None:
            self.faults.append(f"{spelling.what}: {fault}")
        if self.closed:
            open_, given = raw(self.nobody, spelling.url)
            if open_ is not None and shows(open_) and not markers(given) and not self.differs(given):
                self.leaks.append(f"{spelling.what}: {open_.summary()} without credentials")


@rule(
    "URL-005",
    SHOULD,
    refs=["RFC 3986 section 6.2.2", "RFC 9110 section 4.2.3"],
    needs="list",
    rougher=WRITE,
)
def test_equivalent_paths_are_treated_alike(resource, target):
    """Treat equivalent paths consistently

    Why: a gateway that compares paths as texts lets `//admin` pass where the application behind it serves `/admin`;
        and a client with one slash too many should not get an error of the server.
    Fix: normalise the path once, before access is decided; answer other spellings with the same representation, a
        redirect, or 404.
    """
    urls = [(resource.url, None)]
    item = resource.existing() if resource.can("read") else None
    if item is not None:
        urls.append((item, resource.known.id))
    tried = []
    for url, pointer in urls:
        asked = Equivalents(resource, url, pointer)
        for spelling in spellings(url, target.base_path):
            asked.judge(spelling)
        expect(
            not asked.leaks,
            "401 or 403, as for the path in its usual spelling",
            "; ".join(asked.leaks),
            level=MUST,
            impact=CRITICAL,
        )
        expect(not asked.faults, "the same representation, a redirect, or 404", "; ".join(asked.faults))
        tried += asked.tried
    applies(tried, "the server answers other spellings of a path")
    evidence("; ".join(dict.fromkeys(tried)))
