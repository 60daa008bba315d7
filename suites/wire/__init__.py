"""HTTP/1.1 message syntax and connections (RFC 9112)."""

CODE = "WIRE"
TITLE = "HTTP/1.1"
ORDER = 10
