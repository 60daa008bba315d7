"""Retries under an idempotency key (Internet-Draft draft-ietf-httpapi-idempotency-key-header-07)."""

CODE = "IDEM"
TITLE = "idempotency"
ORDER = 3
