"""How an API states a quota, refuses what exceeds it, and keeps it (RFC 6585 section 4)."""

CODE = "RATE"
TITLE = "rate limits"
ORDER = 6
