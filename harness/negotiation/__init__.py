"""Judging content negotiation and encoding (RFC 9110 sections 8 and 12, RFC 8259): pure, apart from any I/O."""
