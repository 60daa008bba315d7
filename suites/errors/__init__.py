"""Errors that a program can act on, and that tell an attacker nothing (RFC 9457)."""

CODE = "ERR"
TITLE = "errors"
ORDER = 2
