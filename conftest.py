"""Settings of the self-tests; the conformance suites need none."""

pytest_plugins = ["pytester"]
