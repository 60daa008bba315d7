"""Requests that are complete in themselves: nothing depends on the connection or on earlier requests (RFC 9110)."""

CODE = "STAT"
TITLE = "statelessness"
ORDER = 17
