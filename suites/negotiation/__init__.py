"""Representations: media types, content codings and text encoding (RFC 9110 sections 8 and 12)."""

CODE = "NEGO"
TITLE = "content negotiation"
ORDER = 9
