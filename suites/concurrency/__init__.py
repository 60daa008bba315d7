"""Concurrent requests: lost updates, double creation, partial results (RFC 9110 section 13, RFC 5789 section 2)."""

CODE = "CONC"
TITLE = "concurrency"
ORDER = 4
