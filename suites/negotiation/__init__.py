"""Representations: which is served, how it is labelled and coded (RFC 9110 sections 8 and 12)."""

CODE = "NEGO"
TITLE = "negotiation"
ORDER = 9
