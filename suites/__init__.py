"""The conformance suites: one topic a folder. Run by `pytest --target-url URL`; not meant to be imported."""
