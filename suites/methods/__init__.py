"""What each HTTP method promises (RFC 9110 section 9)."""

CODE = "METH"
TITLE = "methods"
ORDER = 1
