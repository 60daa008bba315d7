"""Validators, conditional requests, locking and caching (RFC 9110 sections 8.8 and 13, RFC 9111)."""

CODE = "COND"
TITLE = "conditions"
ORDER = 8
