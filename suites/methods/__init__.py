"""Semantics of HTTP methods: safe methods, idempotent methods, status codes and Allow (RFC 9110 section 9)."""

CODE = "METH"
TITLE = "methods"
ORDER = 1
