"""The conformance suites: one topic a file. Run by `pytest --target-url URL`; not meant to be imported."""
