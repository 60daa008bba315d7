"""What a run of the harness imports: loaded once, in the process from which runs are forked."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

from _pytest.config import default_plugins

import harness
import suites
from harness.client.transport import Deadline, open_transport
from harness.http.exchange import Body, Exchange
from harness.payloads.realistic import Words
from harness.report.html.environment import environment
from harness.rules.catalogue import judges, shipped
from harness.run.resuming import shipped_rules
from suites.lint.notes import notes

for package in (harness, suites):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            import_module(found.name)
for name in (
    "_pytest._argcomplete",
    "_pytest.pytester",
    "faulthandler",
    "httplint.message",
    "hypothesis.strategies",
    "pdb",
    "schemathesis",
    "pytest",
    *(f"_pytest.{plugin}" for plugin in default_plugins),
):
    import_module(name)
# Every run judges all its exchanges, and plans by what all rules are.
judges()
shipped()
shipped_rules()
# Faker is imported, and its providers are made, by the first realistic value.
Words(0).words(2)
# httplint compiles the grammar of each field when it first meets the field.
LINTED = {
    "Accept-Patch": "application/json-patch+json",
    "Accept-Ranges": "none",
    "Allow": "GET, HEAD",
    "Cache-Control": "no-store",
    "Content-Length": "0",
    "Content-Type": "application/json",
    "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
    "ETag": '"1"',
    "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
    "Link": '<https://api.example.com/>; rel="next"',
    "Location": "/orders/1",
    "Retry-After": "1",
    "Vary": "Accept",
    "WWW-Authenticate": 'Bearer realm="api"',
}
ASKED = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Length": "0",
    "Content-Type": "application/json",
    "Host": "api.example.com",
    "If-Match": '"1"',
    "If-None-Match": '"1"',
    "User-Agent": "pytest",
}
notes(
    Exchange(
        "1",
        "GET",
        "https://api.example.com/orders",
        tuple(ASKED.items()),
        Body(),
        status=200,
        response_fields=tuple(LINTED.items()),
    )
)
# The pages of reports are compiled when they are first needed.
for template in environment().list_templates(extensions=["j2"]):
    environment().get_template(template)
# The usual authorities are read when the first transport is opened.
open_transport(False, Deadline()).close()
# What is here for good need not be looked through, and copied, by each collection in each run.
gc.collect()
gc.freeze()
