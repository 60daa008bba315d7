"""Rate limits: how they are advertised, enforced and refused (RFC 6585 section 4)."""

CODE = "RATE"
TITLE = "rate limits"
ORDER = 6
