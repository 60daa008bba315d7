"""HTTP/1.1 as octets on a connection (RFC 9112)."""

CODE = "WIRE"
TITLE = "HTTP/1.1"
ORDER = 10
