"""The origin of a page that has no business with the API."""

FOREIGN = "https://conformance-probe.invalid"
"""An origin that nobody owns (RFC 6761 section 6.4)."""
