"""Header fields of all responses, checked with httplint."""

CODE = "LINT"
TITLE = "header fields"
ORDER = 13
