"""Error responses: the right status, content that a program can act on (RFC 9457), and no implementation detail."""

CODE = "ERR"
TITLE = "errors"
ORDER = 2
