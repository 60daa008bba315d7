"""`conformance.toml`: its models, read, written."""
