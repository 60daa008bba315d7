"""What a run of the harness imports: loaded once, in the process from which runs are forked."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

import harness
from harness.payloads.realistic import Words

for found in pkgutil.walk_packages(harness.__path__, "harness."):
    if not found.name.endswith("__main__"):
        import_module(found.name)
for name in (
    "httplint.message",
    "hypothesis.strategies",
    "schemathesis",
    "pytest",
    "_pytest.runner",
    "_pytest.python",
):
    import_module(name)
# Faker is imported, and its providers are made, by the first realistic value.
Words(0).words(2)
# What is here for good need not be looked through, and copied, by each collection in each run.
gc.collect()
gc.freeze()
