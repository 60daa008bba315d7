"""PATCH with JSON Merge Patch and JSON Patch (RFC 5789, RFC 7396, RFC 6902)."""

CODE = "PATCH"
TITLE = "patch formats"
ORDER = 7
