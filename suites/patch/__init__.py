"""What JSON Merge Patch and JSON Patch do to an item (RFC 5789, RFC 7396, RFC 6902)."""

CODE = "PATCH"
TITLE = "patches"
ORDER = 7
