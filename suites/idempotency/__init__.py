"""What a retry under an idempotency key does (draft-ietf-httpapi-idempotency-key-header-07)."""

CODE = "IDEM"
TITLE = "idempotency"
ORDER = 3
