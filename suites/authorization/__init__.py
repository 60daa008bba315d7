"""Who may do what: credentials, tokens, and other clients' items (RFC 9110 section 11, RFC 6750, RFC 8725)."""

CODE = "AUTH"
TITLE = "authentication and authorisation"
ORDER = 15
