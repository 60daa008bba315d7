"""Isolation of clients from each other, and what overload does: 429 and 503, recovery, slow clients."""

CODE = "ISOL"
TITLE = "isolation and back-pressure"
ORDER = 22
