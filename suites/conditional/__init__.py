"""Validators, conditional requests, optimistic locking and caching (RFC 9110 sections 8.8 and 13, RFC 9111)."""

CODE = "COND"
TITLE = "conditional requests"
ORDER = 8
